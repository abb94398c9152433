// A server of events that the test writes byte for byte. All other requests go to the app's server, so that a page of
// the real app can be fed with any wire.

import { Passing, Proxy } from './proxy.mjs';

/** Starts a proxy that leaves one path to the test. */
export async function startWire(server, path = '/sse/wire') {
  const wire = new Wire(server, path);
  await wire.start();
  return wire;
}

class Wire extends Proxy {
  /** What to answer instead of a stream: a status, or none. */
  status = null;
  /** How many requests to the path came, streams or not. */
  asked = 0;
  #waiting = [];
  #arrived = [];

  constructor(server, path) {
    super(server);
    this.answer = (request, response) => {
      if (new URL(request.url, server.url).pathname !== path) return false;
      this.asked += 1;
      if (this.status) {
        response.writeHead(this.status).end();
        return true;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
      response.flushHeaders();
      const stream = new Script(request, response);
      this.count(stream);
      const waiting = this.#waiting.shift();
      if (waiting) waiting(stream);
      else this.#arrived.push(stream);
      return true;
    };
  }

  /** The next stream that the page opens. */
  async next(timeout = 15_000) {
    const stream = this.#arrived.shift();
    if (stream) return stream;
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the page opened no stream in ${timeout} ms`)), timeout);
    });
    const arrival = new Promise((resolve) => this.#waiting.push(resolve));
    return Promise.race([arrival, late]).finally(() => clearTimeout(timer));
  }
}

/** One stream, written by the test. */
class Script extends Passing {
  /** A named event. */
  event(name, data) {
    this.write(`event: ${name}\ndata: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
  }

  /** An unnamed event. */
  message(data) {
    this.write(`data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
  }

  /** The start of one signal's stream; `retry` is short, so that tests need not wait. */
  hello(name, { epoch = 'e1', heartbeat = 15_000, retry = 100 } = {}) {
    this.write(`event: hello\nretry: ${retry}\ndata: ${JSON.stringify({ epoch, name, heartbeat, retry })}\n\n`);
  }

  snapshot(name, to, value) {
    this.message({ name, to, patch: [{ op: 'replace', path: '', value }] });
  }

  patch(name, from, to, ...patch) {
    this.message({ name, from, to, patch });
  }

  end() {
    this.response.end();
  }
}

/** A JSON Patch operation that replaces. */
export const replace = (path, value) => ({ op: 'replace', path, value });
