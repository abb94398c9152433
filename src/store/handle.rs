use super::{state::StoreState, upstream::NoWriter};
use leptos::{
    prelude::{DefinedAt, GetValue, IsDisposed, ReadUntracked, StoredValue, Track},
    reactive::signal::guards::Plain,
};
use reactive_stores::{KeyMap, StoreField, StoreFieldTrigger, StorePath, StorePathSegment};
use std::{fmt, iter, panic::Location, sync::Arc};

/// A store that follows the server's value. Each of its fields notifies only those who read that field.
///
/// It is a read-only field of `reactive_stores`: the methods that `#[derive(Store)]` gives to a `Store<T>` are there on it, too. It
/// comes from [`UseSse::store`](crate::UseSse::store).
///
/// # Reading only
///
/// Nothing in the browser can write it. The types of `reactive_stores` have methods that write each field; they do nothing here:
/// `set` and `update` leave the value as it is, `try_write` returns `None`, and `write` panics as it does for a store that is gone.
///
/// # Panics
///
/// Reading panics when the component that made the store is gone, as with all handles of Leptos. `try_get` and the like return
/// `None` instead.
pub struct SseStore<T> {
    held: StoredValue<Arc<StoreState<T>>>,
}

impl<T: Send + Sync + 'static> SseStore<T> {
    pub(crate) fn new(held: Arc<StoreState<T>>) -> Self {
        Self { held: StoredValue::new(held) }
    }

    fn held(&self) -> Option<Arc<StoreState<T>>> {
        self.held.try_get_value()
    }
}

impl<T> Clone for SseStore<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for SseStore<T> {}

impl<T> PartialEq for SseStore<T> {
    fn eq(&self, other: &Self) -> bool {
        self.held == other.held
    }
}

impl<T> Eq for SseStore<T> {}

impl<T> fmt::Debug for SseStore<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SseStore").finish_non_exhaustive()
    }
}

impl<T> DefinedAt for SseStore<T> {
    fn defined_at(&self) -> Option<&'static Location<'static>> {
        self.held.defined_at()
    }
}

impl<T: Send + Sync + 'static> IsDisposed for SseStore<T> {
    fn is_disposed(&self) -> bool {
        self.held.is_disposed()
    }
}

impl<T: Send + Sync + 'static> Track for SseStore<T> {
    fn track(&self) {
        self.track_field();
    }
}

impl<T: Send + Sync + 'static> ReadUntracked for SseStore<T> {
    type Value = Plain<T>;

    fn try_read_untracked(&self) -> Option<Plain<T>> {
        self.reader()
    }
}

impl<T: Send + Sync + 'static> StoreField for SseStore<T> {
    type Value = T;
    type Reader = Plain<T>;
    type Writer = NoWriter<T>;

    fn get_trigger(&self, path: StorePath) -> StoreFieldTrigger {
        self.held().map(|held| held.trigger(path)).unwrap_or_default()
    }

    fn get_trigger_unkeyed(&self, path: StorePath) -> StoreFieldTrigger {
        // Only those who write ask for it.
        self.get_trigger(path)
    }

    fn path(&self) -> impl IntoIterator<Item = StorePathSegment> {
        iter::empty()
    }

    fn reader(&self) -> Option<Plain<T>> {
        self.held()?.value()
    }

    fn writer(&self) -> Option<NoWriter<T>> {
        None
    }

    fn keys(&self) -> Option<KeyMap> {
        // None would make those panic who ask a list for its keys when the component is gone.
        Some(self.held().map(|held| held.keys()).unwrap_or_default())
    }
}
