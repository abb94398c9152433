// The board, as several people in several browsers see it.

import assert from 'node:assert/strict';
import { check, eventually } from '../support/browser.mjs';

const MEND = 'card-2';
const LAMP = 'card-6';

check('board: a card that one drags to another column moves for the other, as the very node it was', async (bench) => {
  const server = await bench.server('board');
  const [ada, grace] = [await open(bench, server.url), await open(bench, server.url)];
  await grace.until('looking', '2 are looking');
  await mark(grace);
  await mark(ada);
  assert.deepEqual((await columns(grace)).map(({ length }) => length), [4, 2, 2]);

  await drag(ada, MEND, { over: LAMP });
  const wanted = [
    ['card-1', 'card-3', 'card-4'],
    ['card-5', MEND, LAMP],
    ['card-7', 'card-8'],
  ];
  for (const tab of [ada, grace]) await untilColumns(tab, wanted);
  // What stands on the screen is what the column says.
  for (const tab of [ada, grace]) await untilInOrder(tab);

  await drag(grace, 'card-5', { column: 2 });
  for (const tab of [ada, grace]) {
    await untilColumns(tab, [wanted[0], [MEND, LAMP], ['card-7', 'card-8', 'card-5']]);
    await untilInOrder(tab);
    assert.deepEqual(await strangers(tab), { added: [], removed: [] }, 'every card is the node it was');
  }
  assert.equal(await objection(ada), '');
});

check('board: cards that others make and delete leave all other nodes as they are', async (bench) => {
  const server = await bench.server('board');
  const [ada, grace] = [await open(bench, server.url), await open(bench, server.url)];
  await mark(grace);
  await ada.page.getByLabel('A new card in Doing').fill('Polish the bell');
  await ada.page.keyboard.press('Enter');
  await eventually(async () => assert.equal(await title(grace, 'card-9'), 'Polish the bell'));
  assert.deepEqual((await columns(grace))[1], ['card-5', LAMP, 'card-9']);
  assert.deepEqual(await strangers(grace), { added: ['card-9'], removed: [] });

  await ada.page.dblclick(`#${MEND} .title`);
  await ada.page.click(`#${MEND} .delete`);
  for (const tab of [ada, grace]) await eventually(async () => assert.deepEqual((await columns(tab))[0], ['card-1', 'card-3', 'card-4']));
  assert.deepEqual(await strangers(grace), { added: ['card-9'], removed: [MEND] });
  // Those who use the keyboard are not thrown back to the top.
  assert.equal(await focused(ada), 'card-3');
});

check('board: who writes on a card goes on writing while others move that card and all around it', async (bench) => {
  const server = await bench.server('board');
  const [ada, grace] = [await open(bench, server.url), await open(bench, server.url)];
  await mark(grace);
  await grace.page.click(`#${LAMP} .edit`);
  await grace.page.keyboard.press('End');
  await grace.page.keyboard.type(', a red');
  await grace.page.keyboard.press('ArrowLeft');

  await drag(ada, LAMP, { column: 0 });
  await drag(ada, 'card-1', { column: 1 });
  await eventually(async () => assert.deepEqual((await columns(grace))[0], [MEND, 'card-3', 'card-4', LAMP]));
  const field = () =>
    grace.page.evaluate(() => {
      const { value, selectionStart } = document.activeElement;
      return { value, selectionStart };
    });
  assert.deepEqual(await field(), { value: 'New lamp at the top of the mast, a red', selectionStart: 37 });

  await grace.page.keyboard.press('End');
  await grace.page.keyboard.type(' one');
  await grace.page.getByLabel('Whose it is').fill('Lin');
  await grace.page.getByLabel('Label', { exact: true }).selectOption('Chore');
  await grace.page.click('text=Save');
  for (const tab of [ada, grace]) {
    await eventually(async () => {
      assert.equal(await title(tab, LAMP), 'New lamp at the top of the mast, a red one');
      assert.match(await tab.page.textContent(`#${LAMP} .facts`), /ChoreLin/);
    });
  }
  assert.equal(await focused(grace), LAMP);
  assert.deepEqual(await strangers(grace), { added: [], removed: [] });
});

