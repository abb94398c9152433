//! Who is called, in which order, and what may be done meanwhile.

use super::fake::{Fake, Then, is_closed, settle};
use leptos_sse_native::{EventSource, Listener, ReadyState};
use std::sync::{Arc, Mutex, OnceLock};

/// Notes what happens.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    fn note(&self, note: impl Into<String>) {
        self.0.lock().unwrap().push(note.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Three events, when somebody listens.
fn source() -> EventSource {
    Fake::new().stream("data: 1\n\nevent: price\ndata: 2\n\ndata: 3\n\n", Then::Stays).source()
}

#[tokio::test]
async fn each_event_comes_to_those_who_listen_to_its_name_in_the_order_in_which_they_came() {
    let (source, notes) = (source(), Notes::default());
    let noting = |who: &'static str| {
        let notes = notes.clone();
        move |event: &leptos_sse_native::Event| notes.note(format!("{who} {}", event.data()))
    };
    source.add_event_listener("message", noting("a"));
    source.on_message(noting("replaced"));
    source.add_event_listener("price", noting("price"));
    source.add_event_listener("message", noting("b"));
    source.add_event_listener("Price", noting("never"));
    // It keeps the place of the one before it.
    source.on_message(noting("on_message"));
    settle().await;
    assert_eq!(notes.take(), ["a 1", "on_message 1", "b 1", "price 2", "a 3", "on_message 3", "b 3"]);
}

#[tokio::test]
async fn one_function_may_have_the_events_of_all_names() {
    let (notes, stream) = (Notes::default(), "data: 1\n\nevent: price\ndata: 2\n\nevent: error\ndata: 3\n\n");
    let source = Fake::new().stream(stream, Then::Stays).source_with(|options| {
        let (all, price) = (notes.clone(), notes.clone());
        options
            .event_listener("price", move |event| price.note(format!("price {}", event.data())))
            .on_event(move |event| all.note(format!("all {} {}", event.event(), event.data())))
    });
    settle().await;
    assert_eq!(notes.take(), ["all message 1", "all price 2", "price 2", "all error 3"]);
    drop(source);

    // It alone is reason enough to read.
    let (source, all) = (self::source(), notes.clone());
    source.on_event(move |event| all.note(event.data()));
    settle().await;
    assert_eq!(notes.take(), ["1", "2", "3"]);
}

#[tokio::test]
async fn events_named_as_the_source_s_own_come_to_listeners_alone() {
    let (notes, fake) =
        (Notes::default(), Fake::new().stream("event: error\ndata: 1\n\nevent: open\ndata: 2\n\n", Then::Stays));
    let source = fake.source_with(|options| {
        let (open, error, event) = (notes.clone(), notes.clone(), notes.clone());
        options
            .on_open(move || open.note("open"))
            .on_error(move |_| error.note("error"))
            .event_listener("error", move |it| event.note(format!("error {}", it.data())))
    });
    let listening = notes.clone();
    source.add_event_listener("open", move |event| listening.note(format!("open {}", event.data())));
    settle().await;
    assert_eq!(notes.take(), ["open", "error 1", "open 2"]);
}

#[tokio::test]
async fn a_function_may_close_the_source_and_nothing_more_comes() {
    let (source, notes) = (source(), Notes::default());
    let (closing, noting, later) = (source.clone(), notes.clone(), notes.clone());
    source.on_message(move |event| {
        noting.note(event.data());
        closing.close();
        assert_eq!(closing.ready_state(), ReadyState::Closed);
    });
    // As in a browser, the event that is being told is told to all.
    source.add_event_listener("message", move |event| later.note(format!("later {}", event.data())));
    source.on_error(|_| panic!("nobody is told of a close"));
    settle().await;
    assert_eq!(notes.take(), ["1", "later 1"]);
}

