// Eight tabs of one browser, over HTTP/1.1, on one stream.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertStatuses } from '../support/assertions.mjs';
import { check, eventually } from '../support/browser.mjs';

const LONG = { timeout: 120_000 };

/** So many tabs in one profile, each of which follows the counter `a` and the feed. The first one leads. */
async function openTabs(bench, { url, server }, count = 8, path = '/tabs?with=a') {
  // What is not there yet may come with any heartbeat; until then nobody can be sure of having it all.
  await server.post('/control/add/a');
  const tabs = [await bench.open(url + path)];
  await tabs[0].until('status', 'open');
  while (tabs.length < count) tabs.push(await bench.openIn(tabs[0].page.context(), url + path));
  await Promise.all(tabs.map((tab) => tab.until('status', 'open')));
  return tabs;
}

const all = (tabs, id, wanted, timeout) => Promise.all(tabs.map((tab) => tab.until(id, wanted, timeout)));

const untilOneStream = (proxy) => eventually(() => assert.equal(proxy.streams.size, 1));

const keysOf = (proxy) => Object.keys([...proxy.streams].at(-1)?.asked.keys ?? {}).sort();

/** Each note from the tab's first one to the last one of all, once and in order. */
async function assertEachNote(tabs, last) {
  for (const [at, tab] of tabs.entries()) {
    const told = (await tab.text('told')).trim().split(' ').map((note) => Number(note.split('/')[1]));
    const expected = Array.from({ length: last - told[0] + 1 }, (_, index) => told[0] + index);
    assert.deepEqual(told, expected, `the notes of tab ${at}`);
    assert.equal(await tab.text('gaps'), '0', `the gaps of tab ${at}`);
  }
}

check('eight tabs share one stream, and the page can still ask for more', async (bench) => {
  const lab = await bench.server();
  const proxy = await bench.proxy(lab);
  const tabs = await openTabs(bench, proxy);
  await lab.post('/control/push/3');
  await all(tabs, 'a', await lab.post('/control/add/a/50'));
  await untilOneStream(proxy);
  await lab.post('/control/push/2');
  await all(tabs, 'a', await lab.post('/control/add/a'));
  await all(tabs, 'told', / \d+\/5 $/);
  await assertEachNote(tabs, 5);
  for (const tab of tabs) {
    const status = await tab.page.evaluate(() => fetch('/control/stats', { signal: AbortSignal.timeout(5_000) }).then((answer) => answer.status));
    assert.equal(status, 200);
    assertStatuses(await tab.seen('status'), ['connecting', 'open']);
  }
  assert.equal(proxy.streams.size, 1);
  await eventually(async () => assert.equal(JSON.parse(await lab.get('/control/stats')).connections, 1));
}, LONG);

check('tabs that follow what is not there yet share what there is, and get it when it comes', async (bench) => {
  const lab = await bench.server('lab', { LAB_HEARTBEAT_MS: '1000' });
  const proxy = await bench.proxy(lab);
  const tabs = await openTabs(bench, proxy, 5, '/tabs?with=a,later');
  await untilOneStream(proxy);
  await all(tabs, 'later', await lab.post('/control/add/later'));
  await all(tabs, 'a', await lab.post('/control/add/a'));
  assert.equal(proxy.streams.size, 1);
}, LONG);

check('without the option six tabs leave no connection for anything else', async (bench) => {
  const proxy = await bench.proxy(await bench.server());
  const tabs = await openTabs(bench, proxy, 6, '/tabs?alone&with=a');
  assert.equal(proxy.streams.size, 6);
  const asking = tabs[0].page.evaluate(() =>
    fetch('/control/stats', { signal: AbortSignal.timeout(2_000) }).then(
      (answer) => String(answer.status),
      (error) => error.name,
    ),
  );
  assert.equal(await asking, 'TimeoutError');
  tabs.forEach((tab) => tab.allow(/^Failed to load resource/));
}, LONG);

for (const [how, kill] of [
  ['is closed', (tab) => tab.page.close()],
  ['crashes', (tab) => crash(tab)],
  ['goes elsewhere', (tab) => tab.page.goto('about:blank')],
  ['is frozen', (tab) => freeze(tab)],
]) {
  check(`the tab that leads ${how}: another one takes its place at once, and nothing is lost or doubled`, async (bench) => {
    const lab = await bench.server();
    const proxy = await bench.proxy(lab);
    const tabs = await openTabs(bench, proxy);
    await untilOneStream(proxy);
    await lab.post('/control/busy/notes');
    await all(tabs, 'told', /\/\d+ /);

    const [leader, ...others] = tabs;
    await kill(leader);
    const dead = Date.now();
    await all(others, 'a', await lab.post('/control/add/a'));
    const took = Date.now() - dead;
    console.log(`handed over ${took} ms after the tab ${how}`);
    assert.ok(took < 1_000, `all others saw the next write ${took} ms after the tab ${how}`);

    // And once more, while the streams are still being brought together.
    await others.shift().page.close();
    await all(others, 'a', await lab.post('/control/add/a'));
    await untilOneStream(proxy);
    const last = Number((await lab.post('/control/rest/notes')).split('/').at(-1));
    await all(others, 'told', new RegExp(`/${last} $`));
    await assertEachNote(others, last);
    for (const tab of others) assertStatuses(await tab.seen('status'), ['connecting', 'open']);
  }, LONG);
}

