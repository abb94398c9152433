//! From many threads at once.

use super::fake::{Fake, Then, all, data, is_closed};
use bytes::Bytes;
use futures::{StreamExt, stream};
use leptos_sse_native::{Body, BoxError, EventSource, EventSourceOptions, Events, ReadyState};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stream_that_begins_at_once_loses_nothing_to_a_late_reader() {
    for round in 0..500 {
        let source = Fake::new().stream("data: 1\n\ndata: 2\n\n", Then::Stays).source();
        for _ in 0..round % 20 {
            std::thread::yield_now();
        }
        assert_eq!(data(&source.events().take(2).map(Result::unwrap).collect::<Vec<_>>().await), ["1", "2"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn listeners_come_and_go_on_other_threads_while_events_are_told() {
    let events = stream::iter(0..20_000).map(|number| Ok(Bytes::from(format!("id: {number}\ndata: x\n\n"))));
    let fake = Fake::new().body(Box::pin(events.chain(stream::pending())));
    let heard = Arc::new(AtomicUsize::new(0));
    let counting = heard.clone();
    let source = fake.source_with(|options| {
        options.on_message(move |_| {
            counting.fetch_add(1, SeqCst);
        })
    });
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let source = source.clone();
            std::thread::spawn(move || {
                for _ in 0..500 {
                    let within = source.clone();
                    let listener = source.add_event_listener("message", move |_| _ = within.ready_state());
                    source.on_error(|_| {});
                    let events = source.events();
                    drop(events);
                    source.remove_event_listener(listener);
                }
            })
        })
        .collect();
    tokio::task::spawn_blocking(move || threads.into_iter().for_each(|thread| thread.join().unwrap())).await.unwrap();
    while heard.load(SeqCst) < 20_000 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(&*source.last_event_id(), "19999");
    source.close();
    while fake.under_way() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(heard.load(SeqCst), 20_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_close_on_another_thread_ends_a_stream_that_never_pauses() {
    let fake = Fake::new().body(Box::pin(stream::repeat_with(|| Ok(Bytes::from_static(b"data: x\n\n")))));
    let source = fake.source();
    source.on_message(|_| {});
    let other = source.clone();
    std::thread::spawn(move || other.close()).join().unwrap();
    while fake.under_way() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[test]
fn a_runtime_that_is_shut_down_closes_its_sources() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let fake = Fake::new();
    let source = runtime.block_on(async { fake.source() });
    let events: Vec<EventSource> = runtime.block_on(async { vec![fake.source(), fake.source()] });
    assert_ne!(source.ready_state(), ReadyState::Closed);
    drop(runtime);
    assert!(is_closed(&source) && events.iter().all(is_closed));
    // What is asked of it then is asked of nobody.
    source.on_message(|_| {});
    let (events, error) = futures::executor::block_on(all(source));
    assert_eq!((events.len(), error), (0, None));
}

/// Panics when it is asked.
struct Broken;

impl leptos_sse_native::Http for Broken {
    fn send(
        &self,
        _: http::Request<Bytes>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<http::Response<Body>, BoxError>> + Send>> {
        panic!("it is broken")
    }
}

#[tokio::test]
async fn a_panic_of_what_sends_requests_is_an_error_and_the_end() {
    let source = EventSource::with_options("http://host/", EventSourceOptions::new().http(Broken)).unwrap();
    let (events, error) = all(source.clone()).await;
    assert!(events.is_empty() && is_closed(&source));
    assert!(error.unwrap().to_string().ends_with("what reads it has panicked"));
}

#[test]
fn sources_and_their_events_go_to_other_threads() {
    fn goes<T: Send + Unpin + 'static>() {}
    fn is_shared<T: Send + Sync + Clone + 'static>() {}
    goes::<Events>();
    is_shared::<EventSource>();
    is_shared::<EventSourceOptions>();
    is_shared::<leptos_sse_native::Event>();
}
