use super::{
    brought::{carried_texts, recall, recall_current, remember},
    carry,
    first::{First, MARK, read_page},
    provided::Provided,
};
use crate::browser::{is_hydrating, log_error};
use leptos::prelude::{Owner, use_context};
use leptos_sse_client::Connection;
use leptos_sse_core::{Error, IntoKey, Key, document::Document};
use serde::Serialize;

/// Gives the signal of `T` its first value, so that the server's HTML has it and the page shows no default first.
///
/// Call it on the server above the components, as in the context closure of `leptos_routes_with_context`; the value goes to the
/// browser with the page. In an app without server rendering it is shown until the server's first value comes. A value that cannot
/// be written as JSON is logged, and the signal starts with its default.
///
/// ```
/// # #[derive(Default, serde::Serialize, serde::Deserialize)]
/// # struct Count { value: i32 }
/// # let owner = leptos::prelude::Owner::new();
/// # owner.set();
/// leptos_sse::provide_sse_value(&Count { value: 7 });
/// ```
pub fn provide_sse_value<T: Serialize>(value: &T) {
    provide(Key::of::<T>(), value);
}

/// Gives the signal with this key its first value: see [`provide_sse_value`].
///
/// A bare text or number is the id of a `T`. A key that is not valid is logged, and gives nothing.
///
/// ```
/// # #[derive(Default, serde::Serialize, serde::Deserialize)]
/// # struct Room { topic: String }
/// # let owner = leptos::prelude::Owner::new();
/// # owner.set();
/// use leptos_sse::{Key, provide_sse_value_for};
///
/// provide_sse_value_for(7, &Room { topic: "hello".to_owned() });
/// provide_sse_value_for(Key::named("lobby"), &Room { topic: "welcome".to_owned() });
/// ```
pub fn provide_sse_value_for<T: Serialize>(key: impl IntoKey, value: &T) {
    match key.into_key::<T>() {
        Ok(key) => provide(key, value),
        Err(error) => log_error(format_args!("leptos_sse: {error}")),
    }
}

/// The document that a form starts with: the one that the server rendered it with, or one that was provided.
pub(crate) fn initial_document(key: &Key) -> Option<Document> {
    let first = if is_hydrating() { recall(key).or_else(|| provided_first(key)) } else { current_first(key) };
    first.map(|first| first.document)
}

/// The document that was provided for a key, here or in `provided`. The one that the page brought counts until the server sends
/// another one.
pub(crate) fn provided_document(key: &Key, provided: Option<&Provided>) -> Option<Document> {
    let first = current_first(key).or_else(|| provided?.first(key));
    first.map(|first| first.document)
}

/// Carries first values from the server to the browser. Each provider of a connection calls it on both sides, in the same order,
/// as both sides count what they share.
pub(crate) fn carry_first_values() {
    let provided = Provided::in_context();
    let carried = carry::carry(move || provided.write());
    // It is another's where the two sides do not count alike, as after a part that the server rendered out of order.
    let texts = match carried {
        Some(text) if text.starts_with(MARK) => vec![text],
        _ => carried_texts(MARK),
    };
    for text in texts {
        match read_page(&text) {
            Ok(firsts) => firsts.into_iter().for_each(|(key, first)| remember(key, first)),
            Err(flaw) => log_error(format_args!("leptos_sse: the first values of the page: {flaw}")),
        }
    }
}

fn current_first(key: &Key) -> Option<First> {
    provided_first(key).or_else(|| recall_current(key))
}

fn provided_first(key: &Key) -> Option<First> {
    use_context::<Provided>()?.first(key)
}

fn provide<T: Serialize>(key: Key, value: &T) {
    if Owner::current().is_none() {
        return log_error(format_args!("leptos_sse: the first value of `{key}`: {}", Error::owner()));
    }
    match Document::of(value) {
        Ok(document) => {
            Provided::in_context().insert(key, First { document, cursor: None });
        }
        Err(error) => log_error(format_args!("leptos_sse: the first value of `{key}`: {error}")),
    }
}

/// Whether the server has told of a value of the key since the page was rendered.
pub(crate) fn has_moved_on(connection: &Connection, key: &Key) -> bool {
    let brought = recall(key).map(|first| first.document);
    connection.document(key).is_some_and(|held| brought.is_none_or(|brought| !held.is_same(&brought)))
}
