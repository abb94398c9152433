//! One store: its value, and who follows which of its fields.

use super::{marks::StoreMarks, triggers::Triggers};
use leptos::reactive::signal::guards::Plain;
use leptos_sse_core::{
    Error, Rebuild,
    document::Document,
    patch::{Touch, between},
    rebuild::{Touched, with_touched},
};
use reactive_stores::{KeyMap, StoreFieldTrigger, StorePath};
use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

pub(crate) struct StoreState<T> {
    value: Arc<RwLock<T>>,
    triggers: Triggers,
    keys: KeyMap,
    base: Mutex<Base>,
}

/// Which document the value is the one of.
enum Base {
    /// That of the connection, as it is before its next change.
    Kept,
    /// This one, with which the page came.
    First(Document),
    /// None that is known.
    Lost,
}

impl<T: Send + Sync + 'static> StoreState<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            value: Arc::new(RwLock::new(value)),
            triggers: Triggers::default(),
            keys: KeyMap::default(),
            base: Mutex::new(Base::Lost),
        }
    }

    pub(super) fn value(&self) -> Option<Plain<T>> {
        Plain::try_new(self.value.clone())
    }

    pub(super) fn trigger(&self, path: StorePath) -> StoreFieldTrigger {
        self.triggers.of(path)
    }

    pub(super) fn keys(&self) -> KeyMap {
        self.keys.clone()
    }

    fn base(&self) -> MutexGuard<'_, Base> {
        self.base.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Rebuild + Send + Sync + 'static> StoreState<T> {
    /// The document has changed: here, or none of it is known.
    ///
    /// # Errors
    ///
    /// When it is no `T`, or somebody holds a guard of the value. It is what it was then.
    pub(crate) fn follow(&self, document: &Document, touches: Option<&[Touch]>) -> Result<(), Error> {
        let base = mem::replace(&mut *self.base(), Base::Lost);
        let is_done = match (base, touches) {
            (Base::Kept, Some(touches)) => self.rebuild(document, touches),
            (Base::First(first), _) => self.rebuild(document, &between(&first, document)),
            _ => false,
        };
        if !is_done {
            // What cannot be read in part is read as a whole, which says what is wrong.
            let value: T = document.read()?;
            self.change(None, |held| *held = value).ok_or_else(Error::borrowed)?;
        }
        *self.base() = Base::Kept;
        Ok(())
    }

    /// Shows the value of a document, which is not the connection's, or the default.
    ///
    /// # Errors
    ///
    /// As [`follow`](Self::follow).
    pub(crate) fn restart(&self, document: Option<&Document>) -> Result<(), Error>
    where
        T: Default,
    {
        let value = document.map_or_else(|| Ok(T::default()), Document::read)?;
        *self.base() = Base::Lost;
        self.change(None, |held| *held = value).ok_or_else(Error::borrowed)?;
        if let Some(document) = document {
            *self.base() = Base::First(document.clone());
        }
        Ok(())
    }

    /// Whether that could be done: the value is what it was, if not.
    fn rebuild(&self, document: &Document, touches: &[Touch]) -> bool {
        touches.is_empty()
            || with_touched(document, touches, |touched| {
                let part = self.value().and_then(|value| value.prepare(touched).ok());
                part.and_then(|part| self.change(Some(touched), |value| value.rebuild(part))).is_some()
            })
    }

    /// Changes the value, and then tells those who follow what was touched. None, and not a wait without end, when somebody
    /// holds a guard of the value, as across an `.await`.
    fn change(&self, touched: Option<Touched<'_>>, change: impl FnOnce(&mut T)) -> Option<()> {
        let mut marks = StoreMarks::before(&self.keys, &self.triggers);
        self.value()?.mark(touched, &mut marks);
        change(&mut *self.value.try_write().ok()?);
        marks.after();
        self.value()?.mark(touched, &mut marks);
        self.triggers.notify(&marks.into_changed());
        Some(())
    }
}