check('a tab that hangs while it leads is replaced', async (bench) => {
  const lab = await bench.server();
  const proxy = await bench.proxy(lab);
  const tabs = await openTabs(bench, proxy, 3);
  await untilOneStream(proxy);
  const hanging = tabs[0].page.evaluate(() => {
    for (const end = Date.now() + 12_000; Date.now() < end; );
  });
  const late = await bench.openIn(tabs[0].page.context(), `${proxy.url}/tabs?with=a,b`);
  const [a, b] = [await lab.post('/control/add/a'), await lab.post('/control/add/b')];
  const start = Date.now();
  await late.until('b', b);
  console.log(`replaced after ${Date.now() - start} ms`);
  await all([tabs[1], tabs[2], late], 'a', a);
  await hanging;
  await all([...tabs, late], 'a', await lab.post('/control/add/a'));
  await untilOneStream(proxy);
}, LONG);

check('the server is killed and starts from scratch: every tab takes its new values, on one stream', async (bench) => {
  const lab = await bench.server();
  const proxy = await bench.proxy(lab);
  const tabs = await openTabs(bench, proxy);
  tabs.forEach((tab) => tab.allowLostConnections());
  await all(tabs, 'a', await lab.post('/control/add/a/20'));
  await untilOneStream(proxy);

  await lab.kill();
  await all(tabs, 'status', /^reconnecting/);
  await lab.start();
  await all(tabs, 'a', await lab.post('/control/add/a'), 20_000);
  await all(tabs, 'status', 'open');
  await untilOneStream(proxy);
  await all(tabs, 'a', await lab.post('/control/add/a'));
}, LONG);

check('the stream is cut: every tab goes on where it was', async (bench) => {
  const lab = await bench.server();
  const proxy = await bench.proxy(lab);
  const tabs = await openTabs(bench, proxy);
  tabs.forEach((tab) => tab.allowLostConnections());
  await lab.post('/control/busy/notes');
  await all(tabs, 'told', /\/\d+ /);
  for (let cut = 0; cut < 2; cut += 1) {
    proxy.cut();
    await all(tabs, 'a', await lab.post('/control/add/a'), 20_000);
  }
  const last = Number((await lab.post('/control/rest/notes')).split('/').at(-1));
  await all(tabs, 'told', new RegExp(`/${last} $`), 20_000);
  await assertEachNote(tabs, last);
  await untilOneStream(proxy);
}, LONG);

check('the tab that leads is left and come back to: it joins the others', async (bench) => {
  const lab = await bench.server();
  const proxy = await bench.proxy(lab);
  const tabs = await openTabs(bench, proxy, 4);
  await untilOneStream(proxy);
  const [leader, ...others] = tabs;
  await leader.page.evaluate(() => addEventListener('pageshow', (event) => (window.restored = event.persisted)));
  await leader.page.goto(`${proxy.url}/missing`, { waitUntil: 'domcontentloaded' });
  leader.allow(/provide_sse/);
  await all(others, 'a', await lab.post('/control/add/a'));
  await leader.page.goBack({ waitUntil: 'commit' });
  await eventually(async () => assert.equal(await leader.page.evaluate(() => window.restored), true));
  await all(tabs, 'a', await lab.post('/control/add/a'));
  await all(tabs, 'status', 'open');
  await untilOneStream(proxy);
}, LONG);

check('keys come and go in one tab: the others hear nothing of it, and the stream has those of all', async (bench) => {
  const lab = await bench.server();
  const proxy = await bench.proxy(lab);
  const tabs = await openTabs(bench, proxy, 4);
  await untilOneStream(proxy);
  await tabs[2].fill('names', 'a,b,c');
  const [b, c] = [await lab.post('/control/add/b'), await lab.post('/control/add/c')];
  await tabs[2].until('b', b);
  await tabs[2].until('c', c);
  await eventually(() => assert.deepEqual(keysOf(proxy), ['a', 'b', 'c', 'notes']));
  assert.equal(await tabs[1].text('b'), null);
  await tabs[1].fill('names', 'a,b');
  await tabs[1].until('b', b);

  await tabs[2].fill('names', 'a');
  await eventually(() => assert.deepEqual(keysOf(proxy), ['a', 'b', 'notes']));
  await tabs[1].page.close();
  await eventually(() => assert.deepEqual(keysOf(proxy), ['a', 'notes']));
  const left = [tabs[0], tabs[2], tabs[3]];
  await all(left, 'a', await lab.post('/control/add/a'));
  await untilOneStream(proxy);
  for (const tab of left) assertStatuses(await tab.seen('status'), ['connecting', 'open']);
}, LONG);

check('a refusal comes to the tab that asked, and a bye to all', async (bench) => {
  const lab = await bench.server();
  const proxy = await bench.proxy(lab);
  const tabs = await openTabs(bench, proxy, 3);
  await tabs[1].fill('names', 'a,secret');
  tabs[1].allow(/^leptos_sse: the server refuses `secret`/);
  await eventually(() => assert.ok(tabs[1].console.some(({ text }) => /refuses `secret`/.test(text))));
  await all(tabs, 'a', await lab.post('/control/add/a'));
  await sleep(500); // That nothing comes can only be waited for.
  for (const tab of [tabs[0], tabs[2]]) assert.deepEqual(tab.console.filter(({ text }) => /secret/.test(text)), []);
  for (const tab of tabs) tab.allow(/said bye/), tab.allowLostConnections();
  await lab.interrupt();
  await all(tabs, 'status', /^reconnecting/);
  await lab.start();
  await all(tabs, 'a', await lab.post('/control/add/a'), 20_000);
}, LONG);

async function crash(tab) {
  const session = await tab.page.context().newCDPSession(tab.page);
  const crashed = tab.page.waitForEvent('crash');
  session.send('Page.crash').catch(() => {});
  await crashed;
}

async function freeze(tab) {
  const session = await tab.page.context().newCDPSession(tab.page);
  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
}
