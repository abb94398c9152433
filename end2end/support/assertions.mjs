// What must hold of all that a page has ever shown.

import assert from 'node:assert/strict';

/** Ticks are whole, and count up within one connection or life; these and runs follow each other. */
export function assertNoMixture(ticks) {
  const shown = ticks.filter((tick, index) => index > 0 || tick.run !== 0);
  for (const [index, tick] of shown.entries()) {
    const before = shown[index - 1];
    assert.equal(tick.double, tick.value * 2, `a mixture: ${JSON.stringify(tick)}`);
    assert.notEqual(tick.run, 0, 'a fall back to the default');
    if (before?.run === tick.run && before.connection === tick.connection) {
      assert.ok(tick.value > before.value, `backwards: ${JSON.stringify([before, tick])}`);
    } else if (before?.run === tick.run) {
      assert.ok(tick.connection > before.connection, `backwards: ${JSON.stringify([before, tick])}`);
    } else if (before) {
      assert.ok(!shown.slice(0, index).some(({ run }) => run === tick.run), `an old run again: ${JSON.stringify(tick)}`);
    }
  }
}

/** The statuses that a badge has shown, without their details. */
export function assertStatuses(seen, wanted) {
  const words = seen.map((text) => text.split(/[ :]/)[0]);
  assert.deepEqual(words.filter((word, index) => word !== words[index - 1]), wanted);
}
