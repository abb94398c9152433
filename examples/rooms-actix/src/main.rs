mod login;

use actix_files::Files;
use actix_web::dev::ServerHandle;
use actix_web::{App as Server, HttpServer, web};
use leptos::prelude::*;
use leptos_actix::{LeptosRoutes, generate_route_list};
use leptos_sse::{SseHub, SseRefusal, SseRequest, SseSubscription};
use rooms::app::{App, shell};
use rooms::server::house::House;
use rooms::server::live::Stay;
use rooms::server::sessions::Sessions;
use rooms::server::{desk, live};
use std::error::Error;

use login::LoggedIn;

/// The page's one stream. Who is not logged in gets a plain 401 from the extractor; what they may not see of the keys that
/// they ask for is refused on the stream.
async fn sse(
    LoggedIn(session): LoggedIn,
    hub: web::Data<SseHub>,
    house: web::Data<House>,
    request: SseRequest,
) -> Result<SseSubscription, SseRefusal> {
    let stream = hub.subscribe(live::admit(&house, &session, request))?;
    let keys = stream.keys().cloned().collect();
    Ok(stream.hold(Stay::begin(&hub, &house, &session.name, keys).await))
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = get_configuration(None)?.leptos_options;
    let address = options.site_addr;
    let house = House::furnished();
    let hub = live::open(&house);
    let sessions = Sessions::from_env();

    let server = {
        let hub = hub.clone();
        HttpServer::new(move || {
            let (hub, house, sessions) = (hub.clone(), house.clone(), sessions.clone());
            let pkg = format!("/{}", options.site_pkg_dir);
            let files = format!("{}{pkg}", options.site_root);
            let page = {
                let options = options.clone();
                move || shell(options.clone())
            };
            let context = {
                let (hub, house, sessions) = (hub.clone(), house.clone(), sessions.clone());
                move || {
                    let Some(request) = use_context::<leptos_actix::Request>() else { return };
                    desk::provide(&hub, &house, login::session(&sessions, &request), request.path());
                }
            };
            Server::new()
                .app_data(web::Data::new(hub))
                .app_data(web::Data::new(house))
                .app_data(web::Data::new(sessions))
                .route("/sse", web::get().to(sse))
                .route("/login", web::post().to(login::log_in))
                .route("/logout", web::post().to(login::log_out))
                .service(Files::new(&pkg, files))
                .leptos_routes_with_context(generate_route_list(App), context, page)
        })
        // Else a stream whose browser has gone would be noticed with its next heartbeat.
        .h1_allow_half_closed(false)
        // On Ctrl-C actix would cut all connections at once.
        .disable_signals()
        .bind(address)?
        .run()
    };
    println!("The rooms are open on http://{address}");
    actix_web::rt::spawn(close_when_interrupted(hub, server.handle()));
    server.await?;
    Ok(())
}

/// Waits for Ctrl-C. A server that shuts down waits for its connections to end, and a stream does not end by itself: the hub
/// says goodbye to each.
async fn close_when_interrupted(hub: SseHub, server: ServerHandle) {
    if let Err(error) = tokio::signal::ctrl_c().await {
        return eprintln!("Ctrl-C cannot be heard: {error}");
    }
    println!("Closing");
    hub.close();
    server.stop(true).await;
}
