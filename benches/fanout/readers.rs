//! Those who read: as cheap as they can be, so that what is measured is the one who writes.

use crate::measure::micros;
use mio::{Events, Interest, Poll, Token};
use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, Thread},
    time::{Duration, Instant},
};

/// Connections that count events, in a thread of their own. They close when this is dropped.
#[derive(Debug)]
pub struct Readers {
    seen: Arc<Seen>,
}

#[derive(Debug)]
struct Seen {
    events: AtomicU64,
    /// At how many events the one who waits is to be woken.
    awaited: AtomicU64,
    waits: Thread,
    /// Whether the time is to be read from the events.
    timed: AtomicBool,
    ended: AtomicBool,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    /// How many microseconds each event took from its write to here.
    latencies: Vec<u64>,
    /// What the first connection read last.
    last: Vec<u8>,
}

/// How many events each connection begins with: the hello and a snapshot.
const OPENING: u64 = 2;

impl Readers {
    pub fn connect(address: SocketAddr, number: usize) -> io::Result<Self> {
        let poll = Poll::new()?;
        let mut sockets = Vec::with_capacity(number);
        for at in 0..number {
            let socket = connect(address, "tick", "")?;
            socket.set_nonblocking(true)?;
            let mut socket = mio::net::TcpStream::from_std(socket);
            poll.registry().register(&mut socket, Token(at), Interest::READABLE)?;
            sockets.push(Reader { socket, ends_line: false });
        }
        let seen = Arc::new(Seen {
            events: AtomicU64::new(0),
            awaited: AtomicU64::new(u64::MAX),
            waits: thread::current(),
            timed: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            taken: Mutex::default(),
        });
        let theirs = seen.clone();
        thread::spawn(move || read_all(poll, &mut sockets, &theirs));
        let readers = Self { seen };
        readers.wait_for(OPENING * number as u64)?;
        Ok(readers)
    }

    pub fn events(&self) -> u64 {
        self.seen.events.load(Ordering::Acquire)
    }

    /// Waits until so many events have come, since the connections were made.
    pub fn wait_for(&self, events: u64) -> io::Result<()> {
        self.seen.awaited.store(events, Ordering::SeqCst);
        let started = Instant::now();
        while self.seen.events.load(Ordering::SeqCst) < events {
            thread::park_timeout(Duration::from_secs(1));
            if started.elapsed() > Duration::from_secs(30) {
                return Err(io::Error::other(format!("{} of {events} events have come", self.events())));
            }
        }
        Ok(())
    }

    /// Waits until nothing has come for a while. Where updates were merged, there is no number to wait for.
    pub fn wait_for_quiet(&self) {
        let mut before = 0;
        while before != self.events() {
            before = self.events();
            thread::sleep(Duration::from_millis(500));
        }
    }

    /// Whether the time of each event is to be taken.
    pub fn set_timed(&self, timed: bool) {
        self.seen.timed.store(timed, Ordering::Relaxed);
    }

    pub fn take_latencies(&self) -> Vec<u64> {
        std::mem::take(&mut self.seen.taken().latencies)
    }

    /// What the first connection read last, as it stood on the wire.
    pub fn last(&self) -> Vec<u8> {
        self.seen.taken().last.clone()
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.seen.ended.store(true, Ordering::Relaxed);
    }
}

impl Seen {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that has asked for its events; the headers end with a line break each.
pub fn connect(address: SocketAddr, key: &str, headers: &str) -> io::Result<TcpStream> {
    let mut socket = TcpStream::connect(address)?;
    socket.write_all(format!("GET /sse?s={key} HTTP/1.1\r\nHost: {address}\r\n{headers}\r\n").as_bytes())?;
    Ok(socket)
}

struct Reader {
    socket: mio::net::TcpStream,
    /// Whether the last byte was the end of a line.
    ends_line: bool,
}

fn read_all(mut poll: Poll, readers: &mut [Reader], seen: &Seen) {
    let mut ready = Events::with_capacity(256);
    let mut buffer = vec![0; 256 << 10];
    while !seen.ended.load(Ordering::Relaxed) {
        if poll.poll(&mut ready, Some(Duration::from_millis(500))).is_err() {
            continue;
        }
        let timed = seen.timed.load(Ordering::Relaxed);
        let mut events = 0;
        for event in &ready {
            let Token(at) = event.token();
            let reader = &mut readers[at];
            while let Ok(len) = reader.socket.read(&mut buffer) {
                let read = &buffer[..len];
                events += reader.count_events(read);
                if timed {
                    seen.taken().latencies.extend(written_at(read).map(|then| micros().saturating_sub(then)));
                }
                if at == 0 && len > 0 {
                    let last = &mut seen.taken().last;
                    last.clear();
                    last.extend_from_slice(read);
                }
                // A stream socket that gives less than it is asked for has no more.
                if len < buffer.len() {
                    break;
                }
            }
        }
        let before = seen.events.fetch_add(events, Ordering::SeqCst);
        if events > 0 && before + events >= seen.awaited.load(Ordering::SeqCst) {
            seen.waits.unpark();
        }
    }
}

impl Reader {
    fn count_events(&mut self, read: &[u8]) -> u64 {
        let Some((first, last)) = read.first().zip(read.last()) else { return 0 };
        let across = u64::from(self.ends_line && *first == b'\n');
        self.ends_line = *last == b'\n';
        let ends = read.iter().zip(&read[1..]).filter(|(a, b)| **a == b'\n' && **b == b'\n');
        across + ends.count() as u64
    }
}

/// The times that stand in the events, which are the values of the signal.
fn written_at(read: &[u8]) -> impl Iterator<Item = u64> {
    let starts = read.windows(8).enumerate().filter(|(_, window)| *window == b"\"value\":").map(|(at, _)| at + 8);
    starts.filter_map(|start| {
        let digits = read[start..].iter().take_while(|byte| byte.is_ascii_digit());
        digits.fold(None, |number: Option<u64>, digit| Some(number.unwrap_or(0) * 10 + u64::from(digit - b'0')))
    })
}
