// A server of files and nothing else, as a page has that is rendered in the browser alone.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { site } from './servers.mjs';

const TYPES = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript', '.wasm': 'application/wasm' };

/** Serves the built page of an app, on an origin of its own. `server` is where the page is told to find its data. */
export async function startPages(name, server) {
  const root = site(name).site_root;
  const files = http.createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const file = path.join(root, pathname.endsWith('/') ? `${pathname}index.html` : pathname);
    const type = TYPES[path.extname(file)];
    try {
      const content = await readFile(file);
      response.writeHead(200, { 'content-type': type ?? 'application/octet-stream' });
      // What whoever deploys the page would write there.
      const told = () => String(content).replace(/(<meta name="server" content=")[^"]*/, `$1${server}`);
      response.end(type === 'text/html' ? told() : content);
    } catch {
      response.writeHead(404).end();
    }
  });
  files.listen(0, '127.0.0.1');
  await once(files, 'listening');
  return {
    url: `http://127.0.0.1:${files.address().port}`,
    close() {
      files.closeAllConnections();
      files.close();
    },
  };
}
