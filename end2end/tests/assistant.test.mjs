// The assistant: text that grows word by word, as several browsers see it, and what each word costs.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { check, eventually } from '../support/browser.mjs';

check('assistant: two browsers see the same words, also one whose connection is cut in the middle of a sentence', async (bench) => {
  const server = await bench.server('assistant', { ASSISTANT_PACE: '15' });
  const proxy = await bench.proxy(server);
  const one = await begin(bench, server.url, 'Where did the White Rabbit go?', 400);
  const two = await bench.open(proxy.url + new URL(one.page.url()).pathname);
  two.allowLostConnections();

  await untilWords(two, 30);
  const openedAt = proxy.opened;
  proxy.cut();
  await eventually(() => assert.ok(proxy.opened > openedAt));
  const text = await whole(one);
  await two.until('text-1', text, 30_000);
  await eventually(async () => assert.equal(await writing(two), 'false'));
  for (const tab of [one, two]) await assertOnlyGrows(tab, text);
  assert.ok((await two.seen('text-1')).length > 20, 'it came word by word');
  assert.deepEqual(one.console, []);
});

check('assistant: a reload in the middle shows the text so far, in the HTML and without a flash', async (bench) => {
  const server = await bench.server('assistant', { ASSISTANT_PACE: '20' });
  const proxy = await bench.proxy(server);
  const tab = await begin(bench, proxy.url, 'Tell me of the Hatter’s tea', 400);
  await untilWords(tab, 40);
  const before = await tab.text('text-1');
  const { pathname } = new URL(tab.page.url());
  assert.ok((await server.get(pathname)).includes(before.slice(0, 60).replaceAll("'", '&#x27;')), 'without any script it stands there');

  const streams = proxy.opened;
  await tab.goto(tab.page.url());
  await eventually(async () => assert.equal(await connection(tab), 'open'));
  await untilWords(tab, 80);
  const [first] = await tab.seen('text-1');
  assert.ok(first.startsWith(before), `it began with ${JSON.stringify(first)} and not with ${JSON.stringify(before)}`);
  const key = `assistant::model::Conversation:${pathname.split('/').at(-1)}`;
  const events = proxy.all.slice(streams).flatMap((stream) => stream.of(key));
  assert.ok(events.length > 20 && events.every(({ data }) => data.from), 'what stands in the HTML is not sent once more');
  await tab.click('stop');
  await eventually(async () => assert.equal(await writing(tab), 'false'));
  await assertOnlyGrows(tab, await tab.text('text-1'));
  assert.deepEqual(tab.console, []);
});

check('assistant: a word costs the same at a hundred words and at a thousand', async (bench) => {
  const server = await bench.server('assistant', { ASSISTANT_PACE: '6' });
  const proxy = await bench.proxy(server);
  const tab = await begin(bench, proxy.url, 'What did Alice say?', 2_000);
  await untilWords(tab, 1_100, 50_000);
  await tab.click('stop');
  await eventually(async () => assert.equal(await writing(tab), 'false'));

  const id = new URL(tab.page.url()).pathname.split('/').at(-1);
  const events = proxy.all.flatMap(({ text }) => text.split('\n')).filter((line) => line.startsWith('data: {"name":') && line.includes(`:${id}"`));
  // A reader that is slow for a moment gets some words at once: what counts is the event of one.
  const sizes = events.filter((line) => line.split('"str_ins"').length === 2).map((line) => Buffer.byteLength(line));
  assert.ok(sizes.length > 1_000, `${sizes.length} words came one by one`);
  const [early, late] = [median(sizes.slice(50, 150)), median(sizes.slice(950, 1_050))];
  console.log(`a word cost ${early} bytes after about 100 words and ${late} after about 1,000`);
  assert.ok(Math.abs(late - early) <= early * 0.2, `${early} bytes and then ${late}`);

  // What the page's own meter says.
  const shown = async (testid) => Number((await tab.text(testid)).replace(' B', '').replace(' kB', '000'));
  assert.ok((await shown('event')) <= early * 1.5, `the meter shows ${await tab.text('event')}`);
  assert.ok((await shown('length')) > 3_000, `the meter shows ${await tab.text('length')}`);
  assert.deepEqual(tab.console, []);
});

