// The page is one type, nested as deeply as its elements are.
#![recursion_limit = "256"]

use std::error::Error;

use axum::Router;
use axum::extract::FromRef;
use axum::routing::get;
use leptos::prelude::*;
use leptos_axum::{LeptosRoutes, generate_route_list};
use leptos_sse::SseHub;
use monitor::app::{App, shell};
use monitor::sampler::Sampler;

#[derive(Clone, FromRef)]
struct AppState {
    options: LeptosOptions,
    hub: SseHub,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = get_configuration(None)?.leptos_options;
    let address = options.site_addr;
    let hub = SseHub::new();
    Sampler::start(&hub)?;
    let state = AppState { options: options.clone(), hub: hub.clone() };

    // The page that the server renders begins with the values of now.
    let context = {
        let hub = hub.clone();
        move || leptos_sse::provide_sse_hub(&hub)
    };
    let app = Router::new()
        .route("/sse", get(leptos_sse::axum::sse))
        .leptos_routes_with_context(&state, generate_route_list(App), context, move || shell(options.clone()))
        .fallback(leptos_axum::file_and_error_handler::<AppState, _>(shell))
        .with_state(state);

    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("Watching this computer on http://{address}");
    axum::serve(listener, app).with_graceful_shutdown(interrupted(hub)).await?;
    Ok(())
}

/// Waits for Ctrl-C. The server then waits for its connections to end, and a
/// stream does not end by itself: the hub says goodbye to each.
async fn interrupted(hub: SseHub) {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without signals, as on an odd system, it serves until it is killed.
        std::future::pending::<()>().await;
    }
    hub.close();
}
