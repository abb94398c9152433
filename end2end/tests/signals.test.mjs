// Signals that come and go on a page, and many and large and odd ones.

import assert from 'node:assert/strict';
import { check, eventually } from '../support/browser.mjs';

check('an update that comes before its signal exists is the value that the signal starts with', async (bench) => {
  const proxy = await bench.proxy(await bench.server());
  const tab = await bench.open(`${proxy.url}/late`);
  await tab.untilTick((tick) => tick.value > 3);
  await tab.click('make');
  await tab.until('late', '1 2');
  assert.deepEqual(await tab.seen('late'), ['1 2'], 'it was never the default');
  assert.equal(proxy.opened, 1);
});

check('a signal unmounted and mounted again has the value that came meanwhile', async (bench) => {
  const lab = await bench.server();
  const proxy = await bench.proxy(lab);
  const tab = await bench.open(`${proxy.url}/toggle`);
  await tab.untilTick((tick) => tick.value > 0);
  await tab.click('toggle-round');
  await eventually(async () => assert.equal(await tab.text('round'), null));
  const before = await tab.seen('round');

  const round = await lab.post('/control/round');
  await eventually(() => assert.match([...proxy.streams][0].text, /"name":"lab::values::Round","from":1/));
  await tab.click('toggle-round');
  await tab.until('round', round);
  assert.deepEqual(await tab.seen('round'), [...before, round], 'it came back with the new value at once');

  await lab.post('/control/round');
  await tab.until('round', '2');
  assert.equal(proxy.opened, 1, 'on one connection all the time');
});

check('the last signal goes: the connection closes a second later, and comes back with the next signal', async (bench) => {
  const lab = await bench.server();
  const proxy = await bench.proxy(lab);
  const tab = await bench.open(`${proxy.url}/toggle`);
  await tab.untilTick((tick) => tick.value > 0);

  await tab.click('toggle-round');
  const alone = Date.now();
  await tab.click('toggle-tick');
  await eventually(() => assert.equal(proxy.streams.size, 0));
  const lingered = Date.now() - alone;
  assert.ok(lingered > 700 && lingered < 2_500, `it closed after ${lingered} ms`);
  await eventually(async () => assert.equal(await lab.get('/control/streams'), '0'));
  await tab.until('status', /^closed: .*uses it/);

  const round = await lab.post('/control/round');
  await tab.click('toggle-tick');
  await tab.click('toggle-round');
  await tab.until('round', round);
  await tab.untilTick((tick) => tick.connection === 2 && tick.value > 1);
  assert.equal(await tab.text('status'), 'open');
  assert.equal(proxy.opened, 2);
  assert.equal(proxy.streams.size, 1);
});

check('the last signal goes and comes back within the second: the connection stays', async (bench) => {
  const proxy = await bench.proxy(await bench.server());
  const tab = await bench.open(`${proxy.url}/toggle`);
  const before = await tab.untilTick((tick) => tick.value > 0);
  for (const id of ['toggle-round', 'toggle-tick', 'toggle-tick', 'toggle-round']) await tab.click(id);
  // Past the time at which it would have closed.
  await tab.untilTick((tick) => tick.value > before.value + 15);
  assert.equal(proxy.opened, 1);
});

check('a signal made inside another one\'s effect, view and immediate effect follows the server', async (bench) => {
  const lab = await bench.server();
  const proxy = await bench.proxy(lab);
  const tab = await bench.open(`${proxy.url}/nested`);
  await tab.untilTick((tick) => tick.value > 3);
  for (const round of ['1', '2']) {
    await lab.post('/control/round');
    await tab.until('in-effect', round);
    await tab.until('in-view', round);
    await tab.until('at-once', round);
  }
  const before = await tab.tick();
  await tab.untilTick((tick) => tick.value > before.value + 5);
  // Each tick made the signals anew; none of them ever started from the default again.
  for (const id of ['in-effect', 'in-view', 'at-once']) assert.deepEqual(await tab.seen(id), ['0', '1', '2'], id);
  assert.equal(proxy.opened, 1);
});

