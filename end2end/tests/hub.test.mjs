// The hub: one value for everyone, and a connection that asks for exactly the keys in use.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertNoMixture, assertStatuses } from '../support/assertions.mjs';
import { check, eventually } from '../support/browser.mjs';

check('what the server writes, two browsers show, by its type and by its name', async (bench) => {
  const lab = await bench.server();
  const tabs = [await bench.open(`${lab.url}/shared`), await bench.open(`${lab.url}/shared`)];
  for (const path of ['add-shared', 'add-shared', 'add/a', 'add-shared', 'add/a']) {
    const text = await lab.post(`/control/${path}`);
    const id = path === 'add/a' ? 'a' : 'shared';
    await Promise.all(tabs.map((tab) => tab.until(id, text)));
  }
  const late = await bench.open(`${lab.url}/shared`);
  for (const id of ['shared', 'a']) await late.until(id, await tabs[0].text(id));
  assert.equal(await stat(lab, 'connections'), 3);
  await late.page.close();
  await eventually(async () => assert.equal(await stat(lab, 'connections'), 2));
});

check('a component comes: a stream opens beside the open one, which closes after the hello of the new', async (bench) => {
  const lab = await bench.server();
  const { proxy, tab } = await board(bench, lab, 'a');
  await lab.post('/control/busy/a');
  const before = await tab.untilTick((tick) => tick.value > 5, undefined, 'a');

  proxy.stallNext();
  await lab.post('/control/add/b');
  await tab.fill('names', 'a,b');
  await eventually(() => assert.equal(proxy.opened, 2));
  // The new one has not said hello, and the old one serves.
  await tab.untilTick((tick) => tick.value > before.value + 30, undefined, 'a');
  assert.deepEqual(proxy.journal, ['open 1', 'hello 1', 'open 2']);
  assert.equal(await tab.text('b'), '0 0 0 0');

  const [first, second] = proxy.all;
  second.flow();
  await tab.until('b', /^\d+ \d+ 1 2$/);
  await eventually(() => assert.deepEqual(proxy.journal, ['open 1', 'hello 1', 'open 2', 'hello 2', 'close 1']));
  const between = await tab.tick('a');
  await tab.untilTick((tick) => tick.value > between.value + 30, undefined, 'a');
  await tab.until('a', await lab.post('/control/rest/a'));

  assert.equal(second.asked.epoch, epochOf(first));
  assert.deepEqual(Object.keys(second.asked.keys), ['a', 'b']);
  assert.equal(second.asked.keys.b, null, 'b is new');
  assertContinues(second, 'a', second.asked.keys.a, true);
  assertNoMixture(await tab.seenTicks('a'));
  assertStatuses(await tab.seen('status'), ['connecting', 'open']);
});

check('components come and go while all of it is written: no value goes backwards, and each page ends with the last', async (bench) => {
  const lab = await bench.server();
  const { proxy, tab } = await board(bench, lab, 'a');
  for (const key of ['a', 'b', 'c', 'd']) await lab.post(`/control/busy/${key}`);
  for (const names of ['a,b', 'a,b,c', 'a,c', 'a,c,d', 'a,b,c,d']) {
    await tab.fill('names', names);
    await untilAsked(proxy, names.split(','));
    const at = await tab.tick('a');
    await tab.untilTick((tick) => tick.value > at.value + 10, undefined, 'a');
  }
  for (const key of ['a', 'b', 'c', 'd']) await tab.until(key, await lab.post(`/control/rest/${key}`));
  assertNoMixture(await tab.seenTicks('a'));
  for (const key of ['b', 'c', 'd']) assertNeverBack(await tab.seenTicks(key));
  for (const stream of proxy.all) assertContinues(stream, 'a', stream.asked.keys.a, true);
  assertOneAtATime(proxy.journal);
  assertStatuses(await tab.seen('status'), ['connecting', 'open']);
});

check('keys that come while a stream is opened beside are asked for by the one after it', async (bench) => {
  const lab = await bench.server();
  const { proxy, tab } = await board(bench, lab, 'a');
  proxy.stallNext();
  await tab.fill('names', 'a,b');
  await eventually(() => assert.equal(proxy.opened, 2));
  await tab.fill('names', 'a,b,c');
  await tab.until('a', await lab.post('/control/add/a'));
  assert.equal(proxy.opened, 2, 'one at a time');
  proxy.all[1].flow();
  for (const key of ['c', 'b', 'a']) await tab.until(key, await lab.post(`/control/add/${key}`));
  await untilAsked(proxy, ['a', 'b', 'c']);
  await eventually(() => assert.equal(proxy.journal.length, 8));
  assertOneAtATime(proxy.journal);
  assertNoMixture(await tab.seenTicks('a'));
  assertStatuses(await tab.seen('status'), ['connecting', 'open']);
});

