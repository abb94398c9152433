//! The lab's hub: its stream, open or for members, and the handles by which a test writes it.

mod market;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::env;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use axum::extract::{Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, Version, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use leptos::prelude::use_context;
use leptos_sse::{Key, ServerFeed, ServerSignal, SseHub, SseHubOptions, SseRequest, provide_sse_hub_allowing};
use serde::Deserialize;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::values::{Big, Note, Room, Tally};

/// How many notes are kept for those who come back.
const NOTES: usize = 1_000;

pub fn router(lab: Lab) -> Router {
    let guests = lab.other_origins.clone();
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(move |_, _| guests.load(Ordering::Relaxed)))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::AUTHORIZATION])
        .allow_credentials(true);

    Router::new()
        .route("/sse/hub", get(for_everyone).post(for_everyone))
        .route("/sse/tokens", get(for_tokens).post(for_tokens))
        .route("/sse/members", get(for_members))
        .route("/sse/held-back", get(held_back))
        .layer(cors)
        .route("/control/add/{key}", post(add))
        .route("/control/add/{key}/{times}", post(add_often))
        .route("/control/add-shared", post(add_shared))
        .route("/control/busy/{key}", post(busy))
        .route("/control/rest/{key}", post(rest))
        .route("/control/visit/{room}", post(visit))
        .route("/control/push/{count}", post(push))
        .route("/control/flood/{count}", post(flood))
        .route("/control/remove/{key}", post(remove))
        .route("/control/login/{name}", post(log_in))
        .route("/control/logout/{name}", post(log_out))
        .route("/control/guests/{allowed}", post(allow_guests))
        .route("/control/other-origins/{allowed}", post(allow_other_origins))
        .route("/control/stats", get(stats))
        .route("/control/version", get(version))
        .merge(market::routes())
        .with_state(lab)
}

#[derive(Clone)]
pub struct Lab {
    hub: SseHub,
    tallies: Arc<Mutex<Tallies>>,
    /// What writes without being asked each time.
    busy: Arc<Mutex<HashMap<String, JoinHandle<()>>>>,
    notes: ServerFeed<Note>,
    pushed: Arc<Mutex<u32>>,
    /// Who is logged in.
    members: Arc<Mutex<HashSet<String>>>,
    /// Whether members only is for everyone.
    guests: Arc<AtomicBool>,
    other_origins: Arc<AtomicBool>,
}

#[derive(Default)]
struct Tallies {
    made: u32,
    held: HashMap<String, ServerSignal<Tally>>,
}

impl Default for Lab {
    fn default() -> Self {
        let heartbeat = env::var("LAB_HEARTBEAT_MS").ok().and_then(|millis| millis.parse().ok());
        let heartbeat = Duration::from_millis(heartbeat.unwrap_or(15_000));
        let hub = SseHub::with_options(SseHubOptions::new().feed_len(NOTES).max_keys(512).heartbeat(heartbeat));
        hub.provide::<Room, _>(|id: String| async move {
            if id.starts_with("slow") {
                sleep(Duration::from_millis(300)).await;
            }
            (id != "none").then_some(Room { id, visits: 0 })
        });
        Self {
            notes: hub.feed_for(Key::named("notes")),
            hub,
            tallies: Arc::default(),
            busy: Arc::default(),
            pushed: Arc::default(),
            members: Arc::default(),
            guests: Arc::default(),
            other_origins: Arc::new(AtomicBool::new(true)),
        }
    }
}

/// What a page's URL says beside the keys.
#[derive(Deserialize)]
struct Wishes {
    /// Milliseconds after which the connection ends.
    lasts: Option<u64>,
}

async fn for_everyone(
    State(lab): State<Lab>,
    Query(wishes): Query<Wishes>,
    headers: HeaderMap,
    request: SseRequest,
) -> Response {
    let member = lab.member(&headers);
    let mut request = request.allow(|key| key.as_str() != "secret" || member.is_some());
    if let Some(lasts) = wishes.lasts {
        request = request.until(SystemTime::now() + Duration::from_millis(lasts));
    }
    lab.hub.subscribe(request).into_response()
}