check('the same key asked for twice is one signal on one connection', async (bench) => {
  const proxy = await bench.proxy(await bench.server());
  const tab = await bench.open(`${proxy.url}/twice`);
  await tab.untilTick((tick) => tick.value > 5);
  await eventually(async () => assert.deepEqual(await tab.seen('again'), await tab.seen('tick')));
  assert.equal(proxy.opened, 1);
});

check('components that each provide the same URL share one connection, which outlives one of them', async (bench) => {
  const proxy = await bench.proxy(await bench.server());
  const tab = await bench.open(`${proxy.url}/siblings`);
  await tab.untilTick((tick) => tick.value > 2, undefined, 'one');
  await eventually(async () => assert.deepEqual(await tab.seen('one'), await tab.seen('two')));
  for (const there of [false, true]) {
    await tab.click('toggle-one');
    await eventually(async () => assert.equal((await tab.text('one')) !== null, there));
    const before = await tab.tick('two');
    // Longer than a connection lives on without users.
    await tab.untilTick((tick) => tick.value > before.value + 12, undefined, 'two');
  }
  await eventually(async () => assert.deepEqual(await tab.tick('one'), await tab.tick('two')));
  assert.equal(proxy.opened, 1);
});

check('a producer learns through its channel that the browser left', async (bench) => {
  const lab = await bench.server();
  const tab = await bench.open(`${lab.url}/channel`);
  await tab.until('channel', '5 6');
  assert.equal(await lab.get('/control/streams'), '1');
  await tab.page.close();
  await eventually(async () => assert.equal(await lab.get('/control/streams'), '0'));
});

check('the same key with another type is refused with one clear error, and the first is unharmed', async (bench) => {
  const proxy = await bench.proxy(await bench.server());
  const tab = await bench.open(`${proxy.url}/conflict`);
  await tab.until('late', '1 2');
  await tab.click('make');
  const [error, ...more] = await tab.expectError(/^leptos_sse: .*`late`.*Pair.*Label/);
  assert.deepEqual(more, [], 'one error');
  assert.match(error, /lab::values::Pair.*lab::values::Label/);
  assert.equal(await tab.text('label'), 'label:', 'the second is its default');
  assert.equal(await tab.text('late'), '1 2');
  const before = await tab.tick();
  await tab.untilTick((tick) => tick.value > before.value + 2);
  assert.equal(proxy.opened, 1);
});

check('two streams merged into one connection keep both signals', async (bench) => {
  const lab = await bench.server();
  const proxy = await bench.proxy(lab);
  const tab = await bench.open(`${proxy.url}/toggle`);
  await tab.untilTick((tick) => tick.value > 2);
  await lab.post('/control/round');
  await tab.until('round', '1');
  const before = await tab.tick();
  await tab.untilTick((tick) => tick.value > before.value);
  assert.equal(proxy.opened, 1);
});

check('without a provider: the default value, and one error that names the missing call', async (bench) => {
  const lab = await bench.server();
  const tab = await bench.open(`${lab.url}/missing`);
  const errors = await tab.expectError(/provide_sse/);
  await tab.until('hydrated', 'yes');
  assert.equal(errors.length, 1);
  assert.match(errors[0], /^leptos_sse: `use_sse` .*provide_sse/);
  assert.equal(await tab.text('missing'), '0 0');
  assert.match(lab.log, /ERROR .*provide_sse/, 'the server says it too');
});

check('a listener of one\'s own on the raw EventSource hears its events, after a reconnect too', async (bench) => {
  const wire = await bench.wire();
  const tab = await bench.open(`${wire.url}/raw`);
  tab.allowLostConnections();
  const first = await wire.next();
  first.hello('a');
  first.snapshot('a', 1, { left: 1, right: 1 });
  first.event('note', 'one');
  await tab.until('notes', '[one]');
  first.cut();
  const second = await wire.next();
  second.hello('a', { epoch: 'e2' });
  second.event('note', 'two');
  await tab.until('notes', '[one][two]');
  // A `bye` makes the client open another `EventSource`.
  tab.allow(/said bye/);
  second.event('bye', {});
  const third = await wire.next();
  third.event('note', 'three');
  third.hello('a', { epoch: 'e3' });
  third.snapshot('a', 1, { left: 3, right: 3 });
  await tab.until('a', '3 3');
  await tab.until('notes', '[one][two][three]');
});

