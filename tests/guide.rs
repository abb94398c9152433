//! The README's lines about the hub, as they stand there, and seen to work.

#![allow(missing_docs)] // They stand as in the README.

use axum::{
    Router,
    extract::{FromRequestParts, State},
    http::{StatusCode, request::Parts},
    response::IntoResponse,
    routing::get,
};
use futures::StreamExt;
use leptos::prelude::*;
use leptos_sse::prelude::*;
use leptos_sse_hub::engine::EngineDouble;
use reactive_stores::Store;
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime};

#[derive(Clone, Default, Serialize, Deserialize)]
struct Count {
    value: i32,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Room {
    topic: String,
}

#[derive(Serialize, Deserialize)]
struct LogLine(String);

#[derive(Clone)]
struct RoomParams {
    id: u32,
}

#[server]
async fn increment() -> Result<(), ServerFnError> {
    let hub = expect_context::<SseHub>(); // given by `provide_sse_hub`
    hub.signal(Count::default()).update(|count| count.value += 1);
    Ok(())
}

async fn load_room(id: String) -> Option<Room> {
    (id == "42").then(|| Room { topic: "answers".to_owned() })
}

#[derive(Clone, Default, Serialize, Deserialize, Store, Rebuild)] // `reactive_stores::Store`, `leptos_sse::Rebuild`
pub struct Market {
    #[store(key: u64 = |row| row.id)]
    rows: Vec<Row>,
}

#[derive(Clone, Default, Serialize, Deserialize, Store, Rebuild)]
pub struct Row {
    id: u64,
    price: f64,
}

struct User {
    name: String,
    session_ends: SystemTime,
}

impl User {
    fn may_see(&self, key: &Key) -> bool {
        key.as_str() != "secret"
    }
}

impl<S: Sync> FromRequestParts<S> for User {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let name = parts.headers.get("x-user").and_then(|name| name.to_str().ok()).ok_or(StatusCode::UNAUTHORIZED)?;
        Ok(Self { name: name.to_owned(), session_ends: SystemTime::now() + Duration::from_secs(3_600) })
    }
}

async fn sse(State(hub): State<SseHub>, user: User, request: SseRequest) -> impl IntoResponse {
    let request = request.allow(|key| user.may_see(key)).until(user.session_ends);
    hub.subscribe(request.for_user(user.name)) // `hub.close_user(name)` ends their streams
}

/// The same lines with the hub in memory, and over an engine whose writes take a while and run again.
macro_rules! over_both {
    (async fn $name:ident() $body:block) => {
        mod $name {
            mod in_memory {
                use crate::*;

                #[tokio::test]
                async fn works() $body
            }

            mod over_an_engine {
                use crate::*;

                // `SseHub::new()` gives a hub over the double.
                struct SseHub;

                impl SseHub {
                    #[expect(clippy::new_ret_no_self)]
                    fn new() -> leptos_sse::SseHub {
                        leptos_sse::SseHub::over(EngineDouble::contended(), leptos_sse::SseHubOptions::new())
                    }
                }

                #[tokio::test]
                async fn works() $body
            }
        }
    };
}

async fn serve(app: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}/sse")
}

/// The text of a response until it has what is expected.
async fn read_until(response: reqwest::Response, expected: &str) -> String {
    let mut text = String::new();
    let mut chunks = response.bytes_stream();
    while !text.contains(expected) {
        let chunk = tokio::time::timeout(Duration::from_secs(10), chunks.next()).await;
        text += std::str::from_utf8(&chunk.unwrap_or_else(|_| panic!("no `{expected}` in {text}")).unwrap().unwrap())
            .unwrap();
    }
    text
}

over_both! {
    async fn one_value_is_written_anywhere_and_followed_by_everyone() {
        let hub = SseHub::new(); // embedded: nothing to install
        let count = hub.signal(Count::default()); // Clone, Send, Sync: keep it anywhere
        count.update(|count| count.value += 1); // compared once, encoded once, sent to all who follow

        let context = hub.clone();
        let context = move || provide_sse_hub(&context); // for `leptos_routes_with_context`: real values in the first paint
        let app = Router::new().route("/sse", get(leptos_sse::axum::sse)).with_state(hub);

        let url = format!("{}?s={}", serve(app).await, count.key());
        let response = reqwest::get(&url).await.unwrap();
        let owner = Owner::new();
        owner.with(context);
        owner.with(|| ScopedFuture::new(increment())).await.unwrap();
        read_until(response, r#""value":2}"#).await;
    }
}

over_both! {
    async fn one_of_many_is_made_when_it_is_asked_for() {
        let hub = SseHub::new();
        hub.provide::<Room, _>(|id| async move { load_room(id).await }); // Room, or Option<Room>

        let key = Key::of::<Room>().id(42).unwrap();
        let app = Router::new().route("/sse", get(leptos_sse::axum::sse)).with_state(hub);
        let response = reqwest::get(format!("{}?s={key}", serve(app).await)).await.unwrap();
        read_until(response, r#"{"topic":"answers"}"#).await;
    }
}

over_both! {
    async fn a_feed_is_pushed_to() {
        let hub = SseHub::new();
        let line = LogLine("Compiling".to_owned());
        hub.feed_for::<LogLine>(Key::named("build-7")).push(line);

        let app = Router::new().route("/sse", get(leptos_sse::axum::sse)).with_state(hub);
        let response = reqwest::get(format!("{}?s=build-7", serve(app).await)).await.unwrap();
        read_until(response, r#""item":"Compiling""#).await;
    }
}

over_both! {
    async fn a_handler_of_one_s_own_says_who_may_see_what() {
        let hub = SseHub::new();
        hub.signal_for(Key::named("open"), 7);
        hub.signal_for(Key::named("secret"), 13);
        let url = serve(Router::new().route("/sse", get(sse)).with_state(hub.clone())).await + "?s=open&s=secret";
        assert_eq!(reqwest::get(&url).await.unwrap().status(), 401);
        let response = reqwest::Client::new().get(&url).header("x-user", "ada").send().await.unwrap();
        let text = read_until(response, r#""value":7"#).await;
        assert!(text.contains("event: refused\ndata: {\"name\":\"secret\",\"reason\":\"forbidden\"}"), "{text}");
    }
}

#[test]
fn the_component_s_lines_stand_in_a_component() {
    Owner::new().with(|| {
        leptos_sse::provide_sse("/sse").unwrap();
        let params = ArcRwSignal::new(RoomParams { id: 42 });
        let room = use_sse::<Room>().id(move || params.get().id).signal(); // in the component
        let log = use_sse::<LogLine>().named("build-7").feed(); // log.latest(), log.list(100), log.on_event(..), log.gaps()
        assert!(room.get_untracked().topic.is_empty() && log.latest().get_untracked().is_none());
    });
}

#[test]
fn the_rows_of_a_store_stand_in_a_page() {
    let hub = SseHub::new();
    let row = |id, price| Row { id, price };
    hub.signal(Market { rows: vec![row(1, 1.5), row(2, 2.5)] });
    let html = Owner::new().with(|| {
        provide_sse_hub(&hub);
        leptos_sse::provide_sse("/sse").unwrap();
        let market = use_sse::<Market>().store();
        view! {
            <For each=move || market.rows().by_key() key=|row| row.key() let:row>
                <p>{move || row.price().get()}</p>
            </For>
        }
        .to_html()
    });
    assert!(html.starts_with("<p>1.5</p><p>2.5</p>"), "{html}");
}
