// How the server is asked, by an EventSource or by fetch, and what the page is told of it.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertNoMixture, assertStatuses } from '../support/assertions.mjs';
import { check, eventually } from '../support/browser.mjs';

const REFUSED = /^leptos_sse: `[^`]*` answered \d+, and no stream of events$/;
const BYE = /^leptos_sse: `[^`]*` said bye \((.*)\)/;

check('a header goes with each request: the stream is read by fetch, and all is as with an EventSource', async (bench) => {
  const { lab, proxy, tab } = await follow(bench, 'sse=/sse/tokens&token=ada&with=a', 'ada');
  await tab.until('a', await lab.post('/control/add/a/100'));
  assert.equal(await tab.text('source'), 'none', 'no EventSource');
  assert.equal(proxy.all[0].headers.authorization, 'Bearer ada');
  assert.equal(proxy.all[0].headers.accept, 'text/event-stream');

  await tab.fill('names', 'a,b');
  await tab.until('b', await lab.post('/control/add/b'));
  const noGap = ['open 1', 'hello 1', 'open 2', 'hello 2', 'close 1'];
  await eventually(() => assert.deepEqual(proxy.journal, noGap, 'a change of keys leaves no gap'));
  await lab.post('/control/busy/a');
  await tab.untilTick((tick) => tick.value > 150, undefined, 'a');
  await tab.until('a', await lab.post('/control/rest/a'));
  assertNoMixture(await tab.seenTicks('a'));
  assert.equal(await tab.text('news'), 'open ');

  await tab.goto(`${proxy.url}/missing`);
  tab.allow(/provide_sse/);
  await eventually(async () => assert.equal(await stat(lab, 'connections'), 0, 'a page that is left is no reader'));
});

check('without headers it is the browser\'s EventSource', async (bench) => {
  const { lab, tab } = await follow(bench, 'with=a');
  await tab.until('a', await lab.post('/control/add/a'));
  assert.equal(await tab.text('source'), 'EventSource');
});

check('fetch: kill -9 and a start from scratch, a cut, and a network that is gone', async (bench) => {
  const { lab, proxy, tab } = await follow(bench, 'token=ada&with=a');
  tab.allowLostConnections();
  const { run } = await untilValue(tab, await lab.post('/control/add/a/50'));

  await lab.kill();
  await tab.until('status', /^reconnecting [2-9]/, 20_000);
  assert.equal((await tab.tick('a')).run, run, 'the last good value stays');
  await lab.start();
  const after = await untilValue(tab, await lab.post('/control/add/a'), 20_000);
  assert.notEqual(after.run, run);

  proxy.cut();
  const missed = await lab.post('/control/add/a/5');
  await tab.until('a', missed, 20_000);
  assert.equal(typeof proxy.all.at(-1).asked.keys.a, 'number', 'it asks with what it holds');
  assert.equal(proxy.all.at(-1).of('a')[0].data.from, proxy.all.at(-1).asked.keys.a, 'and is given no snapshot');

  const context = tab.page.context();
  await context.setOffline(true);
  proxy.cut();
  await tab.until('status', /^reconnecting [2-9]/, 20_000);
  await context.setOffline(false);
  const online = Date.now();
  await tab.until('status', 'open');
  assert.ok(Date.now() - online < 900, `open ${Date.now() - online} ms after the page was on line`);
  assertNoMixture(await tab.seenTicks('a'));
});

check('fetch: silence is noticed, and left and come back to out of the cache of pages', async (bench) => {
  const lab = await bench.server('lab', { LAB_HEARTBEAT_MS: '300' });
  const { proxy, tab } = await follow(bench, 'token=ada&with=a', null, lab);
  tab.allowLostConnections();
  await tab.until('a', await lab.post('/control/add/a'));
  proxy.hold();
  const last = await lab.post('/control/add/a');
  await tab.until('a', last, 5_000);
  assert.equal(proxy.opened, 2);

  await tab.page.evaluate(() => addEventListener('pageshow', (event) => (window.restored = event.persisted)));
  await tab.page.goto(`${proxy.url}/missing`, { waitUntil: 'domcontentloaded' });
  tab.allow(/provide_sse/);
  await eventually(() => assert.equal(proxy.streams.size, 0));
  const missed = await lab.post('/control/add/a');
  await tab.page.goBack({ waitUntil: 'commit' });
  await eventually(async () => assert.equal(await tab.page.evaluate(() => window.restored), true));
  await tab.until('a', missed);
});

check('fetch: events that come in pieces of any size, and what is no event of ours', async (bench) => {
  const wire = await bench.wire();
  const tab = await bench.open(`${wire.url}/transport?sse=/sse/wire&token=x&with=ä`);
  tab.allowLostConnections();
  const stream = await wire.next();
  const tally = (value) => ({ run: 1, life: 1, value, double: 2 * value });
  const update = (to, value) => JSON.stringify({ name: 'ä', to, patch: [{ op: 'replace', path: '', value: tally(value) }] });
  stream.write(': a comment\r\nretry: 100\r\nevent: other\r\ndata: nothing\r\n\r\nevent: hello\rdata: {"epoch":\rdata: "e"}\r\r');
  const bytes = Buffer.from(`\nid: e.1\ndata: ${update(1, 1)}\n\ndata: ${update(2, 2)}\r\n\r\ndata: ${update(3, 3)}\n`);
  for (const byte of bytes) {
    stream.write(Buffer.from([byte]));
    await sleep(1);
  }
  await tab.until('ä', '1 1 2 4');
  stream.end();
  const second = await wire.next();
  second.hello(undefined);
  second.write(`data: ${update(4, 4)}\n\n`);
  await tab.until('ä', '1 1 4 8');
  assert.deepEqual((await tab.seen('ä')).slice(1), ['1 1 1 2', '1 1 2 4', '1 1 4 8'], 'an event without its end is none');
});

for (const [how, query] of [['an EventSource', ''], ['fetch', '&token=x']]) {
  check(`${how}: an answer that is no stream is told by its status, asked again, and healed`, async (bench) => {
    const wire = await bench.wire();
    const streams = wire.answer;
    let answer = [200, 'text/html'];
    wire.answer = (request, response) => {
      if (!answer || !request.url.startsWith('/sse/')) return streams(request, response);
      response.writeHead(answer[0], { 'content-type': answer[1] }).end('<h1>A page</h1>');
      return true;
    };
    const tab = await bench.open(`${wire.url}/transport?sse=/sse/wire&with=a${query}`);
    tab.allowLostConnections();
    tab.allow(REFUSED, /^EventSource's response has a MIME type/);
    await tab.until('status', /^refused 200/, 20_000);
    answer = [403, 'text/plain'];
    await tab.until('status', /^refused 403/, 20_000);
    assert.match(await tab.text('news'), /error\(Some\(200\)\).*error\(Some\(403\)\)/);
    answer = null;
    // A plain request comes before an EventSource.
    if (how !== 'fetch') await wire.next();
    const stream = await wire.next();
    stream.hello(undefined);
    stream.snapshot('a', 1, { run: 1, life: 1, value: 7, double: 14 });
    await tab.until('a', '1 1 7 14');
  });
}

check('fetch: 204 stops, until the app asks again', async (bench) => {
  const wire = await bench.wire();
  wire.status = 204;
  const tab = await bench.open(`${wire.url}/transport?sse=/sse/wire&with=a&token=x`);
  await tab.until('status', /^closed: .*204/);
  assert.equal(wire.asked, 1, 'no probe is needed');
  wire.status = null;
  await tab.click('reconnect');
  const stream = await wire.next();
  stream.hello(undefined);
  stream.snapshot('a', 1, { run: 1, life: 1, value: 7, double: 14 });
  await tab.until('a', '1 1 7 14');
  assert.match(await tab.text('news'), /^close\(.*204.*\) open $/);
});

check('a token that ends: the page is told 401, and is live at once with a new one', async (bench) => {
  const { lab, proxy, tab } = await follow(bench, 'sse=/sse/tokens&token=ada&with=a', 'ada');
  tab.allowLostConnections();
  tab.allow(REFUSED, BYE);
  const last = await lab.post('/control/add/a');
  await tab.until('a', last);
  await lab.post('/control/logout/ada');
  await tab.until('status', /^refused 401/, 20_000);
  assert.equal(await tab.text('a'), last, 'the last good value stays');
  // So that a wait in progress is a long one.
  await tab.until('news', /attempt\(4\)/, 20_000);
  const missed = await lab.post('/control/add/a');
  await lab.post('/control/login/grace');
  await tab.fill('token', 'grace');
  const asked = Date.now();
  await tab.click('reconnect');
  await tab.until('a', missed);
  assert.ok(Date.now() - asked < 1_000, `live ${Date.now() - asked} ms after the new token`);
  assert.equal(proxy.all.at(-1).headers.authorization, 'Bearer grace');
  assert.equal(typeof proxy.all.at(-1).asked.keys.a, 'number', 'it asks with what it holds');
  assert.match(await tab.text('news'), /^open attempt\(1\) (error\(Some\(401\)\) attempt\(\d\) )+open $/);
  await tab.click('reconnect');
  await tab.until('news', /open open $/);
  assert.equal(proxy.streams.size, 1);
});

check('300 long keys go by POST, with what is held after a reconnect, and a short list by EventSource', async (bench) => {
  const { lab, proxy, tab } = await follow(bench, 'post=1&many=300&with=a');
  tab.allowLostConnections();
  const keys = Array.from({ length: 300 }, (_, number) => `${number}`.padStart(100, '0'));
  for (const key of keys) await lab.post(`/control/add/${key}`);
  await tab.until('many', '300', 20_000);
  await tab.until('a', await lab.post('/control/add/a'));
  const [first] = proxy.all;
  assert.equal(first.url, '/sse/hub');
  assert.equal(first.headers['content-type'], 'application/x-www-form-urlencoded');
  assert.equal(await tab.text('source'), 'none');

  const before = await stat(lab, 'snapshots');
  proxy.cut();
  const missed = await lab.post('/control/add/a');
  await tab.until('a', missed, 20_000);
  assert.equal(await stat(lab, 'snapshots'), before, 'nothing is sent again');
  assert.ok(proxy.all.at(-1).text.length < 2_000, `${proxy.all.at(-1).text.length} bytes`);

  const short = await follow(bench, 'post=1&with=a', null, lab);
  await short.tab.until('a', missed);
  assert.equal(await short.tab.text('source'), 'EventSource');
});

check('without POST, keys that have no room are told, and the others are live', async (bench) => {
  const { lab, proxy, tab } = await follow(bench, 'many=300&with=a');
  await tab.expectError(/its query would be longer than servers take/);
  const key = `${0}`.padStart(100, '0');
  await lab.post(`/control/add/${key}`);
  await tab.until('many', '1');
  assert.ok(proxy.all[0].url.length < 8_000);
});

for (const [how, query] of [['an EventSource', 'sse=sse/hub'], ['fetch', 'sse=/sse/tokens&token=ada'], ['fetch by POST', 'sse=/sse/tokens&token=ada&post=1&many=100']]) {
  check(`${how} from a base URL of another origin`, async (bench) => {
    const page = await bench.server();
    const lab = await bench.server();
    const proxy = await bench.proxy(lab);
    await lab.post('/control/login/ada');
    const tab = await bench.open(`${page.url}/transport?base=${proxy.url}/&with=a&${query}`);
    tab.allow(/^leptos_sse: `[^`]*` reconnecting, attempt \d+/, /^Failed to load resource/);
    await tab.until('a', await lab.post('/control/add/a'));
    assert.equal(proxy.all[0].headers.origin, page.url);
    assert.equal(proxy.all[0].headers.cookie, undefined);
    proxy.cut();
    await tab.until('a', await lab.post('/control/add/a'), 20_000);
  });
}

check('a computer that slept: the page is right within a moment of its waking', async (bench) => {
  const lab = await bench.server('lab', { LAB_HEARTBEAT_MS: '400' });
  for (const query of ['with=a', 'with=a&token=ada']) {
    const { proxy, tab } = await follow(bench, query, null, lab);
    tab.allowLostConnections();
    await tab.until('a', await lab.post('/control/add/a'));
    // Its process stands still while time goes on, and what comes over the network meanwhile is lost.
    const wake = await stop(tab.page);
    proxy.hold();
    const missed = await lab.post('/control/add/a/3');
    await sleep(3_000);
    wake();
    await tab.until('a', missed, 4_000);
    assert.equal(proxy.streams.size, 1);
    assertNoMixture(await tab.seenTicks('a'));
  }
});

check('a page out of sight for long closes its connection, and has what it missed when it is seen', async (bench) => {
  const { lab, proxy, tab } = await follow(bench, 'with=a&hidden=500');
  const last = await lab.post('/control/add/a');
  await tab.until('a', last);

  await show(tab.page, false);
  await sleep(200);
  await show(tab.page, true);
  await sleep(600); // That nothing comes can only be waited for.
  assert.equal(proxy.opened, 1, 'a glance elsewhere costs nothing');

  await show(tab.page, false);
  await tab.until('status', /^closed: the page is out of sight/);
  await eventually(async () => assert.equal(await stat(lab, 'connections'), 0));
  const missed = await lab.post('/control/add/a/3');
  await sleep(600);
  assert.equal(await tab.text('a'), last);
  const asked = Date.now();
  await show(tab.page, true);
  await tab.until('a', missed);
  assert.ok(Date.now() - asked < 1_000, `live ${Date.now() - asked} ms after it was seen`);
  assert.equal(typeof proxy.all[1].asked.keys.a, 'number', 'it asks with what it holds');
  assertStatuses(await tab.seen('status'), ['connecting', 'open', 'closed', 'connecting', 'open']);
  assert.equal(await tab.text('news'), 'open close(the page is out of sight) open ');
});

check('without that option a page out of sight stays connected', async (bench) => {
  const { lab, proxy, tab } = await follow(bench, 'with=a');
  await show(tab.page, false);
  await sleep(600);
  await tab.until('a', await lab.post('/control/add/a'));
  assert.equal(proxy.opened, 1);
});

/** A page of the scene with these options, through a proxy; `name` is logged in first. */
async function follow(bench, query, name = null, server = null) {
  const lab = server ?? (await bench.server());
  const proxy = await bench.proxy(lab);
  if (name) await lab.post(`/control/login/${name}`);
  const tab = await bench.open(`${proxy.url}/transport?${query}`);
  await tab.until('status', 'open');
  return { lab, proxy, tab };
}

async function untilValue(tab, value, timeout) {
  await tab.until('a', value, timeout);
  return tab.tick('a');
}

async function stat(lab, name) {
  return JSON.parse(await lab.get('/control/stats'))[name];
}

/** Stops the processes of a browser's pages, and gives what lets them go on. */
async function stop(page) {
  const cdp = await page.context().browser().newBrowserCDPSession();
  const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
  await cdp.detach();
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  assert.ok(renderers.length > 0);
  const all = (signal) => renderers.forEach((id) => process.kill(id, signal));
  all('SIGSTOP');
  return () => all('SIGCONT');
}

/** A browser without a screen never hides a page by itself: the page is told what a tab behind another is told. */
function show(page, visible) {
  return page.evaluate((visible) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => (visible ? 'visible' : 'hidden') });
    document.dispatchEvent(new Event('visibilitychange'));
  }, visible);
}
