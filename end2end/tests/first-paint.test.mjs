// The first paint: the HTML has the hub's values, the page starts with them, and the stream brings what came since.

import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertStatuses } from '../support/assertions.mjs';
import { check, eventually } from '../support/browser.mjs';

const MODES = ['out-of-order', 'in-order', 'async', 'partially-blocked'];
/** The counters of the scene, in the order in which its server-rendered page has them. */
const KEYS = ['a', 'b', 'slow', 'fast', 'blocking', 'shown', 'x', 'y', 'last'];
const NOTHING = '0 0 0 0';

for (const mode of MODES) {
  check(`${mode}: the source has the values, no other text is ever shown, and the stream brings no value again`, async (bench) => {
    const lab = await bench.server();
    const values = await make(lab, KEYS);
    const proxy = await bench.proxy(lab);
    const source = await (await fetch(`${proxy.url}/paint/${mode}`)).text();
    for (const key of KEYS) assert.ok(source.includes(values[key]), `the source has no ${key}: ${values[key]}`);
    for (const key of KEYS) assert.equal(source.split(`\\"key\\":\\"${key}\\"`).length, 2, `${key} is carried once`);

    const tab = await paint(bench, `${proxy.url}/paint/${mode}`);
    await tab.until('hydrated', 'yes');
    await tab.until('status', 'open');
    const stream = await quiet(proxy);
    for (const key of KEYS) {
      assert.deepEqual(await tab.seen(key), [values[key]], key);
      assert.deepEqual(stream.of(key), [], `nothing of ${key} is sent again`);
      assert.equal(typeof stream.asked.keys[key], 'number', key);
    }
    for (const id of ['a-again', 'a-slow', 'seen']) assert.deepEqual(await tab.seen(id), [values.a], id);
    assert.deepEqual(await tab.seen('not-yet'), [NOTHING]);
    assert.equal(stream.asked.epoch, stream.events[0].data.epoch);
    assertStatuses(await tab.seen('status'), ['connecting', 'open']);

    // From there on it follows.
    for (const key of [...KEYS, 'not-yet']) await tab.until(key, await lab.post(`/control/add/${key}`));
    for (const id of ['a-again', 'a-slow']) await tab.until(id, await tab.text('a'));
    for (const key of KEYS) assert.deepEqual(stream.of(key).map(({ data }) => data.from), [stream.asked.keys[key]]);
    assert.equal(proxy.opened, 1);
  });
}

check('what is written between the rendering and the connecting is not lost', async (bench) => {
  const lab = await bench.server();
  const values = await make(lab, KEYS);
  const proxy = await bench.proxy(lab);
  const { tab, hydrate } = await held(bench, `${proxy.url}/paint/out-of-order`);
  await tab.until('a', values.a);
  await lab.post('/control/add/a');
  const last = await lab.post('/control/add/a');
  await lab.post('/control/add/not-yet');
  assert.equal(await tab.text('a'), values.a);
  await hydrate();
  await tab.until('a', last);
  await tab.until('a-slow', last);
  await tab.until('not-yet', /^\d+ \d+ 1 2$/);
  assert.equal((await tab.seen('a'))[0], values.a);
  assert.ok(!(await tab.seen('a')).includes(NOTHING));
  const [stream] = proxy.all;
  assert.deepEqual(stream.of('a').map(({ data }) => typeof data.from), ['number', 'number'], 'two changes, and no snapshot');
  assert.equal(stream.of('a')[0].data.from, stream.asked.keys.a);
  assert.deepEqual(stream.of('b'), []);
});

check('a server that was restarted between the page and the connection replaces what the page has', async (bench) => {
  const lab = await bench.server();
  const values = await make(lab, KEYS);
  const { tab, hydrate } = await held(bench, `${lab.url}/paint/in-order`);
  tab.allowLostConnections();
  await tab.until('a', values.a);
  await lab.kill();
  await lab.start();
  const news = await make(lab, ['a', 'last']);
  await hydrate();
  await tab.until('a', news.a);
  await tab.until('last', news.last);
  assert.equal(await tab.text('b'), values.b, 'what the new server does not have stays as it was');
  assert.deepEqual(await tab.seen('a'), [values.a, news.a]);
  await tab.until('a', await lab.post('/control/add/a'));
});

