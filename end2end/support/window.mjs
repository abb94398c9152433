// The example `desktop`: a window of Tauri on a screen that nobody sees, and what its page shows.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import readline from 'node:readline';

/** Starts an X server without a screen on a display of its own, and gives the display's name. */
export async function startDisplay() {
  const server = start('Xvfb', ['-displayfd', '3', '-screen', '0', '960x640x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  for await (const number of readline.createInterface(server.stdio[3])) return { name: `:${number}`, stop: () => stop(server) };
  throw new Error('Xvfb told no display');
}

/** Opens the window on a display. `via` is `native` or `webview`, `server` where the data is. */
export async function openWindow(display, via, server) {
  const home = await mkdtemp(path.join(tmpdir(), 'leptos-sse-desktop-'));
  return new Window(display, via, server, home);
}

class Window {
  /** What the page shows; null before it shows anything. */
  page = null;
  /** All that the app has written, for the report of a failure. */
  log = '';
  #process;
  #home;

  constructor(display, via, server, home) {
    this.#home = home;
    this.#process = start(process.env.LEPTOS_SSE_DESKTOP, [], {
      env: {
        ...process.env,
        DISPLAY: display.name,
        DESKTOP_REPORT: '1',
        DESKTOP_SERVER: server,
        DESKTOP_VIA: via,
        GDK_BACKEND: 'x11',
        XDG_CACHE_HOME: home,
        XDG_DATA_HOME: home,
        // There is no graphics card to compose a page with.
        WEBKIT_DISABLE_COMPOSITING_MODE: '1',
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    for (const output of [this.#process.stdout, this.#process.stderr]) {
      readline.createInterface(output).on('line', (line) => {
        if (line.startsWith('page: ')) this.page = JSON.parse(line.slice('page: '.length));
        else this.log += `${line}\n`;
      });
    }
    this.#process.on('exit', (code, signal) => (this.log += `the window ended with ${signal ?? `code ${code}`}\n`));
  }

  /** Runs a script in the page. It has one line. */
  run(script) {
    this.#process.stdin.write(`${script}\n`);
  }

  async close() {
    await stop(this.#process);
    await rm(this.#home, { recursive: true, force: true });
  }
}

function start(program, args, options) {
  const process = spawn(program, args, options);
  running.add(process);
  process.on('error', (error) => console.error(`${program}: ${error}`));
  return process;
}

function stop(process) {
  running.delete(process);
  if (process.exitCode !== null || process.signalCode !== null) return;
  return new Promise((resolve) => process.on('exit', resolve).kill('SIGKILL'));
}

// Nothing outlives the tests, also when one of them is broken off.
const running = new Set();
process.on('exit', () => running.forEach((process) => process.kill('SIGKILL')));
