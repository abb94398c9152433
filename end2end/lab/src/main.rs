//! The lab's server.

use axum::Router;
use lab::app::{App, shell};
use lab::{hub, streams};
use leptos::prelude::*;
use leptos_axum::{LeptosRoutes, generate_route_list};

#[tokio::main]
async fn main() {
    // The tests read what the server logs.
    tracing_subscriber::fmt().with_ansi(false).init();
    let options = get_configuration(None).unwrap().leptos_options;
    let listener = tokio::net::TcpListener::bind(&options.site_addr).await.unwrap();

    let lab = hub::Lab::default();
    let context = {
        let lab = lab.clone();
        move || {
            streams::provide_seeds();
            lab.provide();
        }
    };
    let shell_options = options.clone();
    let app = Router::new()
        .leptos_routes_with_context(&options, generate_route_list(App), context, move || shell(shell_options.clone()))
        .fallback(leptos_axum::file_and_error_handler(shell))
        .with_state(options)
        .merge(streams::router())
        .merge(hub::router(lab));

    println!("listening on http://{}", listener.local_addr().unwrap());
    axum::serve(listener, app).await.unwrap();
}
