use std::error::Error;

use axum::Router;
use axum::extract::{FromRef, State};
use axum::routing::get;
use islands::page::{App, shell};
use islands::shop::{self, Visit};
use leptos::prelude::*;
use leptos_axum::{LeptosRoutes, generate_route_list};
use leptos_sse::{SseHub, SseRefusal, SseRequest, SseSubscription, provide_sse_hub};
use tokio::net::TcpListener;

#[derive(Clone, FromRef)]
struct AppState {
    options: LeptosOptions,
    hub: SseHub,
}

/// The page's one stream, for all of its islands.
async fn sse(State(hub): State<SseHub>, request: SseRequest) -> Result<SseSubscription, SseRefusal> {
    let stream = hub.subscribe(request)?;
    let visit = Visit::begin(&hub, stream.keys());
    Ok(stream.hold(visit))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = get_configuration(None)?.leptos_options;
    let address = options.site_addr;
    let hub = shop::open();
    tokio::spawn(shop::trade(hub.clone()));
    let state = AppState { options: options.clone(), hub: hub.clone() };

    // For the page, whose HTML has the values of now, and for the server function.
    let context = {
        let hub = hub.clone();
        move || provide_sse_hub(&hub)
    };
    let app = Router::new()
        .route("/sse", get(sse))
        .leptos_routes_with_context(&state, generate_route_list(App), context, move || shell(options.clone()))
        .fallback(leptos_axum::file_and_error_handler::<AppState, _>(shell))
        .with_state(state);

    let listener = TcpListener::bind(address).await?;
    println!("The shop is open on http://{address}");
    axum::serve(listener, app).with_graceful_shutdown(interrupted(hub)).await?;
    Ok(())
}

/// Waits for Ctrl-C. A server that shuts down waits for its connections to end, and a stream does not end by itself: the hub
/// says goodbye to each.
async fn interrupted(hub: SseHub) {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without signals, as on an odd system, it serves until it is killed.
        std::future::pending::<()>().await;
    }
    hub.close();
}
