// nginx in front of a server, as it comes: it asks with HTTP/1.0 and buffers what is answered. Its files are in
// `results/`, and go with it.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { reservePort } from './ports.mjs';

/** Starts nginx in front of a server, with plain HTTP/1.1 on one port and HTTP/2 on another. */
export async function startNginx(server, { gzip = false } = {}) {
  const results = fileURLToPath(new URL('../results/', import.meta.url));
  await mkdir(results, { recursive: true });
  const nginx = new Nginx(await mkdtemp(`${results}nginx-`), await reservePort(), await reservePort());
  await nginx.start(server, gzip);
  return nginx;
}

class Nginx {
  #process;

  constructor(folder, port, securePort) {
    Object.assign(this, { folder, port, securePort });
    /** Where it answers, by the protocol. */
    this.urls = { 'http/1.1': `http://127.0.0.1:${port}`, h2: `https://127.0.0.1:${securePort}` };
  }

  async start(server, gzip) {
    await this.#certify();
    await writeFile(`${this.folder}/nginx.conf`, this.#config(server, gzip));
    this.#process = spawn(NGINX, ['-c', `${this.folder}/nginx.conf`, '-p', this.folder, '-e', `${this.folder}/error.log`], { stdio: 'ignore' });
    running.add(this.#process);
    const failed = once(this.#process, 'exit').then(async ([code]) => {
      throw new Error(`nginx ended with code ${code} instead of serving:\n${await this.log()}`);
    });
    failed.catch(() => {});
    await Promise.race([this.#answers(), failed]);
  }

  async close() {
    running.delete(this.#process);
    if (this.#process.exitCode === null) {
      const exit = once(this.#process, 'exit');
      this.#process.kill('SIGTERM');
      await exit;
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  log() {
    return readFile(`${this.folder}/error.log`, 'utf8').catch(() => '');
  }

  #config(server, gzip) {
    const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${this.folder}/${name};`);
    const site = `location / { proxy_pass ${server.url}; }`;
    return `
daemon off;
master_process off;
pid ${this.folder}/nginx.pid;
events {}
http {
  access_log off;
  ${folders.join('\n  ')}
  ${gzip ? 'gzip on; gzip_types text/event-stream;' : ''}
  server { listen 127.0.0.1:${this.port}; ${site} }
  server {
    listen 127.0.0.1:${this.securePort} ssl http2;
    ssl_certificate ${this.folder}/certificate.pem;
    ssl_certificate_key ${this.folder}/key.pem;
    ${site}
  }
}
`;
  }

  /** A certificate that nobody but this test's browser takes. */
  async #certify() {
    const line = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1';
    await promisify(execFile)('openssl', [...line.split(' '), '-keyout', `${this.folder}/key.pem`, '-out', `${this.folder}/certificate.pem`]);
  }

  async #answers() {
    while (!(await fetch(this.urls['http/1.1']).then((response) => response.ok, () => false))) await sleep(20);
  }
}

const NGINX = process.env.NGINX ?? '/usr/sbin/nginx';

// None outlives the tests, also when one of them is broken off.
const running = new Set();
process.on('exit', () => running.forEach((process) => process.kill('SIGKILL')));
