import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { EventSource } from "../event-source.js";
import { fakeApp, turn } from "./fake-app.mjs";

let app;

beforeEach(() => {
    app = fakeApp();
});

const event = (event, data, lastEventId = "") => ({ kind: "event", event, data, lastEventId, origin: "http://a" });

/** Notes all that a source dispatches, by some names. */
function noted(source, ...names) {
    const notes = [];
    for (const name of names) source.addEventListener(name, (event) => notes.push([name, event.data, source.readyState]));
    return notes;
}

test("it opens what the constructor names, and tells its attributes", async () => {
    const source = new EventSource("../sse?a=ä#part", { withCredentials: true });
    assert.equal(source.url, "tauri://localhost/sse?a=%C3%A4#part");
    assert.equal(source.withCredentials, true);
    assert.equal(source.readyState, EventSource.CONNECTING);
    assert.equal(String(source), "[object EventSource]");
    await turn();
    const [[command, args]] = app.calls;
    assert.equal(command, "plugin:sse|open");
    assert.equal(args.url, source.url);
    assert.deepEqual(args.options, { withCredentials: true });
    assert.match(args.channel, /^__CHANNEL__:\d+$/);
    assert.equal(new EventSource(new URL("http://a/")).withCredentials, false);
    assert.equal(new EventSource("http://a/", undefined).withCredentials, false);
});

test("the states have their numbers on the class and on what it makes, and they stay", () => {
    const source = new EventSource("http://a/");
    for (const place of [EventSource, source]) {
        assert.deepEqual([place.CONNECTING, place.OPEN, place.CLOSED], [0, 1, 2]);
    }
    assert.throws(() => {
        "use strict";
        EventSource.OPEN = 5;
    }, TypeError);
});

test("what is no URL is a SyntaxError, and nothing is opened", () => {
    assert.throws(() => new EventSource("http://["), { name: "SyntaxError" });
    assert.equal(app.calls.length, 0);
});

test("events are those of the browser, by their names, after open", async () => {
    const source = new EventSource("http://a/sse");
    const notes = noted(source, "open", "message", "update");
    let message;
    source.onmessage = (event) => (message = event);
    app.send({ kind: "open" });
    app.send(event("message", "one\ntwo", "7"));
    app.send(event("update", "three", "8"));
    app.send(event("nobody listens", "four"));
    assert.deepEqual(notes, [
        ["open", undefined, 1],
        ["message", "one\ntwo", 1],
        ["update", "three", 1],
    ]);
    assert.ok(message instanceof MessageEvent);
    assert.deepEqual([message.type, message.lastEventId, message.origin], ["message", "7", "http://a"]);
    assert.deepEqual([message.target, message.bubbles, message.cancelable], [source, false, false]);
});

test("an event named open or error is a message and changes no state", () => {
    const source = new EventSource("http://a/sse");
    const notes = noted(source, "open", "error");
    app.send({ kind: "open" });
    app.send(event("error", "from the server"));
    assert.deepEqual(notes, [
        ["open", undefined, 1],
        ["error", "from the server", 1],
    ]);
});

test("messages that overtook each other are dispatched in the order in which they were sent", () => {
    const source = new EventSource("http://a/sse");
    const notes = noted(source, "message");
    app.send({ kind: "open" });
    app.deliver({ message: event("message", "third"), index: 3 });
    app.deliver({ end: true, index: 4 });
    app.deliver({ message: event("message", "second"), index: 2 });
    assert.deepEqual(notes, []);
    app.deliver({ message: event("message", "first"), index: 1 });
    assert.deepEqual(notes.map(([, data]) => data), ["first", "second", "third"]);
    assert.equal(source.readyState, EventSource.CLOSED, "the end is heard last");
});

test("a lost connection is connecting again, with an error, and opens again", () => {
    const source = new EventSource("http://a/sse");
    const notes = noted(source, "open", "error");
    app.send({ kind: "open" });
    app.send({ kind: "retry", message: "it broke" });
    app.send({ kind: "open" });
    assert.deepEqual(notes, [
        ["open", undefined, 1],
        ["error", undefined, 0],
        ["open", undefined, 1],
    ]);
});

