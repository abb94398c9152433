//! What the harness is told of one client: a request for each message, numbered from 1, one after the other.

use serde::Serialize;
use tokio::sync::mpsc;

/// One message, as the harness reads it.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Message {
    Event { event: Event },
    Error { error: String },
}

#[derive(Serialize)]
pub struct Event {
    #[serde(rename = "type")]
    event: String,
    data: String,
    id: String,
}

impl Message {
    pub fn event(event: &leptos_sse_native::Event) -> Self {
        let [name, data, id] = [event.event(), event.data(), event.last_event_id()].map(str::to_owned);
        Self::Event { event: Event { event: name, data, id } }
    }
}

/// Where messages are left. They are sent as long as one of the clones is there.
#[derive(Clone)]
pub struct Callbacks(mpsc::UnboundedSender<Message>);

impl Callbacks {
    pub fn new(url: String) -> Self {
        let (sender, messages) = mpsc::unbounded_channel();
        tokio::spawn(send(url, messages));
        Self(sender)
    }

    pub fn tell(&self, message: Message) {
        // Who sends them ends with the last of these.
        let _ = self.0.send(message);
    }
}

async fn send(url: String, mut messages: mpsc::UnboundedReceiver<Message>) {
    let client = reqwest::Client::new();
    let mut number = 0_u64;
    while let Some(message) = messages.recv().await {
        number += 1;
        let request = client.post(format!("{url}/{number}")).header("content-type", "application/json");
        let sent = match serde_json::to_vec(&message) {
            Ok(body) => request.body(body).send().await.map(drop).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        // A harness whose test is over has closed its end.
        if let Err(why) = sent {
            eprintln!("callback {number} to {url}: {why}");
        }
    }
}
