// What Tauri's `Channel` is to a page, over the two functions that every window has. `@tauri-apps/api` has the same as a
// class, but wants a bundler.

/** The name of the plugin, as `tauri::plugin::Builder` has it. */
const PLUGIN = "sse";

/**
 * Calls a command of the plugin.
 *
 * @param {string} command
 * @param {object} args
 * @returns {Promise<any>}
 */
export function call(command, args) {
    return window.__TAURI_INTERNALS__.invoke(`plugin:${PLUGIN}|${command}`, args);
}

/**
 * Opens a channel, and gives the text by which a command knows it.
 *
 * @param {(message: any) => void} receive takes each message, in the order in which they were sent
 * @param {() => void} ended is called when the other side has let go of the channel, after its last message
 * @returns {string}
 */
export function channel(receive, ended) {
    const { transformCallback, unregisterCallback } = window.__TAURI_INTERNALS__;
    // A long message is fetched, so that a short one that was sent later may be here first.
    const early = new Map();
    let next = 0;
    const id = transformCallback((message) => {
        early.set(message.index, message);
        while (early.has(next)) {
            const message = early.get(next);
            early.delete(next++);
            if (message.end) {
                unregisterCallback?.(id);
                return ended();
            }
            receive(message.message);
        }
    });
    return `__CHANNEL__:${id}`;
}
