use axum::Router;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use axum::routing::get;
use counter::{App, Count, shell};
use futures::stream::{self, Stream};
use leptos::config::get_configuration;
use leptos_axum::{LeptosRoutes, file_and_error_handler, generate_route_list};
use leptos_sse::ServerSentEvents;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_stream::StreamExt;

async fn handle_sse() -> Sse<impl Stream<Item = Result<Event, axum::BoxError>>> {
    let mut value = 0;
    let stream = ServerSentEvents::new(
        stream::repeat_with(move || {
            let curr = value;
            value += 1;
            Ok(Count { value: curr })
        })
        .throttle(Duration::from_secs(1)),
    )
    .unwrap();
    Sse::new(stream).keep_alive(KeepAlive::default())
}

#[tokio::main]
async fn main() {
    let options = get_configuration(None).unwrap().leptos_options;
    let address = options.site_addr;
    let page_options = options.clone();
    let app = Router::new()
        .route("/sse", get(handle_sse))
        .leptos_routes(&options, generate_route_list(App), move || shell(page_options.clone()))
        .fallback(file_and_error_handler(shell))
        .with_state(options);

    let listener = TcpListener::bind(address).await.unwrap();
    axum::serve(listener, app).await.unwrap();
}