check('assistant: its server is killed and started again: a kept conversation is gone on with, on the same page', async (bench) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'leptos-sse-assistant-'));
  try {
    const server = await bench.server('assistant', { ASSISTANT_PACE: '20', ASSISTANT_FOLDER: folder });
    const tabs = [await begin(bench, server.url, 'How large was the cake?', 400)];
    tabs.push(await bench.open(tabs[0].page.url()));
    tabs.forEach((tab) => tab.allowLostConnections());
    for (const tab of tabs) await untilWords(tab, 60);

    await server.kill();
    for (const tab of tabs) await eventually(async () => assert.equal(await connection(tab), 'reconnecting'));
    const last = await tabs[0].text('text-1');
    assert.ok(last.split(/\s+/).length >= 60, 'the last good value stays');
    await server.start();
    const text = await whole(tabs[0]);
    await tabs[1].until('text-1', text, 20_000);
    assert.ok(text.split(/\s+/).length >= 400);
    const [kept] = await readdir(folder);
    // The last words are written after they were sent.
    await eventually(async () => {
      const { messages } = JSON.parse(await readFile(path.join(folder, kept), 'utf8'));
      assert.deepEqual([messages[1].text, messages[1].state], [text, 'Whole']);
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

check('assistant: a server that keeps nothing is killed: the page says that the conversation is gone, and begins another', async (bench) => {
  const server = await bench.server('assistant', { ASSISTANT_PACE: '15' });
  const tab = await begin(bench, server.url, 'Why?', 400);
  tab.allowLostConnections();
  tab.allow(/the server refuses `assistant::model::Conversation:/);
  await untilWords(tab, 10);
  await server.kill();
  await server.start();
  await tab.until('gone', /is gone/, 20_000);
  await tab.page.click('text=Begin another one');
  await ask(tab, 'Why not?', 60);
  await whole(tab);
});

check('assistant: an answer is stopped, and a conversation deleted, by anyone who has it open', async (bench) => {
  const server = await bench.server('assistant', { ASSISTANT_PACE: '15' });
  const one = await begin(bench, server.url, 'Where is Dinah?', 2_000);
  const two = await bench.open(one.page.url());
  await untilWords(two, 20);
  await two.click('stop');
  for (const tab of [one, two]) await eventually(async () => assert.equal(await writing(tab), 'false'));
  const text = await one.text('text-1');
  assert.equal(await two.text('text-1'), text);

  // The next question is the same conversation's, and its answer is another one.
  await ask(two, 'And the Mouse?', 60);
  await one.until('text-2', 'And the Mouse?');
  const answer = await whole(one, 'text-3');
  await two.until('text-3', answer);
  assert.equal(await one.text('text-1'), text);

  await ask(one, 'And then?', 2_000);
  await eventually(async () => assert.match(await two.text('text-5'), /\w+ \w+/));
  two.allow(/the server (removed|refuses) `assistant::model::Conversation:/);
  one.allow(/the server (removed|refuses) `assistant::model::Conversation:/);
  await one.page.click('button.delete');
  await two.until('gone', /is gone/);
  await eventually(async () => assert.equal(await one.page.locator('[data-testid=shelf] li').count(), 0));
  assert.equal(new URL(one.page.url()).pathname, '/');
});

check('assistant: a page that is not hydrated yet stops an answer, asks and deletes', async (bench) => {
  const server = await bench.server('assistant', { ASSISTANT_PACE: '15' });
  const one = await begin(bench, server.url, 'Where is Dinah?', 2_000);
  one.allow(/the server (removed|refuses) `assistant::model::Conversation:/);
  await untilWords(one, 20);
  const two = await bench.open('about:blank');
  const release = await two.hold('**/*.wasm');
  await two.goto(one.page.url());
  await two.click('stop');
  for (const tab of [one, two]) await eventually(async () => assert.equal(await writing(tab), 'false'));
  await ask(two, 'And the Mouse?', 60);
  await one.until('text-2', 'And the Mouse?');
  await two.until('text-2', 'And the Mouse?');
  assert.match(await whole(one, 'text-3'), /\w+ \w+/);
  await two.page.click('button.delete');
  for (const tab of [one, two]) await tab.until('gone', /is gone/);
  assert.notEqual(await connection(two), 'open', 'it was never hydrated');
  release();
  await eventually(async () => assert.equal(await connection(two), 'open'), 20_000);
});

async function begin(bench, url, prompt, words) {
  const tab = await bench.open(url);
  await eventually(async () => assert.equal(await connection(tab), 'open'), 20_000);
  await ask(tab, prompt, words);
  await tab.page.waitForURL(/\/c\//);
  return tab;
}

async function ask(tab, prompt, words) {
  await tab.page.fill('textarea', prompt);
  await tab.page.selectOption('select', String(words));
  await tab.page.click('button.main');
}

/** Waits until the answer is whole, and returns it. */
async function whole(tab, id = 'text-1') {
  await eventually(async () => {
    assert.match((await tab.text(id)) ?? '', /[.!?]$/);
    assert.equal(await writing(tab), 'false');
  }, 40_000);
  return tab.text(id);
}

function untilWords(tab, count, timeout = 20_000) {
  return eventually(async () => {
    const words = ((await tab.text('text-1')) ?? '').split(/\s+/).length;
    assert.ok(words >= count, `${words} words and not ${count}`);
  }, timeout);
}

/** Each text that stood there is the beginning of the next. */
async function assertOnlyGrows(tab, text) {
  const seen = await tab.seen('text-1');
  for (const [index, part] of seen.entries()) {
    assert.ok(text.startsWith(part), `${JSON.stringify(part)} is no beginning`);
    assert.ok(index === 0 || part.length > seen[index - 1].length, `it shrank to ${JSON.stringify(part)}`);
  }
}

function median(sizes) {
  return sizes.toSorted((one, two) => one - two)[Math.floor(sizes.length / 2)];
}

/** Whether the last answer is being written. */
function writing(tab) {
  return tab.page.evaluate(() => [...document.querySelectorAll('li.message')].at(-1)?.getAttribute('aria-busy') ?? null);
}

function connection(tab) {
  return tab.page.getAttribute('[data-testid=connection]', 'data-state');
}
