//! The scenes' event streams, and the few handles by which a test moves them.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::{get, post};
use axum::{BoxError, Router};
use futures::stream::{self, Stream, StreamExt, TryStreamExt};
use leptos_sse::{Key, ServerSentEvents, provide_sse_value, provide_sse_value_for};
use tokio::sync::watch;
use tokio::time::interval;
use tokio_stream::wrappers::{IntervalStream, WatchStream};

use crate::scenes::MANY;
use crate::values::{Big, Fussy, Pair, Round, Seeded, Tick};

pub fn router() -> Router {
    Router::new()
        .route("/sse/tick", get(tick))
        .route("/sse/round", get(round))
        .route("/sse/late", get(late))
        .route("/sse/toggle", get(toggle))
        .route("/sse/nested", get(nested))
        .route("/sse/big", get(big))
        .route("/sse/fussy", get(fussy))
        .route("/sse/many", get(many))
        .route("/sse/ends", get(ends))
        .route("/sse/errors", get(errors))
        .route("/sse/beat", get(beat))
        .route("/sse/seeded", get(seeded))
        .route("/sse/channel", get(channel))
        .route("/control/round", post(next_round))
        .route("/control/streams", get(open_streams))
        .with_state(Lab::default())
}

/// What `/seeded` starts from. Its stream says nothing before the first round.
pub fn provide_seeds() {
    provide_sse_value(&Seeded { value: 42 });
    provide_sse_value_for(Key::named("seeded"), &Seeded { value: 7 });
}

#[derive(Clone, Default)]
struct Lab {
    round: Arc<watch::Sender<u32>>,
    /// How many counters were ever started.
    started: Arc<AtomicU32>,
    /// How many streams are open now.
    open: Arc<AtomicU32>,
}

async fn next_round(State(lab): State<Lab>) -> String {
    lab.round.send_modify(|round| *round += 1);
    lab.round.borrow().to_string()
}

/// How many streams the server still serves.
async fn open_streams(State(lab): State<Lab>) -> String {
    lab.open.load(Ordering::Relaxed).to_string()
}

async fn tick(State(lab): State<Lab>) -> Sse<impl Stream<Item = Result<Event, BoxError>>> {
    let events = ServerSentEvents::new(lab.ticks().map_err(BoxError::from)).unwrap();
    Sse::new(events).keep_alive(KeepAlive::default())
}

async fn round(State(lab): State<Lab>) -> impl IntoResponse {
    leptos_sse::axum::respond(ServerSentEvents::new(lab.rounds()).unwrap())
}

async fn late(State(lab): State<Lab>) -> impl IntoResponse {
    let once = stream::iter([Ok::<_, Infallible>(Pair { left: 1, right: 2 })]).chain(stream::pending());
    let ticks = ServerSentEvents::new(lab.ticks()).unwrap();
    let once = ServerSentEvents::new_for(Key::named("late"), once).unwrap();
    Sse::new(stream::select(ticks, once))
}

async fn toggle(State(lab): State<Lab>) -> impl IntoResponse {
    let ticks = ServerSentEvents::new(lab.ticks()).unwrap();
    let rounds = ServerSentEvents::new(lab.rounds()).unwrap();
    Sse::new(stream::select(ticks, rounds))
}

async fn nested(State(lab): State<Lab>) -> impl IntoResponse {
    let ticks = ServerSentEvents::new(lab.ticks()).unwrap();
    let rounds = ["in-effect", "at-once", "in-view"]
        .map(|key| ServerSentEvents::new_for(Key::named(key), lab.rounds()).unwrap());
    Sse::new(stream::select(ticks, stream::select_all(rounds)))
}

async fn big(State(lab): State<Lab>) -> impl IntoResponse {
    // Every other edition is another text, so that both a small patch on a large
    // document and a large patch cross the wire.
    let editions = lab.rounds().map_ok(|round| {
        let letter = if round.value % 4 < 2 { "x" } else { "y" };
        Big { edition: round.value, text: letter.repeat(1 << 20) }
    });
    Sse::new(ServerSentEvents::new(editions).unwrap())
}

