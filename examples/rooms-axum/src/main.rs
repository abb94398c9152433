mod login;

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::request::Parts;
use axum::routing::{get, post};
use leptos::config::LeptosOptions;
use leptos::prelude::*;
use leptos_axum::{LeptosRoutes, file_and_error_handler, generate_route_list};
use leptos_sse::{SseHub, SseRefusal, SseRequest, SseSubscription};
use rooms::app::{App, shell};
use rooms::server::house::House;
use rooms::server::live::Stay;
use rooms::server::sessions::Sessions;
use rooms::server::{desk, live};
use std::error::Error;
use tokio::net::TcpListener;

use login::LoggedIn;

#[derive(Clone, FromRef)]
struct AppState {
    options: LeptosOptions,
    hub: SseHub,
    house: House,
    sessions: Sessions,
}

/// The page's one stream. Who is not logged in gets a plain 401 from the extractor; what they may not see of the keys that
/// they ask for is refused on the stream.
async fn sse(
    LoggedIn(session): LoggedIn,
    State(hub): State<SseHub>,
    State(house): State<House>,
    request: SseRequest,
) -> Result<SseSubscription, SseRefusal> {
    let stream = hub.subscribe(live::admit(&house, &session, request))?;
    let keys = stream.keys().cloned().collect();
    Ok(stream.hold(Stay::begin(&hub, &house, &session.name, keys).await))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = get_configuration(None)?.leptos_options;
    let address = options.site_addr;
    let house = House::furnished();
    let hub = live::open(&house);
    let state = AppState { options, hub: hub.clone(), house, sessions: Sessions::from_env() };

    let context = {
        let state = state.clone();
        move || {
            let Some(parts) = use_context::<Parts>() else { return };
            let session = login::session(&state.sessions, &parts.headers);
            desk::provide(&state.hub, &state.house, session, parts.uri.path());
        }
    };
    let page = {
        let options = state.options.clone();
        move || shell(options.clone())
    };
    let app = Router::new()
        .route("/sse", get(sse))
        .route("/login", post(login::log_in))
        .route("/logout", post(login::log_out))
        .leptos_routes_with_context(&state, generate_route_list(App), context, page)
        .fallback(file_and_error_handler::<AppState, _>(shell))
        .with_state(state);

    let listener = TcpListener::bind(address).await?;
    println!("The rooms are open on http://{address}");
    axum::serve(listener, app).with_graceful_shutdown(interrupted(hub)).await?;
    Ok(())
}

/// Waits for Ctrl-C. A server that shuts down waits for its connections to end, and a stream does not end by itself: the hub
/// says goodbye to each.
async fn interrupted(hub: SseHub) {
    if let Err(error) = tokio::signal::ctrl_c().await {
        eprintln!("Ctrl-C cannot be heard: {error}");
        std::future::pending::<()>().await;
    }
    println!("Closing");
    hub.close();
}
