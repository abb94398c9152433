use actix_files::Files;
use actix_web::{App as Server, HttpResponse, HttpServer, web};
use counter::{App, Count, shell};
use futures::stream;
use leptos::config::get_configuration;
use leptos_actix::{LeptosRoutes, generate_route_list};
use leptos_sse::ServerSentEvents;
use std::convert::Infallible;
use std::time::Duration;
use tokio_stream::StreamExt;

async fn handle_sse() -> HttpResponse {
    let mut value = 0;
    let stream = ServerSentEvents::new(
        stream::repeat_with(move || {
            let curr = value;
            value += 1;
            Ok::<_, Infallible>(Count { value: curr })
        })
        .throttle(Duration::from_secs(1)),
    )
    .unwrap();
    leptos_sse::actix::respond(stream)
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let options = get_configuration(None).unwrap().leptos_options;
    let address = options.site_addr;

    HttpServer::new(move || {
        let options = options.clone();
        let pkg = format!("/{}", options.site_pkg_dir);
        let files = format!("{}{pkg}", options.site_root);
        Server::new()
            .route("/sse", web::get().to(handle_sse))
            .service(Files::new(&pkg, files))
            .leptos_routes(generate_route_list(App), move || shell(options.clone()))
    })
    .bind(address)?
    .run()
    .await
}
