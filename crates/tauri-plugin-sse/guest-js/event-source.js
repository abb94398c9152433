// The class `EventSource` of WHATWG HTML, 9.2, over the client in the process of the app.

import { call, channel } from "./channel.js";

const [CONNECTING, OPEN, CLOSED] = [0, 1, 2];

/** An event `error` that says more than the browser's, by the names that the npm package `eventsource` has for it. */
export class EventSourceError extends Event {
    /**
     * @param {{ code?: number, message?: string }} [why]
     */
    constructor({ code, message } = {}) {
        super("error");
        /** The status that the server refused with, if it did. */
        this.code = code;
        /** What is wrong, in words. */
        this.message = message;
    }
}

export class EventSource extends EventTarget {
    #url;
    #withCredentials;
    #readyState = CONNECTING;
    /** The functions of `onopen` and the others, each with what listens in its place. */
    #handlers = new Map();
    /** Becomes the number by which the app knows this one. */
    #id;

    /**
     * @param {string | URL} url may be relative to the document
     * @param {{ withCredentials?: boolean }} [init]
     */
    constructor(url, init = {}) {
        super();
        try {
            this.#url = new URL(url, globalThis.document?.baseURI).href;
        } catch {
            throw new DOMException(`Cannot open an EventSource to '${url}': it is no valid URL.`, "SyntaxError");
        }
        this.#withCredentials = Boolean(init?.withCredentials);
        this.#id = call("open", {
            url: this.#url,
            options: { withCredentials: this.#withCredentials },
            channel: channel(
                (message) => this.#receive(message),
                () => this.#fail({ message: "the app has closed it" }),
            ),
        });
        this.#id.catch((error) => {
            console.error(`EventSource to ${this.#url}: ${error}`);
            this.#fail({ message: String(error) });
        });
    }

    get url() {
        return this.#url;
    }

    get withCredentials() {
        return this.#withCredentials;
    }

    get readyState() {
        return this.#readyState;
    }

    get onopen() {
        return this.#handler("open");
    }

    set onopen(handler) {
        this.#handle("open", handler);
    }

    get onmessage() {
        return this.#handler("message");
    }

    set onmessage(handler) {
        this.#handle("message", handler);
    }

    get onerror() {
        return this.#handler("error");
    }

    set onerror(handler) {
        this.#handle("error", handler);
    }

    close() {
        if (this.#readyState === CLOSED) return;
        this.#readyState = CLOSED;
        // It may not yet be known by what number; where it could not be opened, there is nothing to close.
        this.#id.then((id) => call("close", { id })).catch(() => {});
    }

    get [Symbol.toStringTag]() {
        return "EventSource";
    }

    #receive({ kind, ...what }) {
        // "If the readyState attribute is set to CLOSED, abort the task" (9.2.6 and others): what was on its way is late.
        if (this.#readyState === CLOSED) return;
        switch (kind) {
            case "open":
                this.#readyState = OPEN;
                this.dispatchEvent(new Event("open"));
                break;
            case "event": {
                const { event, data, lastEventId, origin } = what;
                this.dispatchEvent(new MessageEvent(event, { data, lastEventId, origin }));
                break;
            }
            case "retry":
                this.#readyState = CONNECTING;
                this.dispatchEvent(new EventSourceError(what));
                break;
            case "closed":
                this.#fail(what);
        }
    }

    /** "Fail the connection" (9.2.3): it is not tried again. */
    #fail(why) {
        if (this.#readyState === CLOSED) return;
        this.#readyState = CLOSED;
        this.dispatchEvent(new EventSourceError(why));
    }

    #handler(name) {
        return this.#handlers.get(name)?.handler ?? null;
    }

    /** As "event handlers" are (8.1.8.1): the first function takes its place among the listeners, a later one that same place. */
    #handle(name, handler) {
        const held = this.#handlers.get(name);
        if (typeof handler !== "function" && (typeof handler !== "object" || handler === null)) {
            this.#handlers.delete(name);
            if (held) this.removeEventListener(name, held.listener);
        } else if (held) {
            held.handler = handler;
        } else {
            const held = { handler, listener: (event) => typeof held.handler === "function" && held.handler.call(this, event) };
            this.#handlers.set(name, held);
            this.addEventListener(name, held.listener);
        }
    }
}

for (const [name, value] of Object.entries({ CONNECTING, OPEN, CLOSED })) {
    for (const place of [EventSource, EventSource.prototype]) Object.defineProperty(place, name, { value, enumerable: true });
}
