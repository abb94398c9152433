//! A server that is cut off and restarted a thousand times loses no event of a feed.
//!
//! What is lost with a stream comes with the next one, once: the client asks from where it was. A hub that dies takes its
//! feed with it, so that the app pushes what it has kept into the next one, as from its database: that feed starts anew, and
//! all that was not read before it died is in it.

use super::{LONG, URL, local::Local, options, until};
use futures::StreamExt;
use leptos_sse_hub::{Key, ServerFeed, ServerSignal, SseHub, SseHubOptions};
use leptos_sse_native::{SseClient, SseClientFeed, SseClientFeedItem};
use serde::{Deserialize, Serialize};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::{sleep, timeout};

const CYCLES: usize = 1_000;
/// How many events the app keeps.
const KEPT: u64 = 300;

#[derive(Debug, Serialize, Deserialize)]
pub struct Line {
    number: u64,
    text: String,
}

/// An app that keeps its latest events elsewhere, and has a hub for as long as it lives.
pub struct App {
    pub hub: SseHub,
    log: ServerFeed<Line>,
    count: ServerSignal<u64>,
    pub pushed: u64,
}

impl App {
    pub fn begin() -> Self {
        Self::of(0)
    }

    fn of(pushed: u64) -> Self {
        let hub = SseHub::with_options(SseHubOptions::new().heartbeat(Duration::from_secs(1)));
        let (log, count) = (hub.feed_for(Key::named("log")), hub.signal_for(Key::named("count"), pushed));
        let app = Self { hub, log, count, pushed: pushed.saturating_sub(KEPT) };
        (app.pushed..pushed).fold(app, |mut app, _| {
            app.push_kept();
            app
        })
    }

    /// The same app after a restart: its hub is another one.
    pub fn restart(&mut self) {
        *self = Self::of(self.pushed);
    }

    pub fn push(&mut self) {
        self.push_kept();
        self.count.set(self.pushed);
    }

    fn push_kept(&mut self) {
        self.pushed += 1;
        let text = "é\n".repeat(usize::try_from(self.pushed % 40).unwrap());
        self.log.push(Line { number: self.pushed, text });
    }
}

/// What was read: the numbers of the events from each start to the next.
#[derive(Clone, Default)]
pub struct Read(Arc<Mutex<Vec<Vec<u64>>>>);

impl Read {
    pub fn all_of(mut feed: SseClientFeed<Line>) -> Self {
        let read = Self::default();
        let lives = read.0.clone();
        tokio::spawn(async move {
            while let Some(item) = feed.next().await {
                let mut lives = lives.lock().unwrap();
                match item {
                    SseClientFeedItem::Start => lives.push(Vec::new()),
                    SseClientFeedItem::Event(line) => lives.last_mut().unwrap().push(line.number),
                    SseClientFeedItem::Gap => panic!("a gap after {:?}", lives.last().unwrap().last()),
                }
            }
        });
        read
    }

    fn latest(&self) -> u64 {
        self.0.lock().unwrap().iter().flatten().copied().max().unwrap_or(0)
    }

    pub async fn until(&self, number: u64) {
        let read = async {
            while self.latest() < number {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(LONG, read).await.unwrap_or_else(|_| panic!("{} is read of {number}", self.latest()));
    }

    /// Of each life every event was read once, from the first one that the app had kept; and of all lives together every one.
    pub fn is_whole(&self, pushed: u64) -> usize {
        let lives = self.0.lock().unwrap();
        for life in lives.iter() {
            assert!(life.windows(2).all(|pair| pair[1] == pair[0] + 1), "{life:?}");
        }
        let mut all: Vec<u64> = lives.iter().flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all, (1..=pushed).collect::<Vec<_>>());
        assert_eq!(lives.last().unwrap().last(), Some(&pushed));
        lives.len()
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_cuts_and_restarts_lose_no_event_of_a_feed() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let mut app = App::begin();
    let local = Local::of(&app.hub);
    cut_at_random(&local, &mut random);
    let quick = options(&local).reconnect_base(Duration::from_millis(100)).reconnect_max(Duration::from_millis(500));
    let client = SseClient::connect(URL, quick).unwrap();
    let read = Read::all_of(client.feed_for(Key::named("log")).unwrap());
    let count = client.signal_for::<u64>(Key::named("count")).unwrap();

    let (mut streams, mut lives) = (0, 1);
    for _ in 0..CYCLES {
        while local.requests() == streams {
            sleep(Duration::from_millis(5)).await;
        }
        streams = local.requests();
        for _ in 0..random.u8(..8) {
            app.push();
            sleep(Duration::from_millis(random.u64(..20))).await;
        }
        // What a restarted app has kept reaches back to what was read.
        if app.pushed - read.latest() > KEPT / 2 {
            local.state().cut = None;
            local.cut();
            read.until(app.pushed).await;
            cut_at_random(&local, &mut random);
        }
        match random.u8(..4) {
            // The network alone.
            0 => {}
            // A crash.
            1 => {
                app.restart();
                lives += 1;
            }
            // A shutdown that says bye.
            2 => {
                app.hub.close();
                sleep(Duration::from_millis(random.u64(..5))).await;
                app.restart();
                lives += 1;
            }
            // The server cannot be reached for a while, in which its app goes on.
            _ => {
                local.state().hub = None;
                local.cut();
                app.push();
                sleep(Duration::from_millis(random.u64(..2_000))).await;
            }
        }
        local.state().hub = Some(app.hub.clone());
        local.cut();
    }
    local.state().cut = None;
    app.push();
    read.until(app.pushed).await;
    until(&count, app.pushed).await;
    let starts = read.is_whole(app.pushed);
    println!("{} streams, {lives} lives of which {starts} were read, {} events", local.requests(), app.pushed);
    assert!(local.requests() >= CYCLES && starts > CYCLES / 10);
}

/// Each stream from now on is cut somewhere, and comes in pieces.
fn cut_at_random(local: &Local, random: &mut fastrand::Rng) {
    let mut lengths = random.fork();
    local.state().cut = Some(Box::new(move || (lengths.usize(1..3_000), lengths.usize(1..80))));
}
