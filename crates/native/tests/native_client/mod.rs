//! Signals and feeds without a browser: over a server within the process in paused time, and over real sockets.

mod local;
mod restarts;
mod signals;
mod sockets;

use futures::StreamExt;
use leptos_sse_native::{SseClient, SseClientSignal};
use leptos_sse_native::{SseClientOptions, SseStatus};
use local::Local;
use std::{fmt::Debug, sync::Arc, time::Duration};
use tokio::time::timeout;

const URL: &str = "http://local/sse";
const LONG: Duration = Duration::from_secs(60);

fn options(local: &Local) -> SseClientOptions {
    SseClientOptions::new().http(local.clone())
}

fn client(local: &Local) -> SseClient {
    SseClient::connect(URL, options(local)).unwrap()
}

/// Waits until the signal has the value.
async fn until<T: PartialEq + Debug + Send + Sync + 'static>(signal: &SseClientSignal<T>, value: T) -> Arc<T> {
    let mut values = signal.values();
    let found = async {
        loop {
            let now = values.next().await.expect("the client is closed");
            if *now == value {
                return now;
            }
        }
    };
    let found = timeout(LONG, found).await;
    found.unwrap_or_else(|_| panic!("it is {:?} ({}), and not {value:?}", signal.get(), signal.status()))
}

async fn until_status(client: &SseClient, wanted: impl Fn(SseStatus) -> bool) -> SseStatus {
    let mut statuses = client.statuses();
    let found = async {
        loop {
            let now = statuses.next().await.expect("the client is closed");
            if wanted(now) {
                return now;
            }
        }
    };
    timeout(LONG, found).await.unwrap_or_else(|_| panic!("it stays {}", client.status()))
}
