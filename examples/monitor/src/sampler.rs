//! One thread that reads the machine every second, however many look on.

use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::model::{History, Machine, Processes};
use crate::probe::Probe;

const INTERVAL: Duration = Duration::from_secs(1);

/// The latest values, for everyone to read and to follow.
#[derive(Clone)]
pub struct Sampler {
    pub machine: watch::Receiver<Machine>,
    pub history: watch::Receiver<History>,
    pub processes: watch::Receiver<Processes>,
}

impl Sampler {
    /// Starts the thread and waits for its first values.
    pub async fn start() -> Result<Self, Box<dyn Error + Send + Sync>> {
        let (machine, machine_receiver) = watch::channel(Machine::default());
        let (history, mut history_receiver) = watch::channel(History::default());
        let (processes, processes_receiver) = watch::channel(Processes::default());
        let senders = Senders { machine, history, processes };
        // Reading `/proc` and its likes blocks, and takes milliseconds even on a
        // fast machine: a thread of its own keeps it away from the runtime.
        thread::Builder::new().name("sampler".into()).spawn(move || match Probe::new() {
            Ok(probe) => senders.run(probe),
            Err(error) => eprintln!("This system cannot be read: {error}"),
        })?;

        // The last to be written, and the one that never stays as it was.
        history_receiver.changed().await?;
        Ok(Self { machine: machine_receiver, history: history_receiver, processes: processes_receiver })
    }
}

struct Senders {
    machine: watch::Sender<Machine>,
    history: watch::Sender<History>,
    processes: watch::Sender<Processes>,
}

impl Senders {
    fn run(self, mut probe: Probe) {
        let mut next = Instant::now();
        while !self.history.is_closed() {
            let sample = probe.sample();
            replace(&self.machine, probe.machine());
            replace(&self.processes, probe.processes());
            self.history.send_modify(|history| history.push(sample));

            // By the clock, so that the work's own time does not add up; but a
            // machine that was asleep does not catch up on the seconds it missed.
            next = (next + INTERVAL).max(Instant::now());
            thread::sleep(next.saturating_duration_since(Instant::now()));
        }
    }
}

/// Followers wake only for what differs.
fn replace<T: PartialEq>(sender: &watch::Sender<T>, value: T) {
    sender.send_if_modified(|held| {
        let differs = *held != value;
        *held = value;
        differs
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_values_are_there_at_once_and_more_follow() {
        let mut sampler = Sampler::start().await.expect("this system can be read");
        assert!(sampler.machine.borrow().memory > 0);
        assert!(!sampler.processes.borrow().rows.is_empty());

        let first = sampler.history.borrow_and_update().now();
        assert!(sampler.history.changed().await.is_ok());
        assert_eq!(sampler.history.borrow().now(), first + 1);
    }
}
