use super::{
    closed::SseClientClosed,
    driver::{Command, Commands, FollowGuard},
};
use futures::{Stream, stream};
use leptos_sse_client::{
    connection::Connection,
    feeds::FeedOutcome,
    registry::{KeyKind, Subscriber, SubscriberType},
    signal_status::SseSignalStatus,
};
use leptos_sse_core::{Error, Key, document::Document, patch::Touch};
use serde::de::DeserializeOwned;
use std::{
    any::TypeId,
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};
use tokio::sync::watch;

/// A signal of the server, which is followed for as long as one of its clones lives. It comes from
/// [`SseClient::signal`](super::SseClient::signal).
///
/// It is a state, not a series: whoever reads slowly reads the value of now. Nothing is queued.
///
/// ```
/// # use leptos_sse_native::Key;
/// use futures::StreamExt;
///
/// # async fn run(client: leptos_sse_native::SseClient) -> Result<(), leptos_sse_native::Error> {
/// let load = client.signal_for::<f64>(Key::named("load"))?;
/// let mut values = load.values();
/// while let Some(load) = values.next().await {
///     println!("{load:.2}");
/// }
/// # Ok(())
/// # }
/// ```
pub struct SseClientSignal<T> {
    now: watch::Receiver<Snapshot<T>>,
    followed: Arc<LeaveOnDrop>,
}

/// What is known of a signal.
struct Snapshot<T> {
    value: Option<Arc<T>>,
    status: SseSignalStatus,
    /// Why it cannot be followed.
    error: Option<Error>,
}

/// Tells the driver when the last clone is dropped.
struct LeaveOnDrop {
    key: Key,
    number: u64,
    commands: Commands,
}

impl<T: DeserializeOwned + Send + Sync + 'static> SseClientSignal<T> {
    pub(super) fn new(key: Key, commands: &Commands) -> Self {
        let (shown, now) = watch::channel(Snapshot::default());
        let follow = {
            let key = key.clone();
            move |connection: &Arc<Connection>| follow(connection, &key, shown)
        };
        let number = commands.follow(&key, follow);
        Self { now, followed: Arc::new(LeaveOnDrop { key, number, commands: commands.clone() }) }
    }
}

impl<T: Send + Sync + 'static> SseClientSignal<T> {
    /// The value of now; none before the first one, and when the server has it no more.
    #[must_use]
    pub fn get(&self) -> Option<Arc<T>> {
        self.now.borrow().value.clone()
    }

    /// Where it stands: whether the value is the server's of now, or why not.
    #[must_use]
    pub fn status(&self) -> SseSignalStatus {
        self.now.borrow().status.clone()
    }

    /// Waits until the value, or where it stands, is another than at the last call to this; at the first call, than when the
    /// signal was made. Each clone counts by itself.
    ///
    /// It may be given up at any time, as by `select!`, and then nothing is missed.
    ///
    /// # Errors
    ///
    /// When the client is closed, and when the key is followed as another type.
    pub async fn changed(&mut self) -> Result<(), SseClientClosed> {
        let changed = self.now.changed().await;
        match (&self.now.borrow().error, changed) {
            (None, Ok(())) => Ok(()),
            (error, _) => Err(SseClientClosed::new(error.clone())),
        }
    }

    /// The values, the one of now first, if there is one; of values that come faster than they are read the latest. It ends
    /// when the client is closed by [`close`](super::SseClient::close), and when the key is followed as another type; not when
    /// the server answers 204, as the client may be told to ask again.
    #[must_use]
    pub fn values(&self) -> SseClientValues<T> {
        let mut signal = self.clone();
        signal.now.mark_changed();
        let values = stream::unfold((signal, None::<Arc<T>>), async |(mut signal, mut last)| {
            loop {
                signal.changed().await.ok()?;
                let value = signal.now.borrow_and_update().value.clone();
                // It may be where it stands that has changed.
                let is_new = match (&value, &last) {
                    (Some(value), Some(last)) => !Arc::ptr_eq(value, last),
                    _ => true,
                };
                last.clone_from(&value);
                if let Some(value) = value.filter(|_| is_new) {
                    return Some((value, (signal, last)));
                }
            }
        });
        SseClientValues(Box::pin(values))
    }
}

impl<T> SseClientSignal<T> {
    /// The key that it is known by.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.followed.key
    }
}

impl<T> Clone for SseClientSignal<T> {
    fn clone(&self) -> Self {
        Self { now: self.now.clone(), followed: self.followed.clone() }
    }
}