test("one that the server refuses is closed for good, and tells the status", () => {
    const source = new EventSource("http://a/sse");
    const errors = [];
    source.onerror = (event) => errors.push([event.type, event.code, event.message, source.readyState]);
    app.send({ kind: "closed", code: 503, message: "refused" });
    app.send({ kind: "open" });
    app.end();
    assert.deepEqual(errors, [["error", 503, "refused", 2]]);
});

test("what the app does not allow is an error, and not of the moment of the constructor", async () => {
    const log = mock.method(console, "error", () => {});
    app.open = () => Promise.reject("not allowed");
    const source = new EventSource("http://b/sse");
    const errors = [];
    source.onerror = (event) => errors.push([event.message, source.readyState]);
    assert.equal(source.readyState, EventSource.CONNECTING);
    await turn();
    assert.deepEqual(errors, [["not allowed", 2]]);
    assert.match(log.mock.calls[0].arguments[0], /http:\/\/b\/sse: not allowed/);
    source.close();
    await turn();
    assert.deepEqual(app.calls.map(([command]) => command), ["plugin:sse|open"]);
    log.mock.restore();
});

test("after close nothing is dispatched, and the app is told once", async () => {
    const source = new EventSource("http://a/sse");
    const notes = noted(source, "open", "message", "error");
    await turn();
    source.close();
    source.close();
    assert.equal(source.readyState, EventSource.CLOSED);
    app.send({ kind: "open" });
    app.send(event("message", "late"));
    app.send({ kind: "closed" });
    app.end();
    await turn();
    assert.deepEqual(notes, []);
    assert.deepEqual(app.calls.slice(1), [["plugin:sse|close", { id: 7 }]]);
    assert.equal(app.callbacks.size, 0, "the callback is given back");
});

test("one that is closed before the app has answered is closed when it has", async () => {
    let answer;
    app.open = () => new Promise((resolve) => (answer = resolve));
    const source = new EventSource("http://a/sse");
    source.close();
    await turn();
    assert.equal(app.calls.length, 1);
    answer(9);
    await turn();
    assert.deepEqual(app.calls[1], ["plugin:sse|close", { id: 9 }]);
});

test("a close from within an event holds back those after it", () => {
    const source = new EventSource("http://a/sse");
    const notes = [];
    source.onmessage = (event) => {
        notes.push(event.data);
        source.close();
    };
    app.send({ kind: "open" });
    app.send(event("message", "one"));
    app.send(event("message", "two"));
    assert.deepEqual(notes, ["one"]);
});

test("a handler keeps its place among the listeners, until it is null", () => {
    const source = new EventSource("http://a/sse");
    const notes = [];
    source.onmessage = () => notes.push("first handler");
    source.addEventListener("message", () => notes.push("listener"));
    const second = function () {
        notes.push(this === source ? "second handler" : "lost");
    };
    source.onmessage = second;
    assert.equal(source.onmessage, second);
    app.send(event("message", ""));
    source.onmessage = null;
    assert.equal(source.onmessage, null);
    app.send(event("message", ""));
    source.onmessage = second;
    app.send(event("message", ""));
    assert.deepEqual(notes, ["second handler", "listener", "listener", "listener", "second handler"]);
    source.onmessage = 5;
    assert.equal(source.onmessage, null, "what cannot be called is none");
});

test("listeners are removed, and once is once", () => {
    const source = new EventSource("http://a/sse");
    const notes = [];
    const listener = { handleEvent: ({ data }) => notes.push(data) };
    source.addEventListener("update", listener);
    source.addEventListener("update", listener);
    source.addEventListener("update", () => notes.push("once"), { once: true });
    app.send(event("update", "a"));
    source.removeEventListener("update", listener);
    app.send(event("update", "b"));
    assert.deepEqual(notes, ["a", "once"]);
});