check('board: the keyboard goes from card to card, and moves one as a mouse would; the focus goes with it', async (bench) => {
  const server = await bench.server('board');
  const [ada, grace] = [await open(bench, server.url), await open(bench, server.url)];
  await mark(ada);
  // One card is the way in, whatever their number.
  assert.equal(await ada.page.locator('.card[tabindex="0"]').count(), 1);
  await ada.page.focus('.card[tabindex="0"]');
  for (const key of ['ArrowDown', 'ArrowRight', 'ArrowLeft']) await ada.page.keyboard.press(key);
  assert.equal(await focused(ada), MEND);

  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowUp', 'ArrowUp']) await ada.page.keyboard.press(`Shift+${key}`);
  const wanted = [['card-1', 'card-3', 'card-4'], ['card-5', LAMP], [MEND, 'card-7', 'card-8']];
  assert.deepEqual(await columns(ada), wanted, 'at once, before the server has answered');
  assert.equal(await focused(ada), MEND);
  assert.equal(await ada.page.textContent('p.aside'), 'Mend the tear in the foresail: Done, 1 of 3');
  for (const tab of [ada, grace]) await untilColumns(tab, wanted);
  assert.deepEqual(await strangers(ada), { added: [], removed: [] });

  await ada.page.keyboard.press('Enter');
  await ada.page.click('[aria-label="To the column on the left"]');
  for (const tab of [ada, grace]) await eventually(async () => assert.ok((await columns(tab))[1].includes(MEND)));
  assert.equal(await ada.page.getAttribute('[aria-label="To the column on the left"]', 'aria-disabled'), 'false');
  await ada.page.keyboard.press('Escape');
});

check('board: a drag that is broken off by Escape, or ends where it began, moves nothing', async (bench) => {
  const server = await bench.server('board');
  const ada = await open(bench, server.url);
  const moves = [];
  ada.page.on('request', (request) => request.url().includes('/api/') && moves.push(request.url()));
  const before = await columns(ada);
  await lift(ada, MEND, { over: LAMP });
  assert.deepEqual((await columns(ada))[1], ['card-5', MEND, LAMP], 'the others make room');
  await ada.page.keyboard.press('Escape');
  await eventually(async () => assert.deepEqual(await columns(ada), before));
  await ada.page.mouse.up();
  await drag(ada, MEND, { over: MEND });
  assert.deepEqual(await columns(ada), before);
  assert.deepEqual(moves, []);
});

check('board: what the server refuses is said on the page, and the card goes back', async (bench) => {
  const server = await bench.server('board');
  const proxy = await bench.proxy(server);
  const [ada, grace] = [await open(bench, server.url), await open(bench, proxy.url)];
  grace.allow(/^Failed to load resource/);
  // Grace does not hear that the card has gone.
  proxy.hold();
  await ada.page.click(`#${MEND} .edit`);
  await ada.page.click(`#${MEND} .delete`);
  await eventually(async () => assert.equal((await columns(ada))[0].length, 3));
  await drag(grace, MEND, { over: LAMP });
  await grace.until('objection', /This card is gone/);
  assert.deepEqual((await columns(grace))[0], ['card-1', MEND, 'card-3', 'card-4']);
  await grace.page.click('text=Close');
  await grace.until('objection', '');

  // The rules are the server's: no page is needed to break them.
  const refuse = async (path, fields, why) => {
    const response = await fetch(`${server.url}/api/${path}`, { method: 'POST', body: new URLSearchParams(fields) });
    assert.equal(response.status, 500);
    assert.match(await response.text(), why);
  };
  await refuse('move_card', { card: 1, column: 3 }, /NoSuchColumn/);
  await refuse('move_card', { card: 99, column: 1 }, /NoSuchCard/);
  await refuse('move_card', { card: 1, column: 'x' }, /Failed/);
  await refuse('add_card', { column: 0, title: '  ' }, /TitleLength/);
  await refuse('edit_card', { card: 1, title: 'x', who: 'y'.repeat(25), label: 'Bug' }, /NameLength/);
  assert.equal((await columns(ada)).flat().length, 7);
});