async fn for_members(State(lab): State<Lab>, headers: HeaderMap, request: SseRequest) -> Response {
    match lab.member(&headers) {
        Some(name) => lab.hub.subscribe(request.for_user(name)).into_response(),
        None if lab.guests.load(Ordering::Relaxed) => lab.hub.subscribe(request).into_response(),
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}

/// Who is logged in as the token says.
async fn for_tokens(State(lab): State<Lab>, headers: HeaderMap, request: SseRequest) -> Response {
    let token = headers.get(header::AUTHORIZATION).and_then(|token| token.to_str().ok()?.strip_prefix("Bearer "));
    match token.filter(|token| lock(&lab.members).contains(*token)) {
        Some(name) => lab.hub.subscribe(request.for_user(name)).into_response(),
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}

/// The stream without the headers that keep a proxy from holding it back or compressing it.
async fn held_back(State(lab): State<Lab>, request: SseRequest) -> Response {
    let mut response = lab.hub.subscribe(request).into_response();
    for name in ["x-accel-buffering", "content-encoding"] {
        response.headers_mut().remove(name);
    }
    response
}

/// The value of a counter after one step; it is made when it is not there.
async fn add(State(lab): State<Lab>, Path(key): Path<String>) -> String {
    step(&lab.tally(&key))
}

async fn add_often(State(lab): State<Lab>, Path((key, times)): Path<(String, u32)>) -> String {
    let tally = lab.tally(&key);
    (0..times).for_each(|_| drop(step(&tally)));
    tally.get().to_string()
}

/// The same as `add` for the counter that is known by its type.
async fn add_shared(State(lab): State<Lab>) -> String {
    step(&lab.hub.signal(Tally { run: process::id(), ..Tally::default() }))
}

/// Lets a counter step on, a hundred times a second; `notes` is the feed.
async fn busy(State(lab): State<Lab>, Path(key): Path<String>) {
    let writer = {
        let (lab, key) = (lab.clone(), key.clone());
        async move {
            let mut ticks = interval(Duration::from_millis(10));
            ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
            loop {
                ticks.tick().await;
                if key == "notes" { drop(lab.push(1)) } else { drop(step(&lab.tally(&key))) }
            }
        }
    };
    lock(&lab.busy).insert(key, tokio::spawn(writer));
}

/// Stops it, and answers with what the page shall show at last.
async fn rest(State(lab): State<Lab>, Path(key): Path<String>) -> String {
    let writer = lock(&lab.busy).remove(&key);
    if let Some(writer) = writer {
        writer.abort();
        _ = writer.await;
    }
    if key == "notes" { lab.push(0) } else { lab.tally(&key).get().to_string() }
}

async fn visit(State(lab): State<Lab>, Path(id): Path<String>) -> Result<String, StatusCode> {
    let room = lab.hub.load_for::<Room>(id).await.ok_or(StatusCode::NOT_FOUND)?;
    room.update(|room| room.visits += 1);
    let Room { id, visits } = room.get();
    Ok(format!("{id}:{id} {visits}"))
}

async fn push(State(lab): State<Lab>, Path(count): Path<u32>) -> String {
    lab.push(count)
}

/// Writes so many editions of 64 KiB, and answers with what the page shall show at last.
async fn flood(State(lab): State<Lab>, Path(count): Path<u32>) -> String {
    let big = lab.hub.signal(Big::default());
    for _ in 0..count {
        big.update(|big| {
            big.edition += 1;
            let letter = char::from(b'a' + (big.edition % 26) as u8);
            big.text = letter.to_string().repeat(64 << 10);
        });
        tokio::task::yield_now().await;
    }
    big.get().to_string()
}

async fn remove(State(lab): State<Lab>, Path(key): Path<String>) -> String {
    lock(&lab.tallies).held.remove(&key);
    lab.hub.remove_for::<()>(Key::named(key)).await.is_ok_and(|removed| removed.value).to_string()
}

async fn log_in(State(lab): State<Lab>, Path(name): Path<String>) -> impl IntoResponse {
    let cookie = format!("member={name}; Path=/; HttpOnly; SameSite=Lax");
    lock(&lab.members).insert(name);
    [(header::SET_COOKIE, cookie)]
}

/// How many connections were ended by it.
async fn log_out(State(lab): State<Lab>, Path(name): Path<String>) -> String {
    lock(&lab.members).remove(&name);
    lab.hub.close_user(&name).to_string()
}

async fn allow_guests(State(lab): State<Lab>, Path(allowed): Path<bool>) {
    lab.guests.store(allowed, Ordering::Relaxed);
}

async fn allow_other_origins(State(lab): State<Lab>, Path(allowed): Path<bool>) {
    lab.other_origins.store(allowed, Ordering::Relaxed);
}

async fn stats(State(lab): State<Lab>) -> Json<BTreeMap<&'static str, u64>> {
    let stats = lab.hub.stats();
    Json(BTreeMap::from([
        ("connections", stats.connections),
        ("resumes", stats.resumes),
        ("snapshots", stats.snapshots),
        ("coalesced", stats.coalesced),
    ]))
}

/// The version of HTTP by which one was asked.
async fn version(version: Version) -> String {
    format!("{version:?}")
}

impl Lab {
    /// Gives the hub to a page whose scene is about that: the others start from nothing. A guest may not see `secret`.
    pub fn provide(&self) {
        let Some(parts) = use_context::<Parts>() else { return };
        // A static page is rendered for nobody, as if `/` had been asked for.
        if ["/paint/", "/api/"].iter().any(|scenes| parts.uri.path().starts_with(scenes)) || parts.uri.path() == "/" {
            let is_member = self.member(&parts.headers).is_some();
            provide_sse_hub_allowing(&self.hub, move |key| key.as_str() != "secret" || is_member);
        }
    }

    fn tally(&self, key: &str) -> ServerSignal<Tally> {
        let mut tallies = lock(&self.tallies);
        let Tallies { made, held } = &mut *tallies;
        let make = || {
            *made += 1;
            let first = Tally { run: process::id(), life: *made, ..Tally::default() };
            self.hub.signal_for(Key::named(key.to_owned()), first)
        };
        held.entry(key.to_owned()).or_insert_with(make).clone()
    }

    /// Pushes so many notes, and gives the last one.
    fn push(&self, count: u32) -> String {
        let mut pushed = lock(&self.pushed);
        let run = process::id();
        for _ in 0..count {
            *pushed += 1;
            self.notes.push(Note { run, number: *pushed });
        }
        Note { run, number: *pushed }.to_string()
    }

    fn member(&self, headers: &HeaderMap) -> Option<String> {
        let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|cookies| cookies.to_str().ok());
        let name = cookies.flat_map(|cookies| cookies.split("; ")).find_map(|cookie| cookie.strip_prefix("member="))?;
        lock(&self.members).contains(name).then(|| name.to_owned())
    }
}

fn step(tally: &ServerSignal<Tally>) -> String {
    tally.update(|tally| {
        tally.value += 1;
        tally.double = tally.value * 2;
    });
    tally.get().to_string()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
