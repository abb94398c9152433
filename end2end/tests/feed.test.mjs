// The hub's feeds: each event once and in order, or a gap that is told.

import assert from 'node:assert/strict';
import { assertStatuses } from '../support/assertions.mjs';
import { check, eventually } from '../support/browser.mjs';

check('a feed has each event once and in order, as a list, as the latest one and by a function', async (bench) => {
  const lab = await bench.server();
  const first = numberOf(await lab.post('/control/push/7'));
  const { proxy, tab } = await follow(bench, lab);
  await tab.until('latest', /\/7$/);
  assert.equal(first, 7);
  const last = await lab.post('/control/push/50');
  await tab.until('latest', last);
  assert.deepEqual(await numbers(tab, 'told'), upTo(57));
  assert.deepEqual(await numbers(tab, 'list'), upTo(57).slice(-5));
  assert.equal(await tab.text('gaps'), '0');
  assert.equal(proxy.opened, 1);
});

check('who comes to a feed later on the page has what the page holds, and nothing is asked for', async (bench) => {
  const lab = await bench.server();
  const { proxy, tab } = await follow(bench, lab);
  await tab.until('latest', await lab.post('/control/push/20'));
  for (const count of [20, 23]) {
    await tab.click('toggle-late');
    await eventually(async () => assert.deepEqual(await numbers(tab, 'late'), upTo(count)));
    await tab.click('toggle-late');
    await eventually(async () => assert.equal(await tab.text('late'), null));
    await tab.until('latest', await lab.post('/control/push/3'));
  }
  assert.equal(proxy.opened, 1);
});

check('a feed goes on through keys that come and go, cuts and reconnects: nothing is lost or told twice', async (bench) => {
  const lab = await bench.server();
  const { proxy, tab } = await follow(bench, lab);
  tab.allowLostConnections();
  for (const key of ['notes', 'a', 'b', 'c']) await lab.post(`/control/busy/${key}`);

  const grow = async (by) => {
    const before = (await numbers(tab, 'told')).length;
    await eventually(async () => assert.ok((await numbers(tab, 'told')).length > before + by), 20_000);
  };
  for (const names of ['a', 'a,b', 'a,b,c', 'b', '', 'a,b,c']) {
    await tab.fill('names', names);
    await eventually(() => {
      const stream = proxy.all.at(-1);
      assert.ok(names.split(',').filter(Boolean).every((name) => name in stream.asked.keys));
    });
    await grow(10);
  }
  const handovers = proxy.opened;
  assert.ok(handovers >= 4, `${handovers} streams by now`);
  // The first cut is left to the browser, the next to the client, and the last falls between two keys.
  for (const names of [null, null, 'a']) {
    if (names !== null) await tab.fill('names', names);
    const opened = proxy.opened;
    proxy.cut();
    await eventually(() => assert.ok(proxy.opened > opened), 20_000);
    await grow(10);
  }
  assert.ok(proxy.all.some((stream) => stream.headers['last-event-id']), 'the browser reconnected by itself once');

  const last = await lab.post('/control/rest/notes');
  await tab.until('latest', last);
  assert.deepEqual(await numbers(tab, 'told'), upTo(numberOf(last)));
  assert.deepEqual(await numbers(tab, 'list'), upTo(numberOf(last)).slice(-5));
  assert.equal(await tab.text('gaps'), '0');
});

check('a feed that went further than the server keeps: the gap is told once, and then it goes on in order', async (bench) => {
  const lab = await bench.server();
  const { proxy, tab } = await follow(bench, lab);
  tab.allowLostConnections();
  await tab.until('latest', await lab.post('/control/push/10'));
  proxy.refuse();
  await tab.until('status', /^reconnecting [2-9]/, 20_000);
  // The server keeps a thousand.
  const last = await lab.post('/control/push/2500');
  proxy.accept();
  await tab.until('latest', last, 20_000);
  await tab.until('gaps', '1');
  assert.deepEqual(await numbers(tab, 'told'), [...upTo(10), ...upTo(2510).slice(-1000)]);

  await tab.until('latest', await lab.post('/control/push/2'));
  assert.deepEqual((await numbers(tab, 'told')).slice(-3), [2510, 2511, 2512]);
  assert.deepEqual(await tab.seen('gaps'), ['0', '1']);
});

check('the browser comes back to a feed by itself, with Last-Event-ID: the missed events alone', async (bench) => {
  const lab = await bench.server();
  const { proxy, tab } = await follow(bench, lab);
  tab.allowLostConnections();
  await tab.until('latest', await lab.post('/control/push/5'));
  const [first] = proxy.all;
  first.held = true;
  const last = await lab.post('/control/push/4');
  first.cut();
  await tab.until('latest', last);
  const [, second] = proxy.all;
  assert.equal(second.url, first.url);
  assert.equal(second.headers['last-event-id'], first.events.at(-1).id);
  assert.deepEqual(second.of('notes').map(({ data }) => data.item?.number), [6, 7, 8, 9]);
  assert.deepEqual(await numbers(tab, 'told'), upTo(9));
  assertStatuses(await tab.seen('status'), ['connecting', 'open', 'reconnecting', 'open']);
});

check('a server that starts anew begins the feed anew: the list has nothing of before', async (bench) => {
  const lab = await bench.server();
  const { tab } = await follow(bench, lab);
  tab.allowLostConnections();
  const before = await lab.post('/control/push/9');
  await tab.until('latest', before);
  await lab.kill();
  await tab.until('status', /^reconnecting/);
  assert.equal(await tab.text('latest'), before, 'it stays while the server is away');
  await lab.start();
  await tab.until('list', '', 20_000);
  const last = await lab.post('/control/push/3');
  await tab.until('latest', last);
  assert.deepEqual(await numbers(tab, 'list'), [1, 2, 3]);
  assert.deepEqual(await numbers(tab, 'told'), [...upTo(9), 1, 2, 3]);
  const runs = new Set((await tab.text('list')).split(' ').map((note) => note.split('/')[0]));
  assert.deepEqual([...runs], [last.split('/')[0]]);
});

/** A page that follows the notes, through a proxy, once its stream has begun. */
async function follow(bench, lab) {
  const proxy = await bench.proxy(lab);
  const tab = await bench.open(`${proxy.url}/feed`);
  await eventually(() => assert.deepEqual(proxy.journal, ['open 1', 'hello 1']));
  return { proxy, tab };
}

async function numbers(tab, id) {
  return ((await tab.text(id)) ?? '').split(' ').filter(Boolean).map(numberOf);
}

function numberOf(note) {
  return Number(note.split('/')[1]);
}

function upTo(last) {
  return Array.from({ length: last }, (_, index) => index + 1);
}
