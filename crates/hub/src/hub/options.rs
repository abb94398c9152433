use std::time::Duration;

/// How many bytes the body of a request may have.
pub(super) const MAX_BODY_LEN: usize = 256 << 10;

/// The bounds and times of an [`SseHub`](super::SseHub).
///
/// Every bound has a default, so that no client can make a server keep more than it should.
#[derive(Clone, Debug)]
#[must_use]
pub struct SseHubOptions {
    pub(super) heartbeat: Duration,
    pub(super) linger: Duration,
    pub(super) load_timeout: Duration,
    pub(super) max_loading: usize,
    pub(super) max_signals: usize,
    pub(super) max_keys: usize,
    pub(super) max_request_len: usize,
    pub(super) max_connections: usize,
    pub(super) max_connections_per_address: usize,
    pub(super) max_value_len: usize,
    pub(super) history_len: usize,
    pub(super) history_bytes: usize,
    pub(super) feed_len: usize,
    pub(super) feed_bytes: usize,
    /// About how many bytes are read of one key at a time, and given to a socket at once.
    pub(super) chunk_len: usize,
}

impl Default for SseHubOptions {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(15),
            linger: Duration::from_secs(30),
            load_timeout: Duration::from_secs(30),
            max_loading: 256,
            max_signals: 100_000,
            max_keys: 256,
            max_request_len: 16 << 10,
            max_connections: 20_000,
            max_connections_per_address: 1_000,
            max_value_len: 4 << 20,
            history_len: 1_024,
            history_bytes: 256 << 10,
            feed_len: 1_024,
            feed_bytes: 1 << 20,
            chunk_len: 64 << 10,
        }
    }
}

impl SseHubOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how long a connection may be silent before a heartbeat is written. Default is 15 seconds.
    ///
    /// A browser that hears nothing for two and a half of them reconnects. Zero means no heartbeats.
    pub fn heartbeat(mut self, every: Duration) -> Self {
        self.heartbeat = every;
        self
    }

    /// Sets how long a signal that a [provider](super::SseHub::provide) made stays when its last subscriber has gone. Default
    /// is 30 seconds.
    pub fn linger(mut self, linger: Duration) -> Self {
        self.linger = linger;
        self
    }

    /// Sets how long a [provider](super::SseHub::provide) may take; then the key is refused, until it is asked for again.
    /// Default is 30 seconds.
    pub fn load_timeout(mut self, timeout: Duration) -> Self {
        self.load_timeout = timeout;
        self
    }

    /// Sets how many [providers](super::SseHub::provide) may be at work at once; the others wait. Default is 256.
    pub fn max_loading(mut self, loads: usize) -> Self {
        self.max_loading = loads;
        self
    }

    /// Sets how many keys the hub holds before [providers](super::SseHub::provide) make no more; then those that are asked
    /// for are refused in band. Signals and feeds that the server makes by itself count, and are never refused. Default is
    /// 100,000.
    pub fn max_signals(mut self, signals: usize) -> Self {
        self.max_signals = signals;
        self
    }

    /// Sets how many keys one connection may ask for; those beyond are refused in band. Default is 256.
    pub fn max_keys(mut self, keys: usize) -> Self {
        self.max_keys = keys;
        self
    }

    /// Sets the longest query that is read, in bytes; a longer one is answered with 414. Default is 16 KiB.
    pub fn max_request_len(mut self, bytes: usize) -> Self {
        self.max_request_len = bytes;
        self
    }

    /// Sets how many connections there may be at once; one more is answered with 503 and `Retry-After`. Default is 20,000.
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.max_connections = connections;
        self
    }

    /// Sets how many connections one client's address may have at once; one more is answered with 429 and `Retry-After`.
    /// Default is 1,000.
    ///
    /// It counts where the [address is known](super::SseRequest::client_address), and not for loopback addresses, as behind
    /// a proxy on the same machine all clients share one. Of IPv6 the network of 64 bits counts, as one client has all of it.
    pub fn max_connections_per_address(mut self, connections: usize) -> Self {
        self.max_connections_per_address = connections;
        self
    }

    /// Sets the longest JSON that a signal's value or a feed's event may be, in bytes; a longer one is an error and changes
    /// nothing. Default is 4 MiB.
    pub fn max_value_len(mut self, bytes: usize) -> Self {
        self.max_value_len = bytes;
        self
    }

    /// Sets how many of its latest updates a signal keeps for those who come back. Default is 1,024.
    pub fn history_len(mut self, updates: usize) -> Self {
        self.history_len = updates;
        self
    }

    /// Sets how many bytes of its latest updates a signal keeps for those who come back. Default is 256 KiB.
    pub fn history_bytes(mut self, bytes: usize) -> Self {
        self.history_bytes = bytes;
        self
    }

    /// Sets how many of its latest events a feed keeps for those who come, and come back. Default is 1,024.
    pub fn feed_len(mut self, events: usize) -> Self {
        self.feed_len = events;
        self
    }

    /// Sets how many bytes of its latest events a feed keeps for those who come, and come back. Default is 1 MiB.
    pub fn feed_bytes(mut self, bytes: usize) -> Self {
        self.feed_bytes = bytes;
        self
    }
}
