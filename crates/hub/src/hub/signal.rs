use super::{
    encode::{Draft, EventKind, Plain},
    engine::{Conflict, Link},
    log::Log,
    options::SseHubOptions,
    stats::count,
    topic::{AnySignal, Topic, TopicSource},
    write::{Outcome, ServerWrite, Written},
    write_lock::WriteLock,
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
/// Clones are handles to the same value. Reading and writing work on any thread, in async code and outside of it; neither waits
/// for a subscriber. The writes of one signal take turns, so that none is lost.
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
///
/// The writes return a [`ServerWrite`], which need not be awaited. It says what is certain when, and what to await for code
/// that is to work over an engine too.
pub struct ServerSignal<T>(pub(super) Arc<SignalCore<T>>);

impl<T> ServerSignal<T> {
    /// The key that clients follow it by.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.0.topic.key
    }

    /// The current value, shared.
    #[must_use]
    pub fn read(&self) -> Arc<T> {
        self.0.state().value.clone()
    }

    /// The result of `read` on the current value. Nothing is locked while `read` runs.
    pub fn with<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        read(&self.read())
    }

    /// A copy of the current value.
    #[must_use]
    pub fn get(&self) -> T
    where
        T: Clone,
    {
        T::clone(&self.read())
    }
}

impl<T: Serialize + Send + Sync + 'static> ServerSignal<T> {
    /// Sets the value. A value that equals the one before sends nothing.
    ///
    /// # Errors
    ///
    /// The [write](ServerWrite) fails, and the value stays what it was,
    ///
    /// - when the value cannot be written as JSON, or is nested deeper than 120 levels ([`is_serialize`](Error::is_serialize),
    ///   with the place);
    /// - when it is larger than the hub takes ([`is_too_large`](Error::is_too_large));
    /// - when the signal was removed and the value is another one ([`is_removed`](Error::is_removed));
    /// - when the write would wait for itself ([`is_deadlock`](Error::is_deadlock)): within an update of the same signal, or
    ///   where two threads each write the signal of the other within an update of their own.
    pub fn set(&self, value: T) -> ServerWrite<()> {
        match &self.0.log.link {
            None => self.0.set(value),
            Some(link) => {
                let value = Arc::new(value);
                self.0.write_over(link, move |_| Ok((value.clone(), ())))
            }
        }
    }

    /// Changes the value. A change that leaves it equal sends nothing.
    ///
    /// `update` changes a copy while it has the write lock of the signal: other writers wait, and readers read the value before. When it
    /// panics the value stays what it was. It must not wait for another thread that writes the same signal. Let it have no
    /// effect but on the value: over an engine it may run more than once. [`Written::value`] is what it returns.
    ///
    /// # Errors
    ///
    /// As for [`set`](Self::set).
    pub fn update<R: Send + 'static>(&self, mut update: impl FnMut(&mut T) -> R + Send + 'static) -> ServerWrite<R>
    where
        T: Clone,
    {
        self.try_update(move |value| Ok(update(value)))
    }

    /// Changes the value, unless `update` returns an error: then nothing is written, and the error is that of the write.
    ///
    /// In all else it is as [`update`](Self::update).
    ///
    /// ```
    /// # extern crate leptos_sse_hub as leptos_sse;
    /// # use leptos_sse::SseHub;
    /// # use leptos_sse::Error;
    /// #[derive(Debug)]
    /// enum Refused { SoldOut, Hub(Error) }
    ///
    /// impl From<Error> for Refused {
    ///     fn from(error: Error) -> Self { Self::Hub(error) }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # let hub = SseHub::new();
    /// let left = hub.signal(0_u32);
    /// let sold = left.try_update(|left| {
    ///     *left = left.checked_sub(1).ok_or(Refused::SoldOut)?;
    ///     Ok(())
    /// });
    /// assert!(matches!(sold.await, Err(Refused::SoldOut)));
    /// # }
    /// ```
    pub fn try_update<R, E>(&self, mut update: impl FnMut(&mut T) -> Result<R, E> + Send + 'static) -> ServerWrite<R, E>
    where
        T: Clone,
        R: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match &self.0.log.link {
            None => self.0.update(update),
            Some(link) => self.0.write_over(link, move |value| {
                let mut next = T::clone(value);
                let result = update(&mut next)?;
                Ok((Arc::new(next), result))
            }),
        }
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

/// A signal itself, which its handles share.
pub(super) struct SignalCore<T> {
    pub(super) topic: Arc<Topic>,
    log: Arc<Log>,
    /// Over an engine it is not used: the queue of the key has the writes take turns.
    write_lock: Arc<WriteLock>,
    state: Mutex<State<T>>,
}

pub(super) struct State<T> {
    pub(super) value: Arc<T>,
    document: Document,
    seq: u64,
    /// The length of the document as JSON, or more.
    len: usize,
    /// The walk over the next value. `None` before the first write, and while one is made.
    walk: Option<Walk>,
}

/// The outcome of the comparison of a next value with the current one.
#[allow(clippy::large_enum_variant, reason = "it stays on the stack, and a box would be an allocation for each write")]
enum Compared<T> {
    /// Its JSON is that of the current value. The signal has taken it: it may differ in what the JSON does not show. The last write
    /// to the signal has this seq.
    Same(u64),
    Changed(Arc<T>, Change),
}

/// What leads to the next value, ready to be appended.
struct Change {
    /// The write that it follows.
    base: u64,
    walk: Walk,
    step: Step,
    draft: Draft,
    plain: Plain<Draft>,
    len: usize,
    /// The next document, where it is no edit of the one before.
    beside: Option<Document>,
}

/// Why a change could not be appended.
enum NotAppended {
    Removed,
    /// Another write came first.
    Moved,
}

/// What a write comes to: whether it changed anything, and the seq of the last write to the signal.
type Commit = Result<(bool, u64), Error>;

impl<T> SignalCore<T> {
    pub(super) fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Serialize + Send + Sync + 'static> SignalCore<T> {
    pub(super) fn new(topic: Arc<Topic>, log: Arc<Log>, value: T, first: FirstDocument) -> Arc<Self> {
        let FirstDocument { document, len } = first;
        let state = State { value: Arc::new(value), document, seq: 0, len, walk: None };
        Arc::new(Self { topic, log, write_lock: Arc::default(), state: Mutex::new(state) })
    }

    /// A signal that nobody can follow.
    pub(super) fn alone(log: Arc<Log>, value: T) -> Arc<Self> {
        let topic = Arc::new(log.new_topic(Key::of::<T>()));
        Self::new(topic, log, value, FirstDocument { document: Document::default(), len: 0 })
    }

    /// Makes it the source of its topic, where there is none; `draft` is its first snapshot.
    pub(super) fn begin(self: &Arc<Self>, draft: Draft, provided: bool) -> bool {
        // Nobody may read the document before the seq is set.
        let mut core = self.state();
        let begun = self.log.begin(&self.topic, Some(draft), |state, _| {
            let vacant = matches!(state.source, TopicSource::Vacant | TopicSource::Loading { .. });
            if vacant {
                state.source = TopicSource::Signal(self.clone());
                state.provided = provided;
            }
            vacant
        });
        begun.map(|seq| core.seq = seq).is_ok()
    }

    pub(super) fn set(&self, value: T) -> ServerWrite<()> {
        let Ok(_lock) = self.write_lock.take() else { return ServerWrite::over(self.deadlock()) };
        ServerWrite::over(self.outcome(self.commit(Arc::new(value)), ()))
    }

    fn update<R, E>(&self, mut update: impl FnMut(&mut T) -> Result<R, E>) -> ServerWrite<R, E>
    where
        T: Clone,
    {
        let Ok(_lock) = self.write_lock.take() else { return ServerWrite::over(self.deadlock()) };
        let value = self.state().value.clone();
        let mut next = T::clone(&value);
        drop(value);
        ServerWrite::over(match update(&mut next) {
            Ok(result) => self.outcome(self.commit(Arc::new(next)), result),
            Err(error) => Outcome::Refused(error),
        })
    }

    /// Makes a write over an engine. `next` gives the next value, and may run more than once.
    fn write_over<R: Send + 'static, E: From<Error> + Send + 'static>(
        self: &Arc<Self>,
        link: &Arc<Link>,
        mut next: impl FnMut(&T) -> Result<(Arc<T>, R), E> + Send + 'static,
    ) -> ServerWrite<R, E> {
        let key = &self.topic.key;
        let (sender, write) = ServerWrite::under_way(key.clone());
        let (core, engine) = (self.clone(), link.clone());
        let attempts = async move {
            let core = &*core;
            let prepare = || {
                let value = core.state().value.clone();
                let (next, result) = next(&value).map_err(Outcome::Refused)?;
                match core.compare(next) {
                    Ok(Compared::Changed(next, change)) => Ok((next, result, change)),
                    Ok(Compared::Same(seq)) => Err(core.outcome(Ok((false, seq)), result)),
                    Err(error) => Err(core.outcome(Err(error), result)),
                }
            };
            let put = |(next, result, change)| match core.append(next, change) {
                Ok(seq) => Ok(core.outcome(Ok((true, seq)), result)),
                Err(NotAppended::Removed) => Ok(core.outcome(Err(Error::removed(core.topic.key.as_str())), result)),
                Err(NotAppended::Moved) => Err(Conflict),
            };
            let fail = |error| Outcome::failed(core.topic.key.clone(), error);
            sender.send(engine.attempt(&core.topic.key, prepare, put, fail).await);
        };
        link.enqueue(key, Box::pin(attempts));
        write
    }

    #[inline(always)]
    fn outcome<R, E>(&self, commit: Commit, value: R) -> Outcome<R, E> {
        match commit {
            Ok((changed, seq)) => Outcome::Written(Written { value, changed, cursor: self.log.cursor(seq) }),
            Err(error) => Outcome::failed(self.topic.key.clone(), error),
        }
    }

    #[cold]
    fn deadlock<R, E>(&self) -> Outcome<R, E> {
        Outcome::failed(self.topic.key.clone(), Error::waits(self.topic.key.as_str()))
    }

    /// Takes the next value. The caller has the write lock.
    #[inline(always)]
    fn commit(&self, next: Arc<T>) -> Commit {
        match self.compare(next)? {
            Compared::Same(seq) => Ok((false, seq)),
            Compared::Changed(next, change) => match self.append(next, change) {
                Ok(seq) => Ok((true, seq)),
                Err(NotAppended::Removed | NotAppended::Moved) => Err(Error::removed(self.topic.key.as_str())),
            },
        }
    }

    /// Compares the next value with the current one.
    #[inline(always)]
    fn compare(&self, next: Arc<T>) -> Result<Compared<T>, Error> {
        let (base, held, len, mut walk) = {
            let mut state = self.state();
            let walk = state.walk.take().unwrap_or_else(|| Walk::usual(true));
            (state.seq, state.document.clone(), state.len, walk)
        };
        let mut step = diff::advance(&mut walk, &held, &*next)?;
        if step.is_empty() {
            walk.take_back(step);
            let (seq, before) = {
                let mut state = self.state();
                state.walk = Some(walk);
                (state.seq, mem::replace(&mut state.value, next))
            };
            // Not under the lock, as it may run code of the user.
            drop(before);
            return Ok(Compared::Same(seq));
        }
        let (draft, plain) = self.draft(&step, &held);
        let mut len = len + draft.body().len();
        // A document that is another one altogether takes no copy.
        let mut beside = step.is_replacement().then(|| step.apply_beside(&held));
        if len > self.log.options.max_value_len {
            let document = beside.get_or_insert_with(|| step.apply_beside(&held));
            len = check_len(&self.log.options, self.topic.key.as_str(), document)?;
        }
        Ok(Compared::Changed(next, Change { base, walk, step, draft, plain, len, beside }))
    }

    /// Appends a change, and gives its seq.
    #[inline]
    fn append(&self, next: Arc<T>, change: Change) -> Result<u64, NotAppended> {
        let Change { base, mut walk, mut step, draft, plain, len, mut beside } = change;
        let (seq, before) = {
            let mut state = self.state();
            if beside.is_none() && state.document.is_shared() {
                // Someone is writing it as a snapshot. A copy under the lock would hold up everyone.
                let held = state.document.clone();
                drop(state);
                beside = Some(step.apply_beside(&held));
                state = self.state();
            }
            let appended = self.log.append(&self.topic, draft, plain, |topic| topic.history.last == base);
            let Ok(seq) = appended else {
                return Err(if state.seq == base { NotAppended::Removed } else { NotAppended::Moved });
            };
            state.seq = seq;
            state.len = len;
            match &mut beside {
                Some(document) => mem::swap(document, &mut state.document),
                None => step.apply(&mut state.document),
            }
            walk.take_back(step);
            state.walk = Some(walk);
            (seq, (mem::replace(&mut state.value, next), beside))
        };
        // Not under the lock, as it may run code of the user.
        drop(before);
        count(&self.log.counters.updates, 1);
        self.topic.waiters.wake_all();
        Ok(seq)
    }

    /// An update, and its form for readers that take no string edits.
    fn draft(&self, step: &Step, held: &Document) -> (Draft, Plain<Draft>) {
        let draft = |dialect| {
            let (name, epoch) = (&self.topic.name, self.log.epoch());
            Draft::new(EventKind::Update, name, epoch, |body| step.render(held, dialect, body))
        };
        if !step.has_string_edits() {
            return (draft(Dialect::Plain), Plain::Same);
        }
        let extended = draft(Dialect::Extended);
        if self.topic.state().plain_subscribers == 0 {
            return (extended, Plain::Missing);
        }
        let plain = draft(Dialect::Plain);
        // Both may be the whole document.
        let is_same = plain.body() == extended.body();
        (extended, if is_same { Plain::Same } else { Plain::Own(Box::new(plain)) })
    }
}

impl<T: Send + Sync + 'static> AnySignal for SignalCore<T> {
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

impl<T> fmt::Debug for SignalCore<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignalCore").field("key", &self.topic.key).finish_non_exhaustive()
    }
}

