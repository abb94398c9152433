//! What the kernel alone takes: the same bytes to as many sockets, with nothing before `write()`.

use crate::measure::micros;
use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Barrier, Mutex, MutexGuard, PoisonError,
        mpsc::{Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

/// Answers each connection with two events, as a hub does, and then writes what it is told when it is told.
pub fn serve(control: &SocketAddr, threads: usize) -> io::Result<()> {
    let mut control = BufReader::new(TcpStream::connect(control)?);
    control.get_ref().set_nodelay(true)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    writeln!(control.get_mut(), "{}", listener.local_addr()?)?;
    let own = Sockets::default();
    let writers: Vec<_> = (1..threads).map(|_| Writer::start()).collect();
    let shares: Vec<_> = writers.iter().map(|writer| &writer.sockets).chain([&own]).cloned().collect();
    thread::spawn(move || accept(&listener, &shares));
    let done = Arc::new(Barrier::new(writers.len() + 1));
    let mut bytes: Arc<Vec<u8>> = Arc::default();
    let mut line = String::new();
    while control.read_line(&mut line)? > 0 {
        let mut words = line.split_whitespace();
        let command = words.next().unwrap_or_default();
        let mut number = || words.next().and_then(|word| word.parse::<usize>().ok()).unwrap_or_default();
        let write = |bytes: &Arc<Vec<u8>>| {
            writers.iter().for_each(|writer| writer.write(bytes.clone(), done.clone()));
            write_all(&own, bytes);
            done.wait();
        };
        match command {
            "bytes" => {
                let mut next = vec![0; number()];
                control.read_exact(&mut next)?;
                bytes = Arc::new(next);
            }
            "write" => write(&bytes),
            "write-alone" => {
                writers.iter().map(|writer| &writer.sockets).chain([&own]).for_each(|all| write_all(all, &bytes))
            }
            "rate" => {
                let (per_second, times) = (number(), number());
                let every = Duration::from_secs(1) / u32::try_from(per_second.max(1)).map_err(io::Error::other)?;
                let start = Instant::now();
                for time in 0..u32::try_from(times).map_err(io::Error::other)? {
                    thread::sleep((start + every * time).saturating_duration_since(Instant::now()));
                    bytes = Arc::new(with_time(&bytes));
                    write(&bytes);
                }
                writeln!(control.get_mut(), "0")?;
            }
            _ => return Err(io::Error::other(format!("{command} is no command"))),
        }
        line.clear();
    }
    Ok(())
}

/// The bytes with the time of now in the place of the time before.
fn with_time(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if let Some(at) = bytes.windows(8).position(|window| window == b"\"value\":") {
        let now = micros().to_string();
        if let Some(place) = bytes.get_mut(at + 8..at + 8 + now.len()) {
            place.copy_from_slice(now.as_bytes());
        }
    }
    bytes
}

type Sockets = Arc<Mutex<Vec<TcpStream>>>;

/// A thread with its share of the sockets.
struct Writer {
    sockets: Sockets,
    jobs: Sender<(Arc<Vec<u8>>, Arc<Barrier>)>,
}

impl Writer {
    fn start() -> Self {
        let (jobs, todo) = channel::<(Arc<Vec<u8>>, Arc<Barrier>)>();
        let sockets = Sockets::default();
        let mine = sockets.clone();
        thread::spawn(move || {
            for (bytes, done) in todo {
                write_all(&mine, &bytes);
                done.wait();
            }
        });
        Self { sockets, jobs }
    }

    fn write(&self, bytes: Arc<Vec<u8>>, done: Arc<Barrier>) {
        // The thread ends with the process.
        let _ = self.jobs.send((bytes, done));
    }
}

fn write_all(sockets: &Sockets, bytes: &[u8]) {
    for socket in lock(sockets).iter() {
        // A reader that has gone is no matter here; the readers notice what does not come.
        let _ = (&mut &*socket).write_all(bytes);
    }
}

fn accept(listener: &TcpListener, shares: &[Sockets]) {
    for (at, socket) in listener.incoming().enumerate() {
        let Ok(mut socket) = socket else { continue };
        let mut request = [0; 1024];
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\nevent: hello\n\ndata: 0\n\n";
        // Who has its answer is among those who are written to.
        let mut share = lock(&shares[at % shares.len()]);
        let answered = socket.read(&mut request).and_then(|_| socket.write_all(head.as_bytes()));
        if answered.and_then(|()| socket.set_nodelay(true)).is_ok() {
            share.push(socket);
        }
    }
}

fn lock(sockets: &Sockets) -> MutexGuard<'_, Vec<TcpStream>> {
    sockets.lock().unwrap_or_else(PoisonError::into_inner)
}