impl<T> fmt::Debug for SseClientSignal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.now.borrow().status.clone();
        f.debug_struct("SseClientSignal").field("key", self.key()).field("status", &status).finish_non_exhaustive()
    }
}

impl Drop for LeaveOnDrop {
    fn drop(&mut self) {
        self.commands.send(Command::Leave(self.number));
    }
}

/// The values of a signal, from [`SseClientSignal::values`].
pub struct SseClientValues<T>(Pin<Box<dyn Stream<Item = Arc<T>> + Send>>);

impl<T> Stream for SseClientValues<T> {
    type Item = Arc<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Arc<T>>> {
        self.0.as_mut().poll_next(cx)
    }
}

impl<T> fmt::Debug for SseClientValues<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SseClientValues").finish_non_exhaustive()
    }
}

impl<T> Default for Snapshot<T> {
    fn default() -> Self {
        Self { value: None, status: SseSignalStatus::default(), error: None }
    }
}

impl<T> Clone for Snapshot<T> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), status: self.status.clone(), error: self.error.clone() }
    }
}

/// Shows a key to one who follows it.
fn follow<T: DeserializeOwned + Send + Sync + 'static>(
    connection: &Arc<Connection>,
    key: &Key,
    shown: watch::Sender<Snapshot<T>>,
) -> Result<FollowGuard, Error> {
    match connection.follow_as(key, SignalSubscriber::<T>::default) {
        Ok((all, user)) => {
            all.show(shown.clone());
            Ok(Box::new((ShowGuard { all, shown }, user)))
        }
        Err(error) => {
            drop(shown.send_replace(Snapshot { error: Some(error.clone()), ..Snapshot::default() }));
            Err(error)
        }
    }
}

/// One key and all to whom it is shown. It is written by the driver alone.
struct SignalSubscriber<T>(Mutex<State<T>>);

struct State<T> {
    now: Snapshot<T>,
    all: Vec<watch::Sender<Snapshot<T>>>,
}

impl<T> Default for SignalSubscriber<T> {
    fn default() -> Self {
        Self(Mutex::new(State { now: Snapshot::default(), all: Vec::new() }))
    }
}

impl<T> SignalSubscriber<T> {
    fn show(&self, shown: watch::Sender<Snapshot<T>>) {
        let now = {
            let mut state = self.state();
            state.all.push(shown.clone());
            state.now.clone()
        };
        drop(shown.send_replace(now));
    }

    /// Changes what is known. What it was is dropped without a lock, as it may be a user's.
    fn change(&self, change: impl FnOnce(&mut Snapshot<T>)) {
        let (_before, now, all) = {
            let mut state = self.state();
            let before = state.now.clone();
            change(&mut state.now);
            (before, state.now.clone(), state.all.clone())
        };
        for shown in all {
            drop(shown.send_replace(now.clone()));
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static> Subscriber for SignalSubscriber<T> {
    fn describe() -> SubscriberType {
        SubscriberType {
            kind: KeyKind::Signal,
            watches: true,
            name: std::any::type_name::<T>(),
            value: Some(TypeId::of::<T>()),
        }
    }

    fn accept(&self, document: &Document, _: Option<&[Touch]>) -> Result<(), Error> {
        let value = Arc::new(document.read()?);
        self.change(|now| now.value = Some(value));
        Ok(())
    }

    fn take(&self, step: FeedOutcome, _: Option<Document>) -> Result<(), Error> {
        match step {
            FeedOutcome::Start | FeedOutcome::StartAfterGap => Err(Error::other_kind("feed", "SseClient::feed")),
            FeedOutcome::Repeat | FeedOutcome::Gap | FeedOutcome::Next => Ok(()),
        }
    }

    fn removed(&self) -> Result<(), Error> {
        self.change(|now| now.value = None);
        Ok(())
    }

    fn status_changed(&self, status: &SseSignalStatus) -> Result<(), Error> {
        let is_news = self.state().now.status != *status;
        if is_news {
            self.change(|now| now.status = status.clone());
        }
        Ok(())
    }
}

/// One to whom a key is shown, until it is dropped.
struct ShowGuard<T> {
    all: Arc<SignalSubscriber<T>>,
    shown: watch::Sender<Snapshot<T>>,
}

impl<T> Drop for ShowGuard<T> {
    fn drop(&mut self) {
        self.all.state().all.retain(|shown| !shown.same_channel(&self.shown));
        // Nothing is known of what nobody follows any more.
        let mut now = self.shown.borrow().clone();
        if now.status == SseSignalStatus::Live {
            now.status = SseSignalStatus::Stale;
            drop(self.shown.send_replace(now));
        }
    }
}