check('the stream beside breaks off before its hello: the open one goes on, another follows, and nothing is lost', async (bench) => {
  const lab = await bench.server();
  const { proxy, tab } = await board(bench, lab, 'a');
  tab.allowLostConnections();
  await lab.post('/control/busy/a');
  await tab.untilTick((tick) => tick.value > 5, undefined, 'a');
  proxy.truncateNext(5);
  await tab.fill('names', 'a,b');
  await tab.until('b', await lab.post('/control/add/b'), 20_000);
  await tab.until('a', await lab.post('/control/rest/a'));
  assert.ok(!proxy.journal.includes('hello 2'), 'it broke off before');
  assertContinues(proxy.all.at(-1), 'a', proxy.all.at(-1).asked.keys.a, true);
  assertNoMixture(await tab.seenTicks('a'));
  assertStatuses(await tab.seen('status'), ['connecting', 'open']);
  assert.equal(proxy.streams.size, 1);
});

check('a key that nobody uses any more is let go a second later', async (bench) => {
  const lab = await bench.server();
  const { proxy, tab } = await board(bench, lab, 'a,b');
  const since = Date.now();
  await tab.fill('names', 'a');
  await untilAsked(proxy, ['a']);
  const lingered = Date.now() - since;
  assert.ok(lingered > 700 && lingered < 2_500, `it was let go after ${lingered} ms`);
  assert.equal(proxy.opened, 2);
  await tab.until('a', await lab.post('/control/add/a'));
});

check('a key that goes and comes back within the second opens nothing', async (bench) => {
  const lab = await bench.server();
  const { proxy, tab } = await board(bench, lab, 'a,b');
  const text = await lab.post('/control/add/b');
  await tab.until('b', text);
  await tab.fill('names', 'a');
  await eventually(async () => assert.equal(await tab.text('b'), null));
  await tab.fill('names', 'a,b');
  await tab.until('b', text);
  // Past the time at which it would have been let go.
  await sleep(1_500);
  assert.equal(proxy.opened, 1);
  assert.deepEqual(await tab.seen('b'), ['0 0 0 0', text], 'it came back with its value');
});

check('signals that come and go within a turn open nothing', async (bench) => {
  const lab = await bench.server();
  const { proxy, tab } = await board(bench, lab, 'a');
  await tab.click('flash');
  // Here they are even on the page, for less than a turn.
  await tab.page.evaluate(async () => {
    const field = document.querySelector('[data-testid="names"]');
    const write = (names) => {
      field.value = names;
      field.dispatchEvent(new Event('input', { bubbles: true }));
    };
    write('a,moment');
    for (let i = 0; i < 100 && !window.seenTexts.moment; i += 1) await null;
    write('a');
  });
  assert.deepEqual(await tab.seen('moment'), ['0 0 0 0'], 'it was on the page');
  await eventually(async () => assert.equal(await tab.text('moment'), null));
  // Past the time at which they would be let go.
  await sleep(1_500);
  assert.equal(proxy.opened, 1);
  await tab.until('a', await lab.post('/control/add/a'));
});

check('a hundred components that come at once are asked for at once', async (bench) => {
  const lab = await bench.server();
  const { proxy, tab } = await board(bench, lab, 'a');
  const names = Array.from({ length: 100 }, (_, index) => `n${index}`);
  await tab.fill('names', names.join());
  for (const name of ['n0', 'n50', 'n99']) await tab.until(name, await lab.post(`/control/add/${name}`));
  assert.deepEqual(new Set(Object.keys(proxy.all[1].asked.keys)), new Set(names));
  assert.equal(proxy.opened, 2);
});

