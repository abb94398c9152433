/** An event `error` that says more than the browser's, by the names that the npm package `eventsource` has for it. */
export class EventSourceError extends Event {
    constructor(why?: { code?: number; message?: string });
    /** The status that the server refused with, if it did. */
    readonly code?: number;
    /** What is wrong, in words. */
    readonly message?: string;
}

interface EventMap {
    error: EventSourceError;
    message: MessageEvent<string>;
    open: Event;
}

type Handler<E extends Event> = ((this: EventSource, event: E) => unknown) | null;

/** The browser's `EventSource`, over the client in the process of the app. */
export class EventSource extends EventTarget {
    static readonly CONNECTING: 0;
    static readonly OPEN: 1;
    static readonly CLOSED: 2;

    /** `url` may be relative to the document. What is no URL is a `DOMException` of the name `SyntaxError`. */
    constructor(url: string | URL, init?: { withCredentials?: boolean });

    readonly CONNECTING: 0;
    readonly OPEN: 1;
    readonly CLOSED: 2;
    readonly readyState: 0 | 1 | 2;
    readonly url: string;
    readonly withCredentials: boolean;

    onopen: Handler<Event>;
    onmessage: Handler<MessageEvent<string>>;
    onerror: Handler<EventSourceError>;

    /** Ends the connection. Nothing is dispatched any more, not even what was on its way. */
    close(): void;

    addEventListener<K extends keyof EventMap>(
        type: K,
        listener: (this: EventSource, event: EventMap[K]) => unknown,
        options?: boolean | AddEventListenerOptions,
    ): void;
    addEventListener(
        type: string,
        listener: ((this: EventSource, event: MessageEvent<string>) => unknown) | EventListenerObject,
        options?: boolean | AddEventListenerOptions,
    ): void;
    removeEventListener(
        type: string,
        listener: ((this: EventSource, event: any) => unknown) | EventListenerObject,
        options?: boolean | EventListenerOptions,
    ): void;
}
