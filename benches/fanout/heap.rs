//! What an idle connection keeps on the heap.

use crate::{
    child::{Child, Kind},
    measure::allocated,
    options::Options,
    readers::Readers,
    table::{grouped, head, row},
};
use futures::{Stream, task::noop_waker_ref};
use leptos_sse::{Key, SseHub, SseRequest};
use std::{io, pin::Pin, task::Context, thread, time::Duration};

pub fn measure(options: &Options) -> io::Result<()> {
    let followers = if options.quick { 1_000 } else { 4_000 };
    head("Heap per idle connection", &["what", "connections", "bytes each", "after 20 writes"]);
    let direct = subscriptions(followers)?;
    row(&["`hub.subscribe(..)` alone".to_owned(), grouped(followers as f64), grouped(direct), String::new()]);
    for (hub, idle) in [(Kind::Axum, Kind::AxumIdle), (Kind::Actix, Kind::ActixIdle)] {
        if !options.servers.contains(&hub) {
            continue;
        }
        let [hub_first, hub_later] = connections(hub, followers, 20)?;
        let [idle_first, _] = connections(idle, followers, 0)?;
        for (name, first, later) in [
            (format!("{}, hub", hub.name()), hub_first, grouped(hub_later)),
            (format!("{}, a stream that does nothing", hub.name()), idle_first, String::new()),
            (format!("{}, ours", hub.name()), hub_first - idle_first, grouped(hub_later - idle_first)),
        ] {
            row(&[name, grouped(followers as f64), grouped(first), later]);
        }
    }
    Ok(())
}

/// The bytes that each of many connections takes of its server, at first and after some writes to all.
fn connections(kind: Kind, number: usize, writes: usize) -> io::Result<[f64; 2]> {
    let mut server = Child::start(kind)?;
    // What a server makes once, with its first connections.
    let _first = Readers::connect(server.address, 8)?;
    let before = settled(&mut server)?;
    let readers = Readers::connect(server.address, number)?;
    let first = settled(&mut server)?;
    let mut events = readers.events();
    for _ in 0..writes {
        server.tell("write")?;
        events += number as u64;
        readers.wait_for(events)?;
    }
    let later = settled(&mut server)?;
    Ok([first, later].map(|after| (after - before) / number as f64))
}

fn settled(server: &mut Child) -> io::Result<f64> {
    thread::sleep(Duration::from_secs(1));
    Ok(server.ask("heap")?[0] as f64)
}

/// The bytes that each of many subscriptions takes that has said its opening and waits.
#[tokio::main(flavor = "current_thread")]
async fn subscriptions(number: usize) -> io::Result<f64> {
    let hub = SseHub::new();
    let count = hub.signal_for(Key::named("count"), 0_u32);
    let mut cx = Context::from_waker(noop_waker_ref());
    let mut all = Vec::with_capacity(number);
    let before = allocated();
    for _ in 0..number {
        let request = SseRequest::parse("s=count", None).map_err(io::Error::other)?;
        let mut subscription = Box::new(hub.subscribe(request).map_err(io::Error::other)?);
        while Pin::new(&mut *subscription).poll_next(&mut cx).is_ready() {}
        all.push(subscription);
    }
    let after = allocated();
    count.set(1);
    Ok((after - before) as f64 / number as f64)
}
