// Runs a test program for wasm32-wasip1 in Node: node wasi.mjs program.wasm arguments…

import { readFile } from 'node:fs/promises';
import { WASI } from 'node:wasi';

const [file, ...args] = process.argv.slice(2);
const wasi = new WASI({ version: 'preview1', args: [file, ...args], env: process.env, preopens: { '/': '/' }, returnOnExit: true });
const program = await WebAssembly.compile(await readFile(file));
const instance = await WebAssembly.instantiate(program, wasi.getImportObject());
// At once: Node 20 can crash when it ends by itself after a program of WASI.
process.exit(wasi.start(instance));
