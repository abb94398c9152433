use super::{
    Shared,
    encode::{Draft, Kind, Plain},
    stats::count,
    topic::{AnySignal, Source, Topic},
    turn::Turn,
};
use leptos_sse_core::{
    Document, Error, Key,
    diff::{self, Dialect, Step, Walk},
};
use serde::Serialize;
use std::{
    any::Any,
    fmt, mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A value of the server that everyone can follow: the handle to read and to write it.
///
/// Clones are handles to the same value. Reading and writing are for any thread, in async code and out of it; neither waits
/// for a follower. Writes of one signal take turns, so that none is lost.
///
/// ```
/// # extern crate leptos_sse_hub as leptos_sse;
/// use leptos_sse::SseHub;
/// # use serde::Serialize;
///
/// #[derive(Clone, Default, Serialize)]
/// struct Count { value: i32 }
///
/// let hub = SseHub::new();
/// let count = hub.signal::<Count>(Count::default());
/// count.update(|count| count.value += 1);
/// assert_eq!(count.get().value, 1);
/// ```
pub struct ServerSignal<T>(pub(super) Arc<Core<T>>);

impl<T> ServerSignal<T> {
    /// The key that clients follow it by.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.0.topic.key
    }

    /// The value of now, shared.
    #[must_use]
    pub fn read(&self) -> Arc<T> {
        self.0.state().value.clone()
    }

    /// What `read` makes of the value of now. Nothing is locked in the meantime.
    pub fn with<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        read(&self.read())
    }

    /// A copy of the value of now.
    #[must_use]
    pub fn get(&self) -> T
    where
        T: Clone,
    {
        T::clone(&self.read())
    }
}

impl<T: Serialize + Send + Sync + 'static> ServerSignal<T> {
    /// Sets the value. One that equals the value before sends nothing.
    ///
    /// A value that [`try_set`](Self::try_set) refuses is logged and lost, and the value stays what it was.
    pub fn set(&self, value: T) {
        if let Err(error) = self.try_set(value) {
            tracing::error!(key = %self.key(), %error, "a value was not set");
        }
    }

    /// Sets the value, and says whether that changed anything.
    ///
    /// # Errors
    ///
    /// When the value cannot be written as JSON or is nested deeper than 120 levels ([`is_serialize`](Error::is_serialize),
    /// with the place); when it is larger than the hub takes ([`is_too_large`](Error::is_too_large)); when the signal was
    /// removed, and the value is another ([`is_removed`](Error::is_removed)); and when it would wait for itself
    /// ([`is_deadlock`](Error::is_deadlock)): within an update of the same signal, or where two threads write, each within
    /// an update of its own signal, the signal of the other. The value then stays what it was.
    pub fn try_set(&self, value: T) -> Result<bool, Error> {
        let _turn = self.0.turn.take().map_err(|_| Error::waits(self.key().as_str()))?;
        self.0.commit(value)
    }

    /// Changes the value. A change that leaves it equal sends nothing.
    ///
    /// `update` works on a copy, in this signal's turn: another writer waits for it, and a reader reads the value before.
    /// When it panics the value stays what it was. What [`try_update`](Self::try_update) refuses is logged and lost. It must not
    /// wait for another thread that writes the same signal.
    pub fn update(&self, update: impl FnOnce(&mut T))
    where
        T: Clone,
    {
        if let Err(error) = self.try_update(update) {
            tracing::error!(key = %self.key(), %error, "a value was not updated");
        }
    }

    /// Changes the value, and gives what `update` returns.
    ///
    /// # Errors
    ///
    /// As [`try_set`](Self::try_set).
    pub fn try_update<R>(&self, update: impl FnOnce(&mut T) -> R) -> Result<R, Error>
    where
        T: Clone,
    {
        let _turn = self.0.turn.take().map_err(|_| Error::waits(self.key().as_str()))?;
        let mut next = self.get();
        let result = update(&mut next);
        self.0.commit(next)?;
        Ok(result)
    }
}

impl<T> Clone for ServerSignal<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> fmt::Debug for ServerSignal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerSignal").field("key", self.key()).finish_non_exhaustive()
    }
}

/// A signal itself.
pub(super) struct Core<T> {
    pub(super) topic: Arc<Topic>,
    shared: Arc<Shared>,
    turn: Arc<Turn>,
    state: Mutex<State<T>>,
}

struct State<T> {
    value: Arc<T>,
    document: Document,
    seq: u64,
    /// The length of the document as JSON, or more.
    len: usize,
    /// What walks over the next value; none before the first write, and while one is made.
    walk: Option<Walk>,
}

