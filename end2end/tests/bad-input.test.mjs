// Bad input over the wire: it never panics, it never stops the other signals, and it leaves a message that says which
// signal, what was wrong, and what was done about it.

import assert from 'node:assert/strict';
import { check, eventually } from '../support/browser.mjs';
import { replace } from '../support/wire.mjs';

/** A page that follows `a` and `b`, both at their first value. */
async function follow(bench) {
  const wire = await bench.wire();
  const tab = await bench.open(`${wire.url}/wire`);
  const stream = await wire.next();
  await begin(tab, stream, 'e1', 1);
  return { wire, tab, stream };
}

async function begin(tab, stream, epoch, number) {
  for (const name of ['a', 'b']) {
    stream.hello(name, { epoch });
    stream.snapshot(name, 1, { left: number, right: number });
  }
  await tab.until('a', `${number} ${number}`);
  await tab.until('b', `${number} ${number}`);
}

/** What must go on after bad input that costs nothing: `b`, and `a` from where it was, on the same connection. */
async function assertBothGoOn(wire, tab, stream) {
  stream.patch('b', 1, 2, replace('/left', 2));
  stream.patch('a', 1, 2, replace('/right', 2));
  await tab.until('b', '2 1');
  await tab.until('a', '1 2');
  assert.equal(await tab.text('status'), 'open');
  assert.equal(wire.opened, 1, 'on the same connection');
}

/** What must happen after bad input that put `a` out of step: it and `b` stay as they are until a new stream heals them. */
async function assertHealed(wire, tab, message) {
  tab.allowLostConnections();
  const [error] = await tab.expectError(message);
  assert.match(error, /^leptos_sse: signal `a`: .*keeps its last good value until a new connection brings a snapshot$/);
  assert.equal(await tab.text('a'), '1 1', 'the last good value stays');
  const next = await wire.next();
  assert.notEqual(await tab.text('b'), '0 0');
  await begin(tab, next, 'e2', 7);
  next.patch('b', 1, 2, replace('/left', 8));
  await tab.until('b', '8 7');
  assert.equal(await tab.text('status'), 'open');
  assert.equal(tab.errorsMatching(message).length, 1, 'one message');
}

for (const [what, operations] of [
  ['that replaces what is not there', [replace('/nowhere', 1)]],
  ['that fails half way', [replace('/left', 5), { op: 'test', path: '/right', value: 99 }]],
]) {
  check(`a patch ${what}: the signal keeps its value, says so, and a new connection heals it`, async (bench) => {
    const { wire, tab, stream } = await follow(bench);
    stream.patch('b', 1, 2, replace('/left', 2));
    await tab.until('b', '2 1');
    stream.patch('a', 1, 2, ...operations);
    await assertHealed(wire, tab, /signal `a`/);
    assert.deepEqual(await tab.seen('a'), ['0 0', '1 1', '7 7'], 'all of a patch or nothing');
  });
}

check('an update that is missing is noticed by the next one, and healed', async (bench) => {
  const { wire, tab, stream } = await follow(bench);
  stream.patch('a', 2, 3, replace('/left', 3));
  await assertHealed(wire, tab, /signal `a`/);
});

check('an update that is missing is noticed by a heartbeat, and healed', async (bench) => {
  const { wire, tab, stream } = await follow(bench);
  const own = await startOver(wire, tab, stream);
  own.event('hb', 'ea.2');
  await assertHealed(wire, tab, /signal `a`/);
});

/** Streams that are merged have an epoch each; a heartbeat speaks for one of them. */
async function startOver(wire, tab, stream) {
  tab.allowLostConnections();
  stream.cut();
  const next = await wire.next();
  next.hello('a', { epoch: 'ea' });
  next.hello('b', { epoch: 'eb' });
  next.snapshot('a', 1, { left: 1, right: 1 });
  next.snapshot('b', 5, { left: 5, right: 5 });
  await tab.until('b', '5 5');
  next.event('hb', 'eb.5');
  next.event('hb', 'ea.1');
  next.patch('b', 5, 6, replace('/left', 6));
  await tab.until('b', '6 5');
  assert.equal(await tab.text('status'), 'open');
  return next;
}

check('a repeated update is dropped in silence', async (bench) => {
  const { wire, tab, stream } = await follow(bench);
  stream.patch('a', 1, 2, replace('/left', 2));
  stream.patch('a', 1, 2, replace('/left', 9));
  stream.patch('a', 2, 3, replace('/right', 3));
  await tab.until('a', '2 3');
  assert.ok(!(await tab.seen('a')).some((text) => text.startsWith('9')), 'it was not applied');
  assert.equal(wire.opened, 1);
});

