//! The interface of a test service, as `docs/service_spec.md` of `launchdarkly/sse-contract-tests` has it: the harness asks for
//! clients, and is told what each of them reads.

mod callbacks;
mod follower;

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use follower::{Follower, Wanted};
use serde::{Deserialize, de::DeserializeOwned};
use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{net::TcpListener, sync::Notify};

/// What the client can do beyond the standard. It does not tell of comments, as no `EventSource` does.
const CAPABILITIES: [&str; 7] =
    ["event-type-listeners", "headers", "last-event-id", "post", "read-timeout", "report", "restart"];

/// Serves until the harness asks for the end.
///
/// # Errors
///
/// When the socket fails.
pub async fn serve(listener: TcpListener) -> io::Result<()> {
    let service = Arc::new(Service::default());
    let router = Router::new()
        .route("/", get(status).post(follow).delete(stop))
        .route("/streams/{id}", post(command).delete(close))
        .with_state(service.clone());
    axum::serve(listener, router).with_graceful_shutdown(async move { service.stopped.notified().await }).await
}

#[derive(Default)]
struct Service {
    followers: Mutex<Followers>,
    stopped: Notify,
}

#[derive(Default)]
struct Followers {
    last_id: u64,
    by_id: HashMap<u64, Follower>,
}

impl Service {
    /// What a panic leaves behind is whole.
    fn followers(&self) -> MutexGuard<'_, Followers> {
        self.followers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn status() -> Response {
    let status = serde_json::json!({ "name": "leptos_sse", "capabilities": CAPABILITIES });
    ([(header::CONTENT_TYPE, "application/json")], status.to_string()).into_response()
}

async fn stop(State(service): State<Arc<Service>>) -> StatusCode {
    service.stopped.notify_one();
    StatusCode::NO_CONTENT
}

async fn follow(State(service): State<Arc<Service>>, headers: HeaderMap, body: Bytes) -> Result<Response, Bad> {
    let follower = Follower::new(read::<Wanted>(&body)?).map_err(Bad)?;
    let mut followers = service.followers();
    followers.last_id += 1;
    let id = followers.last_id;
    followers.by_id.insert(id, follower);
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    Ok((StatusCode::CREATED, [(header::LOCATION, format!("http://{host}/streams/{id}"))]).into_response())
}

#[derive(Deserialize)]
#[serde(tag = "command", rename_all = "camelCase")]
enum Command {
    Listen { listen: Listen },
    Restart,
}

#[derive(Deserialize)]
struct Listen {
    #[serde(rename = "type")]
    event: String,
}

async fn command(State(service): State<Arc<Service>>, Path(id): Path<u64>, body: Bytes) -> Result<StatusCode, Bad> {
    let command = read::<Command>(&body)?;
    let mut followers = service.followers();
    let Some(follower) = followers.by_id.get_mut(&id) else { return Ok(StatusCode::NOT_FOUND) };
    match command {
        Command::Listen { listen } => follower.listen(listen.event),
        Command::Restart => follower.restart().map_err(|error| Bad(error.to_string()))?,
    }
    Ok(StatusCode::ACCEPTED)
}

async fn close(State(service): State<Arc<Service>>, Path(id): Path<u64>) -> StatusCode {
    match service.followers().by_id.remove(&id) {
        Some(_) => StatusCode::NO_CONTENT,
        None => StatusCode::NOT_FOUND,
    }
}

/// Reads JSON, whatever the type of the body is said to be.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Bad> {
    serde_json::from_slice(body).map_err(|error| Bad(error.to_string()))
}

/// Why a request is none.
struct Bad(String);

impl IntoResponse for Bad {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, self.0).into_response()
    }
}
