// The shop of islands: live parts of a page that is plain HTML otherwise.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { check, eventually } from '../support/browser.mjs';

const TEAS = ['sencha', 'darjeeling', 'oolong', 'assam'];
const OFFER = 'islands::model::Offer';
const KEYS = [...TEAS.map((tea) => `${OFFER}:${tea}`), 'islands::model::Till', 'islands::model::Visitors'].sort();

check('islands: all of them are live over one connection, in two browsers', async (bench) => {
  const server = await bench.server('islands');
  const proxy = await bench.proxy(server);
  const ada = await bench.open(proxy.url);
  await untilLive(proxy);
  assert.equal(proxy.streams.size, 1);
  await ada.until('visitors', 'You have the shop to yourself');

  const grace = await bench.open(server.url);
  for (const tab of [ada, grace]) await tab.until('visitors', '2 people are in the shop');
  await grace.click('buy-darjeeling');
  for (const tab of [ada, grace]) {
    await tab.until('stock-darjeeling', '4 left');
    await tab.until('till', '1 sold today, the latest was Darjeeling, first flush');
  }
  await ada.click('buy-assam');
  for (const tab of [ada, grace]) await tab.until('stock-assam', '21 left');

  // Prices change by themselves, for both alike.
  const prices = (tab) => tab.page.$$eval('.price', (prices) => prices.map(({ textContent }) => textContent).join());
  const before = await prices(ada);
  await eventually(async () => {
    const now = await prices(ada);
    assert.notEqual(now, before);
    assert.equal(now, await prices(grace));
  });
  assert.equal(proxy.streams.size, 1);
  await grace.page.close();
  await ada.until('visitors', 'You have the shop to yourself');
});

check('islands: their first values stand in the HTML, and no default is ever shown', async (bench) => {
  const server = await bench.server('islands');
  for (let sold = 0; sold < 5; sold += 1) await buy(server, 'darjeeling');
  const html = await server.get('/');
  assert.match(html, /data-testid="stock-darjeeling"[^>]*>Sold out</);
  assert.match(html, /data-testid="stock-sencha"[^>]*>14 left</);
  assert.match(html, /data-testid="price-assam"[^>]*>€ [789]\.\d\d</);
  assert.match(html, /data-testid="till"[^>]*>5 sold today/);

  const proxy = await bench.proxy(server);
  const tab = await bench.open(proxy.url);
  await untilLive(proxy);
  await buy(server, 'sencha');
  await tab.until('stock-sencha', '13 left');
  assert.deepEqual(await tab.seen('stock-sencha'), ['14 left', '13 left']);
  assert.deepEqual(await tab.seen('stock-darjeeling'), ['Sold out']);
  for (const tea of TEAS) assert.ok(!(await tab.seen(`price-${tea}`)).includes('€ 0.00'));
  assert.equal(await tab.page.getAttribute('[data-testid=buy-darjeeling]', 'disabled'), '');
  assert.deepEqual(tab.console, []);
});

check('islands: what is no island is not hydrated, nor is it in the wasm', async (bench) => {
  const server = await bench.server('islands');
  const tab = await bench.open('about:blank');
  // Hydration would not find what it looks for: a text is another one, and an element is missing.
  await tab.page.route(`${server.url}/`, async (route) => {
    const response = await route.fetch();
    const html = await response.text();
    const changed = html.replace('Cool the water before you pour', 'Do as you like').replace(/<p class="origin">[^<]*<\/p>/g, '');
    assert.notEqual(changed, html);
    await route.fulfill({ response, body: changed });
  });
  await tab.goto(server.url);
  await tab.until('visitors', /./);
  await tab.click('buy-oolong');
  await tab.until('stock-oolong', '8 left');
  assert.match(await tab.page.textContent('article'), /Do as you like/);
  assert.equal(await tab.page.locator('.origin').count(), 0);

  const { site_root, output_name, pkg_dir } = server.site;
  const wasm = await readFile(`${site_root}/${pkg_dir}/${output_name}_bg.wasm`, 'latin1');
  assert.ok(wasm.includes('left') && wasm.includes(' sold today'), 'the islands are in it');
  for (const text of ['Cool the water', 'Four teas', 'Makaibari']) assert.ok(!wasm.includes(text), `${text} is in the wasm`);
});

