// The apps' servers: started on a port of their own, killed with `kill -9`, started again on the same port.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { reservePort } from './ports.mjs';

/** Starts the server of an app that `LEPTOS_SSE_SITES` names, and waits until it answers. */
export async function startServer(name, env = {}) {
  const server = new Server(name, site(name), await reservePort(), env);
  await server.start();
  return server;
}

class Server {
  /** All that it has written to its standard output and error, for the report of a failure. */
  log = '';
  #process;

  constructor(name, site, port, env) {
    Object.assign(this, { name, site, port, env, url: `http://127.0.0.1:${port}` });
  }

  async start() {
    const { bin, site_root, output_name, pkg_dir } = this.site;
    this.#process = spawn(bin, {
      env: {
        ...process.env,
        LEPTOS_OUTPUT_NAME: output_name,
        LEPTOS_SITE_ROOT: site_root,
        LEPTOS_SITE_PKG_DIR: pkg_dir,
        LEPTOS_SITE_ADDR: `127.0.0.1:${this.port}`,
        LEPTOS_ENV: 'DEV',
        RUST_BACKTRACE: '1',
        ...this.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(this.#process);
    for (const output of [this.#process.stdout, this.#process.stderr]) {
      output.setEncoding('utf8').on('data', (text) => (this.log += text));
    }
    this.#process.on('exit', (code, signal) => (this.log += `ended with ${signal ?? `code ${code}`}\n`));
    const failed = once(this.#process, 'exit').then(([code]) => {
      throw new Error(`${this.name} ended with code ${code} instead of serving:\n${this.log}`);
    });
    failed.catch(() => {});
    await Promise.race([this.#answers(), failed]);
  }

  /** `kill -9`: no farewell to anyone. */
  kill() {
    return this.#end('SIGKILL');
  }

  /** Ctrl-C: it may end as it likes. */
  interrupt() {
    return this.#end('SIGINT');
  }

  async #end(signal) {
    const process = this.#process;
    if (process && process.exitCode === null && process.signalCode === null) {
      const exit = once(process, 'exit');
      process.kill(signal);
      await exit;
    }
    running.delete(process);
  }

  /** The answer of a control route, as text. */
  async post(path) {
    return (await fetch(this.url + path, { method: 'POST' })).text();
  }

  async get(path) {
    return (await fetch(this.url + path)).text();
  }

  async #answers() {
    for (;;) {
      const answered = await fetch(this.url, { signal: AbortSignal.timeout(5_000) }).then(
        (response) => response.text().then(() => true),
        () => false,
      );
      if (answered) return;
      await sleep(20);
    }
  }
}

export function site(name) {
  const sites = process.env.LEPTOS_SSE_SITES;
  if (!sites) throw new Error('LEPTOS_SSE_SITES is not set: run `cargo xtask test e2e`, which builds the apps first');
  const site = JSON.parse(sites)[name];
  if (!site) throw new Error(`LEPTOS_SSE_SITES names no app "${name}"`);
  return site;
}

// No server outlives the tests, also when one of them is broken off.
const running = new Set();
process.on('exit', () => running.forEach((process) => process.kill('SIGKILL')));