async fn fussy(State(lab): State<Lab>) -> impl IntoResponse {
    let fussy = lab.rounds().map_ok(|round| Fussy { value: round.value });
    let fussy = ServerSentEvents::new(fussy).unwrap();
    let ticks = ServerSentEvents::new(lab.ticks()).unwrap();
    Sse::new(stream::select(fussy, ticks))
}

async fn many(State(lab): State<Lab>) -> impl IntoResponse {
    let signals = (0..MANY).map(move |index| {
        let values = lab.rounds().map_ok(move |round| Round { value: round.value * 1000 + index });
        ServerSentEvents::new_for(Key::named(format!("many:{index}")), values).unwrap()
    });
    Sse::new(stream::select_all(signals))
}

async fn ends(State(lab): State<Lab>) -> impl IntoResponse {
    Sse::new(ServerSentEvents::new(lab.ticks().take(5)).unwrap())
}

async fn errors(State(lab): State<Lab>) -> impl IntoResponse {
    let failure = stream::iter([Err("the sensor fell off")]);
    let ticks = lab.ticks().take(5).map(|tick| tick.map_err(|never| match never {}));
    Sse::new(ServerSentEvents::new(ticks.chain(failure)).unwrap())
}

async fn beat(State(lab): State<Lab>) -> impl IntoResponse {
    let open = Open::count(&lab.open);
    let once = stream::iter([Ok::<_, Infallible>(Pair { left: 3, right: 4 })])
        .chain(stream::pending())
        .inspect(move |_| _ = &open);
    Sse::new(ServerSentEvents::new_for(Key::named("beat"), once).unwrap().heartbeat(Duration::from_millis(300)))
}

async fn seeded(State(lab): State<Lab>) -> impl IntoResponse {
    let values = |add: u32| {
        lab.rounds()
            .try_filter(|round| std::future::ready(round.value > 0))
            .map_ok(move |round| Seeded { value: round.value + add })
    };
    let by_type = ServerSentEvents::new(values(100)).unwrap();
    let by_name = ServerSentEvents::new_for(Key::named("seeded"), values(200)).unwrap();
    Sse::new(stream::select(by_type, by_name))
}

/// A producer that knows of its browser only by the channel between them.
async fn channel(State(lab): State<Lab>) -> impl IntoResponse {
    let (sender, events) = ServerSentEvents::channel_for(Key::named("channel"), 1).unwrap();
    tokio::spawn(async move {
        let _open = Open::count(&lab.open);
        sender.send(Pair { left: 5, right: 6 }).await.unwrap();
        sender.closed().await;
    });
    Sse::new(events)
}

impl Lab {
    /// A counter from scratch, ten steps a second.
    fn ticks(&self) -> impl Stream<Item = Result<Tick, Infallible>> + Send + use<> {
        let run = std::process::id();
        let connection = self.started.fetch_add(1, Ordering::Relaxed) + 1;
        let open = Open::count(&self.open);
        IntervalStream::new(interval(Duration::from_millis(100)))
            .zip(stream::iter(0..))
            .inspect(move |_| _ = &open)
            .map(move |(_, value)| Ok(Tick { run, connection, value, double: value * 2 }))
    }

    /// The shared number, now and at each change.
    fn rounds(&self) -> impl Stream<Item = Result<Round, Infallible>> + Send + use<> {
        let open = Open::count(&self.open);
        WatchStream::new(self.round.subscribe()).inspect(move |_| _ = &open).map(|value| Ok(Round { value }))
    }
}

/// One open stream, for as long as it is held.
struct Open(Arc<AtomicU32>);

impl Open {
    fn count(open: &Arc<AtomicU32>) -> Self {
        open.fetch_add(1, Ordering::Relaxed);
        Self(open.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
