// What happens to the connection, and that the page gets over it.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertNoMixture, assertStatuses } from '../support/assertions.mjs';
import { check, eventually } from '../support/browser.mjs';

check('a browser reconnects by itself: the badge says so, and the page takes the new stream as a whole', async (bench) => {
  const proxy = await bench.proxy(await bench.server());
  const tab = await bench.open(`${proxy.url}/tick`);
  tab.allowLostConnections();
  await tab.untilTick((tick) => tick.value > 5);

  proxy.cut();
  await tab.until('status', /^reconnecting 1 Some/);
  await tab.until('status', 'open');
  await tab.untilTick((tick) => tick.connection === 2 && tick.value > 3);

  assert.equal(proxy.opened, 2);
  assertNoMixture(await tab.seenTicks());
  assertStatuses(await tab.seen('status'), ['connecting', 'open', 'reconnecting', 'open']);
});

check('the server is killed and starts from scratch: the page shows its new count and nothing between', async (bench) => {
  const lab = await bench.server();
  const tab = await bench.open(`${lab.url}/tick`);
  tab.allowLostConnections();
  const before = await tab.untilTick((tick) => tick.value > 10);

  await lab.kill();
  // The browser's own attempt has failed by then, and the client's attempts are under way.
  await tab.until('status', /^reconnecting [2-9]/);
  const held = await tab.tick();
  assert.equal(held.run, before.run, 'the last good value stays');
  await lab.start();

  const after = await tab.untilTick((tick) => tick.run !== before.run, 20_000);
  assert.ok(after.value < 10, `a count from scratch, not ${after.value}`);
  await tab.untilTick((tick) => tick.value > after.value + 3);
  assert.equal(await tab.text('status'), 'open');
  assertNoMixture(await tab.seenTicks());
});

check('a stream that ends is followed by a new one', async (bench) => {
  const proxy = await bench.proxy(await bench.server());
  const tab = await bench.open(`${proxy.url}/ends`);
  tab.allowLostConnections();
  await tab.untilTick((tick) => tick.connection === 2 && tick.value > 1);
  assertNoMixture(await tab.seenTicks());
});

