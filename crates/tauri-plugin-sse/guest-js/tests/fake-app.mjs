// The side of the app, as the class sees it through `window.__TAURI_INTERNALS__`.

/** Makes the globals that a window of Tauri has, and gives what a test does in the app's place. */
export function fakeApp() {
    const callbacks = new Map();
    const app = {
        /** What was called, in order: `[command, args]`. */
        calls: [],
        /** How `open` is answered. */
        open: async () => 7,
        callbacks,
        /** Sends through the channel of the latest `open`, as Tauri does: each message with its number. */
        send(message) {
            app.deliver({ message, index: app.sent++ });
        },
        end() {
            app.deliver({ end: true, index: app.sent++ });
        },
        deliver(raw) {
            callbacks.get(app.channel)(raw);
        },
        sent: 0,
        channel: undefined,
    };
    globalThis.document = { baseURI: "tauri://localhost/page/" };
    globalThis.window = globalThis;
    globalThis.__TAURI_INTERNALS__ = {
        transformCallback(callback) {
            const id = callbacks.size + 1;
            callbacks.set(id, callback);
            return id;
        },
        unregisterCallback: (id) => callbacks.delete(id),
        async invoke(command, args) {
            app.calls.push([command, args]);
            if (!command.endsWith("|open")) return null;
            app.channel = Number(args.channel.replace("__CHANNEL__:", ""));
            app.sent = 0;
            return app.open(args);
        },
    };
    return app;
}

/** Lets all that waits for nothing but its turn happen. */
export const turn = () => new Promise((resolve) => setImmediate(resolve));
