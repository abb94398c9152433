// The dashboard in a window of Tauri: by the webview's own EventSource, and by the app's where the server allows no page.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { reservePort } from '../support/ports.mjs';
import { startServer } from '../support/servers.mjs';
import { openWindow, startDisplay } from '../support/window.mjs';

/** The origin of the window's page on Linux. */
const WINDOW = 'tauri://localhost';
/** One that no page here has. */
const NOBODY = 'http://nobody.example';

let display;
before(async () => (display = await startDisplay()));
after(() => display.stop());

check('by the webview, from a server that allows the window', 'webview', WINDOW, async (bench) => {
  await bench.followsThroughARestart();
});

check('by the webview, from a server that does not allow it: nothing comes', 'webview', NOBODY, async (bench) => {
  await bench.until({ connection: 'reconnecting' });
  await sleep(3_000);
  assert.equal(bench.window.page.connection, 'reconnecting');
  assert.equal(bench.window.page.root, '');
});

check('by the app, from a server that does not allow the window', 'native', NOBODY, async (bench) => {
  await bench.followsThroughARestart();
});

check('by the app: a page that is loaded anew leaves no stream of the one before it', 'native', NOBODY, async (bench) => {
  await bench.until({ connection: 'open', done: '0' });
  assert.equal(bench.streams(), 1);
  const { since } = bench.window.page;
  bench.window.run('location.reload()');
  await bench.until({ connection: 'open', done: '0' }, () => bench.window.page.since !== since);
  // The new one was opened before the old one is seen to be closed.
  await bench.eventually(() => bench.streams() === 1);
  await sleep(1_000);
  assert.equal(bench.streams(), 1);
});

check('by the app, from where no capability allows: nothing comes', 'native', NOBODY, async (bench) => {
  await bench.until({ connection: 'reconnecting', root: '' });
  await sleep(3_000);
  assert.equal(bench.window.page.root, '');
}, 'localhost');

check('by the app, from a server that is refused for a while, which no probe of the page could see', 'native', NOBODY, async (bench) => {
  await bench.until({ connection: 'open', done: '0' });
  await bench.server.kill();
  await bench.refusing(503, 3);
  await bench.until({ connection: 'reconnecting', words: 'Refused with 503' });
  await bench.server.start();
  await bench.until({ connection: 'open', done: '0' });
});

class Bench {
  constructor(server, window, port, root) {
    Object.assign(this, { server, window, port, root });
  }

  async followsThroughARestart() {
    await this.until({ connection: 'open', root: this.root, done: '0' });
    const { since } = this.window.page;
    await this.run();
    await this.until({ done: '3', running: '0' });

    await this.server.kill();
    await this.until({ connection: 'reconnecting', done: '3' });
    await this.server.start();
    // The new one has run nothing yet.
    await this.until({ connection: 'open', root: this.root, done: '0' });
    await this.run();
    await this.until({ connection: 'open', done: '3' });
    assert.equal(this.window.page.since, since, 'nothing was loaded anew');
  }

  /** Presses "Run all", as another user of the server: the window itself may not where it is not allowed. */
  async run() {
    const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await fetch(`http://127.0.0.1:${this.port}/api/run`, { method: 'POST', headers, body: '' });
    assert.equal(answer.status, 200);
  }

  /** Answers requests in the server's place, until there were so many. */
  async refusing(status, count) {
    const server = http.createServer((_, response) => response.writeHead(status, { connection: 'close' }).end());
    server.listen(this.port, '127.0.0.1');
    for (let seen = 0; seen < count; seen++) await once(server, 'request');
    await this.until({ words: `Refused with ${status}` });
    server.close();
    await once(server, 'close');
  }

  /** How many connections the server has that ask for streams, as the system tells it. */
  streams() {
    const port = this.port.toString(16).toUpperCase().padStart(4, '0');
    const [ESTABLISHED, sockets] = ['01', readFileSync('/proc/net/tcp', 'utf8').split('\n')];
    const fields = sockets.map((line) => line.trim().split(/\s+/));
    return fields.filter(([, local, , state]) => local?.endsWith(`:${port}`) && state === ESTABLISHED).length;
  }

  async until(wanted, also = () => true) {
    const shown = () => Object.fromEntries(Object.keys(wanted).map((name) => [name, this.window.page?.[name]]));
    await this.eventually(() => isSame(shown(), wanted) && also()).catch(() => {
      assert.deepEqual(this.window.page, wanted, `it was not to be seen\n${this.window.log}`);
    });
  }

  async eventually(holds, timeout = 60_000) {
    for (const end = Date.now() + timeout; !holds(); await sleep(50)) assert.ok(Date.now() < end, 'it did not come to hold');
  }
}

const isSame = (one, two) => JSON.stringify(one) === JSON.stringify(two);

function check(name, via, origins, run, host = '127.0.0.1') {
  test(`desktop: ${name}`, { timeout: 180_000 }, async () => {
    const root = await mkdtemp(path.join(tmpdir(), 'leptos-sse-folders-'));
    for (const folder of ['one', 'two']) {
      await mkdir(path.join(root, folder));
      await writeFile(path.join(root, folder, 'file'), folder);
    }
    await writeFile(path.join(root, 'file'), 'beside');
    const port = await reservePort();
    const server = await startServer('dashboard-csr', {
      DASHBOARD_ADDR: `127.0.0.1:${port}`,
      DASHBOARD_ORIGINS: origins,
      DASHBOARD_ROOT: root,
    });
    const window = await openWindow(display, via, `http://${host}:${port}`);
    try {
      await run(new Bench(server, window, port, root));
    } finally {
      await window.close();
      await server.kill();
      await rm(root, { recursive: true, force: true });
    }
  });
}
