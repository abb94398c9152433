use super::{
    Shared,
    encode::{Draft, Kind},
    stats::count,
    topic::{Document, Source, Topic},
    turn::Turn,
};
use crate::{Error, Key, diff};
use json_patch::{Patch, PatchOperation};
use serde::Serialize;
use serde_json::Value;
use std::{
    any::Any,
    fmt,
    io::{self, Write},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A value of the server that everyone can follow: the handle to read and to write it.
///
/// Clones are handles to the same value. Reading and writing are for any thread, in async code and out of it; neither waits
/// for a follower. Writes of one signal take turns, so that none is lost.
///
/// ```
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
    /// When the value cannot be written as JSON, is larger than the hub takes, or nested deeper than 120 levels; when the
    /// signal was removed, and the value is another; and when it would wait for itself
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
    document: Arc<Value>,
    seq: u64,
    /// The length of the document as JSON, or more.
    len: usize,
}

impl<T> Core<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Serialize + Send + Sync + 'static> Core<T> {
    pub(super) fn new(topic: Arc<Topic>, shared: Arc<Shared>, value: T, document: First) -> Arc<Self> {
        let state = State { value: Arc::new(value), document: document.value, seq: 0, len: document.len };
        Arc::new(Self { topic, shared, turn: Arc::default(), state: Mutex::new(state) })
    }

    /// A signal that nobody can follow.
    pub(super) fn alone(shared: Arc<Shared>, value: T) -> Arc<Self> {
        let topic = Arc::new(shared.new_topic(Key::of::<T>()));
        Self::new(topic, shared, value, First { value: Arc::default(), len: 0 })
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
        let (key, name, epoch) = (self.topic.key.as_str(), &self.topic.name, self.shared.log.epoch());
        let document = serde_json::to_value(&next).map_err(|error| Error::serialize(key, error))?;
        let (held, len) = {
            let state = self.state();
            (state.document.clone(), state.len)
        };
        let next = Arc::new(next);
        let Some(patch) = diff::between(&held, &document) else {
            // What the JSON does not show may differ all the same.
            let before = mem::replace(&mut self.state().value, next);
            drop(before);
            return Ok(false);
        };
        check_patch(key, &patch)?;
        let draft = Draft::new(Kind::Update, name, epoch, |body| serde_json::to_writer(body, &patch));
        let draft = draft.map_err(|error| Error::serialize(key, error))?;
        let len = self.shared.check_len(key, len + draft.body_len(), &document)?;
        let before = {
            let mut state = self.state();
            let seen = state.seq;
            let appended = self.shared.log.append(&self.topic, draft, |topic| topic.history.last == seen);
            state.seq = appended.map_err(|_| Error::removed(key))?;
            state.len = len;
            (mem::replace(&mut state.value, next), mem::replace(&mut state.document, Arc::new(document)))
        };
        // Not under the lock, as it may run code of the user.
        drop(before);
        count(&self.shared.counters.updates, 1);
        self.topic.waiting.wake_all();
        Ok(true)
    }
}

impl<T: Send + Sync + 'static> Document for Core<T> {
    fn document(&self) -> (u64, Arc<Value>) {
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
    pub(super) value: Arc<Value>,
    pub(super) len: usize,
}

impl Shared {
    pub(super) fn first_document<T: Serialize>(&self, key: &Key, value: &T) -> Result<First, Error> {
        let value = serde_json::to_value(value).map_err(|error| Error::serialize(key.as_str(), error))?;
        check_depth(key.as_str(), depth(&value))?;
        let len = self.check_len(key.as_str(), usize::MAX, &value)?;
        Ok(First { value: Arc::new(value), len })
    }

    /// The length of a document, or a bound of it that is within what the hub takes.
    fn check_len(&self, key: &str, bound: usize, document: &Value) -> Result<usize, Error> {
        let max = self.options.max_value_len;
        if bound <= max {
            return Ok(bound);
        }
        let len = json_len(document);
        if len <= max { Ok(len) } else { Err(Error::too_large(key, len, max)) }
    }
}

/// How deep a document may be nested: a client's parser takes 128 levels, some of which are the event's own.
const MAX_DEPTH: usize = 120;

pub(super) fn check_depth(key: &str, depth: usize) -> Result<(), Error> {
    if depth <= MAX_DEPTH { Ok(()) } else { Err(Error::too_deep(key, MAX_DEPTH)) }
}

/// A patch to a document that was not too deep may make it so only by what it brings.
fn check_patch(key: &str, patch: &Patch) -> Result<(), Error> {
    patch.0.iter().try_for_each(|operation| match operation {
        PatchOperation::Add(add) => check_depth(key, add.path.count() + depth(&add.value)),
        PatchOperation::Replace(replace) => check_depth(key, replace.path.count() + depth(&replace.value)),
        _ => Ok(()),
    })
}

pub(super) fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// The length of a document as JSON, without writing it.
fn json_len(document: &Value) -> usize {
    struct Length(usize);
    impl Write for Length {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut length = Length(0);
    // A `Value` can always be written, and the length takes all.
    let _ = serde_json::to_writer(&mut length, document);
    length.0
}
