// A bench for one test: servers, proxies and pages of a real browser, all of which end with the test. A failed test
// leaves pictures and logs in `results/`.

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { startNginx } from './nginx.mjs';
import { startPages } from './pages.mjs';
import { startProxy } from './proxy.mjs';
import { startServer } from './servers.mjs';
import { startWire } from './wire.mjs';

/**
 * A test in a browser. Its name says what it proves. Whatever it does, at its end no page has had an error of its own,
 * none has panicked, and the console has nothing but what the test allowed or expected.
 */
export function check(name, body, { timeout = 60_000 } = {}) {
  test(name, { timeout }, async () => {
    const bench = new Bench();
    try {
      await body(bench);
      bench.tabs.forEach((tab) => tab.assertQuiet());
      bench.servers.forEach((server) => assert.doesNotMatch(server.log, /panicked/, `${server.name} panicked`));
    } catch (error) {
      await bench.keep(name).catch((failure) => console.error('no report was kept:', failure));
      throw error;
    } finally {
      await bench.clear();
    }
  });
}

/** Waits until the assertions of `probe` hold, and returns what it returned; in time, or with its last failure. */
export async function eventually(probe, timeout = 10_000) {
  const end = Date.now() + timeout;
  for (;;) {
    try {
      return await probe();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await sleep(20);
  }
}

class Bench {
  tabs = [];
  servers = [];
  #proxies = [];
  #nginxes = [];
  #contexts = [];

  async server(name = 'lab', env) {
    const server = await startServer(name, env);
    this.servers.push(server);
    return server;
  }

  /** A proxy in front of a server. */
  async proxy(server) {
    const proxy = await startProxy(server);
    this.#proxies.push(proxy);
    return proxy;
  }

  /** nginx in front of a server. */
  async nginx(server, options) {
    const nginx = await startNginx(server, options);
    this.#nginxes.push(nginx);
    return nginx;
  }

  /** The page of an app that no server renders, on an origin of its own. */
  async pages(name, server) {
    const pages = await startPages(name, server);
    this.#proxies.push(pages);
    return pages;
  }

  /** A proxy in front of the lab whose event stream the test writes. */
  async wire() {
    const wire = await startWire(await this.server());
    this.#proxies.push(wire);
    return wire;
  }

  /** A page in a browser profile of its own. */
  async open(url, options = {}) {
    const context = await (await browser()).newContext(options);
    this.#contexts.push(context);
    return this.openIn(context, url);
  }

  /** One more page in the same profile. */
  async openIn(context, url) {
    const tab = new Tab(await context.newPage());
    this.tabs.push(tab);
    await tab.page.addInitScript(recordTexts);
    await tab.goto(url);
    return tab;
  }

  async keep(name) {
    const results = new URL('../results/', import.meta.url);
    await mkdir(results, { recursive: true });
    const slug = name.toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 80);
    for (const [index, tab] of this.tabs.entries()) {
      const picture = await tab.page.screenshot({ timeout: 5_000 }).catch(() => null);
      if (picture) await writeFile(new URL(`${slug}-${index}.png`, results), picture);
      await writeFile(new URL(`${slug}-${index}.log`, results), await tab.report());
    }
    for (const server of this.servers) await writeFile(new URL(`${slug}-${server.name}.log`, results), server.log);
    for (const nginx of this.#nginxes) await writeFile(new URL(`${slug}-nginx.log`, results), await nginx.log());
  }

  async clear() {
    await Promise.all(this.#contexts.map((context) => context.close()));
    await Promise.all([...this.#proxies, ...this.#nginxes].map((proxy) => proxy.close()));
    await Promise.all(this.servers.map((server) => server.kill()));
  }
}

class Tab {
  /** What the console has said: `{ type, text }`. */
  console = [];
  /** Errors that nobody caught, panics among them. */
  errors = [];
  #allowed = [];

  constructor(page) {
    this.page = page;
    page.on('console', (message) => this.console.push({ type: message.type(), text: message.text() }));
    page.on('pageerror', (error) => this.errors.push(String(error)));
  }

  async goto(url) {
    await this.page.goto(url, { waitUntil: 'domcontentloaded' });
  }

  /** Goes to a page that does not hydrate before it is told to, which is what the returned function does. */
  async gotoHeld(url) {
    const release = await this.hold('**/pkg/*');
    const came = this.page.waitForResponse(url).then((response) => response.finished());
    const gone = this.goto(url);
    await came;
    return async () => {
      release();
      await gone;
      await this.until('hydrated', 'yes');
    };
  }

  /** Holds the page's requests that match until the returned function is called; its `asked` waits for the first of them. */
  async hold(pattern) {
    let release;
    let ask;
    const released = new Promise((resolve) => (release = resolve));
    const asked = new Promise((resolve) => (ask = resolve));
    await this.page.route(pattern, async (route) => {
      ask();
      await released;
      await route.continue();
    });
    return Object.assign(release, { asked });
  }

  /** The text under a `data-testid`. */
  text(id) {
    return this.page.evaluate((id) => document.querySelector(`[data-testid="${id}"]`)?.textContent ?? null, id);
  }

  /** Waits until the text under a `data-testid` is, or matches, what is wanted. */
  until(id, wanted, timeout) {
    return eventually(async () => {
      const text = await this.text(id);
      if (wanted instanceof RegExp) assert.match(text ?? '(nothing)', wanted, id);
      else assert.equal(text, wanted, id);
      return text;
    }, timeout);
  }

  /** Every text that ever stood under a `data-testid` in this document. */
  seen(id) {
    return this.page.evaluate((id) => window.seenTexts[id] ?? [], id);
  }

  /** Waits until a text has stood there, if only for a moment. */
  untilSeen(id, pattern, timeout) {
    return eventually(async () => {
      const seen = await this.seen(id);
      assert.ok(seen.some((text) => pattern.test(text)), `${id} was never like ${pattern}: ${JSON.stringify(seen)}`);
    }, timeout);
  }

  /** Writes into the field under a `data-testid`. */
  fill(id, text) {
    return this.page.fill(`[data-testid="${id}"]`, text);
  }

  click(id) {
    return this.page.click(`[data-testid="${id}"]`);
  }

  /** What `/tick` and its like show. */
  async tick(id = 'tick') {
    return parseTick(await this.text(id));
  }

  async seenTicks(id = 'tick') {
    return (await this.seen(id)).map(parseTick);
  }

  /** Waits for a tick that fits. */
  untilTick(fits, timeout, id = 'tick') {
    return eventually(async () => {
      const tick = await this.tick(id);
      assert.ok(fits(tick), `${id} shows ${JSON.stringify(tick)}`);
      return tick;
    }, timeout);
  }

  /** Messages of the console that may come. */
  allow(...patterns) {
    this.#allowed.push(...patterns);
  }

  /** Lost connections are told on the console, by us and by the browser; the tests that lose some allow it. */
  allowLostConnections() {
    this.allow(/^leptos_sse: `\/sse[^`]*` reconnecting, attempt \d+/, /^Failed to load resource/);
  }

  /** The same where the stream is of another origin. */
  allowLostOrigin() {
    this.allow(/^leptos_sse: `http[^`]*` reconnecting, attempt \d+/, /^Failed to load resource/);
  }

  /** Waits for errors on the console that match, allows them, and returns them. */
  expectError(pattern, timeout) {
    this.allow(pattern);
    return eventually(() => {
      const found = this.errorsMatching(pattern);
      assert.notEqual(found.length, 0, `the console has no error like ${pattern}: ${JSON.stringify(this.console)}`);
      return found;
    }, timeout);
  }

  errorsMatching(pattern) {
    return this.console.filter(({ type, text }) => type === 'error' && pattern.test(text)).map(({ text }) => text);
  }

  assertQuiet() {
    assert.deepEqual(this.errors, [], 'errors that nobody caught');
    const loud = this.console.filter(
      ({ type, text }) => /panicked/.test(text) || (/error|warning|assert/.test(type) && !this.#allowed.some((pattern) => pattern.test(text))),
    );
    assert.deepEqual(loud, [], 'messages on the console');
  }

  async report() {
    const texts = await this.page.evaluate(() => window.seenTexts).catch(() => null);
    const log = this.console.map(({ type, text }) => `${type}: ${text}`);
    return [this.page.url(), ...log, ...this.errors, JSON.stringify(texts, null, 1)].join('\n') + '\n';
  }
}

/** In the page, before all else: keeps every text that ever stands under a `data-testid`. */
function recordTexts() {
  window.seenTexts = {};
  // While the document comes in, the element that holds its last node may have only a part of its text.
  const isPartial = (element) => {
    let last = document;
    while (last.lastChild) last = last.lastChild;
    return document.readyState === 'loading' && element.contains(last);
  };
  const record = () => {
    for (const element of document.querySelectorAll('[data-testid]')) {
      if (isPartial(element)) continue;
      const texts = (window.seenTexts[element.dataset.testid] ??= []);
      if (texts.at(-1) !== element.textContent) texts.push(element.textContent);
    }
  };
  document.addEventListener('readystatechange', record);
  new MutationObserver(record).observe(document, { subtree: true, childList: true, characterData: true });
}

function parseTick(text) {
  assert.match(text ?? '(nothing)', /^\d+ \d+ \d+ \d+$/);
  const [run, connection, value, double] = text.split(' ').map(Number);
  return { run, connection, value, double };
}

let launched;
function browser() {
  launched ??= chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    chromiumSandbox: false,
    // Playwright switches the cache of pages off; one of the tests is about it.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  return launched;
}
after(async () => (await launched)?.close());