check('a provided value stands in the HTML and in the page, with no flash of the default', async (bench) => {
  const lab = await bench.server();
  const html = await lab.get('/seeded');
  assert.match(html, /data-testid="by-type"[^>]*>42</);
  assert.match(html, /data-testid="by-name"[^>]*>7</);

  const tab = await bench.open(`${lab.url}/seeded`);
  await tab.until('hydrated', 'yes');
  await tab.until('status', 'open');
  await lab.post('/control/round');
  await tab.until('by-type', '101');
  await tab.until('by-name', '201');
  assert.deepEqual(await tab.seen('by-type'), ['42', '101']);
  assert.deepEqual(await tab.seen('by-name'), ['7', '201']);
});

check('500 signals on one page and one connection are all right after each change', async (bench) => {
  const lab = await bench.server();
  const proxy = await bench.proxy(lab);
  const tab = await bench.open(`${proxy.url}/many`);
  const allShow = (round) => {
    const wanted = Array.from({ length: 500 }, (_, index) => String(round * 1000 + index));
    return eventually(async () => {
      const shown = await tab.page.$$eval('.many', (elements) => elements.map((element) => element.textContent));
      assert.deepEqual(shown, wanted);
    }, 20_000);
  };
  await allShow(0);
  const times = [];
  for (const round of [1, 2, 3]) {
    const changed = Date.now();
    await lab.post('/control/round');
    await allShow(round);
    times.push(Date.now() - changed);
  }
  console.log(`500 signals: changed on the server and shown after ${times.join(', ')} ms`);
  assert.equal(proxy.opened, 1);
});

check('a value of 1 MiB comes whole, then by a small patch, then as a large one', async (bench) => {
  const lab = await bench.server();
  const proxy = await bench.proxy(lab);
  const tab = await bench.open(`${proxy.url}/big`);
  await tab.until('big', '0 1048576 x');
  const [stream] = proxy.streams;
  const whole = stream.text.length;
  assert.ok(whole > 1 << 20);
  await lab.post('/control/round');
  await tab.until('big', '1 1048576 x');
  assert.ok(stream.text.length - whole < 500, 'the change of a number is a small patch');
  await lab.post('/control/round');
  await tab.until('big', '2 1048576 y');
  assert.equal(proxy.opened, 1);
});

check('a value whose serialisation fails is skipped and logged; the next one and the other signal go on', async (bench) => {
  const lab = await bench.server();
  const proxy = await bench.proxy(lab);
  const tab = await bench.open(`${proxy.url}/fussy`);
  const before = await tab.untilTick((tick) => tick.value > 0);
  await lab.post('/control/round');
  await eventually(() => assert.match(lab.log, /ERROR .*lab::values::Fussy.*an odd number/));
  await tab.untilTick((tick) => tick.value > before.value + 3);
  assert.equal(await tab.text('fussy'), '0');
  await lab.post('/control/round');
  await tab.until('fussy', '2');
  assert.equal(proxy.opened, 1);
});

check('healthy pages say nothing on the console: no error, no warning of hydration, nothing at all', async (bench) => {
  const lab = await bench.server();
  for (const scene of ['tick', 'round', 'late', 'toggle', 'nested', 'twice', 'conflict', 'big', 'fussy', 'many', 'beat', 'seeded']) {
    const tab = await bench.open(`${lab.url}/${scene}`);
    await tab.until('hydrated', 'yes');
    await eventually(async () => assert.notEqual(await lab.get('/control/streams'), '0'));
    assert.deepEqual(tab.console, [], scene);
    await tab.page.close();
    await eventually(async () => assert.equal(await lab.get('/control/streams'), '0'));
  }
});