check('one of many by an id that changes: never the value of another one', async (bench) => {
  const lab = await bench.server();
  const proxy = await bench.proxy(lab);
  const tab = await bench.open(`${proxy.url}/room`);
  tab.allow(/the server refuses `lab::values::Room:none`: not found/);
  const ids = ['1', '2', '3', 'slow-1', 'none', 'slow-2'];
  const rooms = ids.filter((id) => id !== 'none');
  for (const id of rooms) await lab.post(`/control/visit/${id}`);
  await tab.until('room', '1:1 1');

  // From room to room, faster than any answer, now and then with a look around.
  for (const pause of [0, 5, 40, 400]) {
    const choices = Array.from({ length: pause > 100 ? 6 : 40 }, (_, index) => ids[(index * 5) % ids.length]);
    const walk = tab.page.evaluate(walkThrough, { choices, pause });
    for (const id of rooms) await lab.post(`/control/visit/${id}`);
    await walk;
  }
  for (const id of ['slow-2', '3', '1']) {
    await tab.fill('choice', id);
    await tab.until('room', await lab.post(`/control/visit/${id}`));
  }

  const seen = await tab.seen('room');
  for (const text of seen) {
    const [, chosen, shown] = /^(.*):(.*) \d+$/.exec(text);
    assert.ok(shown === chosen || shown === '', `${chosen} was chosen, and ${text} shown`);
  }
  for (const id of rooms) assert.ok(seen.some((text) => text.startsWith(`${id}:${id} `)), `${id} was never shown`);
  assert.ok(!seen.some((text) => text.startsWith('none:none')));
});

