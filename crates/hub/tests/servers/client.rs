//! A client that reads one event after the other.

use reqwest::{Method, RequestBuilder, Response, StatusCode, header::HeaderMap};
use serde_json::Value;
use std::{fmt::Display, future::Future, time::Duration};

/// Long enough for any computer; nothing is measured by it.
const PATIENCE: Duration = Duration::from_secs(20);

/// What comes in time.
pub async fn in_time<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it takes too long")
}

pub fn get(url: impl Display) -> RequestBuilder {
    request(Method::GET, url)
}

/// On a connection of its own.
pub fn request(method: Method, url: impl Display) -> RequestBuilder {
    reqwest::Client::new().request(method, url.to_string())
}

/// The status, the headers and the text of an answer that ends.
pub async fn answer(request: RequestBuilder) -> (StatusCode, HeaderMap, String) {
    let response = in_time(request.send()).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    (status, headers, in_time(response.text()).await.unwrap())
}

/// Waits until something is so.
pub async fn until(what: &str, is_so: impl Fn() -> bool) {
    let so = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, so).await.unwrap_or_else(|_| panic!("{what} never came true"));
}

/// A stream of events that is open.
pub struct Events {
    response: Response,
    buffer: String,
}

#[derive(Debug, PartialEq)]
pub struct Event {
    pub name: String,
    pub id: Option<String>,
    pub data: Value,
}

impl Events {
    /// Opens a stream, and reads its hello.
    pub async fn open(request: RequestBuilder) -> Self {
        let mut events = Self::connect(request).await;
        let hello = events.next().await;
        assert_eq!(hello.name, "hello");
        events
    }

    /// Opens a stream.
    pub async fn connect(request: RequestBuilder) -> Self {
        let response = in_time(request.send()).await.unwrap();
        assert_eq!(response.status(), 200);
        Self { response, buffer: String::new() }
    }

    pub fn response(&self) -> &Response {
        &self.response
    }

    pub async fn next(&mut self) -> Event {
        in_time(self.read()).await.expect("the stream ended")
    }

    /// The value that the next event, a snapshot, brings.
    pub async fn snapshot(&mut self) -> Value {
        let event = self.next().await;
        let patch = &event.data["patch"][0];
        assert_eq!((&patch["op"], &patch["path"]), (&"replace".into(), &"".into()), "{event:?}");
        patch["value"].clone()
    }

    /// Expects the stream to end.
    pub async fn ends(&mut self) {
        let more = in_time(self.read()).await;
        assert_eq!(more, None);
    }

    async fn read(&mut self) -> Option<Event> {
        loop {
            if let Some((event, rest)) = self.buffer.split_once("\n\n") {
                let event = Event::parse(event);
                self.buffer = rest.to_owned();
                return Some(event);
            }
            let chunk = self.response.chunk().await.unwrap()?;
            self.buffer += std::str::from_utf8(&chunk).expect("no plain text");
        }
    }
}

impl Event {
    fn parse(text: &str) -> Self {
        let mut event = Self { name: "message".to_owned(), id: None, data: Value::Null };
        for line in text.lines() {
            let (field, value) = line.split_once(": ").unwrap_or_else(|| panic!("no field: {line}"));
            match field {
                "event" => event.name = value.to_owned(),
                "id" => event.id = Some(value.to_owned()),
                "data" => event.data = serde_json::from_str(value).unwrap_or_else(|_| value.into()),
                "retry" => {}
                _ => panic!("no field of ours: {line}"),
            }
        }
        event
    }
}

/// A user's name, as the servers' login believes it.
pub fn as_user(request: RequestBuilder, name: &str) -> RequestBuilder {
    request.header("x-user", name)
}