check('a document that no longer deserialises leaves the last good value, and the next whole one is taken', async (bench) => {
  const { wire, tab, stream } = await follow(bench);
  stream.patch('a', 1, 2, replace('/left', 'four'));
  const [error, ...more] = await tab.expectError(/^leptos_sse: signal `a`: .*four.*last good value/);
  assert.match(error, /lab::values::Pair/);
  assert.deepEqual(more, []);
  assert.equal(await tab.text('a'), '1 1');
  stream.patch('b', 1, 2, replace('/left', 2));
  await tab.until('b', '2 1');
  stream.patch('a', 2, 3, replace('/left', 4));
  await tab.until('a', '4 1');
  assert.equal(wire.opened, 1, 'on the same connection');
});

for (const [what, text, message] of [
  ['bytes that are no JSON', 'data: <html>\n\n', /^leptos_sse: .*<html>.*ignored/],
  ['bytes that are no UTF-8', Buffer.from([...Buffer.from('data: {"name":"a'), 0xff, 0xfe, 0x80, 10, 10]), /^leptos_sse: .*"name":"a.*ignored/],
  ['half of an update', 'data: {"name":"a","from":1,"to":2,"patch":[{"op":"rep\n\n', /^leptos_sse: .*"name":"a".*ignored/],
  ['JSON that is no update', 'data: {"name":"a","left":3}\n\n', /^leptos_sse: .*"name":"a".*ignored/],
  ['an operation that JSON Patch does not know', 'data: {"name":"a","from":1,"to":2,"patch":[{"op":"explode","path":""}]}\n\n', /^leptos_sse: .*explode.*"name":"a".*ignored/],
  ['a list ten thousand deep', `data: {"name":"a","from":1,"to":2,"patch":${'['.repeat(10_000)}${']'.repeat(10_000)}}\n\n`, /^leptos_sse: .*"name":"a".*ignored/],
  ['a key that is none', 'data: {"name":"","to":2,"patch":[{"op":"replace","path":"","value":1}]}\n\n', /^leptos_sse: .*key.*ignored/],
  ['a seq that is none', 'data: {"name":"a","from":1,"to":-2,"patch":[]}\n\n', /^leptos_sse: .*"name":"a".*ignored/],
  ['a hello without sense', 'event: hello\ndata: 5\n\n', /^leptos_sse: .*hello.*ignored/],
  ['a heartbeat without sense', 'event: hb\ndata: boom\n\n', /^leptos_sse: .*boom.*ignored/],
]) {
  check(`${what}: told once, ignored, and both signals go on`, async (bench) => {
    const { wire, tab, stream } = await follow(bench);
    stream.write(text);
    const errors = await tab.expectError(message);
    assert.equal(errors.length, 1);
    assert.ok(errors[0].length < 600, `a short message, not ${errors[0].length} characters`);
    await assertBothGoOn(wire, tab, stream);
  });
}

for (const [what, text] of [
  ['an unknown event', 'event: weather\ndata: {"sun":true}\n\n'],
  ['a comment, an id, an event without data and line ends of three kinds', ': comment\r\nid: 7\n\nevent: x\r\r'],
  ['an update for a signal that nobody follows', 'data: {"name":"c","to":1,"patch":[{"op":"replace","path":"","value":1}]}\n\n'],
]) {
  check(`${what}: no word about it, and both signals go on`, async (bench) => {
    const { wire, tab, stream } = await follow(bench);
    stream.write(text);
    await assertBothGoOn(wire, tab, stream);
  });
}

check('a signal whose malformed update was ignored is healed by the next one', async (bench) => {
  const { wire, tab, stream } = await follow(bench);
  stream.message({ name: 'a', from: 1, to: 2, patch: [{ op: 'explode', path: '' }] });
  await tab.expectError(/explode.*ignored/);
  stream.patch('a', 2, 3, replace('/left', 3));
  await assertHealed(wire, tab, /signal `a`/);
});

check('two streams with one key on one connection are told, and the page does not panic', async (bench) => {
  const { tab, stream } = await follow(bench);
  stream.hello('a', { epoch: 'e9' });
  await tab.expectError(/^leptos_sse: `a`.*two streams/);
  stream.patch('b', 1, 2, replace('/left', 2));
  await tab.until('b', '2 1');
});

check('silence of two and a half heartbeats of 200 ms makes the page reconnect', async (bench) => {
  const wire = await bench.wire();
  const tab = await bench.open(`${wire.url}/wire`);
  tab.allowLostConnections();
  const first = await wire.next();
  first.hello('a', { heartbeat: 200 });
  first.snapshot('a', 1, { left: 1, right: 1 });
  await tab.until('a', '1 1');
  // Half a second of silence, and a wait of at most one.
  const second = await wire.next(3_000);
  await eventually(() => assert.deepEqual([...wire.streams], [second], 'the silent connection is closed'));
  second.hello('a', { epoch: 'e2' });
  second.snapshot('a', 1, { left: 2, right: 2 });
  await tab.until('a', '2 2');
});

check('an old server\'s 0.4 update without seqs is told and ignored', async (bench) => {
  const { wire, tab, stream } = await follow(bench);
  stream.message({ name: 'a', patch: [replace('/left', 9)] });
  await tab.expectError(/^leptos_sse: .*missing field `to`.*ignored/);
  await assertBothGoOn(wire, tab, stream);
});
