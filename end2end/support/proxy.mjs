// A small HTTP proxy in front of a server, by which a test plays the network: it cuts, refuses, holds, delays and
// truncates the event streams that pass through it.

import { once } from 'node:events';
import http from 'node:http';

/** Starts a proxy in front of a server, on a port of its own. */
export async function startProxy(server) {
  const proxy = new Proxy(server);
  await proxy.start();
  return proxy;
}

export class Proxy {
  /** The event streams that are open now. */
  streams = new Set();
  /** How many event streams were ever opened. */
  opened = 0;
  /** Milliseconds by which every chunk of an event stream is late. */
  delay = 0;
  /** While true, whoever connects is cut off at once. */
  refusing = false;
  /** Answers a request itself when it returns true. */
  answer = (request, response) => false;
  #truncate = Infinity;
  #http;
  #sockets = new Set();

  constructor(server) {
    this.server = server;
  }

  async start() {
    this.#http = http.createServer((request, response) => this.#serve(request, response));
    this.#http.on('connection', (socket) => {
      if (this.refusing) return socket.destroy();
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => {});
    });
    this.#http.listen(0, '127.0.0.1');
    await once(this.#http, 'listening');
    this.url = `http://127.0.0.1:${this.#http.address().port}`;
  }

  async close() {
    this.#http.close();
    this.cut();
    await once(this.#http, 'close');
  }

  /** Cuts all connections now. */
  cut() {
    this.#sockets.forEach((socket) => socket.destroy());
  }

  /** Cuts all connections, and every new one until `accept`. */
  refuse() {
    this.refusing = true;
    this.cut();
  }

  accept() {
    this.refusing = false;
  }

  /** From now on nothing more passes on the streams that are open; they stay open. */
  hold() {
    this.streams.forEach((stream) => (stream.held = true));
  }

  /** The next event stream is cut after so many bytes. */
  truncateNext(bytes) {
    this.#truncate = bytes;
  }

  #serve(request, response) {
    if (this.refusing) return request.socket.destroy();
    if (this.answer(request, response)) return;
    const { pathname, search } = new URL(request.url, this.server.url);
    const upstream = http.request(
      this.server.url + pathname + search,
      { method: request.method, headers: { ...request.headers, connection: 'close' }, agent: false },
      (answer) => {
        const { connection, 'keep-alive': _, 'transfer-encoding': __, ...headers } = answer.headers;
        response.writeHead(answer.statusCode, headers);
        if (headers['content-type']?.startsWith('text/event-stream')) {
          this.#follow(request, response, answer);
        } else {
          answer.pipe(response);
        }
        answer.on('error', () => request.socket.destroy());
      },
    );
    upstream.on('error', () => request.socket.destroy());
    request.pipe(upstream);
    // The server shall see that its reader has gone.
    response.on('close', () => upstream.destroy());
  }

  #follow(request, response, answer) {
    const stream = new Passing(request, response, this.#truncate);
    this.#truncate = Infinity;
    this.count(stream);
    response.flushHeaders();
    answer.on('data', (chunk) => {
      if (this.delay > 0) setTimeout(() => stream.write(chunk), this.delay);
      else stream.write(chunk);
    });
    answer.on('end', () => answer.complete && stream.held === false && response.end());
  }

  /** Counts a stream for as long as it is open. */
  count(stream) {
    this.opened += 1;
    this.streams.add(stream);
    stream.response.on('close', () => this.streams.delete(stream));
  }
}

/** One event stream on its way through the proxy. */
export class Passing {
  held = false;
  /** What has passed so far. */
  text = '';

  constructor(request, response, bytes = Infinity) {
    Object.assign(this, { url: request.url, headers: request.headers, response, bytes });
    this.closed = once(response, 'close');
  }

  write(chunk) {
    if (this.held || this.response.destroyed) return;
    const part = Buffer.from(chunk).subarray(0, Number.isFinite(this.bytes) ? this.bytes : undefined);
    this.bytes -= part.length;
    this.text += part;
    this.response.write(part, () => {
      if (this.bytes <= 0) this.cut();
    });
  }

  cut() {
    this.response.socket?.destroy();
  }
}
