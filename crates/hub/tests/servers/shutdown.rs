//! A server that shuts down while a thousand streams are open.

use super::{
    client::in_time,
    server::{Setup, both},
};
use actix_web::{
    App, HttpServer,
    web::{self, Data},
};
use futures::future::{join_all, try_join_all};
use leptos_sse::{Key, SseHub};
use std::{io, net::SocketAddr, time::Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::oneshot,
    task::JoinHandle,
};

const STREAMS: usize = 1_000;

/// Both ends of each stream, and what the server itself takes.
fn raise_the_limit_of_open_files() {
    let needed = 2 * STREAMS as u64 + 200;
    let limit = rlimit::increase_nofile_limit(needed).unwrap();
    assert!(limit >= needed, "this needs {needed} open files, and {limit} are allowed: see `ulimit -n`");
}

/// Connects, and reads all that comes to the end of the connection, which only the server brings about.
async fn follow(address: SocketAddr) -> io::Result<JoinHandle<io::Result<String>>> {
    let mut socket = TcpStream::connect(address).await?;
    socket.write_all(b"GET /sse?s=count HTTP/1.1\r\nhost: localhost\r\n\r\n").await?;
    let mut text = Vec::new();
    while !text.windows(8).any(|window| window == b"\"patch\":") {
        assert!(socket.read_buf(&mut text).await? > 0, "{}", String::from_utf8_lossy(&text));
    }
    Ok(tokio::spawn(async move {
        socket.read_to_end(&mut text).await?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_streams_are_told_and_end_before_the_server_does() {
    raise_the_limit_of_open_files();
    for server in both(&Setup::default()) {
        server.hub.signal_for(Key::named("count"), 7);
        let mut clients = Vec::new();
        for _ in 0..STREAMS / 50 {
            clients.extend(in_time(try_join_all((0..50).map(|_| follow(server.address)))).await.unwrap());
        }
        assert_eq!(server.hub.stats().connections, STREAMS as u64);

        // As a browser keeps it open for the next page.
        let mut idle = TcpStream::connect(server.address).await.unwrap();
        idle.write_all(b"GET /page HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
        in_time(idle.readable()).await.unwrap();

        let begin = Instant::now();
        server.hub.close();
        in_time((server.stop)()).await;
        let stopped = begin.elapsed();
        assert_eq!(server.hub.stats().connections, 0);
        check_all_were_told(clients).await;
        let told = begin.elapsed();
        println!("{}: {STREAMS} streams: the server ended in {stopped:?}, all were told in {told:?}", server.framework);
    }
}

/// As the guide for deployment has it.
#[tokio::test]
async fn actix_ends_by_a_signal_of_one_s_own() {
    let hub = SseHub::new();
    hub.signal_for(Key::named("count"), 7);
    let data = Data::new(hub.clone());
    let (signal, signalled) = oneshot::channel::<()>();
    let stop = async move {
        signalled.await.unwrap();
        hub.close();
    };
    let app = move || App::new().app_data(data.clone()).route("/sse", web::get().to(leptos_sse::actix::sse));
    let server = HttpServer::new(app).workers(1).shutdown_signal(stop).bind("127.0.0.1:0").unwrap();
    let address = server.addrs()[0];
    let served = tokio::spawn(server.run());
    let clients = try_join_all((0..10).map(|_| follow(address)));
    let clients = in_time(clients).await.unwrap();
    signal.send(()).unwrap();
    in_time(served).await.unwrap().unwrap();
    check_all_were_told(clients).await;
}

async fn check_all_were_told(clients: Vec<JoinHandle<io::Result<String>>>) {
    for text in in_time(join_all(clients)).await {
        let text = text.unwrap().unwrap();
        assert!(text.contains("event: bye\ndata: {\"reason\":\"shutdown\"}\n\n"), "{text}");
    }
}
