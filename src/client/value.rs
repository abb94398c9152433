use super::{
    keyed::Keyed,
    transport::{log_error, recall, recall_current, remember, shares_values},
};
use crate::{Error, Key, document::Document};
use leptos::prelude::{Owner, SharedValue, provide_context, use_context};
use serde::{Deserialize, Serialize};
use std::{
    borrow::Cow,
    fmt::Display,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Gives the signal of `T` its first value, so that the server's HTML has it and the page shows no default first.
///
/// Call it on the server above the components, as in the context closure of `leptos_routes_with_context`; the value goes
/// to the browser with the page. In an app without server rendering it is the value until the server's first one comes.
/// A value that cannot be written as JSON is logged, and the signal starts with its default.
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
pub fn provide_sse_value_named<T: Serialize>(key: impl Into<Cow<'static, str>>, value: &T) {
    match Key::new(key) {
        Ok(key) => provide(key, value),
        Err(error) => log_error(format_args!("leptos_sse: {error}")),
    }
}

/// Gives the signal of `T` with this id its first value: see [`provide_sse_value`], and
/// [`create_sse_signal_for`](crate::create_sse_signal_for).
///
/// ```
/// # #[derive(Default, serde::Serialize, serde::Deserialize)]
/// # struct Room { topic: String }
/// # let owner = leptos::prelude::Owner::new();
/// # owner.set();
/// leptos_sse::provide_sse_value_for("lobby", &Room { topic: "hello".to_owned() });
/// ```
pub fn provide_sse_value_for<T: Serialize>(id: impl Display, value: &T) {
    match Key::of::<T>().with_id(id) {
        Ok(key) => provide(key, value),
        Err(error) => log_error(format_args!("leptos_sse: {error}")),
    }
}

/// The document that a signal starts with: the one provided, which on a page that the server rendered is the server's.
///
/// To be called once for each signal, with or without a key, on the server and in the browser, in the same order.
pub(super) fn initial_document(key: Option<&Key>) -> Option<Document> {
    let shared = SharedValue::new(|| use_context::<Provided>()?.initial(key?));
    // Another signal's value would be there if the two sides differed; it is of no use to this one.
    let initial: Initial = shared.into_inner().filter(|initial: &Initial| Some(&initial.key) == key)?;
    let document = match initial.document {
        Some(document) => {
            remember(&initial.key, &document);
            Some(document)
        }
        None => None,
    };
    document.or_else(|| context_document(&initial.key)).or_else(|| recall(&initial.key))
}

/// The document that was provided for a signal, as far as it is known where it is asked for. That of a page that the server
/// rendered is of use until the server sends another one.
pub(super) fn provided_document(key: &Key) -> Option<Document> {
    context_document(key).or_else(|| recall_current(key))
}

fn context_document(key: &Key) -> Option<Document> {
    use_context::<Provided>()?.document(key)
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Initial {
    key: Key,
    /// None where another signal of the page has brought it: a document is written into a page once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    document: Option<Document>,
}

/// The documents of one request, and whether each was written into its page.
#[derive(Clone, Default)]
struct Provided(Arc<Mutex<Keyed<(Document, bool)>>>);

impl Provided {
    fn initial(&self, key: &Key) -> Option<Initial> {
        let mut provided = self.lock();
        let (document, written) = provided.get_mut(key)?;
        let document = (!*written).then(|| document.clone());
        *written |= shares_values();
        Some(Initial { key: key.clone(), document })
    }

    fn document(&self, key: &Key) -> Option<Document> {
        self.lock().get(key).map(|(document, _)| document.clone())
    }

    fn insert(&self, key: Key, document: Document) {
        self.lock().insert(key, (document, false));
    }

    fn lock(&self) -> MutexGuard<'_, Keyed<(Document, bool)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn provide<T: Serialize>(key: Key, value: &T) {
    if Owner::current().is_none() {
        return log_error(format_args!("leptos_sse: the first value of `{key}`: {}", Error::owner()));
    }
    match Document::of(value) {
        Ok(document) => {
            let provided = use_context::<Provided>().unwrap_or_else(|| {
                let provided = Provided::default();
                provide_context(provided.clone());
                provided
            });
            provided.insert(key, document);
        }
        Err(error) => log_error(format_args!("leptos_sse: the first value of `{key}`: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_written_into_a_page_once_however_many_signals_share_it() {
        let provided = Provided::default();
        let key = Key::of::<String>();
        assert!(provided.initial(&key).is_none());
        provided.insert(key.clone(), Document::of("Ada").unwrap());
        let shared = [provided.initial(&key), provided.initial(&key)];
        let written = serde_json::to_string(&shared).unwrap();
        assert_eq!(written, r#"[{"key":"alloc::string::String","document":"Ada"},{"key":"alloc::string::String"}]"#);
        assert_eq!(provided.document(&key), Some(Document::of("Ada").unwrap()));
    }
}
