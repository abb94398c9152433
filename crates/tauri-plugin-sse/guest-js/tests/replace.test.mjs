import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { fakeApp, turn } from "./fake-app.mjs";
import { EventSource as Native } from "../event-source.js";
import { replace } from "../replace.js";

let app;
class Own extends EventTarget {
    static OPEN = 1;
    constructor(url) {
        super();
        this.url = url;
    }
}

beforeEach(() => {
    app = fakeApp();
    window.EventSource = Own;
});

test("the browser's own stays where nothing is to be replaced", () => {
    replace([]);
    assert.equal(window.EventSource, Own);
    assert.equal(window.TauriEventSource, Native);
});

test("only sources of the origins that are named are replaced, and all look the same", async () => {
    replace(["http://a:1", "https://b"]);
    const made = ["http://a:1/sse", "https://b/", "http://a:2/sse", "https://a:1/sse", "sse", "http://["];
    const native = made.map((url) => new window.EventSource(url) instanceof Native);
    assert.deepEqual(native, [true, true, false, false, false, false]);
    for (const url of made) assert.ok(new window.EventSource(url) instanceof window.EventSource);
    assert.equal(new window.EventSource("http://a:1/sse", { withCredentials: true }).withCredentials, true);
    assert.equal(window.EventSource.OPEN, 1);
    await turn();
    assert.deepEqual([...new Set(app.calls.map(([, args]) => args.url))], ["http://a:1/sse", "https://b/"]);
});

test("a class that extends the browser's own stays what it is", () => {
    replace(["http://a"]);
    class Extended extends window.EventSource {
        more() {
            return 1;
        }
    }
    assert.equal(new Extended("http://a/").more(), 1);
});