check('islands: one that is not hydrated yet sells all the same', async (bench) => {
  const server = await bench.server('islands');
  const tab = await bench.open('about:blank');
  const release = await tab.hold('**/*.wasm');
  await tab.goto(server.url);
  await tab.click('buy-oolong');
  await tab.until('stock-oolong', '8 left');
  assert.match(await server.get('/'), /data-testid="stock-oolong"[^>]*>8 left</);
  release();
  await tab.until('visitors', 'You have the shop to yourself');
  await buy(server, 'oolong');
  await tab.until('stock-oolong', '7 left');
});

check('islands: one that comes late shows the value of now, and follows over the same connection', async (bench) => {
  const server = await bench.server('islands');
  const proxy = await bench.proxy(server);
  const tab = await bench.open(proxy.url);
  await untilLive(proxy);
  const opened = proxy.all.length;
  // As Leptos' router for islands does it: the HTML of a while ago, put into the page and woken up.
  const html = await server.get('/');
  await tab.click('buy-oolong');
  await tab.until('stock-oolong', '8 left');
  await tab.page.evaluate((html) => {
    const old = new DOMParser().parseFromString(html, 'text/html');
    const island = old.querySelector('[data-testid=stock-oolong]').closest('leptos-island');
    const late = document.createElement('div');
    late.id = 'late';
    late.append(document.adoptNode(island));
    document.querySelector('main').append(late);
    window.__hydrateIsland(island, island.dataset.component);
  }, html);
  const late = (wanted) => eventually(async () => assert.equal(await tab.page.textContent('#late .stock span'), wanted));
  await late('8 left');
  await tab.page.click('#late button');
  await late('7 left');
  await tab.until('stock-oolong', '7 left');
  assert.equal(proxy.streams.size, 1);
  assert.equal(proxy.all.length, opened);
});

check('islands: a shop that is killed and opens again is followed by all of them', async (bench) => {
  const server = await bench.server('islands');
  const tab = await bench.open(server.url);
  tab.allowLostConnections();
  await tab.click('buy-sencha');
  await tab.until('stock-sencha', '13 left');
  await server.kill();
  await eventually(() => assert.ok(tab.console.some(({ text }) => /reconnecting/.test(text))));
  assert.equal(await tab.text('stock-sencha'), '13 left', 'the last good value stays');
  await server.start();
  await tab.until('stock-sencha', '14 left', 20_000);
  await tab.until('till', 'Nothing was sold yet today');
});

check('islands: the last packet is sold once, and the page says who was too late', async (bench) => {
  const server = await bench.server('islands');
  const proxy = await bench.proxy(server);
  const tab = await bench.open(proxy.url);
  tab.allow(/^Failed to load resource/);
  await untilLive(proxy);
  proxy.hold();
  for (let sold = 0; sold < 5; sold += 1) await buy(server, 'darjeeling');
  await tab.click('buy-darjeeling');
  await tab.until('objection-darjeeling', 'Someone was faster.');
});

/** Waits until the one stream that is open has all of the islands' keys. */
function untilLive(proxy) {
  return eventually(() => {
    const [stream, ...others] = proxy.streams;
    assert.deepEqual(others, []);
    assert.deepEqual(Object.keys(stream?.asked.keys ?? {}).sort(), KEYS);
    assert.ok(stream.text.includes('event: hello'));
  });
}

async function buy(server, tea) {
  const response = await fetch(`${server.url}/api/buy`, { method: 'POST', body: new URLSearchParams({ tea }) });
  assert.equal(response.status, 200);
}
