// A smoke run in Firefox.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Builder, By } from 'selenium-webdriver';
import firefox from 'selenium-webdriver/firefox.js';
import { eventually } from '../support/browser.mjs';
import { reservePort } from '../support/ports.mjs';
import { startProxy } from '../support/proxy.mjs';
import { startServer } from '../support/servers.mjs';

let driver;
before(async () => {
  const options = new firefox.Options().addArguments('-headless').setBinary(process.env.FIREFOX ?? '/usr/bin/firefox-esr');
  driver = await new Builder()
    .forBrowser('firefox')
    .setFirefoxOptions(options)
    .setFirefoxService(new firefox.ServiceBuilder(geckodriver()).setPort(await reservePort()))
    .build();
});
after(() => driver?.quit());

smoke('Firefox: the counter grows, and heals after kill -9 and a restart', async (t) => {
  const server = await startServer('counter-axum');
  t.after(() => server.kill());
  await driver.get(server.url);
  await eventually(async () => assert.ok((await count()) >= 2));
  await server.kill();
  await eventually(async () => assert.match(await state(), /^reconnecting/), 20_000);
  const last = await count();
  await server.start();
  await eventually(async () => assert.equal(await state(), 'open'), 30_000);
  await eventually(async () => assert.ok((await count()) < last));
  const again = await count();
  await eventually(async () => assert.ok((await count()) > again));

  async function count() {
    return Number((await driver.findElement(By.css('h1')).getText()).replace('Count:', ''));
  }
  function state() {
    return driver.findElement(By.css('.connection')).getAttribute('data-state');
  }
});

smoke('Firefox: a cut connection heals, and the badge says so', async (t) => {
  const server = await startServer('lab');
  t.after(() => server.kill());
  const proxy = await startProxy(server);
  t.after(() => proxy.close());
  await driver.get(`${proxy.url}/tick`);
  await eventually(async () => assert.match(await text('tick'), /^\d+ 1 ([5-9]|\d\d+) /));
  assert.equal(await text('status'), 'open');
  proxy.cut();
  await eventually(async () => assert.match(await text('status'), /^reconnecting/));
  await eventually(async () => assert.match(await text('tick'), /^\d+ 2 [1-9]/), 20_000);
  assert.equal(await text('status'), 'open');
  const [, , value, double] = (await text('tick')).split(' ').map(Number);
  assert.equal(double, value * 2);

  function text(id) {
    return driver.findElement(By.css(`[data-testid="${id}"]`)).getText();
  }
});

smoke('Firefox: keys that come are asked for beside, and a browser\'s own reconnect brings what was missed', async (t) => {
  const lab = await startServer('lab');
  t.after(() => lab.kill());
  const proxy = await startProxy(lab);
  t.after(() => proxy.close());
  await driver.get(`${proxy.url}/board?with=a`);
  await eventually(() => assert.deepEqual(proxy.journal, ['open 1', 'hello 1']));
  await untilShown('a', await lab.post('/control/add/a'));

  proxy.stallNext();
  const field = await driver.findElement(By.css('[data-testid="names"]'));
  await driver.executeScript("arguments[0].value = 'a,b'; arguments[0].dispatchEvent(new Event('input', { bubbles: true }))", field);
  await eventually(() => assert.equal(proxy.opened, 2));
  await untilShown('a', await lab.post('/control/add/a'));
  assert.deepEqual(proxy.journal, ['open 1', 'hello 1', 'open 2'], 'the first one serves until the second says hello');
  proxy.all[1].flow();
  await untilShown('b', await lab.post('/control/add/b'));
  await eventually(() => assert.deepEqual(proxy.journal, ['open 1', 'hello 1', 'open 2', 'hello 2', 'close 1']));

  const second = proxy.all[1];
  const held = second.events.at(-1).id;
  second.held = true;
  await lab.post('/control/add/a');
  const last = await lab.post('/control/add/a');
  second.cut();
  await untilShown('a', last, 20_000);
  const third = proxy.all[2];
  assert.equal(third.headers['last-event-id'], held);
  assert.equal(third.url, second.url);
  assert.deepEqual(third.of('a').map(({ data }) => data.from !== undefined), [true, true], 'two patches, and no snapshot');
  assert.deepEqual(third.of('b'), []);

  function untilShown(id, wanted, timeout) {
    return eventually(async () => {
      assert.equal(await driver.findElement(By.css(`[data-testid="${id}"]`)).getText(), wanted);
    }, timeout);
  }
});

/** A test that leaves a picture in `results/` when it fails. */
function smoke(name, body) {
  test(name, { timeout: 60_000 }, async (t) => {
    try {
      await body(t);
    } catch (error) {
      const results = new URL('../results/', import.meta.url);
      await mkdir(results, { recursive: true });
      const picture = await driver.takeScreenshot();
      await writeFile(new URL(`${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.png`, results), picture, 'base64');
      throw error;
    }
  });
}

/** geckodriver from PATH, or from where `cargo xtask test` or `cargo install` puts it. */
function geckodriver() {
  const ours = fileURLToPath(new URL('../../target/tools/bin', import.meta.url));
  const folders = [...(process.env.PATH ?? '').split(delimiter), ours, join(process.env.CARGO_HOME ?? join(homedir(), '.cargo'), 'bin')];
  const found = folders.map((folder) => join(folder, 'geckodriver')).find((path) => existsSync(path));
  if (!found) throw new Error('no geckodriver: cargo install --locked geckodriver');
  return found;
}
