// The dashboard: rendered in the browser alone, on another origin than its data.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { check, eventually } from '../support/browser.mjs';
import { reservePort } from '../support/ports.mjs';

check('dashboard-csr: a page of one origin follows the server of another, live, in two browsers', async (bench) => {
  await withFolder(async (root) => {
    const { pages, data } = await start(bench, root);
    const [one, two] = [await bench.open(pages.url), await bench.open(pages.url)];
    for (const tab of [one, two]) await open(tab);
    assert.notEqual(new URL(one.page.url()).origin, data);
    assert.equal(await one.text('root'), root);
    for (const tab of [one, two]) await untilState(tab, 'large', 'idle');

    await one.click('run-all');
    for (const tab of [one, two]) await tab.untilSeen('running', /[12]/);
    for (const tab of [one, two]) await tab.until('done', '3', 30_000);
    const percents = await two.page.evaluate(() => window.seenPercents);
    assert.ok(percents.length > 3, `it went by ${percents}`);
    assert.deepEqual(percents, percents.toSorted((a, b) => a - b), 'and never back');

    // The checksum is that of real files: names and their own checksums.
    const sum = (text) => createHash('sha256').update(text).digest();
    const wanted = sum(Buffer.concat(['a.txt', 'b.txt'].map((name) => Buffer.concat([Buffer.from(`small/${name}\0`), sum(name)])))).toString('hex');
    for (const tab of [one, two]) await tab.until('checksum-small', wanted);

    await writeFile(path.join(root, 'small/b.txt'), 'changed');
    await two.page.click('[data-testid=job-small] button');
    await eventually(async () => assert.match(await one.text('job-small'), /0 added, 1 changed, 0 removed/));
    assert.deepEqual(one.console, []);
    assert.deepEqual(two.console, []);
  });
});

check('dashboard-csr: its server is killed and started again: the page stays, and goes on with what the new one has', async (bench) => {
  await withFolder(async (root) => {
    const { pages, server } = await start(bench, root);
    const tab = await bench.open(pages.url);
    tab.allowLostConnections();
    await open(tab);
    await tab.page.evaluate(() => (window.stillHere = true));
    await tab.page.click('[data-testid=job-small] button');
    await untilState(tab, 'small', 'done');

    await server.kill();
    await eventually(async () => assert.equal(await connection(tab), 'reconnecting'));
    assert.equal(await state(tab, 'small'), 'done', 'the last good value stays');
    // The page is not the server's: it comes without it.
    const other = await bench.open(pages.url);
    other.allowLostConnections();
    await eventually(async () => assert.match(await connection(other), /connecting/));

    await server.start();
    for (const page of [tab, other]) {
      await eventually(async () => assert.equal(await connection(page), 'open'), 40_000);
      await untilState(page, 'small', 'idle');
    }
    await other.page.click('[data-testid=job-small] button');
    await untilState(tab, 'small', 'done');
    assert.equal(await tab.page.evaluate(() => window.stillHere), true, 'nothing was reloaded');
  });
});

check('dashboard-csr: a job is cancelled while it runs', async (bench) => {
  await withFolder(async (root) => {
    const { pages } = await start(bench, root);
    const tab = await bench.open(pages.url);
    await open(tab);
    await tab.page.click('[data-testid=job-large] button');
    await untilState(tab, 'large', 'running');
    await tab.page.click('[data-testid=job-large] button');
    await untilState(tab, 'large', 'cancelled');
    assert.equal(await tab.text('checksum-large'), null);
    assert.deepEqual(tab.console, []);
  });
});

check('dashboard-csr: a page of an origin that the server does not know is kept out by the browser', async (bench) => {
  await withFolder(async (root) => {
    const { data } = await start(bench, root);
    const stranger = await bench.pages('dashboard-csr', data);
    const tab = await bench.open(stranger.url);
    tab.allow(/CORS policy/, /Failed to load resource/, /^leptos_sse: /);
    await eventually(() => assert.ok(tab.console.some(({ text }) => /CORS policy/.test(text))));
    assert.notEqual(await connection(tab), 'open');
    assert.equal(await tab.text('root'), '');
  });
});

/** The page's files on one origin, and the server of its data on another. */
async function start(bench, root) {
  const port = await reservePort();
  const data = `http://127.0.0.1:${port}`;
  const pages = await bench.pages('dashboard-csr', data);
  const server = await bench.server('dashboard-csr', {
    DASHBOARD_ADDR: `127.0.0.1:${port}`,
    DASHBOARD_ORIGINS: pages.url,
    DASHBOARD_ROOT: root,
  });
  return { pages, server, data };
}

/** A folder with a large and a small one in it, for as long as the test runs. */
async function withFolder(test) {
  const root = await mkdtemp(path.join(tmpdir(), 'leptos-sse-csr-'));
  try {
    for (const folder of ['large', 'small']) await mkdir(path.join(root, folder));
    for (const name of ['a.txt', 'b.txt']) await writeFile(path.join(root, 'small', name), name);
    await writeFile(path.join(root, 'beside.txt'), 'beside');
    const megabyte = Buffer.alloc(1 << 20, 'x');
    await Promise.all(Array.from({ length: 48 }, (_, index) => writeFile(path.join(root, 'large', `${index}.bin`), megabyte)));
    await test(root);
  } finally {
    await rm(root, { recursive: true });
  }
}

async function open(tab) {
  await eventually(async () => assert.equal(await connection(tab), 'open'), 20_000);
  await tab.page.waitForSelector('[data-testid=job-large]');
  await tab.page.evaluate(() => {
    const bar = document.querySelector('[data-testid=job-large] [role=progressbar]');
    window.seenPercents = [];
    new MutationObserver(() => window.seenPercents.push(Number(bar.getAttribute('aria-valuenow')))).observe(bar, { attributes: true });
  });
}

function untilState(tab, job, wanted) {
  return eventually(async () => assert.equal(await state(tab, job), wanted), 20_000);
}

function state(tab, job) {
  return tab.page.evaluate((job) => document.querySelector(`[data-testid=job-${job}]`)?.dataset.state ?? null, job);
}

function connection(tab) {
  return tab.page.getAttribute('[data-testid=connection]', 'data-state');
}
