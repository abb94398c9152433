// The examples, as a user would see them.

import assert from 'node:assert/strict';
import { check, eventually } from '../support/browser.mjs';

for (const name of ['counter-axum', 'counter-actix']) {
  check(`${name}: its number grows, and so it does after kill -9 and a restart, from scratch`, async (bench) => {
    const server = await bench.server(name);
    const tab = await bench.open(server.url);
    tab.allowLostConnections();
    const count = async () => Number((await tab.page.textContent('h1')).replace('Count:', ''));
    const state = () => tab.page.getAttribute('.connection', 'data-state');
    const grows = async () => {
      const before = await count();
      await eventually(async () => assert.ok((await count()) >= before + 2, `${await count()} after ${before}`));
      assert.equal(await state(), 'open');
    };
    await grows();

    await server.kill();
    await eventually(async () => assert.equal(await state(), 'reconnecting'));
    const last = await count();
    assert.ok(last >= 2, 'the last good value stays');
    await server.start();
    await eventually(async () => assert.ok((await count()) < last, `${await count()} is not from scratch`), 20_000);
    await grows();
  });

  check(`${name}: its page is quiet on the console`, async (bench) => {
    const server = await bench.server(name);
    const tab = await bench.open(server.url);
    await eventually(async () => assert.equal(await tab.page.getAttribute('.connection', 'data-state'), 'open'));
    await eventually(async () => assert.match(await tab.page.textContent('h1'), /[1-9]/));
    assert.deepEqual(tab.console, []);
  });
}

for (const colorScheme of ['light', 'dark']) {
  check(`monitor: live values in ${colorScheme}, from the first byte of its HTML on`, async (bench) => {
    const server = await bench.server('monitor');
    const tab = await bench.open(server.url, { colorScheme });
    const [, green] = (await tab.page.evaluate(() => getComputedStyle(document.body).backgroundColor)).match(/\d+/g).map(Number);
    assert.ok(colorScheme === 'dark' ? green < 80 : green > 200, `its background is ${green}`);
    await open(tab);

    // Each second brings a new sample, and with it another line.
    const line = () => tab.page.getAttribute('.card.cpu path.line', 'd');
    for (let samples = 0; samples < 2; samples += 1) {
      const before = await line();
      await eventually(async () => assert.notEqual(await line(), before));
    }
    assert.match(await tab.page.textContent('.card.cpu .figure'), /^\d+(\.\d+)? ?%$/);
    assert.ok((await tab.page.locator('.processes tbody tr').count()) > 1);
    assert.deepEqual(tab.console, []);

    // Without any script the numbers stand there too.
    const html = await server.get('/');
    assert.match(html, /<tr><td>\d+/);
  });
}

check('monitor: the table of processes sorts by a column, both ways, and filters', async (bench) => {
  const server = await bench.server('monitor');
  const tab = await bench.open(server.url);
  await open(tab);
  const ids = () => tab.page.$$eval('.processes tbody tr td:first-child', (cells) => cells.map((cell) => Number(cell.textContent)));
  const header = tab.page.locator('.processes thead th').first();

  for (const _ of ['one way', 'the other']) {
    await header.locator('button').click();
    const direction = await header.getAttribute('aria-sort');
    assert.match(direction, /^(a|de)scending$/);
    await eventually(async () => {
      const shown = await ids();
      const sorted = [...shown].sort((a, b) => (direction === 'ascending' ? a - b : b - a));
      assert.ok(shown.length > 1);
      assert.deepEqual(shown, sorted);
    });
  }
  await tab.page.fill('input[type=search]', 'monitor');
  await eventually(async () => {
    const names = await tab.page.$$eval('.processes tbody tr th', (cells) => cells.map((cell) => cell.textContent));
    assert.ok(names.length >= 1 && names.every((name) => name.includes('monitor')), JSON.stringify(names));
  });
});

check('monitor: two browsers show the same numbers, each second', async (bench) => {
  const server = await bench.server('monitor');
  const tabs = [await bench.open(server.url), await bench.open(server.url)];
  await Promise.all(tabs.map(open));
  const shown = (tab) =>
    tab.page.evaluate(() => {
      const texts = [...document.querySelectorAll('.card .figure, .processes tbody td')].map(({ textContent }) => textContent);
      const lines = [...document.querySelectorAll('.card path.line')].map((line) => line.getAttribute('d'));
      return [...texts, ...lines];
    });
  let before = [];
  for (let samples = 0; samples < 3; samples += 1) {
    before = await eventually(async () => {
      const [one, two] = await Promise.all(tabs.map(shown));
      assert.deepEqual(one, two);
      assert.notDeepEqual(one, before);
      return one;
    });
    assert.ok(before.length > 10, JSON.stringify(before));
  }
});

check('monitor: it survives kill -9 of its server and a restart', async (bench) => {
  const server = await bench.server('monitor');
  const tab = await bench.open(server.url);
  tab.allowLostConnections();
  await open(tab);
  await server.kill();
  await eventually(async () => assert.equal(await tab.page.getAttribute('.badge', 'data-state'), 'reconnecting'));
  await server.start();
  await open(tab);
  const line = () => tab.page.getAttribute('.card.cpu path.line', 'd');
  const before = await line();
  await eventually(async () => assert.notEqual(await line(), before));
});

/** Waits until the monitor's badge says that it is live. */
function open(tab) {
  return eventually(async () => assert.equal(await tab.page.getAttribute('.badge', 'data-state'), 'open'), 20_000);
}
