//! The open connections, and their bounds.

use super::{logouts, options::SseHubOptions, refusal::SseRefusal, waiters::Waiter};
use std::{
    collections::{HashMap, VecDeque},
    net::{IpAddr, Ipv6Addr},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// The connections of a hub.
#[derive(Debug, Default)]
pub(super) struct Connections(Mutex<OpenConnections>);

#[derive(Debug, Default)]
struct OpenConnections {
    connections: HashMap<u64, Arc<Connection>>,
    by_address: HashMap<IpAddr, usize>,
    next: u64,
    closed: bool,
    /// Bytes given to connections that have ended.
    sent: u64,
    /// The latest logouts, for requests that were authorised before a logout and come to the hub after it.
    logouts: VecDeque<(u64, Box<str>)>,
}

const LOGOUT: &str = "logout";
/// How many logouts are remembered.
const LOGOUTS: usize = 1_024;

/// One connection, as others know it.
#[derive(Debug)]
pub(super) struct Connection {
    id: u64,
    pub(super) waiter: Arc<Waiter>,
    user: Option<Arc<str>>,
    address: Option<IpAddr>,
    /// The reason why it has to end.
    bye: OnceLock<&'static str>,
    /// Bytes given to it. Each connection has its own counter: one for all would move between cores at every update.
    sent: AtomicU64,
}

impl Connections {
    pub(super) fn len(&self) -> usize {
        self.open().connections.len()
    }

    /// Bytes given to all connections, open or ended.
    pub(super) fn sent(&self) -> u64 {
        let open = self.open();
        open.sent + open.connections.values().map(|connection| connection.sent()).sum::<u64>()
    }

    pub(super) fn admit(
        &self,
        options: &SseHubOptions,
        user: Option<Arc<str>>,
        address: Option<IpAddr>,
        logouts_seen: u64,
    ) -> Result<Arc<Connection>, SseRefusal> {
        let address = address.and_then(counted);
        let mut open = self.open();
        if open.closed {
            return Err(SseRefusal::closed());
        }
        if open.connections.len() >= options.max_connections {
            return Err(SseRefusal::full());
        }
        if let Some(address) = address {
            let number = open.by_address.get(&address).copied().unwrap_or_default();
            if number >= options.max_connections_per_address {
                return Err(SseRefusal::address(address));
            }
            open.by_address.insert(address, number + 1);
        }
        let is_logged_out = open.logouts.iter().any(|(at, who)| *at > logouts_seen && user.as_deref() == Some(who));
        let id = open.next;
        open.next += 1;
        let connection = Connection {
            id,
            waiter: Arc::new(Waiter::here()),
            user,
            address,
            bye: OnceLock::new(),
            sent: AtomicU64::new(0),
        };
        if is_logged_out {
            // It is set here for the first time.
            let _ = connection.bye.set(LOGOUT);
        }
        let connection = Arc::new(connection);
        open.connections.insert(id, connection.clone());
        Ok(connection)
    }

    pub(super) fn leave(&self, connection: &Connection) {
        let mut open = self.open();
        open.connections.remove(&connection.id);
        open.sent += connection.sent();
        if let Some(address) = connection.address
            && let Some(number) = open.by_address.get_mut(&address)
        {
            *number -= 1;
            if *number == 0 {
                open.by_address.remove(&address);
            }
        }
    }

    /// Admits no more connections, and ends all of them; gives their number.
    pub(super) fn close(&self) -> usize {
        self.open().closed = true;
        self.end("shutdown", |_| true)
    }

    /// Ends the connections of a user, and gives their number.
    pub(super) fn close_user(&self, user: &str) -> usize {
        {
            let mut open = self.open();
            let at = logouts::next();
            open.logouts.push_back((at, user.into()));
            if open.logouts.len() > LOGOUTS {
                open.logouts.pop_front();
            }
        }
        self.end(LOGOUT, |connection| connection.user.as_deref() == Some(user))
    }

    fn end(&self, why: &'static str, whose: impl Fn(&Connection) -> bool) -> usize {
        let ended: Vec<_> = self.open().connections.values().filter(|connection| whose(connection)).cloned().collect();
        for connection in &ended {
            // The first reason stays.
            let _ = connection.bye.set(why);
            connection.waiter.wake();
        }
        ended.len()
    }

    fn open(&self) -> MutexGuard<'_, OpenConnections> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The address that a client is counted by: of IPv6 the network, as a client usually has all of its addresses.
fn counted(address: IpAddr) -> Option<IpAddr> {
    let network = match address.to_canonical() {
        IpAddr::V6(address) if !address.is_loopback() => {
            Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into()
        }
        address => address,
    };
    // Behind a proxy on the same machine all clients share this one.
    (!network.is_loopback()).then_some(network)
}

impl Connection {
    pub(super) fn bye(&self) -> Option<&'static str> {
        self.bye.get().copied()
    }

    /// Counts bytes that are given to it. One caller at a time does so.
    pub(super) fn count_sent(&self, bytes: usize) {
        self.sent.store(self.sent() + bytes as u64, Ordering::Relaxed);
    }

    fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    pub(super) fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_counted_by_its_address_or_its_network() {
        let counted = |address: &str| counted(address.parse().unwrap()).map(|address| address.to_string());
        for (address, expected) in [
            ("203.0.113.7", Some("203.0.113.7")),
            ("::ffff:203.0.113.7", Some("203.0.113.7")),
            ("2001:db8:1:2:3:4:5:6", Some("2001:db8:1:2::")),
            ("2001:db8:1:2::9", Some("2001:db8:1:2::")),
            ("127.0.0.1", None),
            ("::1", None),
            ("::ffff:127.0.0.2", None),
        ] {
            assert_eq!(counted(address).as_deref(), expected, "{address}");
        }
    }
}
