// Where each single signal stands, and what a page is told of errors.

import assert from 'node:assert/strict';
import { check, eventually } from '../support/browser.mjs';

check('a signal is live with its value, stale while the connection is lost, and live again when it goes on', async (bench) => {
  const lab = await bench.server();
  const proxy = await bench.proxy(lab);
  const tab = await bench.open(`${proxy.url}/stands?with=a,b`);
  tab.allowLostConnections();
  const value = await lab.post('/control/add/a');
  await tab.until('a', value);
  await tab.until('a-part', value.split(' ')[2]);
  await tab.until('a-stands', 'live');
  assert.equal(await tab.text('b-stands'), 'connecting', 'the server has none yet');

  proxy.refuse();
  await tab.until('a-stands', 'stale');
  assert.equal(await tab.text('a'), value, 'the last good value is shown');
  assert.equal(await tab.text('b-stands'), 'connecting');
  const missed = await lab.post('/control/add/a');
  proxy.accept();
  await tab.until('a', missed, 20_000);
  await tab.until('a-stands', 'live');
  await tab.until('b', await lab.post('/control/add/b'));
  await tab.until('b-stands', 'live');

  // Nothing is new this time, and it is live all the same.
  proxy.cut();
  await tab.untilSeen('status', /^reconnecting/);
  await tab.until('status', 'open', 20_000);
  await tab.until('a-stands', 'live');
  assert.deepEqual(await tab.seen('a'), ['none', value, missed]);
  assert.deepEqual(await tab.seen('a-stands'), ['connecting', 'live', 'stale', 'live', 'stale', 'live']);
});

check('a component that comes beside does not make the others flicker', async (bench) => {
  const lab = await bench.server();
  const tab = await bench.open(`${lab.url}/stands?with=a`);
  await tab.until('a', await lab.post('/control/add/a'));
  await tab.until('a-stands', 'live');
  await tab.click('add-more');
  await tab.until('more', await lab.post('/control/add/more'));
  await tab.until('more-stands', 'live');
  assert.deepEqual(await tab.seen('a-stands'), ['connecting', 'live']);
});

check('a refused signal says why, the others go on, and after a login it is live', async (bench) => {
  const lab = await bench.server();
  const proxy = await bench.proxy(lab);
  const secret = await lab.post('/control/add/secret');
  const tab = await bench.open(`${proxy.url}/stands?with=a,secret`);
  tab.allowLostConnections();
  tab.allow(/the server refuses `secret`: forbidden/);
  await tab.until('secret-stands', 'refused: forbidden');
  await tab.until('errors', 'secret: the server refuses it: forbidden; ');
  await tab.until('a', await lab.post('/control/add/a'));
  assert.equal(await tab.text('secret'), 'none');

  await tab.page.request.post(`${lab.url}/control/login/ada`);
  proxy.cut();
  await tab.until('secret', secret, 20_000);
  await tab.until('secret-stands', 'live');
  assert.deepEqual(await tab.seen('secret-stands'), ['connecting', 'refused: forbidden', 'live']);
});

check('a removed signal is none, and live when it is made again', async (bench) => {
  const lab = await bench.server();
  const proxy = await bench.proxy(lab);
  const tab = await bench.open(`${proxy.url}/stands?with=a,b`);
  const first = await lab.post('/control/add/a');
  await tab.until('a', first);
  assert.equal(await lab.post('/control/remove/a'), 'true');
  await tab.until('a-stands', 'removed');
  await tab.until('a', 'none');
  assert.equal(await tab.text('a-part'), 'none');
  const again = await lab.post('/control/add/a');
  await tab.until('a', again);
  await tab.until('a-stands', 'live');
  assert.deepEqual(await tab.seen('a'), ['none', first, 'none', again]);
  assert.equal(proxy.opened, 1);
});

check('a part changes when it does, and not with the rest of its value', async (bench) => {
  const lab = await bench.server();
  const tab = await bench.open(`${lab.url}/stands?with=a`);
  for (const _ of [1, 2, 3]) await tab.until('a', await lab.post('/control/add/a'));
  await eventually(async () => assert.deepEqual((await tab.seen('a-part')).length, 4));
  const values = (await tab.seen('a')).map((text) => text.split(' ')[2] ?? 'none');
  assert.deepEqual(await tab.seen('a-part'), values);
});
