//! Texts that grow: who takes string edits is given what came, and everyone else the text anew.

use super::*;
use leptos_sse::Document;
use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

const TOKENS: [&str; 6] = ["Once ", "upon ", "a ", "time 😀 ", "there ", "was "];

#[derive(Clone, Default, Debug, PartialEq, Serialize)]
struct Answer {
    by: &'static str,
    text: String,
    done: bool,
}

fn answer(hub: &SseHub) -> leptos_sse::ServerSignal<Answer> {
    let text = "The model thinks for a while, and then it says something. ".to_owned();
    hub.signal_for(Key::named("answer"), Answer { by: "Ada", text, done: false })
}

/// Applies updates, and gives the operations of each.
fn take(document: &mut Document, news: &[(String, Value)]) -> Vec<Vec<String>> {
    let operations = |patch: &Value| {
        let operations = patch.as_array().unwrap().iter();
        operations.map(|operation| operation["op"].as_str().unwrap().to_owned()).collect()
    };
    let updates = news.iter().map(|(name, data)| {
        assert_eq!(name, "");
        document.apply(&data["patch"].to_string()).unwrap();
        operations(&data["patch"])
    });
    updates.collect()
}

#[tokio::test(start_paused = true)]
async fn a_text_that_grows_is_what_came_to_one_and_the_whole_to_another() {
    let hub = SseHub::new();
    let answer = answer(&hub);
    let (mut extended, mut plain) = (Client::of(&hub, "s=answer&ops=str"), Client::of(&hub, "s=answer"));
    let mut documents = [Document::default(), Document::default()];
    take(&mut documents[0], &extended.news());
    take(&mut documents[1], &plain.news());
    for token in TOKENS {
        let len = answer.read().text.encode_utf16().count();
        answer.update(|answer| answer.text += token);
        let (short, whole) = (extended.news(), plain.news());
        let inserted = json!([{ "op": "str_ins", "path": "/text", "pos": len, "str": token }]);
        assert_eq!((&short[0].1["patch"], short.len()), (&inserted, 1));
        let replaced = json!([{ "op": "replace", "path": "/text", "value": answer.read().text }]);
        assert_eq!((&whole[0].1["patch"], whole.len()), (&replaced, 1));
        assert_eq!((&short[0].1["from"], &short[0].1["to"]), (&whole[0].1["from"], &whole[0].1["to"]));
        take(&mut documents[0], &short);
        take(&mut documents[1], &whole);
    }
    // What is no change within a text is the same for both.
    answer.update(|answer| answer.done = true);
    let (short, whole) = (extended.news(), plain.news());
    assert_eq!(short, whole);
    take(&mut documents[0], &short);
    take(&mut documents[1], &whole);
    for document in documents {
        assert_eq!(document, Document::of(&answer.get()).unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn who_comes_back_without_string_edits_to_a_history_of_them_is_given_a_snapshot() {
    let hub = SseHub::new();
    let epoch = hub.cursor().epoch;
    let answer = answer(&hub);
    let mut document = Document::of(&answer.get()).unwrap();
    TOKENS.iter().for_each(|token| drop(answer.update(|answer| answer.text += token)));
    let now = snapshot("answer", 7, document_of(&answer));

    let mut extended = Client::of(&hub, &format!("epoch={epoch}&s=answer~1&ops=str"));
    let inserted: Vec<_> = TOKENS.iter().map(|_| vec!["str_ins".to_owned()]).collect();
    assert_eq!(take(&mut document, &extended.news()), inserted);
    assert_eq!(document, Document::of(&answer.get()).unwrap());
    assert_eq!(hub.stats().resumes, 1);

    let mut plain = Client::of(&hub, &format!("epoch={epoch}&s=answer~1"));
    assert_eq!(plain.news(), [now]);
    assert_eq!(hub.stats().resumes, 1);
    // From here on it is written for both.
    answer.update(|answer| answer.text += "end");
    assert_eq!(plain.news()[0].1["patch"][0]["op"], "replace");
    let mut back = Client::of(&hub, &format!("epoch={epoch}&s=answer~7"));
    assert_eq!(back.news()[0].1["from"], 7);
    assert_eq!(hub.stats().resumes, 2);
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_without_string_edits_ends_with_the_same_document() {
    let hub = SseHub::new();
    let answer = answer(&hub);
    let mut readers = ["s=answer&ops=str", "s=answer"].map(|query| (Client::of(&hub, query), Document::default()));
    for (client, document) in &mut readers {
        take(document, &client.news());
    }
    for _ in 0..20 {
        TOKENS.iter().for_each(|token| drop(answer.update(|answer| answer.text += token)));
        for (client, document) in &mut readers {
            take(document, &client.news());
            assert_eq!(*document, Document::of(&answer.get()).unwrap());
        }
    }
}

/// Each snapshot that is asked for in between holds the document while the writer goes on.
#[test]
fn readers_that_come_while_a_text_grows_end_with_what_the_server_has() {
    let hub = SseHub::new();
    let answer = answer(&hub);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for query in ["s=answer&ops=str", "s=answer"] {
            let (hub, done) = (&hub, &done);
            scope.spawn(move || {
                loop {
                    // Whatever comes after this is the last of it.
                    let is_last = done.load(Ordering::Acquire);
                    let (mut client, mut document) = (Client::of(hub, query), Document::default());
                    take(&mut document, &client.news());
                    for _ in 0..if is_last { 1 } else { 20 } {
                        take(&mut document, &client.news());
                    }
                    let read = document.to_value();
                    assert!(read["text"].as_str().is_some_and(|text| text.starts_with("The model")), "{read}");
                    if is_last {
                        return assert_eq!(read["done"], true);
                    }
                }
            });
        }
        for _ in 0..200 {
            TOKENS.iter().for_each(|token| drop(answer.update(|answer| answer.text += token)));
        }
        answer.update(|answer| answer.done = true);
        done.store(true, Ordering::Release);
    });
}

fn document_of(answer: &leptos_sse::ServerSignal<Answer>) -> Value {
    serde_json::to_value(answer.get()).unwrap()
}