impl<T> Core<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Serialize + Send + Sync + 'static> Core<T> {
    pub(super) fn new(topic: Arc<Topic>, shared: Arc<Shared>, value: T, first: First) -> Arc<Self> {
        let First { document, len } = first;
        let state = State { value: Arc::new(value), document, seq: 0, len, walk: None };
        Arc::new(Self { topic, shared, turn: Arc::default(), state: Mutex::new(state) })
    }

    /// A signal that nobody can follow.
    pub(super) fn alone(shared: Arc<Shared>, value: T) -> Arc<Self> {
        let topic = Arc::new(shared.new_topic(Key::of::<T>()));
        Self::new(topic, shared, value, First { document: Document::default(), len: 0 })
    }

    /// Makes it the source of its topic, where there is none; `draft` is its first snapshot.
    pub(super) fn begin(self: &Arc<Self>, draft: Draft, provided: bool) -> bool {
        // Until the seq is set nobody may read the document with it.
        let mut core = self.state();
        let begun = self.shared.log.begin(&self.topic, Some(draft), |state, _| {
            let vacant = matches!(state.source, Source::Vacant | Source::Loading { .. });
            if vacant {
                state.source = Source::Signal(self.clone());
                state.provided = provided;
            }
            vacant
        });
        begun.map(|seq| core.seq = seq).is_ok()
    }

    /// Takes the next value; to be called in the signal's turn.
    fn commit(&self, next: T) -> Result<bool, Error> {
        let key = self.topic.key.as_str();
        let (held, len, mut walk) = {
            let mut state = self.state();
            (state.document.clone(), state.len, state.walk.take().unwrap_or_else(|| Walk::usual(true)))
        };
        let mut step = diff::advance(&mut walk, &held, &next)?;
        let next = Arc::new(next);
        if step.is_empty() {
            walk.take_back(step);
            let before = {
                let mut state = self.state();
                state.walk = Some(walk);
                // What the JSON does not show may differ all the same.
                mem::replace(&mut state.value, next)
            };
            drop(before);
            return Ok(false);
        }
        let (draft, plain) = self.draft(&step, &held);
        let mut len = len + draft.body().len();
        // A document that is another one altogether takes no copy.
        let mut beside = step.is_replacement().then(|| step.apply_beside(&held));
        if len > self.shared.options.max_value_len {
            let document = beside.get_or_insert_with(|| step.apply_beside(&held));
            len = self.shared.check_len(key, document)?;
        }
        drop(held);
        let before = {
            let mut state = self.state();
            if beside.is_none() && state.document.is_shared() {
                // Someone is writing it as a snapshot. To copy it under the lock would hold up everyone.
                let held = state.document.clone();
                drop(state);
                beside = Some(step.apply_beside(&held));
                state = self.state();
            }
            let seen = state.seq;
            let appended = self.shared.log.append(&self.topic, draft, plain, |topic| topic.history.last == seen);
            state.seq = appended.map_err(|_| Error::removed(key))?;
            state.len = len;
            match &mut beside {
                Some(document) => mem::swap(document, &mut state.document),
                None => step.apply(&mut state.document),
            }
            walk.take_back(step);
            state.walk = Some(walk);
            (mem::replace(&mut state.value, next), beside)
        };
        // Not under the lock, as it may run code of the user.
        drop(before);
        count(&self.shared.counters.updates, 1);
        self.topic.waiting.wake_all();
        Ok(true)
    }

    /// An update, and the one for those who take no string edits.
    fn draft(&self, step: &Step, held: &Document) -> (Draft, Plain<Draft>) {
        let draft = |dialect| {
            let (name, epoch) = (&self.topic.name, self.shared.log.epoch());
            Draft::new(Kind::Update, name, epoch, |body| step.render(held, dialect, body))
        };
        if !step.has_string_edits() {
            return (draft(Dialect::Plain), Plain::Same);
        }
        let extended = draft(Dialect::Extended);
        if self.topic.state().plain_followers == 0 {
            return (extended, Plain::Missing);
        }
        let plain = draft(Dialect::Plain);
        // Both may be the whole document.
        let is_same = plain.body() == extended.body();
        (extended, if is_same { Plain::Same } else { Plain::Own(Box::new(plain)) })
    }
}

impl<T: Send + Sync + 'static> AnySignal for Core<T> {
    fn document(&self) -> (u64, Document) {
        let state = self.state();
        (state.seq, state.document.clone())
    }

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }

    fn type_name(&self) -> &'static str {
        std::any::type_name::<T>()
    }
}

impl<T> fmt::Debug for Core<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core").field("key", &self.topic.key).finish_non_exhaustive()
    }
}

/// The first document of a signal.
pub(super) struct First {
    pub(super) document: Document,
    pub(super) len: usize,
}

impl Shared {
    pub(super) fn first_document<T: Serialize>(&self, key: &Key, value: &T) -> Result<First, Error> {
        let document = Document::of(value)?;
        let len = self.check_len(key.as_str(), &document)?;
        Ok(First { document, len })
    }

    /// The length of a document, which is within what the hub takes.
    fn check_len(&self, key: &str, document: &Document) -> Result<usize, Error> {
        let mut text = Vec::new();
        document.root().write(&mut text);
        let (len, max) = (text.len(), self.options.max_value_len);
        if len <= max { Ok(len) } else { Err(Error::too_large(key, len, max)) }
    }
}