check('board: a card that someone deletes while another has it in the hand is gone from the hand, too', async (bench) => {
  const server = await bench.server('board');
  const [ada, grace] = [await open(bench, server.url), await open(bench, server.url)];
  await lift(ada, MEND, { over: LAMP });
  await grace.page.click(`#${MEND} .edit`);
  await grace.page.click(`#${MEND} .delete`);
  const wanted = [['card-1', 'card-3', 'card-4'], ['card-5', LAMP], ['card-7', 'card-8']];
  await untilColumns(ada, wanted);
  await ada.page.mouse.up();
  await drag(ada, 'card-3', { column: 2 });
  for (const tab of [ada, grace]) await untilColumns(tab, [['card-1', 'card-4'], wanted[1], ['card-7', 'card-8', 'card-3']]);

  // Nor is it in the hand when there is such a card again, on the board that a server begins with.
  await lift(ada, LAMP, { over: 'card-1' });
  await grace.page.click(`#${LAMP} .edit`);
  await grace.page.click(`#${LAMP} .delete`);
  await eventually(async () => assert.deepEqual((await columns(ada))[1], ['card-5']));
  for (const tab of [ada, grace]) tab.allowLostConnections();
  await server.kill();
  await server.start();
  await eventually(async () => assert.deepEqual((await columns(ada))[1], ['card-5', LAMP]), 20_000);
  assert.equal(await ada.page.locator('.lifted').count(), 0);
});

check('board: it survives kill -9 of its server and a restart, and shows the board that there is then', async (bench) => {
  const server = await bench.server('board');
  const [ada, grace] = [await open(bench, server.url), await open(bench, server.url)];
  for (const tab of [ada, grace]) tab.allowLostConnections();
  await mark(grace);
  const before = await columns(ada);
  await drag(ada, MEND, { over: LAMP });
  await eventually(async () => assert.ok((await columns(grace))[1].includes(MEND)));
  await server.kill();
  for (const tab of [ada, grace]) await eventually(async () => assert.equal(await connection(tab), 'reconnecting'));
  assert.ok((await columns(grace))[1].includes(MEND), 'the last good board stays');
  await drag(ada, 'card-1', { column: 2 });
  await ada.until('objection', /That did not work/);

  await server.start();
  for (const tab of [ada, grace]) {
    await eventually(async () => assert.equal(await connection(tab), 'open'), 20_000);
    await untilColumns(tab, before);
  }
  assert.deepEqual(await strangers(grace), { added: [], removed: [] });
  await drag(grace, MEND, { column: 2 });
  await eventually(async () => assert.ok((await columns(ada))[2].includes(MEND)));
});

check('board: the cards of now stand in the HTML, and nothing else is shown before the page is live', async (bench) => {
  const server = await bench.server('board');
  const ada = await open(bench, server.url);
  await drag(ada, MEND, { column: 2 });
  await eventually(async () => assert.match(await server.get('/'), /id="card-2"[^>]*--column:\s?2;\s?--row:\s?2/));

  const grace = await open(bench, server.url);
  assert.match(await server.get('/'), /Mend the tear in the foresail/);
  assert.deepEqual(await columns(grace), await columns(ada));
  const shown = await grace.seen('column-2');
  assert.deepEqual([...new Set(shown)], ['Done 3'], 'no other number of cards was ever there');
  assert.deepEqual(grace.console, []);
});

for (const colorScheme of ['light', 'dark']) {
  check(`board: in ${colorScheme} on a phone, a finger takes a card by its handle`, async (bench) => {
    const server = await bench.server('board');
    const phone = await open(bench, server.url, { colorScheme, viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true });
    const { background, wide } = await phone.page.evaluate(() => ({
      background: Number(getComputedStyle(document.body).backgroundColor.match(/\d+/g)[1]),
      wide: document.documentElement.scrollWidth,
    }));
    assert.ok(colorScheme === 'dark' ? background < 80 : background > 200, `its background is ${background}`);
    assert.ok(wide <= 390, 'the columns scroll, and not the page');

    const touch = await phone.page.context().newCDPSession(phone.page);
    const from = await center(phone, `#${MEND} .handle`);
    const to = await center(phone, '#card-4');
    const at = (type, x, y) =>
      touch.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x, y }] });
    await at('touchStart', from.x, from.y);
    for (let step = 1; step <= 8; step += 1) await at('touchMove', from.x, from.y + ((to.y - from.y) * step) / 8);
    await at('touchEnd');
    await eventually(async () => assert.deepEqual((await columns(phone))[0], ['card-1', 'card-3', 'card-4', MEND]));
  });
}

