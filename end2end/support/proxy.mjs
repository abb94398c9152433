// A small HTTP proxy in front of a server, by which a test plays the network: it cuts, refuses, holds, delays and
// truncates the event streams that pass through it.

import { EventEmitter, once } from 'node:events';
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
  /** The event streams that were ever opened, in that order. */
  all = [];
  /** What happened to them: `open 1`, `hello 1`, `close 1`. */
  journal = [];
  /** Milliseconds by which every chunk of an event stream is late. */
  delay = 0;
  /** While true, whoever connects is cut off at once. */
  refusing = false;
  /** Answers a request itself when it returns true. */
  answer = (request, response) => false;
  #truncate = Infinity;
  #stall = false;
  #http;
  #sockets = new Set();

  constructor(server) {
    this.server = server;
  }

  /** How many event streams were ever opened. */
  get opened() {
    return this.all.length;
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

  /** The next event stream opens, and brings nothing until it is told to `flow`. */
  stallNext() {
    this.#stall = true;
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
    stream.source = answer;
    this.count(stream);
    response.flushHeaders();
    answer.on('data', (chunk) => {
      if (this.delay > 0) setTimeout(() => stream.write(chunk), this.delay);
      else stream.write(chunk);
    });
    if (this.#stall) stream.stall();
    this.#stall = false;
    answer.on('end', () => answer.complete && stream.held === false && response.end());
  }

  /** Counts a stream for as long as it is open. */
  count(stream) {
    this.all.push(stream);
    const number = this.all.length;
    this.streams.add(stream);
    this.journal.push(`open ${number}`);
    stream.on('hello', () => this.journal.push(`hello ${number}`));
    stream.response.on('close', () => {
      this.streams.delete(stream);
      this.journal.push(`close ${number}`);
    });
  }
}

/** One event stream on its way through the proxy; it tells of its first `hello`. */
export class Passing extends EventEmitter {
  held = false;
  /** What has passed so far. */
  text = '';
  /** The next chunk that matches is lost. */
  losing = null;

  constructor(request, response, bytes = Infinity) {
    super();
    Object.assign(this, { url: request.url, headers: request.headers, response, bytes });
    this.closed = once(response, 'close');
  }

  write(chunk) {
    if (this.held || this.response.destroyed) return;
    if (this.losing?.test(chunk)) {
      this.losing = null;
      return;
    }
    const part = Buffer.from(chunk).subarray(0, Number.isFinite(this.bytes) ? this.bytes : undefined);
    this.bytes -= part.length;
    const isBeginning = !this.text.includes('event: hello');
    this.text += part;
    if (isBeginning && this.text.includes('event: hello')) this.emit('hello');
    this.response.write(part, () => {
      if (this.bytes <= 0) this.cut();
    });
  }

  /** From now on nothing is read from the server, as by a client that is slow; nothing is lost. */
  stall() {
    this.source.pause();
  }

  flow() {
    this.source.resume();
  }

  cut() {
    this.response.socket?.destroy();
  }

  /** What was asked: the epoch, and each key with its seq, or null. */
  get asked() {
    const query = new URL(this.url, 'http://localhost').searchParams;
    const keys = query.getAll('s').map((text) => /^(.*?)(?:~(\d*))?$/.exec(text));
    return {
      epoch: query.get('epoch'),
      keys: Object.fromEntries(keys.map(([, key, seq]) => [key, seq ? Number(seq) : null])),
    };
  }

  /** The whole events that have passed: `{ event, id, data }`, the data as what its JSON says. */
  get events() {
    return this.text.split('\n\n').slice(0, -1).map(parseEvent);
  }

  /** The events of one key: updates, steps of a feed, refusals. */
  of(key) {
    return this.events.filter(({ event, data }) => event !== 'hello' && data?.name === key);
  }
}

function parseEvent(text) {
  const fields = text.split('\n').map((line) => /^([a-z]*):? ?(.*)$/.exec(line) ?? []);
  const field = (wanted) => fields.find(([, name]) => name === wanted)?.[2] ?? null;
  const data = field('data');
  return { event: field('event') ?? 'message', id: field('id'), data: readJson(data) };
}

function readJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
