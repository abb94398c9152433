// Debian's nginx in front, as it comes: what a hub writes arrives at once, because its answer asks for that.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { check, eventually } from '../support/browser.mjs';

for (const gzip of [false, true]) {
  for (const protocol of ['http/1.1', 'h2']) {
    check(`nginx with ${protocol}${gzip ? ' and gzip' : ''}: events arrive at once, and would not without its headers`, async (bench) => {
      const lab = await bench.server();
      const nginx = await bench.nginx(lab, { gzip });
      const url = nginx.urls[protocol];
      const open = (sse) => bench.open(`${url}/board?sse=${sse}&with=a`, { ignoreHTTPSErrors: true });
      const tab = await open('/sse/hub');
      await tab.until('status', 'open');
      assert.equal(await tab.page.evaluate(() => performance.getEntriesByType('navigation')[0].nextHopProtocol), protocol);
      assert.equal(await tab.page.evaluate(async () => (await fetch('/control/version')).text()), 'HTTP/1.0');

      // A stream without the headers that ask for it, in all else like the other one.
      const heldBack = await open('/sse/held-back');
      await eventually(async () => assert.equal(JSON.parse(await lab.get('/control/stats')).connections, 2));

      const late = [];
      for (let time = 0; time < 10; time += 1) {
        const text = await lab.post('/control/add/a');
        const written = Date.now();
        await tab.until('a', text, 3_000);
        late.push(Date.now() - written);
      }
      assert.ok(Math.max(...late) < 1_000, `they came after ${late} ms`);
      await sleep(500);
      assert.deepEqual(await heldBack.seen('a'), ['0 0 0 0'], 'nginx would hold events back');
      const encoding = async (path) => (await fetchHead(nginx, path)).get('content-encoding');
      assert.equal(await encoding('/'), gzip ? 'gzip' : null);
      assert.notEqual(await encoding('/sse/hub?s=a'), 'gzip', 'a stream asks to be left as it is');

      // Keys that come, and a stream beside the open one, as without a proxy.
      await tab.fill('names', 'a,b');
      await tab.until('b', await lab.post('/control/add/b'), 3_000);
      await tab.until('a', await lab.post('/control/add/a'), 3_000);
    });
  }
}

/** The headers of an answer through nginx, whose body is left alone. */
async function fetchHead(nginx, path) {
  const abort = new AbortController();
  const response = await fetch(nginx.urls['http/1.1'] + path, { signal: abort.signal, headers: { 'accept-encoding': 'gzip' } });
  abort.abort();
  return response.headers;
}
