// A table of a thousand rows as a store: what changes is one text of the page, and rows keep their nodes.

import assert from 'node:assert/strict';
import { check } from '../support/browser.mjs';

const ROWS = 1_000;

check('store: one price of a thousand rows writes one text, and adds or takes out no node', async (bench) => {
  const lab = await bench.server();
  await lab.post(`/control/market/fill/${ROWS}`);
  const tab = await bench.open(`${lab.url}/paint/store`);
  await tab.until('status', 'open');
  await watch(tab, 'rows');
  await tab.until('rows', await lab.post('/control/market/price/500'));
  assert.deepEqual(await mutations(tab, 'rows'), { characterData: ['101'], added: [], removed: [] });
  for (let step = 0; step < 5; step += 1) await tab.until('rows', await lab.post('/control/market/price/7'));
  assert.deepEqual(await mutations(tab, 'rows'), { characterData: ['101', '102', '103', '104', '105'], added: [], removed: [] });
});

check('store: rows that come, go and move leave all others as they are, and those that move are the nodes they were', async (bench) => {
  const lab = await bench.server();
  await lab.post(`/control/market/fill/${ROWS}`);
  const tab = await bench.open(`${lab.url}/paint/store`);
  await tab.until('status', 'open');
  await watch(tab, 'rows');

  await tab.until('rows', await lab.post('/control/market/insert/3/5000'));
  assert.deepEqual(await mutations(tab, 'rows'), { characterData: [], added: ['5000:100 '], removed: [] });
  assert.deepEqual(await strangers(tab, 'rows'), ['5000:100 ']);

  await tab.until('rows', await lab.post('/control/market/remove/20'));
  assert.deepEqual(await mutations(tab, 'rows'), { characterData: [], added: [], removed: ['20:100 '] });

  await tab.until('rows', await lab.post('/control/market/move/25/10'));
  const moved = await mutations(tab, 'rows');
  assert.deepEqual(moved.characterData, []);
  assert.ok(moved.added.includes('25:100 '));
  // Those from which it came and to which it went may be moved around it, and no others.
  assert.ok(moved.added.length <= 25 - 10 + 1, `${moved.added.length} rows were moved`);
  assert.deepEqual(await strangers(tab, 'rows'), ['5000:100 ']);

  // Each handle still follows its own row.
  for (const id of [25, 5000, 21]) await tab.until('rows', await lab.post(`/control/market/price/${id}`));
  assert.deepEqual(await mutations(tab, 'rows'), { characterData: ['101', '101', '101'], added: [], removed: [] });
});

check('store: the source has the table, hydration changes nothing of it, and the stream brings no second copy', async (bench) => {
  const lab = await bench.server();
  const shown = await lab.post(`/control/market/fill/${ROWS}`);
  const proxy = await bench.proxy(lab);
  const source = await (await fetch(`${proxy.url}/paint/store`)).text();
  assert.equal(source.split('<li>').length - 1, ROWS);
  const tab = await bench.open('about:blank');
  const hydrate = await tab.gotoHeld(`${proxy.url}/paint/store`);
  await tab.until('rows', shown);
  await watch(tab, 'rows');
  await hydrate();
  await tab.until('status', 'open');
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.deepEqual(await mutations(tab, 'rows'), { characterData: [], added: [], removed: [] });
  assert.deepEqual(await tab.seen('rows'), [shown]);
  const [stream] = proxy.all;
  assert.ok(stream.text.length < 300, `the stream has brought ${stream.text.length} bytes: ${stream.text.slice(0, 1_000)}`);
  await tab.until('rows', await lab.post('/control/market/price/999'));
  assert.deepEqual(await mutations(tab, 'rows'), { characterData: ['101'], added: [], removed: [] });
});

check('store: a table that moved on before it was hydrated catches up everywhere, also in parts that are late', async (bench) => {
  const lab = await bench.server();
  const shown = await lab.post('/control/market/fill/50');
  const tab = await bench.open('about:blank');
  const hydrate = await tab.gotoHeld(`${lab.url}/paint/store-late`);
  const release = await tab.hold('**/api/released*');
  const early = ['rows', 'slow-rows'];
  for (const id of early) await tab.until(id, shown);
  for (const id of early) await watch(tab, id);
  await lab.post('/control/market/price/7');
  await lab.post('/control/market/insert/3/5000');
  await lab.post('/control/market/remove/20');
  const news = await lab.post('/control/market/move/40/10');
  for (const id of early) assert.equal(await tab.text(id), shown);

  await hydrate();
  for (const id of early) await tab.until(id, news);
  for (const id of early) {
    assert.equal((await tab.seen(id))[0], shown);
    assert.ok((await tab.seen(id)).every((text) => text !== ''), `${id} is never empty`);
    assert.deepEqual(await strangers(tab, id), ['5000:100 '], `${id} keeps the nodes of the server`);
  }

  // The part that the browser makes begins with what the others show by then.
  const later = await lab.post('/control/market/price/8');
  for (const id of early) await tab.until(id, later);
  assert.equal(await tab.text('local-rows'), null);
  release();
  await tab.until('local-rows', later);
  assert.deepEqual(await tab.seen('local-rows'), [later]);

  const ids = [...early, 'local-rows'];
  for (const id of ids) await mutations(tab, id);
  await watch(tab, 'local-rows');
  const last = await lab.post('/control/market/price/40');
  for (const id of ids) {
    await tab.until(id, last);
    assert.deepEqual(await mutations(tab, id), { characterData: ['101'], added: [], removed: [] }, id);
  }
});

/** From now on the page notes what changes in a table, and which rows it has. */
function watch(tab, id) {
  return tab.page.evaluate((id) => {
    const table = document.querySelector(`[data-testid="${id}"]`);
    const records = [];
    const note = (list) => {
      for (const { type, target, addedNodes, removedNodes } of list) {
        if (type === 'characterData') records.push(['characterData', target.data]);
        for (const node of addedNodes) records.push(['added', node.textContent]);
        for (const node of removedNodes) records.push(['removed', node.textContent]);
      }
    };
    const observer = new MutationObserver(note);
    observer.observe(table, { subtree: true, childList: true, characterData: true });
    const rows = new Set(table.querySelectorAll('li'));
    (window.watched ??= {})[id] = { table, rows, records, flush: () => note(observer.takeRecords()) };
  }, id);
}

/** The texts that were written, and those of the nodes that were added and taken out, since the last time. */
function mutations(tab, id) {
  return tab.page.evaluate((id) => {
    const { records, flush } = window.watched[id] ?? { records: [], flush() {} };
    flush();
    const all = records.splice(0);
    const of = (wanted) => all.filter(([kind]) => kind === wanted).map(([, text]) => text);
    return { characterData: of('characterData'), added: of('added'), removed: of('removed') };
  }, id);
}

/** The rows that were no nodes of the table when it was first looked at. */
function strangers(tab, id) {
  return tab.page.evaluate((id) => {
    const { table, rows } = window.watched[id];
    return [...table.querySelectorAll('li')].filter((row) => !rows.has(row)).map((row) => row.textContent);
  }, id);
}