/// The signal of a topic, if the topic has one yet.
pub(super) fn of_topic<T: Send + Sync + 'static>(topic: &Topic) -> Result<Option<ServerSignal<T>>, Error> {
    let (held, core) = match topic.state().source.clone() {
        TopicSource::Vacant | TopicSource::Loading { .. } => return Ok(None),
        TopicSource::Signal(signal) => (signal.type_name(), signal.as_any().downcast::<SignalCore<T>>().ok()),
        TopicSource::Feed { item, .. } => (item, None),
    };
    let taken = || Error::taken(topic.key.as_str(), held, std::any::type_name::<T>());
    core.map(|core| Some(ServerSignal(core))).ok_or_else(taken)
}

/// The first document of a signal.
pub(super) struct FirstDocument {
    pub(super) document: Document,
    pub(super) len: usize,
}

impl FirstDocument {
    pub(super) fn of<T: Serialize>(options: &SseHubOptions, key: &Key, value: &T) -> Result<Self, Error> {
        let document = Document::of(value)?;
        let len = check_len(options, key.as_str(), &document)?;
        Ok(Self { document, len })
    }
}

/// The length of a document, which is no more than the hub takes.
fn check_len(options: &SseHubOptions, key: &str, document: &Document) -> Result<usize, Error> {
    let mut text = Vec::new();
    document.root().write(&mut text);
    let (len, max) = (text.len(), options.max_value_len);
    if len <= max { Ok(len) } else { Err(Error::too_large(key, len, max)) }
}
