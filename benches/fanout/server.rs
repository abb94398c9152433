//! The servers, as their users write them, and what they do when they are told.

use crate::{
    bare,
    child::Kind,
    measure::{allocated, allocations, micros},
};
use axum::{Router, body::Body, routing::get, serve::ListenerExt};
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use leptos_sse::{Key, ServerSignal, SseHub, SseHubOptions};
use serde::Serialize;
use std::{
    convert::Infallible,
    io,
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// The small value: its update is some hundred bytes on the wire.
#[derive(Clone, Serialize)]
pub struct Tick {
    value: u64,
}

/// 100 KiB that all change at once.
#[derive(Clone, Serialize)]
struct Page {
    text: String,
}

/// Serves until the process is ended. `role` is what and for whom: `axum@127.0.0.1:4000`.
pub fn serve(role: &str) -> io::Result<()> {
    let (kind, control) = role.split_once('@').ok_or_else(|| io::Error::other("nobody to serve for"))?;
    let kind: Kind = kind.parse().map_err(io::Error::other)?;
    let control: SocketAddr = control.parse().map_err(io::Error::other)?;
    match kind {
        Kind::Bare(threads) => bare::serve(&control, threads),
        Kind::Axum | Kind::AxumNoDelay | Kind::AxumIdle => in_axum(kind, control),
        Kind::Actix | Kind::ActixIdle => in_actix(kind, control),
    }
}

#[tokio::main]
async fn in_axum(kind: Kind, control: SocketAddr) -> io::Result<()> {
    let hub = hub();
    let app: Router = match kind {
        Kind::AxumIdle => Router::new().route("/sse", get(async || (HEADERS, Body::from_stream(idle())))),
        _ => Router::new().route("/sse", get(leptos_sse::axum::sse)).with_state(hub.clone()),
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    if kind == Kind::AxumNoDelay {
        let listener = listener.tap_io(|socket| socket.set_nodelay(true).unwrap_or_default());
        tokio::spawn(axum::serve(listener, app).into_future());
    } else {
        tokio::spawn(axum::serve(listener, app).into_future());
    }
    tokio::spawn(obey(control, address, hub)).await?
}

#[actix_web::main]
async fn in_actix(kind: Kind, control: SocketAddr) -> io::Result<()> {
    use actix_web::{App, HttpResponse, HttpServer, web};

    let hub = hub();
    let data = web::Data::new(hub.clone());
    let idle = async || {
        let [content_type, cache_control, accel] = HEADERS;
        let mut response = HttpResponse::Ok();
        response.insert_header(content_type).insert_header(cache_control).insert_header(accel);
        response.streaming(idle())
    };
    let server = HttpServer::new(move || match kind {
        Kind::ActixIdle => App::new().route("/sse", web::get().to(idle)),
        _ => App::new().app_data(data.clone()).route("/sse", web::get().to(leptos_sse::actix::sse)),
    });
    // Its default bound of 256 new connections a second per worker is for TLS alone; its backlog is too short for a rush.
    let server = server.backlog(4_096).disable_signals().bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = server.addrs()[0];
    actix_web::rt::spawn(server.run());
    obey(control, address, hub).await
}

const HEADERS: [(&str, &str); 3] =
    [("content-type", "text/event-stream"), ("cache-control", "no-cache, no-transform"), ("x-accel-buffering", "no")];

fn hub() -> SseHub {
    // A heartbeat would be counted as an event.
    let hub = SseHub::with_options(SseHubOptions::new().heartbeat(Duration::from_secs(600)));
    // It stays in the hub.
    let _ = signal(&hub);
    hub
}

fn signal(hub: &SseHub) -> ServerSignal<Tick> {
    hub.signal_for(Key::named("tick"), Tick { value: micros() })
}

/// A stream that says at first what a hub's says, and then nothing.
fn idle() -> impl Stream<Item = Result<Bytes, Infallible>> {
    let opening = [
        "event: hello\nretry: 1843\ndata: {\"epoch\":\"0123456789abcdef\",\"heartbeat\":15000,\"retry\":1843}\n\n",
        "id: 0123456789abcdef.1\ndata: {\"name\":\"tick\",\"to\":1,\"patch\":[{\"op\":\"replace\",\"path\":\"\",\"value\":{\"value\":1}}]}\n\n",
    ];
    stream::iter(opening.map(|event| Ok(Bytes::from_static(event.as_bytes())))).chain(stream::pending())
}

/// Does what it is told, in a task as a user's own would be.
async fn obey(control: SocketAddr, address: SocketAddr, hub: SseHub) -> io::Result<()> {
    let mut control = BufReader::new(TcpStream::connect(control).await?);
    control.get_ref().set_nodelay(true)?;
    control.write_all(format!("{address}\n").as_bytes()).await?;
    let mut state = State { hub, page: 0, took: Vec::new() };
    let mut line = String::new();
    while control.read_line(&mut line).await? > 0 {
        if let Some(answer) = state.obey(line.trim()).await? {
            control.write_all(format!("{answer}\n").as_bytes()).await?;
        }
        line.clear();
    }
    Ok(())
}

struct State {
    hub: SseHub,
    page: u64,
    /// How many nanoseconds each write took.
    took: Vec<u64>,
}

impl State {
    async fn obey(&mut self, command: &str) -> io::Result<Option<String>> {
        let mut words = command.split_whitespace();
        let name = words.next().unwrap_or_default();
        let mut number = || words.next().and_then(|word| word.parse::<u32>().ok()).unwrap_or_default();
        Ok(match name {
            "write" => {
                self.write();
                None
            }
            "write-outside" => {
                let tick = signal(&self.hub);
                // A thread that no runtime knows.
                let took = std::thread::spawn(move || timed(|| drop(tick.set(Tick { value: micros() })))).join();
                self.took.extend(took.ok());
                None
            }
            "page" => {
                self.page += 1;
                let text = format!("{:016x}", self.page.wrapping_mul(0x9E37_79B9_7F4A_7C15)).repeat(6_400);
                self.hub.signal_for(Key::named("page"), Page { text: String::new() }).set(Page { text });
                None
            }
            "rate" => {
                let (per_second, times) = (number(), number());
                let mut due = tokio::time::interval(Duration::from_secs(1) / per_second.max(1));
                for _ in 0..times {
                    due.tick().await;
                    self.write();
                }
                Some("0".to_owned())
            }
            "took" => {
                self.took.sort_unstable();
                let median = self.took.get(self.took.len() / 2).copied().unwrap_or_default();
                let tenth = self.took.get(self.took.len() / 10).copied().unwrap_or_default();
                self.took.clear();
                Some(format!("{median} {tenth}"))
            }
            "heap" => Some(format!("{} {}", allocated(), allocations())),
            "stats" => {
                let stats = self.hub.stats();
                Some(format!("{} {} {}", self.hub.cursor().seq, stats.coalesced, stats.snapshots))
            }
            _ => return Err(io::Error::other(format!("{name} is no command"))),
        })
    }

    fn write(&mut self) {
        let tick = signal(&self.hub);
        self.took.push(timed(|| drop(tick.set(Tick { value: micros() }))));
    }
}

fn timed(what: impl FnOnce()) -> u64 {
    let start = Instant::now();
    what();
    u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
