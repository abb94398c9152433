//! Each field tells those who read it when it has changed, and nobody else.

mod fields;
mod keyed;
// Random tests need the host's random numbers.
#[cfg(not(target_arch = "wasm32"))]
mod properties;

use super::{SseStore, StoreState};
use leptos::prelude::{ImmediateEffect, Owner};
use leptos_sse_core::{Document, Rebuild, patch::Operations};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};

/// A store that follows a document as that of a connection does.
struct Subscribed<T: 'static> {
    document: Document,
    held: Arc<StoreState<T>>,
    store: SseStore<T>,
    runs: Arc<Mutex<Vec<&'static str>>>,
    effects: Vec<ImmediateEffect>,
    _owner: Owner,
}

impl<T: Rebuild + Send + Sync + 'static> Subscribed<T> {
    fn new(value: &Value) -> Self {
        let owner = Owner::new();
        owner.set();
        let document = Document::from(value);
        let held = Arc::new(StoreState::new(document.read().unwrap()));
        let store = SseStore::new(held.clone());
        held.follow(&document, None).unwrap();
        Self { document, held, store, runs: Arc::default(), effects: Vec::new(), _owner: owner }
    }

    /// Runs an effect, and again when what it reads has changed.
    fn watch<R>(&mut self, name: &'static str, read: impl Fn(SseStore<T>) -> R + Send + Sync + 'static) {
        let (store, runs) = (self.store, self.runs.clone());
        self.effects.push(ImmediateEffect::new(move || {
            let _ = read(store);
            runs.lock().unwrap_or_else(PoisonError::into_inner).push(name);
        }));
        self.ran();
    }

    /// Which effects have run since the last time, each once.
    fn ran(&self) -> Vec<&'static str> {
        let mut ran = std::mem::take(&mut *self.runs.lock().unwrap());
        ran.sort_unstable();
        ran.dedup();
        ran
    }

    fn patch(&mut self, patch: &Value) -> Vec<&'static str> {
        let operations: Operations = leptos_sse_core::patch::Operations::parse(&patch.to_string()).unwrap();
        let touches = self.document.apply_operations(operations.0).unwrap();
        self.held.follow(&self.document, Some(&touches)).unwrap();
        self.ran()
    }
}