check('a stream that fails says bye, the server logs why, and the page comes back', async (bench) => {
  const lab = await bench.server();
  const proxy = await bench.proxy(lab);
  const tab = await bench.open(`${proxy.url}/errors`);
  tab.allowLostConnections();
  tab.allow(/^leptos_sse: `\/sse\/errors` said bye/);
  const first = await eventually(() => [...proxy.streams][0] ?? assert.fail('no stream yet'));
  await tab.untilTick((tick) => tick.connection === 2 && tick.value > 1);
  assert.match(first.text, /event: bye\ndata: \{"name":"lab::values::Tick"/);
  assert.match(lab.log, /ERROR .*the sensor fell off/);
  assertNoMixture(await tab.seenTicks());
});

check('a stream that breaks off in the middle of an event does no harm', async (bench) => {
  const proxy = await bench.proxy(await bench.server());
  proxy.truncateNext(250);
  const tab = await bench.open(`${proxy.url}/tick`);
  tab.allowLostConnections();
  await eventually(() => assert.equal(proxy.opened, 1));
  proxy.truncateNext(900);
  await tab.untilTick((tick) => tick.connection === 3 && tick.value > 3, 20_000);
  assertNoMixture(await tab.seenTicks());
});

check('a slow network delays the values and nothing else', async (bench) => {
  const proxy = await bench.proxy(await bench.server());
  proxy.delay = 500;
  const tab = await bench.open(`${proxy.url}/tick`);
  await tab.untilTick((tick) => tick.value > 10);
  assert.equal(proxy.opened, 1);
  assertNoMixture(await tab.seenTicks());
  assertStatuses(await tab.seen('status'), ['connecting', 'open']);
});

check('heartbeats keep a quiet connection, and their silence is noticed', async (bench) => {
  const proxy = await bench.proxy(await bench.server());
  const tab = await bench.open(`${proxy.url}/beat`);
  tab.allowLostConnections();
  await tab.until('beat', '3 4');
  const [stream] = proxy.streams;
  await eventually(() => assert.ok(stream.text.split('event: hb').length > 8));
  assert.equal(proxy.opened, 1, 'nothing but heartbeats for eight of them, and no reconnect');

  proxy.hold();
  const silent = Date.now();
  await tab.untilSeen('status', /^reconnecting/, 3_000);
  const noticed = Date.now() - silent;
  assert.ok(noticed < 2_000, `two and a half heartbeats of 300 ms were noticed after ${noticed} ms`);
  await tab.until('status', 'open');
  assert.equal(proxy.opened, 2);
  assert.equal(proxy.streams.size, 1, 'the silent connection is closed');
});

check('a connection that is open and never says hello is given up after 30 s', async (bench) => {
  const wire = await bench.wire();
  const tab = await bench.open('about:blank');
  tab.allowLostConnections();
  await tab.page.clock.install();
  await tab.goto(`${wire.url}/wire`);
  await wire.next();
  await tab.until('status', 'open');
  await tab.page.clock.fastForward(35_000);
  await tab.untilSeen('status', /^reconnecting/, 3_000);
  await tab.page.clock.fastForward(5_000);
  const second = await wire.next();
  second.hello('a');
  second.snapshot('a', 1, { left: 1, right: 2 });
  await tab.until('a', '1 2');
});

check('bye: the page comes back after a wait', async (bench) => {
  const wire = await bench.wire();
  const tab = await bench.open(`${wire.url}/wire`);
  tab.allowLostConnections();
  tab.allow(/^leptos_sse: `\/sse\/wire` said bye \(a new version\)/);
  const first = await wire.next();
  first.hello('a');
  first.snapshot('a', 1, { left: 1, right: 1 });
  await tab.until('a', '1 1');
  first.event('bye', { reason: 'a new version' });
  const second = await wire.next();
  second.hello('a', { epoch: 'e2' });
  second.snapshot('a', 1, { left: 2, right: 2 });
  await tab.until('a', '2 2');
  assertStatuses(await tab.seen('status'), ['connecting', 'open', 'reconnecting', 'open']);
});

check('204 closes the connection for good', async (bench) => {
  const wire = await bench.wire();
  wire.status = 204;
  const tab = await bench.open(`${wire.url}/wire`);
  tab.allowLostConnections();
  await tab.until('status', /^closed: .*204/);
  const asked = wire.asked;
  await sleep(1_500); // That nothing comes can only be waited for.
  assert.equal(wire.asked, asked, 'it is not asked again');
});

for (const status of [401, 503]) {
  check(`${status} and later a stream: the page heals`, async (bench) => {
    const wire = await bench.wire();
    wire.status = status;
    const tab = await bench.open(`${wire.url}/wire`);
    tab.allowLostConnections();
    await eventually(() => assert.ok(wire.asked > 1, 'it is asked again'));
    await tab.until('status', new RegExp(`^refused ${status}`), 20_000);
    const told = `leptos_sse: \`/sse/wire\` answered ${status}, and no stream of events`;
    tab.allow(new RegExp(told));
    await eventually(() => assert.ok(tab.console.some(({ text }) => text === told), 'an EventSource does not tell why'));
    wire.status = null;
    // The client's plain request comes first, and after it the page's EventSource.
    await wire.next();
    const stream = await wire.next();
    stream.hello('a');
    stream.snapshot('a', 1, { left: 4, right: 5 });
    await tab.until('a', '4 5');
    assert.equal(await tab.text('status'), 'open');
    await eventually(() => assert.equal(wire.streams.size, 1, 'the plain request is over'));
  });
}

check('off line and on line again: the page comes back at once', async (bench) => {
  const proxy = await bench.proxy(await bench.server());
  const tab = await bench.open(`${proxy.url}/tick`);
  tab.allowLostConnections();
  await tab.untilTick((tick) => tick.value > 3);
  const context = tab.page.context();

  await context.setOffline(true);
  proxy.cut();
  await tab.until('status', /^reconnecting [3-9]/, 20_000);
  await context.setOffline(false);
  const online = Date.now();
  await tab.until('status', 'open');
  assert.ok(Date.now() - online < 900, `open ${Date.now() - online} ms after the page was on line`);
  await tab.untilTick((tick) => tick.connection === 2 && tick.value > 1);
  assertNoMixture(await tab.seenTicks());
});

check('left and come back to, out of the cache of pages: the connection rests meanwhile', async (bench) => {
  const lab = await bench.server();
  const proxy = await bench.proxy(lab);
  const tab = await bench.open(`${proxy.url}/tick`);
  await tab.untilTick((tick) => tick.value > 3);
  await tab.page.evaluate(() => addEventListener('pageshow', (event) => (window.restored = event.persisted)));

  // A page of its own, not a change of route.
  await tab.page.goto(`${proxy.url}/missing`, { waitUntil: 'domcontentloaded' });
  tab.allow(/provide_sse/);
  await eventually(() => assert.equal(proxy.streams.size, 0));
  await eventually(async () => assert.equal(await lab.get('/control/streams'), '0'));

  await tab.page.goBack({ waitUntil: 'commit' });
  await eventually(async () => assert.equal(await tab.page.evaluate(() => window.restored), true));
  await tab.untilTick((tick) => tick.connection === 2 && tick.value > 3);
  assert.equal(await tab.text('status'), 'open');
  assert.equal(proxy.streams.size, 1);
  assertNoMixture(await tab.seenTicks());
});

check('a change of route closes the connection that nothing uses, and opens it again', async (bench) => {
  const proxy = await bench.proxy(await bench.server());
  const tab = await bench.open(`${proxy.url}/`);
  await tab.until('hydrated', 'yes');
  for (const connection of [1, 2]) {
    await tab.page.click('a[href="/tick"]');
    await tab.untilTick((tick) => tick.connection === connection && tick.value > 2);
    assert.equal(proxy.streams.size, 1);
    await tab.page.goBack();
    await eventually(() => assert.equal(proxy.streams.size, 0));
  }
  assert.deepEqual(await tab.seen('hydrated'), ['no', 'yes'], 'it was one document all the time');
});

check('two tabs each follow the server, and one goes on when the other is closed', async (bench) => {
  const lab = await bench.server();
  const proxy = await bench.proxy(lab);
  const one = await bench.open(`${proxy.url}/round`);
  const two = await bench.openIn(one.page.context(), `${proxy.url}/round`);
  await Promise.all([one.until('status', 'open'), two.until('status', 'open')]);
  await lab.post('/control/round');
  await Promise.all([one.until('round', '1'), two.until('round', '1')]);

  await one.page.close();
  await eventually(() => assert.equal(proxy.streams.size, 1));
  await lab.post('/control/round');
  await two.until('round', '2');
});