#[tokio::test]
async fn a_function_may_close_the_source_as_it_opens_and_as_it_fails() {
    let slot = Arc::new(OnceLock::<EventSource>::new());
    let (opening, notes) = (slot.clone(), Notes::default());
    let noting = notes.clone();
    let fake = Fake::new().stream("data: 1\n\n", Then::Stays);
    let source = fake.source_with(|options| {
        options
            .on_open(move || opening.get().unwrap().close())
            .on_message(move |event| noting.note(event.data()))
            .on_error(|_| panic!("nobody is told of a close"))
    });
    slot.set(source.clone()).unwrap();
    settle().await;
    assert!(is_closed(&source) && notes.take().is_empty());
    assert_eq!(fake.under_way(), 0);

    let fake = Fake::new().down();
    let source = fake.source();
    let failing = source.clone();
    source.on_error(move |_| failing.close());
    settle().await;
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    assert!(is_closed(&source));
    assert_eq!(fake.asked(), 1);
}

#[tokio::test]
async fn a_function_may_remove_itself_and_others_and_add_some() {
    let (source, notes) = (source(), Notes::default());
    let listeners = Arc::new(Mutex::new(Vec::<Listener>::new()));
    for name in ["a", "b", "c"] {
        let (of, notes, all) = (source.clone(), notes.clone(), listeners.clone());
        let listener = source.add_event_listener("message", move |event| {
            notes.note(format!("{name} {}", event.data()));
            if name == "a" {
                // Itself and `b`, which has not been called yet.
                for listener in all.lock().unwrap().drain(..2) {
                    of.remove_event_listener(listener);
                    of.remove_event_listener(listener);
                }
                let notes = notes.clone();
                of.add_event_listener("message", move |event| notes.note(format!("new {}", event.data())));
            }
        });
        listeners.lock().unwrap().push(listener);
    }
    settle().await;
    // Who came while an event was told hears of the next one.
    assert_eq!(notes.take(), ["a 1", "c 1", "c 3", "new 3"]);
}

#[tokio::test]
async fn a_function_that_panics_changes_nothing_for_the_others() {
    let notes = Notes::default();
    let (noting, closing) = (notes.clone(), notes.clone());
    let fake = Fake::new().stream("data: 1\n\ndata: 2\n\n", Then::Ends).status(500, &[]);
    let source = fake.source_with(|options| {
        options
            .reconnect_base(std::time::Duration::ZERO)
            .on_open(|| panic!("as it opens"))
            .on_error(move |error| {
                closing.note(format!("{:?}", error.status()));
                panic!("as it fails")
            })
            .on_message(|event| panic!("at {}", event.data()))
            .event_listener("message", move |event| noting.note(event.data()))
    });
    while !is_closed(&source) {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    settle().await;
    assert_eq!(notes.take(), ["1", "2", "None", "Some(500)"]);
}

#[tokio::test]
async fn a_closed_source_lets_go_of_its_functions_also_of_those_that_hold_it() {
    let token = Arc::new(());
    let hold = |source: &EventSource| {
        let held = || Arc::new((source.clone(), token.clone()));
        let (on_message, on_error, on_open) = (held(), held(), held());
        source.on_message(move |_| _ = &on_message);
        source.on_error(move |_| _ = &on_error);
        source.on_open(move || _ = &on_open);
    };
    let source = source();
    hold(&source);
    settle().await;
    assert_eq!(Arc::strong_count(&token), 4);
    source.close();
    settle().await;
    assert_eq!(Arc::strong_count(&token), 1);
    // Those that come later too.
    hold(&source);
    assert_eq!(Arc::strong_count(&token), 1);
}

/// Comes back to its source when it is dropped.
struct Reentrant(EventSource);

impl Drop for Reentrant {
    fn drop(&mut self) {
        self.0.on_open(|| {});
        assert!(self.0.last_event_id().is_empty());
        self.0.close();
    }
}

#[tokio::test]
async fn a_function_whose_drop_comes_back_to_the_source_finds_it_free() {
    let source = source();
    let held = Reentrant(source.clone());
    let listener = source.add_event_listener("message", move |_| _ = &held);
    source.remove_event_listener(listener);
    assert!(is_closed(&source));

    let source = self::source();
    for _ in 0..2 {
        let held = Reentrant(source.clone());
        source.on_message(move |_| _ = &held);
    }
    settle().await;
    assert!(is_closed(&source));
}
