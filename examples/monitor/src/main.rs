// The page is one type, nested as deeply as its elements are.
#![recursion_limit = "256"]

use std::error::Error;

use axum::Router;
use axum::routing::get;
use leptos::prelude::*;
use leptos_axum::{LeptosRoutes, generate_route_list};
use leptos_sse::provide_sse_value;
use monitor::app::{App, shell};
use monitor::sampler::Sampler;
use monitor::sse;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let options = get_configuration(None)?.leptos_options;
    let address = options.site_addr;
    let sampler = Sampler::start().await?;

    let app = Router::new()
        .route(
            "/sse",
            get({
                let sampler = sampler.clone();
                move || sse::follow(sampler.clone())
            }),
        )
        .leptos_routes_with_context(&options, generate_route_list(App), move || present(&sampler), {
            let options = options.clone();
            move || shell(options.clone())
        })
        .fallback(leptos_axum::file_and_error_handler(shell))
        .with_state(options);

    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("Watching this computer on http://{address}");
    axum::serve(listener, app).await?;
    Ok(())
}

/// The page that the server renders begins with the values of now.
fn present(sampler: &Sampler) {
    provide_sse_value(&*sampler.machine.borrow());
    provide_sse_value(&*sampler.history.borrow());
    provide_sse_value(&*sampler.processes.borrow());
}
