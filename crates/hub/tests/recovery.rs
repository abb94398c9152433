//! The hub over real sockets: a proxy that cuts connections at any byte, and a reader that stops reading.

use crate::sse;
use futures::{Stream, StreamExt};
use leptos_sse::{Key, ServerFeed, ServerSignal, SseHub, SseHubOptions};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};

const CUTS: usize = 220;
const LONG: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_two_hundred_cuts_every_subscriber_of_an_axum_server_equals_it() {
    let hub = hub();
    let address = with_axum(hub.clone()).await;
    survive_cuts(&hub, address).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_two_hundred_cuts_every_subscriber_of_an_actix_server_equals_it() {
    let hub = hub();
    let address = with_actix(hub.clone());
    survive_cuts(&hub, address).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_of_an_axum_server_that_stops_reading_is_not_queued_for() {
    let hub = hub();
    let address = with_axum(hub.clone()).await;
    stop_reading(&hub, address).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_of_an_actix_server_that_stops_reading_is_not_queued_for() {
    let hub = hub();
    let address = with_actix(hub.clone());
    stop_reading(&hub, address).await;
}

/// No event of a feed is ever too old for one who comes back, so that each has to come once; histories of signals are short,
/// so that they are outrun at times.
fn hub() -> SseHub {
    SseHub::with_options(SseHubOptions::new().heartbeat(Duration::from_millis(50)).history_len(20).feed_len(1 << 20))
}

async fn with_axum(hub: SseHub) -> SocketAddr {
    use axum::{Router, routing::get};
    let app = Router::new().route("/sse", get(leptos_sse::axum::sse)).with_state(hub);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

fn with_actix(hub: SseHub) -> SocketAddr {
    use actix_web::{App, HttpServer, rt::System, web};
    let (sender, address) = std::sync::mpsc::channel();
    thread::spawn(move || {
        System::new().block_on(async {
            let hub = web::Data::new(hub);
            let app = move || App::new().app_data(hub.clone()).route("/sse", web::get().to(leptos_sse::actix::sse));
            let server = HttpServer::new(app).workers(2).disable_signals().bind("127.0.0.1:0").unwrap();
            sender.send(server.addrs()[0]).unwrap();
            server.run().await
        })
    });
    address.recv().unwrap()
}

/// What is written while connections are cut.
struct Writer {
    counts: [ServerSignal<Value>; 3],
    log: ServerFeed<u64>,
    pushed: u64,
}

impl Writer {
    fn of(hub: &SseHub) -> Self {
        let counts = ["a", "b", "c"].map(|name| hub.signal_for(Key::named(name), json!({ "count": 0, "list": [] })));
        Self { counts, log: hub.feed_for(Key::named("log")), pushed: 0 }
    }

    fn write(&mut self) {
        let signal = &self.counts[fastrand::usize(..3)];
        signal.update(|value| {
            value["count"] = json!(value["count"].as_u64().unwrap() + 1);
            let list = value["list"].as_array_mut().unwrap();
            if fastrand::u8(..) < 30 {
                list.clear();
            }
            list.push(json!({ "text": "é".repeat(fastrand::usize(..40)) }));
        });
        if fastrand::bool() {
            self.pushed += 1;
            self.log.push(self.pushed);
        }
    }
}

async fn survive_cuts(hub: &SseHub, server: SocketAddr) {
    let mut writer = Writer::of(hub);
    let proxy = Proxy::before(server).await;
    let quiet = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (address, quiet) = (proxy.address, quiet.clone());
            tokio::spawn(async move {
                let mut page = Page::default();
                while !page.is_done(&quiet) {
                    page.connect(address, &quiet).await;
                }
                page
            })
        })
        .collect();
    timeout(LONG, async {
        while proxy.cuts.load(Ordering::Relaxed) < CUTS {
            (0..fastrand::usize(1..10)).for_each(|_| writer.write());
            sleep(Duration::from_millis(1)).await;
        }
    })
    .await
    .expect("there were not enough cuts");
    proxy.cuts_no_more.store(true, Ordering::Relaxed);
    (0..30).for_each(|_| writer.write());
    quiet.store(true, Ordering::Relaxed);
    for reader in readers {
        let page = timeout(LONG, reader).await.expect("a reader never came to an end").unwrap();
        for signal in &writer.counts {
            assert_eq!(page.signals[signal.key().as_str()].1, signal.get());
        }
        assert_eq!(page.items, (1..=writer.pushed).collect::<Vec<_>>());
        assert!(page.attempts > 10, "{} attempts", page.attempts);
    }
    assert!(hub.stats().resumes > 50, "{:?}", hub.stats());
}

/// A server in front of another one, which ends each connection after some bytes.
struct Proxy {
    address: SocketAddr,
    cuts: Arc<AtomicUsize>,
    cuts_no_more: Arc<AtomicBool>,
}

impl Proxy {
    async fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy =
            Self { address: listener.local_addr().unwrap(), cuts: Arc::default(), cuts_no_more: Arc::default() };
        let (cuts, cuts_no_more) = (proxy.cuts.clone(), proxy.cuts_no_more.clone());
        tokio::spawn(async move {
            while let Ok((browser, _)) = listener.accept().await {
                let (cuts, cuts_no_more) = (cuts.clone(), cuts_no_more.clone());
                tokio::spawn(async move {
                    if Self::pass(browser, server, &cuts_no_more).await.is_none() {
                        cuts.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        proxy
    }

    /// Passes bytes on until one end closes, or enough have passed.
    async fn pass(browser: TcpStream, server: SocketAddr, cuts_no_more: &AtomicBool) -> Option<()> {
        let mut left = fastrand::usize(1..6_000);
        let server = TcpStream::connect(server).await.unwrap();
        let ((mut from_browser, mut to_browser), (mut from_server, mut to_server)) =
            (browser.into_split(), server.into_split());
        let request = tokio::spawn(async move { tokio::io::copy(&mut from_browser, &mut to_server).await });
        let mut buffer = [0; 4096];
        let passed = loop {
            let Ok(read @ 1..) = from_server.read(&mut buffer).await else { break Some(()) };
            let read = if cuts_no_more.load(Ordering::Relaxed) { read } else { read.min(left) };
            if to_browser.write_all(&buffer[..read]).await.is_err() {
                break Some(());
            }
            left = left.saturating_sub(read);
            if left == 0 && !cuts_no_more.load(Ordering::Relaxed) {
                break None;
            }
        };
        request.abort();
        passed
    }
}

/// A page, by the rules of PROTOCOL.md; what no client should ever be sent, it does not forgive.
#[derive(Default)]
struct Page {
    epoch: Option<String>,
    signals: BTreeMap<String, (u64, Value)>,
    /// How far the feed has come, and all its events.
    log: Option<u64>,
    items: Vec<u64>,
    /// What was asked last, and what a browser would say of itself when it asks for the same again.
    query: String,
    parser: sse::Parser,
    attempts: usize,
    /// The cursor of a heartbeat that came in the quiet.
    last_heartbeat: bool,
}

impl Page {
    fn is_done(&self, quiet: &AtomicBool) -> bool {
        quiet.load(Ordering::Relaxed) && self.last_heartbeat
    }

    async fn connect(&mut self, server: SocketAddr, quiet: &AtomicBool) {
        self.attempts += 1;
        let browser = !self.query.is_empty() && fastrand::bool();
        if !browser {
            let seq = |name: &str| self.signals.get(name).map(|(seq, _)| *seq).or(self.log.filter(|_| name == "log"));
            let keys = ["a", "b", "c", "log"];
            let keys =
                keys.map(|name| format!("s={name}~{}", seq(name).map(|seq| seq.to_string()).unwrap_or_default()));
            self.query = format!("epoch={}&{}", self.epoch.as_deref().unwrap_or("none"), keys.join("&"));
        }
        let mut request = reqwest::Client::new().get(format!("http://{server}/sse?{}", self.query));
        let last_event_id = self.parser.last_event_id().filter(|_| browser).map(str::to_owned);
        if let Some(id) = &last_event_id {
            request = request.header("last-event-id", id);
        }
        self.parser = last_event_id.as_deref().map(sse::Parser::after).unwrap_or_default();
        let Ok(response) = request.send().await else { return };
        assert_eq!(response.status(), 200);
        let mut body = response.bytes_stream();
        while !self.is_done(quiet)
            && let Some(Ok(bytes)) = body.next().await
        {
            for event in self.parser.push(&bytes) {
                self.take(&event, quiet);
            }
        }
    }

    fn take(&mut self, event: &sse::Event, quiet: &AtomicBool) {
        if event.name == "hb" {
            // One that was on its way in the noise says nothing of the quiet: it is the next one that counts.
            let seq: u64 = event.data.rsplit_once('.').unwrap().1.parse().unwrap();
            let came = self.signals.values().map(|(seq, _)| *seq).chain(self.log).max();
            self.last_heartbeat = quiet.load(Ordering::Relaxed) && came == Some(seq);
            return;
        }
        let data: Value = serde_json::from_str(&event.data).unwrap();
        let (from, to) = (data["from"].as_u64(), data["to"].as_u64().unwrap_or_default());
        match event.name.as_str() {
            "hello" => {
                let epoch = data["epoch"].as_str().unwrap();
                assert!(self.epoch.replace(epoch.to_owned()).is_none_or(|before| before == epoch));
            }
            "" => {
                let (held, document) = self.signals.entry(data["name"].as_str().unwrap().to_owned()).or_default();
                if to > *held {
                    assert!(from.is_none_or(|from| from == *held), "{event:?} does not follow {held}");
                    let patch: json_patch::Patch = serde_json::from_value(data["patch"].clone()).unwrap();
                    json_patch::patch(document, &patch).unwrap();
                    *held = to;
                }
            }
            "feed" => {
                if self.log.is_none_or(|held| to > held) {
                    assert_eq!(from, self.log, "{event:?} is a gap, or a start after the first one");
                    self.log = Some(to);
                    self.items.extend(data["item"].as_u64());
                }
            }
            other => panic!("`{other}` was not to come"),
        }
    }
}

/// A thousand updates of 50 KB each, which nobody reads.
async fn stop_reading(hub: &SseHub, server: SocketAddr) {
    let text = |update: u8| char::from(b'a' + update % 26).to_string().repeat(50_000);
    let large = hub.signal_for(Key::named("large"), text(0));
    let mut slow = Reader::connect(server).await;
    slow.until(|value| *value == text(0)).await;
    let before = slow.bytes;
    for update in 1..=1_000_u32 {
        large.set(format!("{update} {}", text((update % 26) as u8)));
        if update % 10 == 0 {
            sleep(Duration::from_millis(1)).await;
        }
    }
    // What the kernel's buffers took meanwhile, and nothing that waits for them.
    let given = hub.stats().bytes;
    assert!(given < 16 << 20, "{given} bytes were taken from the hub for one who reads nothing");
    let last = large.get();
    slow.until(|value| *value == last).await;
    let read = slow.bytes - before;
    println!("{given} bytes were given in the meantime, {read} were read afterwards; {:?}", hub.stats());
    assert!(read < 16 << 20, "{read} bytes were to be read");
    assert!(hub.stats().coalesced > 0, "{:?}", hub.stats());
}

struct Reader {
    body: std::pin::Pin<Box<dyn Stream<Item = reqwest::Result<bytes::Bytes>> + Send>>,
    parser: sse::Parser,
    bytes: usize,
    value: Value,
}

impl Reader {
    async fn connect(server: SocketAddr) -> Self {
        let response = reqwest::get(format!("http://{server}/sse?s=large")).await.unwrap();
        let body = Box::pin(response.bytes_stream());
        Self { body, parser: sse::Parser::default(), bytes: 0, value: Value::Null }
    }

    async fn until(&mut self, is_done: impl Fn(&Value) -> bool) {
        while !is_done(&self.value) {
            let bytes = timeout(LONG, self.body.next()).await.unwrap().unwrap().unwrap();
            self.bytes += bytes.len();
            for event in self.parser.push(&bytes).into_iter().filter(|event| event.name.is_empty()) {
                let data: Value = serde_json::from_str(&event.data).unwrap();
                let patch: json_patch::Patch = serde_json::from_value(data["patch"].clone()).unwrap();
                json_patch::patch(&mut self.value, &patch).unwrap();
            }
        }
    }
}
