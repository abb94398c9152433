//! The server of the dashboard: its data and nothing else, for pages of the origins that it knows.

use std::env;
use std::error::Error;
use std::path::Path;

use axum::Router;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderValue, Method};
use axum::routing::{get, post};
use dashboard_csr::server::jobs::Jobs;
use leptos::prelude::provide_context;
use leptos_axum::handle_server_fns_with_context;
use leptos_sse::SseHub;
use tokio::net::TcpListener;
use tower_http::cors::CorsLayer;
use tower_http::services::ServeDir;

/// Where a local server of files and `cargo xtask demo` usually have the page.
const ORIGINS: &str = "http://127.0.0.1:8080,http://localhost:8080,http://127.0.0.1:3000,http://localhost:3000";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = variable("DASHBOARD_ADDR", "127.0.0.1:3001");
    let hub = SseHub::new();
    let jobs = Jobs::open(&hub, Path::new(&variable("DASHBOARD_ROOT", ".")))?;
    let functions = move |request| {
        let jobs = jobs.clone();
        handle_server_fns_with_context(move || provide_context(jobs.clone()), request)
    };
    let app = Router::new()
        .route("/sse", get(leptos_sse::axum::sse))
        .route("/api/{*function}", post(functions))
        .layer(cross_origin()?)
        .with_state(hub.clone());

    let listener = TcpListener::bind(&address).await.map_err(|error| format!("{address}: {error}"))?;
    println!("The data is at http://{address}");
    if let Ok(folder) = env::var("LEPTOS_SITE_ROOT") {
        tokio::spawn(serve_page(TcpListener::bind(variable("LEPTOS_SITE_ADDR", "127.0.0.1:3000")).await?, folder));
    }
    axum::serve(listener, app).with_graceful_shutdown(interrupted(hub)).await?;
    Ok(())
}

/// Which pages of other origins may read, and call. A browser asks before it lets them.
fn cross_origin() -> Result<CorsLayer, Box<dyn Error>> {
    let mut origins = variable("DASHBOARD_ORIGINS", ORIGINS);
    if let Ok(page) = env::var("LEPTOS_SITE_ADDR") {
        origins = format!("{origins},http://{page}");
    }
    let origins =
        origins.split(',').map(|origin| HeaderValue::from_str(origin.trim())).collect::<Result<Vec<_>, _>>()?;
    Ok(CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([ACCEPT, CONTENT_TYPE]))
}

/// Serves the page as files from the folder into which `cargo xtask` has built it, on a port and so an origin of its own.
/// Any server of files can do the same.
async fn serve_page(listener: TcpListener, folder: String) {
    let page = Router::new().fallback_service(ServeDir::new(folder));
    if let Err(error) = axum::serve(listener, page).await {
        eprintln!("the page is not served: {error}");
    }
}

fn variable(name: &str, default: &str) -> String {
    env::var(name).unwrap_or_else(|_| default.to_owned())
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
