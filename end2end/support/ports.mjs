// Ports for servers that stop and start again while clients wait for them.
//
// The kernel gives ports of its ephemeral range to any socket that asks for one, so a port of that range may be gone when
// its server starts again. A client that reconnects to such a port while the server is down can even connect to itself.
// These ports lie below the range. They come in pairs: a listener on the even port marks the pair as taken for as long as
// this process runs, and the server gets the odd port. The tests of `crates/native` follow the same rule (`support/ports.rs`).

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import net from 'node:net';

const HOST = '127.0.0.1';
const FIRST = 20_000;

/** A port that no other test gets before this process ends. */
export async function reservePort() {
  const end = await firstEphemeral();
  const pairs = Math.floor((end - FIRST) / 2);
  // Processes begin at different places, so that they rarely try the same pair.
  const start = process.pid * 37;
  for (let step = 0; step < pairs; step += 1) {
    const even = FIRST + 2 * ((start + step) % pairs);
    const lock = await listen(even);
    if (!lock) continue;
    const probe = await listen(even + 1);
    if (!probe) {
      lock.close();
      continue;
    }
    probe.close();
    await once(probe, 'close');
    lock.unref();
    locks.push(lock);
    return even + 1;
  }
  throw new Error(`no port is free from ${FIRST} to ${end - 1}`);
}

/** A listener, or null where the port is in use. */
async function listen(port) {
  const server = net.createServer().listen(port, HOST);
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if (error.code === 'EADDRINUSE' || error.code === 'EACCES') return null;
    throw error;
  }
}

/** The first port of the ephemeral range: 32768 on Linux by default, and later on other systems. */
async function firstEphemeral() {
  const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(() => '32768');
  const first = Number.parseInt(range, 10);
  // Where the range begins below, no port is outside of it; the pairs still keep the tests apart.
  return first > FIRST + 100 ? first : 32_768;
}

const locks = [];
