//! The monitor's signals in a terminal: the same server as the page's, the same state machine, and no browser.

mod keys;
mod screen;

// The monitor's own, which need `serde` alone. Not all of them is shown here.
#[allow(dead_code)]
#[path = "../../monitor/src/format.rs"]
mod format;
#[allow(dead_code)]
#[path = "../../monitor/src/model.rs"]
mod model;

use clap::Parser;
use futures::StreamExt;
use keys::Key;
use leptos_sse_native::{Error, SseClient, SseClientClosed, SseClientOptions, SseClientSignal, SseStatus};
use model::{History, Machine, Processes};
use ratatui::DefaultTerminal;
use screen::{Order, Screen};
use std::time::{Duration, Instant};
use tokio::time::interval;

/// Follows the monitor in this terminal.
#[derive(Parser)]
struct Arguments {
    /// Where the monitor's events are
    #[arg(default_value = "http://127.0.0.1:3000/sse")]
    url: String,
    /// The longest wait between two attempts to reach the server, in seconds
    #[arg(long, default_value_t = 5)]
    patience: u64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let options = SseClientOptions::new().reconnect_max(Duration::from_secs(arguments.patience));
    let tail = Tail::connect(&arguments.url, options)?;
    // From here on a panic restores the terminal, too.
    let terminal = ratatui::try_init()?;
    let ended = tail.run(terminal).await;
    ratatui::restore();
    ended.map_err(Into::into)
}

struct Tail {
    client: SseClient,
    machine: SseClientSignal<Machine>,
    history: SseClientSignal<History>,
    processes: SseClientSignal<Processes>,
    order: Order,
    status: SseStatus,
    /// When that became so.
    since: Instant,
}

impl Tail {
    /// # Errors
    ///
    /// When the URL is none.
    fn connect(url: &str, options: SseClientOptions) -> Result<Self, Error> {
        let client = SseClient::connect(url, options)?;
        // By the names that the types have in the monitor.
        Ok(Self {
            machine: client.signal_for(leptos_sse_native::Key::named("monitor::model::Machine"))?,
            history: client.signal_for(leptos_sse_native::Key::named("monitor::model::History"))?,
            processes: client.signal_for(leptos_sse_native::Key::named("monitor::model::Processes"))?,
            order: Order::default(),
            status: client.status(),
            since: Instant::now(),
            client,
        })
    }

    /// Until the user has seen enough.
    async fn run(mut self, mut terminal: DefaultTerminal) -> std::io::Result<()> {
        let mut keys = keys::listen();
        let mut statuses = self.client.statuses();
        // The wait for the next attempt is counted down.
        let mut tick = interval(Duration::from_millis(100));
        // One for all turns, so that none is missed while the screen is drawn.
        let mut interrupted = std::pin::pin!(interrupted());
        let mut is_news = true;
        loop {
            if is_news {
                terminal.draw(|frame| self.screen().draw(frame))?;
            }
            is_news = tokio::select! {
                key = keys.recv() => match key {
                    Some(Key::Order(order)) => {
                        self.order = order;
                        true
                    }
                    Some(Key::Reconnect) => {
                        self.client.reconnect();
                        false
                    }
                    Some(Key::Other) => true,
                    Some(Key::Quit) | None => break,
                },
                // As `kill` sends, and Ctrl-C from elsewhere.
                () = &mut interrupted => break,
                Some(status) = statuses.next() => {
                    (self.status, self.since) = (status, Instant::now());
                    true
                }
                changed = changed(&mut self.machine, &mut self.history, &mut self.processes) => match changed {
                    Ok(()) => true,
                    Err(_) => break,
                },
                _ = tick.tick() => self.screen().counts_down(),
            };
        }
        self.client.close().await;
        Ok(())
    }

    fn screen(&self) -> Screen {
        Screen {
            machine: self.machine.get().unwrap_or_default(),
            history: self.history.get().unwrap_or_default(),
            processes: self.processes.get().unwrap_or_default(),
            order: self.order,
            url: self.client.url().to_owned(),
            status: self.status,
            since: self.since.elapsed(),
        }
    }
}

/// One of them has changed, or where it stands.
async fn changed(
    machine: &mut SseClientSignal<Machine>,
    history: &mut SseClientSignal<History>,
    processes: &mut SseClientSignal<Processes>,
) -> Result<(), SseClientClosed> {
    tokio::select! {
        changed = machine.changed() => changed,
        changed = history.changed() => changed,
        changed = processes.changed() => changed,
    }
}

#[cfg(unix)]
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    // Where one cannot be listened to, it ends the program as ever.
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_arguments_are_as_clap_wants_them() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
        assert_eq!(Arguments::parse_from(["tail"]).url, "http://127.0.0.1:3000/sse");
    }

    #[tokio::test]
    async fn the_keys_are_the_names_of_the_monitors_types() {
        let tail = Tail::connect("http://127.0.0.1:3000/sse", SseClientOptions::new()).unwrap();
        // Here they are of this crate, and in the same module.
        let here = |name: &str| name.replacen("tail", "monitor", 1);
        assert_eq!(tail.machine.key().as_str(), here(std::any::type_name::<Machine>()));
        assert_eq!(tail.history.key().as_str(), here(std::any::type_name::<History>()));
        assert_eq!(tail.processes.key().as_str(), here(std::any::type_name::<Processes>()));
        assert!(include_str!("../../monitor/Cargo.toml").contains("name = \"monitor\""));
        assert!(include_str!("../../monitor/src/lib.rs").contains("pub mod model;"));
    }
}