check('a static page starts with its old values and catches up, also with another server', async (bench) => {
  const root = await mkdtemp(join(tmpdir(), 'leptos-sse-static-'));
  try {
    const lab = await bench.server('lab', { LEPTOS_SITE_ROOT: root });
    await symlink(join(lab.site.site_root, lab.site.pkg_dir), join(root, lab.site.pkg_dir));
    const values = await make(lab, KEYS);
    const proxy = await bench.proxy(lab);
    const url = `${proxy.url}/paint/static`;
    const source = await (await fetch(url)).text();
    assert.ok(source.includes(values.a));
    const second = await lab.post('/control/add/a');
    assert.ok((await (await fetch(url)).text()).includes(values.a), 'it is not rendered anew');

    const tab = await paint(bench, url);
    await tab.until('a', second);
    assert.deepEqual(await tab.seen('a'), [values.a, second]);
    const stream = await quiet(proxy);
    assert.deepEqual(stream.of('a').map(({ data }) => data.from), [stream.asked.keys.a]);
    assert.deepEqual(stream.of('b'), []);
    await tab.page.close();

    await lab.kill();
    await lab.start();
    const news = await make(lab, ['a']);
    const later = await paint(bench, url);
    await later.until('a', news.a);
    assert.deepEqual(await later.seen('a'), [values.a, news.a]);
    await later.until('a', await lab.post('/control/add/a'));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});

check('what a guest may not see is neither in the source nor in the stream; a member has it at once', async (bench) => {
  const lab = await bench.server();
  const { secret } = await make(lab, ['secret']);
  const url = `${lab.url}/paint/async`;
  const source = await (await fetch(url)).text();
  assert.ok(!source.includes(secret) && !source.includes('\\"secret\\"'));
  const guest = await paint(bench, url);
  await guest.until('status', 'open');
  assert.deepEqual(await guest.seen('secret'), [NOTHING]);

  await guest.page.request.post(`${lab.url}/control/login/ada`);
  const member = await bench.openIn(guest.page.context(), url);
  await member.until('status', 'open');
  assert.deepEqual(await member.seen('secret'), [secret]);
  assert.ok((await (await member.page.request.get(url)).text()).includes(secret));
  await member.until('secret', await lab.post('/control/add/secret'));
});

check('after hydration the network brings no second copy of a large value', async (bench) => {
  const lab = await bench.server();
  const shown = await lab.post('/control/flood/1');
  const proxy = await bench.proxy(lab);
  const source = await (await fetch(`${proxy.url}/paint/big`)).text();
  assert.ok(source.length > 64 << 10 && source.length < 2 * (64 << 10), `the source has it once: ${source.length}`);
  const tab = await bench.open(`${proxy.url}/paint/big`);
  await tab.until('status', 'open');
  const stream = await quiet(proxy);
  assert.deepEqual(await tab.seen('big'), [shown]);
  assert.ok(stream.text.length < 300, `the stream has brought ${stream.text.length} bytes: ${stream.text.slice(0, 1_000)}`);
});

check('what is shown later and goes again follows by its own key', async (bench) => {
  const lab = await bench.server();
  const values = await make(lab, [...KEYS, 'hidden', 'z']);
  const tab = await paint(bench, `${lab.url}/paint/out-of-order`);
  await tab.until('status', 'open');
  await tab.click('toggle');
  await tab.until('hidden', values.hidden);
  await tab.click('more');
  await tab.until('z', values.z);
  await tab.click('toggle');
  await tab.until('shown', values.shown);
  for (const key of KEYS) assert.equal(await tab.text(key), values[key], key);
});

check('one of many is in the source when it is loaded, and the page changes to another', async (bench) => {
  const lab = await bench.server();
  await lab.post('/control/visit/1');
  const proxy = await bench.proxy(lab);
  const source = await (await fetch(`${proxy.url}/paint/room`)).text();
  assert.match(source, /<p data-testid="room">1 1<\/p>/);
  const tab = await bench.open(`${proxy.url}/paint/room`);
  await tab.until('status', 'open');
  const stream = await quiet(proxy);
  assert.deepEqual(await tab.seen('room'), ['1 1']);
  assert.deepEqual(stream.events.filter(({ event }) => event === 'message'), []);
  await tab.fill('choice', '2');
  await tab.until('room', '2 0');
  await lab.post('/control/visit/1');
  await tab.fill('choice', '1');
  await tab.until('room', '1 2');
});

check('lazy route, opened directly: it has the values, hydrates without another text, and is live without a second copy', async (bench) => {
  const lab = await bench.server();
  const values = await make(lab, ['a', 'b']);
  const proxy = await bench.proxy(lab);
  const source = await (await fetch(`${proxy.url}/paint/lazy/page`)).text();
  for (const key of ['a', 'b']) assert.ok(source.includes(`<p data-testid="${key}">${values[key]}</p>`), key);

  const tab = await paint(bench, `${proxy.url}/paint/lazy/page`);
  await tab.until('status', 'open');
  const stream = await quiet(proxy);
  for (const key of ['a', 'b']) {
    assert.deepEqual(await tab.seen(key), [values[key]], key);
    assert.deepEqual(stream.of(key), [], `nothing of ${key} is sent again`);
  }
  for (const key of ['a', 'b']) await tab.until(key, await lab.post(`/control/add/${key}`));
  for (const key of ['a', 'b']) assert.deepEqual(stream.of(key).map(({ data }) => data.from), [stream.asked.keys[key]]);
  assert.equal(proxy.opened, 1);
});

check('lazy route, opened directly: what is written while its code is on its way comes once it is hydrated', async (bench) => {
  const lab = await bench.server();
  const values = await make(lab, ['a', 'b']);
  const proxy = await bench.proxy(lab);
  const tab = await paint(bench, 'about:blank');
  const release = await tab.hold('**/api/released*');
  await tab.goto(`${proxy.url}/paint/lazy/page`);
  await tab.until('hydrated', 'yes');
  await release.asked;
  const news = {};
  for (const key of ['a', 'b']) news[key] = await lab.post(`/control/add/${key}/2`);
  for (const key of ['a', 'b']) assert.equal(await tab.text(key), values[key]);
  release();
  for (const key of ['a', 'b']) {
    await tab.until(key, news[key]);
    const seen = await tab.seen(key);
    assert.equal(seen[0], values[key]);
    assert.ok(!seen.includes(NOTHING), key);
  }
  const stream = await quiet(proxy);
  for (const key of ['a', 'b']) assert.ok(stream.of(key).every(({ data }) => typeof data.from === 'number'), `no snapshot of ${key}`);
  for (const key of ['a', 'b']) await tab.until(key, await lab.post(`/control/add/${key}`));
});

check('lazy route, gone to by a link: it is live, also what was written while its code was on its way', async (bench) => {
  const lab = await bench.server();
  const values = await make(lab, ['a', 'b']);
  const tab = await paint(bench, `${lab.url}/paint/lazy`);
  await tab.until('index', 'index');
  await tab.until('hydrated', 'yes');
  const release = await tab.hold('**/api/released*');
  await tab.click('to-page');
  await release.asked;
  await tab.until('status', 'open');
  const news = { ...values, a: await lab.post('/control/add/a') };
  assert.equal(await tab.text('a'), null);
  release();
  for (const key of ['a', 'b']) {
    await tab.until(key, news[key]);
    await tab.until(key, await lab.post(`/control/add/${key}`));
  }
  // There and back, and the values of before are not shown again.
  await tab.click('to-index');
  await tab.until('index', 'index');
  for (const key of ['a', 'b']) news[key] = await lab.post(`/control/add/${key}`);
  const before = (await tab.seen('a')).length;
  await tab.click('to-page');
  for (const key of ['a', 'b']) await tab.until(key, news[key]);
  assert.ok((await tab.seen('a')).slice(before).every((text) => [NOTHING, news.a].includes(text)), JSON.stringify(await tab.seen('a')));
});

/** Counters of those names, each with another number of steps. */
async function make(lab, keys) {
  const values = {};
  for (const [index, key] of keys.entries()) values[key] = await lab.post(`/control/add/${key}/${index + 2}`);
  return values;
}

/** The scene, which has a counter that is not for everyone. */
async function paint(bench, url) {
  const tab = await bench.open(url);
  tab.allow(/the server refuses `secret`/);
  return tab;
}

/** A page that has come, and does not hydrate before it is told to. */
async function held(bench, url) {
  const tab = await paint(bench, 'about:blank');
  const hydrate = await tab.gotoHeld(url);
  return { tab, hydrate };
}

/** The one stream that is open, once it has said hello and half a second has passed. */
async function quiet(proxy) {
  await eventually(() => assert.ok(proxy.journal.includes('hello 1')));
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(proxy.opened, 1);
  return proxy.all[0];
}
