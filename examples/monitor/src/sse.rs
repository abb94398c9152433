//! What a browser follows: three signals on one connection.

use axum::BoxError;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures::stream::{Stream, StreamExt, select};
use leptos_sse::ServerSentEvents;
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;

use crate::sampler::Sampler;

/// Answers `GET /sse`.
pub async fn follow(sampler: Sampler) -> Response {
    match events(sampler) {
        Ok(response) => response.into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

fn events(sampler: Sampler) -> Result<impl IntoResponse, leptos_sse::Error> {
    let machine = ServerSentEvents::new(values(sampler.machine))?;
    let history = ServerSentEvents::new(values(sampler.history))?;
    let processes = ServerSentEvents::new(values(sampler.processes))?;
    Ok(leptos_sse::axum::respond(select(machine, select(history, processes))))
}

/// The value of now and each new one. Who is too slow for one misses it and
/// gets the next: nothing is queued.
fn values<T: Clone + Send + Sync + 'static>(receiver: watch::Receiver<T>) -> impl Stream<Item = Result<T, BoxError>> {
    WatchStream::new(receiver).map(Ok)
}
