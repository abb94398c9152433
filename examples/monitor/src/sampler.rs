//! One thread that reads the machine every second, however many look on.

use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

use leptos_sse::{ServerSignal, SseHub};

use crate::model::{History, Machine, Processes};
use crate::probe::Probe;

const INTERVAL: Duration = Duration::from_secs(1);

/// What the machine is like now: three signals of the hub.
#[derive(Clone)]
pub struct Sampler {
    pub machine: ServerSignal<Machine>,
    pub history: ServerSignal<History>,
    pub processes: ServerSignal<Processes>,
}

impl Sampler {
    /// Takes the first sample, and starts the thread that takes the others.
    pub fn start(hub: &SseHub) -> Result<Self, Box<dyn Error>> {
        let mut probe = Probe::new()?;
        let sampler = Self {
            machine: hub.signal(Machine::default()),
            history: hub.signal(History::default()),
            processes: hub.signal(Processes::default()),
        };
        sampler.sample(&mut probe);
        // Reading `/proc` and its likes blocks, and takes milliseconds even on a
        // fast machine: a thread of its own keeps it away from the runtime.
        let thread = thread::Builder::new().name("sampler".into());
        thread.spawn({
            let sampler = sampler.clone();
            move || sampler.run(probe)
        })?;
        Ok(sampler)
    }

    /// What stays as it was sends nothing.
    fn sample(&self, probe: &mut Probe) {
        let sample = probe.sample();
        self.machine.set(probe.machine());
        self.processes.set(probe.processes());
        self.history.update(move |history| history.push(sample.clone()));
    }

    fn run(self, mut probe: Probe) {
        let mut next = Instant::now();
        loop {
            // By the clock, so that the work's own time does not add up; but a
            // machine that was asleep does not catch up on the seconds it missed.
            next = (next + INTERVAL).max(Instant::now());
            thread::sleep(next.saturating_duration_since(Instant::now()));
            self.sample(&mut probe);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::StreamExt;
    use leptos_sse::{Key, SseRequest};

    #[tokio::test]
    async fn the_first_values_are_there_at_once_and_more_follow() {
        let hub = SseHub::new();
        let sampler = Sampler::start(&hub).expect("this system can be read");
        assert!(sampler.machine.read().memory > 0);
        assert!(!sampler.processes.read().rows.is_empty());
        assert_eq!(sampler.history.read().now(), 1);

        let query = format!("s={}", Key::of::<History>());
        let request = SseRequest::parse(&query, None).expect("the query is a good one");
        let mut events = hub.subscribe(request).expect("the hub is open");
        // A hello, the snapshot, and the second sample.
        for _ in 0..3 {
            assert!(events.next().await.is_some());
        }
        assert!(sampler.history.read().now() >= 2);
    }
}
