//! The other processes, as this one sees them.

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    process::{self, Command},
    str::FromStr,
};

/// What another process serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A hub in axum, as `axum::serve` has it.
    Axum,
    /// The same with `TCP_NODELAY`, which axum leaves off.
    AxumNoDelay,
    /// A hub in actix-web.
    Actix,
    /// The same first events as a hub's, and then nothing, in axum.
    AxumIdle,
    /// The same in actix-web.
    ActixIdle,
    /// `write()` calls on blocking sockets, by this many threads.
    Bare(usize),
}

impl Kind {
    pub fn name(self) -> String {
        match self {
            Self::Axum => "axum".to_owned(),
            Self::AxumNoDelay => "axum-nodelay".to_owned(),
            Self::Actix => "actix".to_owned(),
            Self::AxumIdle => "axum-idle".to_owned(),
            Self::ActixIdle => "actix-idle".to_owned(),
            Self::Bare(threads) => format!("bare{threads}"),
        }
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Ok(match name {
            "axum" => Self::Axum,
            "axum-nodelay" => Self::AxumNoDelay,
            "actix" => Self::Actix,
            "axum-idle" => Self::AxumIdle,
            "actix-idle" => Self::ActixIdle,
            _ => {
                let threads = name.strip_prefix("bare").and_then(|threads| threads.parse().ok());
                Self::Bare(threads.ok_or_else(|| format!("{name} is no server"))?)
            }
        })
    }
}

/// A server in a process of its own, which ends with this.
#[derive(Debug)]
pub struct Child {
    process: process::Child,
    control: BufReader<TcpStream>,
    pub address: SocketAddr,
}

impl Child {
    pub fn start(kind: Kind) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let role = format!("--serve={}@{}", kind.name(), listener.local_addr()?);
        let process = Command::new(env::current_exe()?).arg(role).spawn()?;
        let control = listener.accept()?.0;
        control.set_nodelay(true)?;
        let mut control = BufReader::new(control);
        let address = read_line(&mut control)?.parse().map_err(io::Error::other)?;
        Ok(Self { process, control, address })
    }

    /// The nanoseconds that its threads have had of a processor.
    pub fn cpu(&self) -> io::Result<u64> {
        let mut sum = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.process.id()))? {
            let times = fs::read_to_string(thread?.path().join("schedstat"))?;
            let first = times.split_whitespace().next().unwrap_or_default();
            sum += first.parse::<u64>().map_err(io::Error::other)?;
        }
        Ok(sum)
    }

    /// Sends a command that is not answered.
    pub fn tell(&mut self, command: &str) -> io::Result<()> {
        self.control.get_mut().write_all(format!("{command}\n").as_bytes())
    }

    /// Gives it the bytes that it is to write.
    pub fn give(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.tell(&format!("bytes {}", bytes.len()))?;
        self.control.get_mut().write_all(bytes)
    }

    /// Sends a command, and gives the numbers of its answer.
    pub fn ask(&mut self, command: &str) -> io::Result<Vec<u64>> {
        self.tell(command)?;
        let answer = read_line(&mut self.control)?;
        answer.split_whitespace().map(|number| number.parse().map_err(io::Error::other)).collect()
    }
}

fn read_line(control: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    control.read_line(&mut line)?;
    Ok(line.trim().to_owned())
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
