// What a window runs before its page, see `script.rs`.

import { EventSource } from "./event-source.js";

/**
 * Gives the class to the page as `TauriEventSource`, and has it take the place of the browser's own for some origins.
 *
 * @param {string[]} origins
 */
export function replace(origins) {
    window.TauriEventSource = EventSource;
    if (origins.length === 0) return;
    const own = window.EventSource;
    // Of which each one of these is an instance, too.
    Object.setPrototypeOf(EventSource.prototype, own.prototype);
    window.EventSource = new Proxy(own, {
        construct(target, args, newTarget) {
            if (newTarget === window.EventSource && origins.includes(originOf(args[0]))) return new EventSource(...args);
            return Reflect.construct(target, args, newTarget === window.EventSource ? target : newTarget);
        },
    });
}

function originOf(url) {
    try {
        return new URL(url, document.baseURI).origin;
    } catch {
        // What is wrong with it is told by the browser's own.
        return undefined;
    }
}
