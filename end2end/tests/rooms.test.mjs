// The rooms, over both servers, as two people in two browsers see them.

import assert from 'node:assert/strict';
import { check, eventually } from '../support/browser.mjs';

for (const app of ['rooms-axum', 'rooms-actix']) {
  check(`${app}: two people see each other come and go, chat both ways, and a topic changed by one is the other's`, async (bench) => {
    const server = await bench.server(app);
    const ada = await enter(bench, server.url, 'ada', 'general');
    await untilMembers(ada, ['ada']);
    const grace = await logIn(bench, server.url, 'grace');
    await grace.until('inside-general', '1 person inside');
    await goTo(grace, 'general');
    for (const tab of [ada, grace]) await untilMembers(tab, ['ada', 'grace']);

    await say(ada, 'Is anyone here?');
    for (const tab of [ada, grace]) await untilSaid(tab, ['ada: Is anyone here?']);
    await say(grace, 'I am.');
    await say(ada, 'Then let us begin.');
    const all = ['ada: Is anyone here?', 'grace: I am.', 'ada: Then let us begin.'];
    for (const tab of [ada, grace]) await untilSaid(tab, all);

    await ada.page.click('text=Change topic');
    await ada.page.fill('input[aria-label=Topic]', 'Beginnings');
    await ada.page.click('text=Save');
    for (const tab of [ada, grace]) await tab.until('topic', 'Beginnings');

    await grace.page.click('a.back');
    await untilMembers(ada, ['ada']);
    await grace.until('inside-general', '1 person inside');
    await say(ada, 'Alone.');
    await goTo(grace, 'general');
    await untilSaid(grace, [...all, 'ada: Alone.']);
    await grace.page.close();
    await untilMembers(ada, ['ada']);
    assert.deepEqual(ada.console, []);
    assert.deepEqual(grace.console, []);
  });

  check(`${app}: a mention is told to the one it calls and to nobody else, and is read by going there`, async (bench) => {
    const server = await bench.server(app);
    const ada = await enter(bench, server.url, 'ada', 'general');
    const wires = await Promise.all([bench.proxy(server), bench.proxy(server)]);
    const [grace, lin] = [await logIn(bench, wires[0].url, 'grace'), await logIn(bench, wires[1].url, 'lin')];
    await say(ada, 'Ask @grace about it.');
    await grace.until('unread', '1');
    await eventually(async () => assert.match(await grace.page.title(), /^\(1\) /));
    await say(ada, '@grace, please!');
    await grace.until('unread', '2');

    // What comes later has come, so that what came before would have, too.
    await say(ada, 'Or @lin.');
    await lin.until('unread', '1');
    assert.deepEqual(await lin.seen('unread'), ['1']);
    assert.ok(!wires[1].all.some(({ text }) => /please!|about it/.test(text)), 'nor is it on the wire to anyone else');

    await goTo(grace, 'general');
    await eventually(async () => assert.equal(await grace.text('unread'), null));
    assert.equal(await lin.text('unread'), '1');
  });

  check(`${app}: a private room is refused, and everything else on the page goes on`, async (bench) => {
    const server = await bench.server(app);
    const ada = await enter(bench, server.url, 'ada', 'lab');
    await untilMembers(ada, ['ada']);
    await say(ada, 'Nobody else reads this.');
    const proxy = await bench.proxy(server);
    const lin = await logIn(bench, proxy.url, 'lin');
    lin.allow(/the server refuses `rooms::model::Room:lab`: forbidden/);
    await goTo(lin, 'lab');
    await lin.until('closed', /This room is private/);
    await eventually(() => assert.ok(lin.console.some(({ text }) => /refuses `rooms::model::Room:lab`: forbidden/.test(text))));

    await goTo(ada, 'general');
    await say(ada, '@lin, come over!');
    await lin.until('unread', '1');
    await lin.page.click('text=To the other rooms');
    await lin.until('inside-general', '1 person inside');
    await lin.until('inside-lab', 'nobody inside');
    assert.ok(!proxy.all.some(({ text }) => /Nobody else|not ready yet/.test(text)), 'nothing of it is on the wire');
    await lin.page.close();
  });

  check(`${app}: a logout ends the streams of all tabs at once, and each page says so`, async (bench) => {
    const server = await bench.server(app);
    const grace = await enter(bench, server.url, 'grace', 'general');
    const ada = await enter(bench, server.url, 'ada', 'general');
    const other = await bench.openIn(ada.page.context(), `${server.url}/room/coffee`);
    await untilMembers(other, ['ada']);
    await untilMembers(grace, ['ada', 'grace']);
    for (const tab of [ada, other]) allowLogout(tab);

    await ada.page.click('text=Log out');
    await untilLoggedOut(ada);
    await untilLoggedOut(other);
    await untilMembers(grace, ['grace']);
    assert.equal((await fetch(`${server.url}/sse`)).status, 401);
    assert.equal(await connection(grace), 'open');
    assert.deepEqual(grace.console, []);

    await fillIn(other, 'ada');
    await goTo(other, 'general');
    await untilMembers(grace, ['ada', 'grace']);
  });

  check(`${app}: a login that runs out ends the stream, and the page says so`, async (bench) => {
    const server = await bench.server(app, { ROOMS_SESSION_SECONDS: '3' });
    const ada = await logIn(bench, server.url, 'ada');
    allowLogout(ada);
    await untilLoggedOut(ada);
    assert.ok(ada.console.some(({ text }) => /said bye \(expired\)/.test(text)));
  });

  check(`${app}: its server is killed and started again: both pages get over it, and see each other again`, async (bench) => {
    const server = await bench.server(app);
    const tabs = [await enter(bench, server.url, 'ada', 'general'), await enter(bench, server.url, 'grace', 'general')];
    for (const tab of tabs) await untilMembers(tab, ['ada', 'grace']);
    await say(tabs[0], 'Before.');
    await untilSaid(tabs[1], ['ada: Before.']);
    tabs.forEach(allowLogout);

    await server.kill();
    for (const tab of tabs) {
      await eventually(async () => assert.equal(await connection(tab), 'reconnecting'));
      assert.deepEqual(await members(tab), ['ada', 'grace'], 'the last good value stays');
    }
    await server.start();
    // It keeps its logins in memory, so that they have gone with it.
    for (const [index, name] of ['ada', 'grace'].entries()) {
      await untilLoggedOut(tabs[index]);
      await fillIn(tabs[index], name);
      await goTo(tabs[index], 'general');
    }
    for (const tab of tabs) await untilMembers(tab, ['ada', 'grace']);
    await say(tabs[1], 'After.');
    for (const tab of tabs) await untilSaid(tab, ['grace: After.']);
  });

  check(`${app}: Ctrl-C ends its server at once, though pages are open, and says bye to each`, async (bench) => {
    const server = await bench.server(app);
    const tabs = [await logIn(bench, server.url, 'ada'), await enter(bench, server.url, 'grace', 'general')];
    // The stream with the room's key is open: else the page would also say that it cannot be opened.
    await untilMembers(tabs[1], ['grace']);
    tabs.forEach(allowLogout);
    const since = Date.now();
    await server.interrupt();
    const took = Date.now() - since;
    assert.ok(took < 2_000, `it took ${took} ms`);
    for (const tab of tabs) await eventually(() => assert.ok(tab.console.some(({ text }) => /said bye/.test(text))));
  });

  check(`${app}: what a room's page shows stands in its HTML, and never flashes`, async (bench) => {
    const server = await bench.server(app);
    const ada = await logIn(bench, server.url, 'ada');
    const html = await (await ada.page.request.get(`${server.url}/room/general`)).text();
    assert.match(html, /data-testid="topic"[^>]*>Whatever concerns all of us</);
    await ada.goto(`${server.url}/room/general`);
    await untilMembers(ada, ['ada']);
    await eventually(async () => assert.equal(await connection(ada), 'open'));
    assert.deepEqual(await ada.seen('topic'), ['Whatever concerns all of us']);
    assert.deepEqual(ada.console, []);
  });

  check(`${app}: a network that breaks off and comes back: nobody is logged out, and no message is missing`, async (bench) => {
    const server = await bench.server(app);
    const proxy = await bench.proxy(server);
    const ada = await enter(bench, server.url, 'ada', 'general');
    const grace = await enter(bench, proxy.url, 'grace', 'general');
    allowLogout(grace);
    await say(ada, 'one');
    await untilSaid(grace, ['ada: one']);
    proxy.refuse();
    await untilMembers(ada, ['ada']);
    await say(ada, 'two');
    await say(ada, 'three');
    proxy.accept();
    await untilSaid(grace, ['ada: one', 'ada: two', 'ada: three']);
    await untilMembers(ada, ['ada', 'grace']);
    assert.equal(new URL(grace.page.url()).pathname, '/room/general', 'still logged in');
  });
}