async function open(bench, url, options) {
  const tab = await bench.open(url, { viewport: { width: 1200, height: 900 }, ...options });
  await eventually(async () => assert.equal(await connection(tab), 'open'), 20_000);
  return tab;
}

function connection(tab) {
  return tab.page.getAttribute('[data-testid=connection]', 'data-state');
}

/** The cards of each column from top to bottom, as those who listen to the page are told. */
function columns(tab) {
  return tab.page.$$eval('.lane', (lanes) => lanes.map((lane) => lane.getAttribute('aria-owns').split(' ').filter(Boolean)));
}

function untilColumns(tab, wanted) {
  return eventually(async () => assert.deepEqual(await columns(tab), wanted));
}

/** Waits until the cards stand on the screen as the columns say. */
function untilInOrder(tab) {
  return eventually(async () => {
    const shown = await tab.page.evaluate(() => {
      const lanes = [...document.querySelectorAll('.column')].map((column) => column.getBoundingClientRect());
      const cards = [...document.querySelectorAll('.card')].map((card) => ({ id: card.id, ...card.getBoundingClientRect().toJSON() }));
      cards.sort((a, b) => a.top - b.top);
      return lanes.map(({ left, right }) => cards.filter((card) => card.left >= left && card.right <= right).map(({ id }) => id));
    });
    assert.deepEqual(shown, await columns(tab));
  });
}

/** Marks every card's node, and keeps what is put in and taken out from now on. */
function mark(tab) {
  return tab.page.evaluate(() => {
    window.marked = new Map([...document.querySelectorAll('.card')].map((card) => [card.id, card]));
    window.touched = { added: [], removed: [] };
    const ids = (nodes) => [...nodes].filter(({ id }) => id).map(({ id }) => id);
    new MutationObserver((records) => {
      for (const { addedNodes, removedNodes } of records) {
        window.touched.added.push(...ids(addedNodes));
        window.touched.removed.push(...ids(removedNodes));
      }
    }).observe(document.querySelector('.cards'), { childList: true });
  });
}

/** The cards whose nodes are not those that were marked; one that was only put elsewhere in the document counts as both. */
function strangers(tab) {
  return tab.page.evaluate(() => {
    const cards = [...document.querySelectorAll('.card')];
    const added = cards.filter((card) => window.marked.get(card.id) !== card).map(({ id }) => id);
    const removed = [...window.marked].filter(([, card]) => !card.isConnected).map(([id]) => id);
    const { touched } = window;
    return { added: [...new Set([...added, ...touched.added])], removed: [...new Set([...removed, ...touched.removed])] };
  });
}

function title(tab, card) {
  return tab.page.textContent(`#${card} .title`, { timeout: 5_000 });
}

function focused(tab) {
  return tab.page.evaluate(() => document.activeElement.id);
}

function objection(tab) {
  return tab.text('objection');
}

async function center(tab, selector) {
  const { x, y, width, height } = await tab.page.locator(selector).boundingBox();
  return { x: x + width / 2, y: y + height / 2 };
}

/** Takes a card with the mouse, over another card or over the end of a column. */
async function lift(tab, card, { over, column }) {
  const { mouse } = tab.page;
  await rest(tab);
  const from = await center(tab, `#${card}`);
  const to = over ? await center(tab, `#${over}`) : await center(tab, `[data-testid=column-${column}] form`);
  await mouse.move(from.x, from.y);
  await mouse.down();
  await mouse.move(from.x + 6, from.y, { steps: 2 });
  await mouse.move(to.x, to.y, { steps: 8 });
}

/** Takes a card and lets it go. */
async function drag(tab, card, to) {
  await lift(tab, card, to);
  await tab.page.mouse.up();
  await rest(tab);
}

/** Waits until no card moves. */
function rest(tab) {
  return tab.page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))));
}
