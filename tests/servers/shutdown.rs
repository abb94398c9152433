//! A server that shuts down while a thousand streams are open.

use crate::{
    client::in_time,
    server::{Server, Setup, both},
};
use futures::future::{join_all, try_join_all};
use std::time::Instant;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
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
async fn follow(server: &Server) -> std::io::Result<JoinHandle<std::io::Result<String>>> {
    let mut socket = TcpStream::connect(("127.0.0.1", server.address.port())).await?;
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
        server.hub.signal_named("count", 7);
        let mut clients = Vec::new();
        for _ in 0..STREAMS / 50 {
            clients.extend(in_time(try_join_all((0..50).map(|_| follow(&server)))).await.unwrap());
        }
        assert_eq!(server.hub.stats().connections, STREAMS as u64);

        let begin = Instant::now();
        server.hub.close();
        in_time((server.stop)()).await;
        println!("{}: {STREAMS} streams were closed in {:?}", server.framework, begin.elapsed());

        assert_eq!(server.hub.stats().connections, 0);
        for text in in_time(join_all(clients)).await {
            let text = text.unwrap().unwrap();
            assert!(text.contains("event: bye\ndata: {\"reason\":\"shutdown\"}\n\n"), "{text}");
        }
    }
}
