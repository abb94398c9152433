//! The log of the hub: clients that come and go, refusals and their reasons, and providers.
//!
//! A test binary of its own: `tracing` keeps for the whole process which events a subscriber wants, and the other tests have none.

extern crate leptos_sse_hub as leptos_sse;

use futures::StreamExt;
use leptos_sse::{
    Key, SseHub, SseHubOptions, SseRequest, SseSubscription,
    events::{SseEvent, SseResponse, SseSink},
};
use leptos_sse_hub::engine::{Answer, EngineDouble};
use serde::Serialize;
use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};
use tracing::{Level, subscriber::DefaultGuard};

/// The lines of a log as a server prints them, without their times.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn start(level: Level) -> (Self, DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().without_time().with_ansi(false).with_max_level(level);
        let guard = tracing::subscriber::set_default(subscriber.with_writer(move || writer.clone()).finish());
        (log, guard)
    }

    /// The lines since the last time.
    fn lines(&self) -> Vec<String> {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap());
        String::from_utf8(bytes).unwrap().lines().map(|line| line.trim().to_owned()).collect()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Serialize)]
struct Room;

fn request(query: &str) -> SseRequest {
    SseRequest::parse(query, None).unwrap()
}

/// The first so many chunks of a subscription, or all there are.
async fn read(subscription: &mut SseSubscription, chunks: usize) {
    subscription.take(chunks).for_each(|_| async {}).await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_comes_and_goes_with_its_user_address_and_keys() {
    let (log, _guard) = Log::start(Level::DEBUG);
    let hub = SseHub::new();
    hub.signal_for(Key::named("open"), 1);
    let asked = request("s=open&s=secret&s=later").allow(|key| key.as_str() != "secret");
    let asked = asked.for_user("ada").client_address("203.0.113.7".parse().unwrap());
    let mut subscription = hub.subscribe(asked).unwrap();
    let span = r#"sse{user="ada" address=203.0.113.7 keys=2}"#;
    assert_eq!(
        log.lines(),
        [
            format!(r#"DEBUG {span}: leptos_sse_hub::hub::sse_hub: a client has come asked="open later" refused=1"#),
            format!(r#"DEBUG {span}: leptos_sse_hub::hub::sse_hub: a key was refused key=secret reason="forbidden""#),
            format!("DEBUG {span}: leptos_sse_hub::hub::provider: a key is waited for that is not there yet key=later"),
        ]
    );
    assert_eq!(hub.close_user("ada"), 1);
    read(&mut subscription, 3).await;
    drop(subscription);
    assert_eq!(
        log.lines(),
        [
            r#"DEBUG leptos_sse_hub::hub::sse_hub: the connections of a user are to end user="ada" connections=1"#
                .to_owned(),
            format!(r#"DEBUG {span}: leptos_sse_hub::hub::subscription: a connection ends why="logout""#),
            format!("DEBUG {span}: leptos_sse_hub::hub::subscription: a client has left"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_refused_connection_is_a_warning_with_its_user_and_address() {
    let (log, _guard) = Log::start(Level::INFO);
    let hub = SseHub::with_options(SseHubOptions::new().max_connections(1));
    let _first = hub.subscribe(request("s=open")).unwrap();
    hub.subscribe(request("s=open")).unwrap_err();
    let named = request("s=open").for_user("ada").client_address("203.0.113.7".parse().unwrap());
    hub.subscribe(named).unwrap_err();
    hub.close();
    hub.subscribe(request("")).unwrap_err();
    let full = "refusal=the server has as many connections as it takes";
    assert_eq!(
        log.lines(),
        [
            format!("WARN leptos_sse_hub::hub::sse_hub: a connection was refused {full}"),
            format!(
                r#"WARN leptos_sse_hub::hub::sse_hub: a connection was refused user="ada" address=203.0.113.7 {full}"#
            ),
            "INFO leptos_sse_hub::hub::sse_hub: the hub was closed connections=1".to_owned(),
            "WARN leptos_sse_hub::hub::sse_hub: a connection was refused refusal=the server is shutting down"
                .to_owned(),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_provider_logs_with_its_key_and_its_panic_is_an_error() {
    let (log, _guard) = Log::start(Level::DEBUG);
    let hub = SseHub::new();
    hub.provide::<Room, _>(|id| async move {
        tracing::info!("loading");
        assert_ne!(id, "bad", "a provider's bug");
        (id == "42").then_some(Room)
    });
    let room = Key::of::<Room>();
    for id in ["42", "none", "bad"] {
        hub.load_for::<Room>(id).await;
    }
    let span = |id: &str| format!("provide{{key={room}:{id}}}");
    let of_provider = "leptos_sse_hub::hub::provider";
    assert_eq!(
        log.lines(),
        [
            format!("INFO {}: tracing: loading", span("42")),
            format!("INFO {}: tracing: loading", span("none")),
            format!(
                r#"DEBUG {}: {of_provider}: nothing was provided key={room}:none reason="not found""#,
                span("none")
            ),
            format!("INFO {}: tracing: loading", span("bad")),
            format!(
                "ERROR {}: {of_provider}: a provider panicked, was cut off, or was not asked key={room}:bad",
                span("bad")
            ),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_plain_stream_that_fails_or_panics_is_an_error_and_one_whose_client_left_is_none() {
    let (log, _guard) = Log::start(Level::DEBUG);
    let fails = SseResponse::new(|_: SseSink| async { Err("the database is gone".into()) }).spawn();
    assert_eq!(fails.count().await, 0);
    assert_eq!(log.lines(), ["ERROR leptos_sse_hub::sink: a plain stream failed, and ends error=the database is gone"]);

    let panics = |sink: SseSink| async move { if sink.is_closed() { Ok(()) } else { panic!("at the {}", "disco") } };
    assert_eq!(SseResponse::new(panics).spawn().count().await, 0);
    let panicked =
        "ERROR leptos_sse_hub::sink: what writes a plain stream panicked, and the stream ends panic=\"at the disco\"";
    assert_eq!(log.lines(), [panicked]);

    let sends = |sink: SseSink| async move {
        loop {
            sink.send(SseEvent::new().data("on and on")).await?;
        }
    };
    let mut body = SseResponse::new(sends).spawn();
    body.next().await;
    drop(body);
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    assert_eq!(
        log.lines(),
        ["DEBUG leptos_sse_hub::sink: the client of a plain stream has left error=the client has left"]
    );
}

#[tokio::test]
async fn an_error_of_a_write_that_nobody_awaits_is_logged_once_whenever_the_write_is_dropped() {
    let (log, _guard) = Log::start(Level::ERROR);
    let engine = EngineDouble::new(Duration::from_millis(1), |_, _| Answer::NotDone);
    let hub = SseHub::over(engine, SseHubOptions::new());
    let count = hub.signal_for(Key::named("count"), 0);
    let dropped_late = count.set(1);
    drop(count.set(2));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(log.lines().len(), 1, "the one that was dropped before its answer came");
    drop(dropped_late);
    assert_eq!(log.lines().len(), 1, "the one that was dropped after it");
}