async function logIn(bench, url, name) {
  const tab = await bench.open(url);
  await fillIn(tab, name);
  return tab;
}

async function fillIn(tab, name) {
  await tab.page.fill('#name', name);
  await tab.page.click('text=Come in');
  await eventually(async () => assert.equal(await connection(tab), 'open'), 20_000);
}

async function enter(bench, url, name, room) {
  const tab = await logIn(bench, url, name);
  await goTo(tab, room);
  return tab;
}

/** Goes to a room by the list of rooms. */
async function goTo(tab, room) {
  if (await tab.page.locator('a.back').count()) await tab.page.click('a.back');
  await tab.page.click(`[data-testid=card-${room}] a`);
  await eventually(() => assert.equal(new URL(tab.page.url()).pathname, `/room/${room}`));
}

/** Says something, and waits until it stands there, as what is said at once by two may come in any order. */
async function say(tab, text) {
  await tab.page.fill('textarea', text);
  await tab.page.press('textarea', 'Enter');
  await eventually(async () => assert.equal((await said(tab)).at(-1)?.split(': ')[1], text));
}

function connection(tab) {
  return tab.page.getAttribute('[data-testid=connection]', 'data-state');
}

function members(tab) {
  return tab.page.$$eval('[data-testid=members] li', (items) =>
    items.map((item) => [...item.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE).map(({ data }) => data.trim()).join('')),
  );
}

function untilMembers(tab, wanted) {
  return eventually(async () => assert.deepEqual(await members(tab), wanted));
}

function said(tab) {
  return tab.page.$$eval('[data-testid=message]', (lines) =>
    lines.map((line) => `${line.dataset.by}: ${line.querySelector('.text').textContent}`),
  );
}

function untilSaid(tab, wanted) {
  return eventually(async () => assert.deepEqual(await said(tab), wanted), 20_000);
}


/** Waits until a page has gone to the login by itself, and says why. */
async function untilLoggedOut(tab) {
  await eventually(() => assert.equal(new URL(tab.page.url()).pathname, '/login'), 30_000);
  await tab.until('notice', /\w/);
}

/** What the console says of a stream that ends and of a login that is gone. */
function allowLogout(tab) {
  tab.allowLostConnections();
  tab.allow(/^leptos_sse: `\/sse` said bye \([a-z ]+\)/, /^leptos_sse: `\/sse` answered 401, and no stream of events$/);
}
