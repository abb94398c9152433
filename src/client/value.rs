use super::transport::log_error;
use crate::{Error, Key, patch::Document};
use leptos::prelude::{Owner, SharedValue, provide_context, use_context};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
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

/// The document that a signal starts with: the one provided, which on a page that the server rendered is the server's.
///
/// To be called once for each signal, with or without a key, on the server and in the browser, in the same order.
pub(super) fn initial_document(key: Option<&Key>) -> Option<Document> {
    let shared = SharedValue::new(|| {
        let key = key?;
        let document = use_context::<Provided>()?.get(key)?;
        Some(Initial { key: key.clone(), document })
    });
    // Another signal's value would be there if the two sides differed; it is of no use to this one.
    let initial: Initial = shared.into_inner().filter(|initial: &Initial| Some(&initial.key) == key)?;
    Some(Document::new(initial.document))
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Initial {
    key: Key,
    document: Value,
}

#[derive(Clone, Default)]
struct Provided(Arc<Mutex<HashMap<Key, Value>>>);

impl Provided {
    fn get(&self, key: &Key) -> Option<Value> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn insert(&self, key: Key, document: Value) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, document);
    }
}

fn provide<T: Serialize>(key: Key, value: &T) {
    if Owner::current().is_none() {
        return log_error(format_args!("leptos_sse: the first value of `{key}`: {}", Error::owner()));
    }
    match serde_json::to_value(value) {
        Ok(document) => {
            let provided = use_context::<Provided>().unwrap_or_else(|| {
                let provided = Provided::default();
                provide_context(provided.clone());
                provided
            });
            provided.insert(key, document);
        }
        Err(error) => log_error(format_args!("leptos_sse: {}", Error::serialize(key.as_str(), error))),
    }
}
