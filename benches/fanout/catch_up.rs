//! A reader that stopped while 1,000 updates were written: how soon it has what is now, and how many bytes it is sent.

use crate::{
    child::{Child, Kind},
    options::Options,
    readers::connect,
    table::{grouped, head, millis, row},
};
use std::{
    io::{self, Read},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

const UPDATES: usize = 1_000;

pub fn measure(options: &Options) -> io::Result<()> {
    let columns = ["server", "value", "reader", "until it has the last update", "bytes", "events"];
    head("Behind by 1,000 updates", &columns);
    for &kind in &options.servers {
        for (value, command, key) in [("small", "write", "tick"), ("100 KiB", "page", "page")] {
            for (reader, took, read) in after_a_stop(kind, command, key)? {
                let took = took.map_or_else(|| "–".to_owned(), |took| millis(took.as_micros() as u64));
                let cells = [kind.name(), value.to_owned(), reader.to_owned(), took];
                row(&cells
                    .into_iter()
                    .chain([grouped(read.bytes as f64), grouped(read.events as f64)])
                    .collect::<Vec<_>>());
            }
        }
    }
    Ok(())
}

type Line = (&'static str, Option<Duration>, Count);

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    bytes: usize,
    events: usize,
}

fn after_a_stop(kind: Kind, command: &str, key: &str) -> io::Result<Vec<Line>> {
    let mut server = Child::start(kind)?;
    server.tell(command)?;
    let mut goes_on = Reader::start(server.address, key, None)?;
    let mut stops = Reader::start(server.address, key, None)?;
    let mut leaves = Reader::start(server.address, key, None)?;
    let start = server.ask("stats")?[0];
    for reader in [&mut goes_on, &mut stops, &mut leaves] {
        reader.read_to(start)?;
        reader.read = Count::default();
    }
    let cursor = leaves.cursor()?;
    drop(leaves);
    for _ in 0..UPDATES {
        server.tell(command)?;
        goes_on.read_to(goes_on.seq + 1)?;
    }
    let last = server.ask("stats")?[0];
    let started = Instant::now();
    stops.read_to(last)?;
    let caught_up = started.elapsed();
    let started = Instant::now();
    let mut comes_back = Reader::start(server.address, key, Some(&cursor))?;
    comes_back.read_to(last)?;
    let came_back = started.elapsed();
    Ok(vec![
        ("never stopped", None, goes_on.read),
        ("stopped reading", Some(caught_up), stops.read),
        ("left, and came back", Some(came_back), comes_back.read),
    ])
}

/// A connection that reads the seqs of its updates.
struct Reader {
    socket: TcpStream,
    seq: u64,
    epoch: String,
    read: Count,
    line: Vec<u8>,
}

impl Reader {
    fn start(address: SocketAddr, key: &str, cursor: Option<&str>) -> io::Result<Self> {
        let resume = cursor.map(|cursor| format!("Last-Event-ID: {cursor}\r\n")).unwrap_or_default();
        let socket = connect(address, key, &resume)?;
        socket.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self { socket, seq: 0, epoch: String::new(), read: Count::default(), line: Vec::new() })
    }

    fn cursor(&self) -> io::Result<String> {
        if self.epoch.is_empty() {
            Err(io::Error::other("no id has come"))
        } else {
            Ok(format!("{}.{}", self.epoch, self.seq))
        }
    }

    /// Reads until the update with this seq, or a later one, has come.
    fn read_to(&mut self, seq: u64) -> io::Result<()> {
        let mut buffer = vec![0; 64 << 10];
        while self.seq < seq {
            let len = self.socket.read(&mut buffer)?;
            if len == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.read.bytes += len;
            for part in buffer[..len].split_inclusive(|byte| *byte == b'\n') {
                // The beginning of a line says all.
                let room = 256_usize.saturating_sub(self.line.len());
                self.line.extend_from_slice(&part[..part.len().min(room)]);
                if part.ends_with(b"\n") {
                    self.take_line();
                }
            }
        }
        Ok(())
    }

    fn take_line(&mut self) {
        let line = String::from_utf8_lossy(&self.line).into_owned();
        self.line.clear();
        if let Some((epoch, _)) = line.strip_prefix("id: ").and_then(|id| id.trim().rsplit_once('.')) {
            epoch.clone_into(&mut self.epoch);
        }
        let Some((_, to)) = line.strip_prefix("data: ").and_then(|data| data.split_once("\"to\":")) else { return };
        let digits: String = to.chars().take_while(char::is_ascii_digit).collect();
        if let Ok(seq) = digits.parse() {
            self.seq = seq;
            self.read.events += 1;
        }
    }
}
