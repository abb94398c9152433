// Who may see what: forbidden keys, logins that end, pages of another origin.

import assert from 'node:assert/strict';
import { assertStatuses } from '../support/assertions.mjs';
import { check, eventually } from '../support/browser.mjs';

const UNAUTHORIZED = /^leptos_sse: `[^`]*\/sse\/members` answered 401, and no stream of events$/;
const BYE = /^leptos_sse: `[^`]*` said bye \((.*)\)/;

check('a forbidden key is refused on the stream: one clear message, and the others go on', async (bench) => {
  const lab = await bench.server();
  const proxy = await bench.proxy(lab);
  const refusal = 'leptos_sse: the server refuses `secret`: forbidden';
  const told = () => tab.console.filter(({ text }) => text === refusal);
  const tab = await bench.open(`${proxy.url}/board?with=a,secret`);
  tab.allow(/the server refuses `secret`: forbidden/);
  const secret = await lab.post('/control/add/secret');
  await tab.until('a', await lab.post('/control/add/a'));
  await eventually(() => assert.deepEqual(told(), [{ type: 'warning', text: refusal }]));
  assert.equal(await tab.text('secret'), '0 0 0 0');
  const wire = proxy.all[0].of('secret').map(({ event }) => event);
  assert.deepEqual(wire, ['refused'], 'nothing else of it is on the wire');
  assert.equal(proxy.opened, 1);

  // One who is let in meanwhile has it with the next keys.
  await logIn(tab, lab, 'ada');
  await tab.fill('names', 'a,secret,b');
  await tab.until('secret', secret);
  await tab.until('a', await lab.post('/control/add/a'));
  assert.equal(told().length, 1, 'it was told once');
  assertStatuses(await tab.seen('status'), ['connecting', 'open']);
});

check('a logout ends the stream at once, the page is told 401, and after a login it has what it missed', async (bench) => {
  const lab = await bench.server();
  const proxy = await bench.proxy(lab);
  const tab = await bench.open(`${lab.url}/`);
  await logIn(tab, lab, 'ada');
  await tab.goto(`${proxy.url}/board?sse=/sse/members&with=a`);
  tab.allowLostConnections();
  tab.allow(UNAUTHORIZED, BYE);
  const last = await lab.post('/control/add/a');
  await tab.until('a', last);

  assert.equal(await lab.post('/control/logout/ada'), '1');
  await tab.until('status', /^(reconnecting|refused)/);
  assert.equal(proxy.all[0].events.at(-1).event, 'bye');
  await eventually(() => assert.ok(tab.console.some(({ text }) => UNAUTHORIZED.test(text)), 'the status is told'), 20_000);
  assert.equal(await stat(lab, 'connections'), 0);
  const missed = await lab.post('/control/add/a');
  assert.equal(await tab.text('a'), last, 'nothing comes any more');

  await logIn(tab, lab, 'ada');
  await tab.until('a', missed, 20_000);
  await tab.until('status', 'open');
  const { asked } = proxy.all.at(-1);
  assert.equal(typeof asked.keys.a, 'number', 'it asks with what it holds');
});

check('who is not logged in is told 401, and let in after a login', async (bench) => {
  const lab = await bench.server();
  const tab = await bench.open(`${lab.url}/board?sse=/sse/members&with=a`);
  tab.allowLostConnections();
  tab.allow(UNAUTHORIZED);
  await eventually(() => assert.ok(tab.console.some(({ text }) => UNAUTHORIZED.test(text))), 20_000);
  await tab.until('status', /^refused 401/);
  assert.deepEqual(await tab.seen('a'), ['0 0 0 0']);
  await logIn(tab, lab, 'ada');
  await tab.until('a', await lab.post('/control/add/a'), 20_000);
  assert.equal(await tab.text('status'), 'open');
});

check('a logout of one user ends all of their streams and nobody else\'s', async (bench) => {
  const lab = await bench.server();
  const open = async (name, context) => {
    const proxy = await bench.proxy(lab);
    const tab = context ? await bench.openIn(context, `${lab.url}/`) : await bench.open(`${lab.url}/`);
    await logIn(tab, lab, name);
    await tab.goto(`${proxy.url}/board?sse=/sse/members&with=a`);
    await tab.until('status', 'open');
    tab.allowLostConnections();
    tab.allow(UNAUTHORIZED, BYE);
    return { proxy, tab };
  };
  const ada = await open('ada');
  const adaToo = await open('ada', ada.tab.page.context());
  const grace = await open('grace');
  assert.equal(await lab.post('/control/logout/ada'), '2');
  for (const { tab } of [ada, adaToo]) await tab.until('status', /^(reconnecting|refused)/);
  await grace.tab.until('a', await lab.post('/control/add/a'));
  assert.equal(grace.proxy.opened, 1);
  assertStatuses(await grace.tab.seen('status'), ['connecting', 'open']);
});

check('a connection that is given an end says bye then, and goes on with another without a gap', async (bench) => {
  const lab = await bench.server();
  const proxy = await bench.proxy(lab);
  const tab = await bench.open(`${proxy.url}/board?sse=${encodeURIComponent('/sse/hub?lasts=1200')}&with=a,b`);
  tab.allowLostConnections();
  tab.allow(BYE);
  await tab.until('b', await lab.post('/control/add/b'));
  await lab.post('/control/busy/a');
  await eventually(() => assert.ok(proxy.opened >= 3, `${proxy.opened} streams by now`), 20_000);
  await tab.until('a', await lab.post('/control/rest/a'), 20_000);

  const [first, second] = proxy.all;
  assert.deepEqual(first.events.at(-1), { event: 'bye', id: null, data: { reason: 'expired' } });
  assert.ok(first.url.startsWith('/sse/hub?lasts=1200&s='), 'its own query is kept');
  assert.equal(second.asked.keys.a, first.of('a').at(-1).data.to);
  assert.equal(second.of('a')[0].data.from, second.asked.keys.a, 'no snapshot');
  assert.deepEqual(second.of('b'), []);
  const values = (await tab.seenTicks('a')).map(({ value }) => value);
  assert.deepEqual(values, [...values].sort((a, b) => a - b));
});

check('another origin, with its cookie: the page follows, reconnects, and moves on to other keys', async (bench) => {
  const { page, lab, proxy } = await twoOrigins(bench);
  const tab = await bench.open(`${page.url}/`);
  await logIn(tab, lab, 'ada');
  await tab.goto(`${page.url}/board?sse=${proxy.url}/sse/members&credentials=yes&with=a`);
  tab.allowLostOrigin();
  await tab.until('a', await lab.post('/control/add/a'));
  assert.deepEqual(tab.console, []);
  assert.equal(proxy.all[0].headers.origin, page.url);
  assert.equal(proxy.all[0].headers.cookie, 'member=ada');

  await tab.fill('names', 'a,b');
  await tab.until('b', await lab.post('/control/add/b'));
  proxy.cut();
  await tab.until('status', /^reconnecting/);
  await tab.until('a', await lab.post('/control/add/a'));
  assert.match(proxy.all[2].headers['last-event-id'], /^[0-9a-z]+\.\d+$/i);
  assert.equal(proxy.opened, 3);
});

check('another origin without credentials: no cookie goes there, the page says 401, and follows once guests are let in', async (bench) => {
  const { page, lab, proxy } = await twoOrigins(bench);
  const tab = await bench.open(`${page.url}/`);
  await logIn(tab, lab, 'ada');
  await tab.goto(`${page.url}/board?sse=${proxy.url}/sse/members&with=a`);
  tab.allowLostOrigin();
  tab.allow(UNAUTHORIZED);
  await eventually(() => assert.ok(tab.console.some(({ text }) => UNAUTHORIZED.test(text))), 20_000);
  await tab.until('status', /^refused 401/);

  await lab.post('/control/guests/true');
  await tab.until('a', await lab.post('/control/add/a'), 20_000);
  assert.equal(await tab.text('status'), 'open');
  assert.equal(proxy.all[0].headers.cookie, undefined);
});

check('another origin that the server does not allow: the browser says why, the page waits, and follows when it is allowed', async (bench) => {
  const { page, lab, proxy } = await twoOrigins(bench);
  await lab.post('/control/other-origins/false');
  const tab = await bench.open(`${page.url}/board?sse=${proxy.url}/sse/hub&with=a`);
  tab.allowLostOrigin();
  await tab.expectError(/^Access to .* has been blocked by CORS policy/);
  await tab.until('status', /^reconnecting [2-9]/, 20_000);
  assert.deepEqual(await tab.seen('a'), ['0 0 0 0']);
  await lab.post('/control/other-origins/true');
  await tab.until('a', await lab.post('/control/add/a'), 20_000);
  assert.equal(await tab.text('status'), 'open');
});

/** One server for pages, and another one, through a proxy, with the stream: the same host, and so one jar of cookies. */
async function twoOrigins(bench) {
  const page = await bench.server();
  const lab = await bench.server();
  return { page, lab, proxy: await bench.proxy(lab) };
}

/** The cookie goes into the jar that the page's browser has. */
async function logIn(tab, lab, name) {
  await tab.page.request.post(`${lab.url}/control/login/${name}`);
}

async function stat(lab, name) {
  return JSON.parse(await lab.get('/control/stats'))[name];
}