/** In the page: chooses one id after the other. */
async function walkThrough({ choices, pause }) {
  const field = document.querySelector('[data-testid="choice"]');
  for (const id of choices) {
    field.value = id;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

check('a signal that does not exist yet, and then does', async (bench) => {
  const lab = await bench.server();
  const { proxy, tab } = await board(bench, lab, 'a,later');
  await tab.until('a', await lab.post('/control/add/a'));
  assert.equal(await tab.text('later'), '0 0 0 0');
  await tab.until('later', await lab.post('/control/add/later'));
  assert.equal(proxy.opened, 1, 'on the same connection');
});

check('a signal that is removed keeps its last value on the page, and is whole when it is made again', async (bench) => {
  const lab = await bench.server();
  const { proxy, tab } = await board(bench, lab, 'a,b');
  const last = await lab.post('/control/add/a/3');
  await tab.until('a', last);
  assert.equal(await lab.post('/control/remove/a'), 'true');
  await eventually(() => assert.equal(proxy.all[0].of('a').at(-1).event, 'removed'));
  await tab.until('b', await lab.post('/control/add/b'));
  assert.equal(await tab.text('a'), last);

  const again = await lab.post('/control/add/a');
  await tab.until('a', again);
  assert.notEqual(again.split(' ')[1], last.split(' ')[1], 'another life');
  assert.equal(proxy.opened, 1, 'on the same connection');
  assertNoMixture(await tab.seenTicks('a'));
});

check('the server is killed and starts anew: another epoch, and nothing of the one before', async (bench) => {
  const lab = await bench.server();
  const { proxy, tab } = await board(bench, lab, 'a,b');
  tab.allowLostConnections();
  await lab.post('/control/busy/a');
  await tab.untilTick((tick) => tick.value > 20, undefined, 'a');
  await tab.until('b', await lab.post('/control/add/b/3'));
  const held = await tab.text('b');

  await lab.kill();
  await tab.until('status', /^reconnecting/);
  assert.equal(await tab.text('b'), held, 'the last good value stays');
  await lab.start();
  await lab.post('/control/busy/a');
  const { run } = await tab.untilTick((tick) => `${tick.run}` !== held.split(' ')[0], 20_000, 'a');
  await tab.until('b', await lab.post('/control/add/b'));
  await tab.until('a', await lab.post('/control/rest/a'));

  const [first, last] = [proxy.all[0], proxy.all.at(-1)];
  assert.notEqual(epochOf(last), epochOf(first));
  assert.equal(last.of('a')[0].data.from, undefined, 'a snapshot first');
  assert.ok((await tab.seenTicks('a')).some((tick) => tick.run === run));
  for (const key of ['a', 'b']) assertNoMixture(await tab.seenTicks(key));
});

check('the browser reconnects by itself, with Last-Event-ID, and is sent what it missed and nothing else', async (bench) => {
  const lab = await bench.server();
  const { proxy, tab } = await board(bench, lab, 'a,b,c');
  tab.allowLostConnections();
  await lab.post('/control/add/c');
  await lab.post('/control/add/b');
  await tab.until('a', await lab.post('/control/add/a/3'));
  const [first] = proxy.all;
  const held = first.of('a').at(-1).data.to;

  // What is written from here on is lost on the way.
  first.held = true;
  await lab.post('/control/add/a');
  await lab.post('/control/add/b');
  const last = await lab.post('/control/add/a');
  first.cut();
  await tab.until('a', last);

  const [, second, ...more] = proxy.all;
  assert.deepEqual(more, []);
  assert.equal(second.url, first.url, 'a browser repeats the URL');
  assert.equal(second.headers['last-event-id'], `${epochOf(first)}.${held}`);
  await tab.until('c', await lab.post('/control/add/c'));
  const steps = second.events.filter(({ event }) => event === 'message').map(({ data }) => [data.name, data.from]);
  assert.deepEqual(steps.map(([name]) => name), ['a', 'b', 'a', 'c'], 'one by one, in order, and not merged');
  assert.ok(steps.every(([, from]) => from !== undefined), 'and no snapshot');
  assertContinues(second, 'a', held);
  assertNoMixture(await tab.seenTicks('a'));
  assertStatuses(await tab.seen('status'), ['connecting', 'open', 'reconnecting', 'open']);
});

check('the client reconnects: it asks with what it holds, and is sent what it missed', async (bench) => {
  const lab = await bench.server();
  const { proxy, tab } = await board(bench, lab, 'a,b');
  tab.allowLostConnections();
  await tab.until('b', await lab.post('/control/add/b'));
  await tab.until('a', await lab.post('/control/add/a/3'));
  const held = Object.fromEntries(['a', 'b'].map((key) => [key, proxy.all[0].of(key).at(-1).data.to]));

  proxy.refuse();
  await tab.until('status', /^reconnecting [2-9]/, 20_000);
  const last = await lab.post('/control/add/a/4');
  proxy.accept();
  await tab.until('a', last);
  const stream = proxy.all.at(-1);
  assert.deepEqual(stream.asked, { epoch: epochOf(proxy.all[0]), keys: held });
  assert.deepEqual(stream.of('a').map(({ data }) => data.from !== undefined), [true, true, true, true]);
  assert.deepEqual(stream.of('b'), []);
  assertContinues(stream, 'a', held.a);
});

check('left and come back to, out of the cache of pages: it asks with what it holds', async (bench) => {
  const lab = await bench.server();
  const { proxy, tab } = await board(bench, lab, 'a,b');
  await tab.until('b', await lab.post('/control/add/b'));
  await tab.until('a', await lab.post('/control/add/a'));
  await tab.page.goto(`${proxy.url}/`, { waitUntil: 'domcontentloaded' });
  await eventually(async () => assert.equal(await stat(lab, 'connections'), 0));
  const missed = await lab.post('/control/add/a/2');
  await tab.page.goBack({ waitUntil: 'commit' });
  await tab.until('a', missed);
  assert.deepEqual(proxy.all[1].of('a').map(({ data }) => data.from !== undefined), [true, true]);
  assert.deepEqual(proxy.all[1].of('b'), []);
  assertNoMixture(await tab.seenTicks('a'));
});

check('more was missed than the history holds: one snapshot', async (bench) => {
  const lab = await bench.server();
  const { proxy, tab } = await board(bench, lab, 'a,b');
  tab.allowLostConnections();
  await tab.until('b', await lab.post('/control/add/b'));
  await tab.until('a', await lab.post('/control/add/a'));
  proxy.all[0].held = true;
  const last = await lab.post('/control/add/a/3000');
  proxy.cut();
  await tab.until('a', last);
  const [snapshot, ...more] = proxy.all[1].of('a');
  assert.equal(snapshot.data.from, undefined);
  assert.deepEqual(more, []);
  assert.deepEqual(proxy.all[1].of('b'), []);
  assert.deepEqual((await tab.seenTicks('a')).map(({ value }) => value), [0, 1, 3001]);
});

check('an update of the hub is lost on the way: the next one shows it, and this signal alone is sent anew', async (bench) => {
  const lab = await bench.server();
  const { proxy, tab } = await board(bench, lab, 'a,b');
  tab.allowLostConnections();
  await tab.until('b', await lab.post('/control/add/b'));
  await tab.until('a', await lab.post('/control/add/a'));
  const [first] = proxy.all;
  first.losing = /"name":"a"/;
  await lab.post('/control/add/a');
  await eventually(() => assert.equal(first.losing, null, 'it is lost'));
  const last = await lab.post('/control/add/a');
  await tab.expectError(/^leptos_sse: signal `a`: .*keeps its last good value until a new connection brings a snapshot$/);
  await tab.until('a', last);

  const second = proxy.all[1];
  assert.equal(second.asked.keys.a, null, 'it asks for a snapshot');
  assert.equal(typeof second.asked.keys.b, 'number', 'but not for that of the other');
  assert.equal(second.of('a')[0].data.from, undefined);
  assert.deepEqual(second.of('b'), []);
  assert.deepEqual((await tab.seenTicks('a')).map(({ value }) => value), [0, 1, 3]);
});

check('a hub that falls silent is left after two and a half heartbeats, and what it wrote is not lost', async (bench) => {
  const lab = await bench.server('lab', { LAB_HEARTBEAT_MS: '200' });
  const { proxy, tab } = await board(bench, lab, 'a');
  tab.allowLostConnections();
  await tab.until('a', await lab.post('/control/add/a'));
  await eventually(() => assert.ok(proxy.all[0].events.filter(({ event }) => event === 'hb').length > 4));
  assert.equal(proxy.opened, 1);
  proxy.hold();
  await tab.until('a', await lab.post('/control/add/a'), 5_000);
  assert.equal(proxy.all[1].of('a').length, 1);
  assert.equal(proxy.streams.size, 1);
});

check('a reader that stalls is not waited for, nor cut off: it ends with the last value and was sent few of them', async (bench) => {
  const lab = await bench.server();
  const proxy = await bench.proxy(lab);
  const tab = await bench.open(`${proxy.url}/flood`);
  await tab.until('big', await lab.post('/control/flood/1'));
  const [stream] = proxy.streams;
  stream.stall();
  // Far more than what fits between the server and the page.
  const last = await lab.post('/control/flood/400');
  const small = await lab.post('/control/add/a');
  stream.flow();
  await tab.until('big', last, 20_000);
  await tab.until('a', small);
  assert.equal(proxy.opened, 1, 'on one connection');
  const sent = stream.of('lab::values::Big').length;
  assert.ok(sent < 300, `of 401 editions ${sent} were written`);
  const editions = (await tab.seen('big')).map((text) => Number(text.split(' ')[0]));
  assert.deepEqual(editions, [...editions].sort((a, b) => a - b));
  assert.equal(await tab.text('status'), 'open');
});

check('healthy pages of the hub say nothing on the console', async (bench) => {
  const lab = await bench.server();
  for (const scene of ['shared', 'board?with=a,b', 'feed', 'flood', 'room']) {
    const tab = await bench.open(`${lab.url}/${scene}`);
    await tab.until('hydrated', 'yes');
    await tab.until('status', 'open');
    if (scene === 'feed') await tab.until('latest', await lab.post('/control/push/2'));
    assert.deepEqual(tab.console, [], scene);
    await tab.page.close();
    await eventually(async () => assert.equal(await stat(lab, 'connections'), 0));
  }
});

/** A page with counters, through a proxy, once its stream has begun. */
async function board(bench, lab, names) {
  const proxy = await bench.proxy(lab);
  const tab = await bench.open(`${proxy.url}/board?with=${names}`);
  await eventually(() => assert.deepEqual(proxy.journal, ['open 1', 'hello 1']));
  await tab.until('status', 'open');
  assert.deepEqual(Object.keys(proxy.all[0].asked.keys), names.split(','));
  return { proxy, tab };
}

/** Waits until the one open stream asks for exactly these keys. */
function untilAsked(proxy, keys) {
  return eventually(() => {
    const [stream, ...more] = proxy.streams;
    assert.deepEqual(more, []);
    assert.deepEqual(Object.keys(stream.asked.keys), keys);
  });
}

/**
 * Every update of a key follows the one before, from what was asked with. Where it is written all the time, one snapshot may
 * stand for several updates once the stream has begun: a machine with other work reads late.
 */
function assertContinues(stream, key, held, isBusy = false) {
  for (const [index, { data }] of stream.of(key).entries()) {
    const isSpared = isBusy && index > 0 && data.from === undefined && data.to > held;
    if (held !== null && !isSpared) assert.equal(data.from, held, `${key}: ${JSON.stringify(data)} after ${held}`);
    held = data.to;
  }
}

/** A stream says hello before the one before it closes. */
function assertOneAtATime(journal) {
  for (const [index, entry] of journal.entries()) {
    const [, number] = /^close (\d+)$/.exec(entry) ?? [];
    if (number) assert.ok(journal.slice(0, index).includes(`hello ${Number(number) + 1}`), journal.join(', '));
  }
}

/** What comes and goes starts from its default again; but what it shows never goes back. */
function assertNeverBack(ticks) {
  const values = ticks.filter(({ run }) => run !== 0).map(({ value }) => value);
  assert.deepEqual(values, [...values].sort((a, b) => a - b));
}

function epochOf(stream) {
  return stream.events.find(({ event }) => event === 'hello').data.epoch;
}

async function stat(lab, name) {
  return JSON.parse(await lab.get('/control/stats'))[name];
}
