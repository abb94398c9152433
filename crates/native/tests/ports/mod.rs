//! Ports for servers that stop and start again while clients wait for them.
//!
//! The kernel gives ports of its ephemeral range to any socket that asks for one, so a port of that range may be gone when
//! its server starts again. A client that reconnects to such a port while the server is down can even connect to itself.
//! These ports lie below the range. They come in pairs: a listener on the even port marks the pair as taken, and the server
//! gets the odd port. `end2end/support/ports.mjs` follows the same rule.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    process,
};

const FIRST: u16 = 20_000;

/// A port that no other test gets before this is dropped.
#[derive(Debug)]
pub struct ReservedPort {
    port: u16,
    _lock: TcpListener,
}

impl ReservedPort {
    pub fn new() -> Self {
        let end = first_ephemeral();
        let pairs = u32::from(end - FIRST) / 2;
        // Processes begin at different places, so that they rarely try the same pair.
        let start = process::id().wrapping_mul(37);
        for step in 0..pairs {
            let even = FIRST + 2 * u16::try_from(start.wrapping_add(step) % pairs).unwrap();
            if let Ok(lock) = listen(even)
                && listen(even + 1).is_ok()
            {
                return Self { port: even + 1, _lock: lock };
            }
        }
        panic!("no port is free from {FIRST} to {}", end - 1);
    }

    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }
}

fn listen(port: u16) -> std::io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
}

/// The first port of the ephemeral range: 32768 on Linux by default, and later on other systems.
fn first_ephemeral() -> u16 {
    let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let first = range.split_whitespace().next().and_then(|first| first.parse().ok());
    // Where the range begins below, no port is outside of it; the pairs still keep the tests apart.
    first.filter(|first| *first > FIRST + 100).unwrap_or(32_768)
}

#[test]
fn two_reserved_ports_differ_and_the_server_s_own_can_be_bound_again_and_again() {
    let (one, two) = (ReservedPort::new(), ReservedPort::new());
    assert_ne!(one.address(), two.address());
    for _ in 0..3 {
        drop(TcpListener::bind(one.address()).unwrap());
    }
}
