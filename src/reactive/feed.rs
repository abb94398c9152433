use super::{
    follow::{Form, Subscribed, follow_id, follow_key},
    id::{Choice, Id},
    switch::{Guard, Joined, Switched},
};
use crate::{browser::log_error, hydration::once::once_hydrated};
use leptos::{
    prelude::{ArcRwSignal, Owner, ReadSignal, Set, Update, on_cleanup, untrack},
    reactive::owner::WeakOwner,
};
use leptos_sse_client::{
    connection::{Connection, User},
    feed_log::{FeedEntry, FeedLog, FeedReading},
    feeds::FeedOutcome,
    registry::Subscriber,
};
use leptos_sse_core::{Error, Key, document::Document};
use serde::de::DeserializeOwned;
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU64, Ordering},
};

/// A feed of the server that this page follows: a series of events that only grows. It comes from
/// [`UseSse::feed`](crate::UseSse::feed).
///
/// Each method begins with the events that the page holds, at most 1,024, and goes on with each one that comes, in order and
/// once, until the component that called it is gone. The events that are held are dropped when the server restarts the feed,
/// as after a restart, when the page was away for so long that it cannot go on from the events that it holds, and when the feed's
/// id changes: a [`list`](Self::list) is empty and [`latest`](Self::latest) is `None` before the events of the new start come.
/// Clones are the same feed.
///
/// ```
/// use leptos::prelude::*;
/// use leptos_sse::use_sse;
///
/// #[derive(serde::Deserialize)]
/// struct Line { by: String, text: String }
///
/// #[component]
/// fn Chat() -> impl IntoView {
///     let chat = use_sse::<Line>().named("chat").feed();
///     let lines = chat.list(100);
///     chat.on_event(|line| leptos::logging::log!("{} says {}", line.by, line.text));
///     view! { <ul>{move || lines.get().iter().map(|line| view! { <li>{line.text.clone()}</li> }).collect_view()}</ul> }
/// }
/// ```
pub struct SseFeed<E: Send + Sync + 'static> {
    log: Arc<FeedLog<E>>,
    /// Keeps it following.
    guard: Guard,
}

impl<E: Send + Sync + 'static> Clone for SseFeed<E> {
    fn clone(&self) -> Self {
        Self { log: self.log.clone(), guard: self.guard.clone() }
    }
}

/// Follows a feed. An error is reported, and no events come.
pub(super) fn follow_feed<E>(choice: Choice) -> SseFeed<E>
where
    E: DeserializeOwned + Send + Sync + 'static,
{
    let Choice { call, base, id } = choice;
    let subscribed = match id {
        None => follow_key(call, base, &FeedLog::default),
        Some(Id::Constant(id)) => follow_key(call, base.and_then(|base| base.id(id)), &FeedLog::default),
        Some(Id::Reactive { id, drive }) => {
            let relay = Arc::new(Relay::default());
            let subscriber = relay.log.clone();
            // A feed has no first value, so that it does not matter which key is first.
            let first = base.clone();
            Subscribed { subscriber, guard: follow_id(call, relay, base, first, |switch| drive(switch, id)) }
        }
    };
    SseFeed { log: subscribed.subscriber, guard: subscribed.guard }
}

impl<E: DeserializeOwned + Send + Sync + 'static> Form for FeedLog<E> {
    fn restart(&self, _: Option<&Document>) -> Result<(), Error> {
        self.take(FeedOutcome::Start, None)
    }
}

/// The events of the feed that an id names now. They are relayed from the log that all who follow that feed share.
struct Relay<E> {
    log: Arc<FeedLog<E>>,
    /// Counts the feeds that it was joined to.
    joined: AtomicU64,
}

impl<E> Default for Relay<E> {
    fn default() -> Self {
        Self { log: Arc::default(), joined: AtomicU64::new(0) }
    }
}

impl<E: DeserializeOwned + Send + Sync + 'static> Relay<E> {
    /// A reader of an earlier feed may still be at work, further out, when a reader of its events changes the id.
    fn take(&self, joined: u64, entry: FeedEntry<E>) {
        if self.joined.load(Ordering::Relaxed) == joined {
            self.log.take_entry(entry);
        }
    }
}

impl<E: DeserializeOwned + Send + Sync + 'static> Switched for Relay<E> {
    fn join(self: Arc<Self>, connection: &Arc<Connection>, key: &Key) -> Result<Box<dyn Joined>, Error> {
        let (log, user) = connection.follow_as(key, FeedLog::default)?;
        Ok(Box::new(Relayed { log, relay: self, reading: OnceLock::new(), _user: user }))
    }

    fn restart(&self, _: Option<&Document>) -> Result<(), Error> {
        self.joined.fetch_add(1, Ordering::Relaxed);
        Form::restart(&*self.log, None)
    }
}

/// One feed, while it is relayed.
struct Relayed<E: Send + Sync + 'static> {
    log: Arc<FeedLog<E>>,
    relay: Arc<Relay<E>>,
    reading: OnceLock<FeedReading<E>>,
    _user: User,
}

impl<E: DeserializeOwned + Send + Sync + 'static> Joined for Relayed<E> {
    fn begin(&self) -> bool {
        let joined = self.relay.joined.fetch_add(1, Ordering::Relaxed) + 1;
        self.relay.log.take_entry(FeedEntry::Start);
        let relay = self.relay.clone();
        let _ = self.reading.set(self.log.read(move |entry| relay.take(joined, entry)));
        true
    }
}

impl<E: Send + Sync + 'static> SseFeed<E> {
    /// The latest event; `None` before the first one.
    ///
    /// ```
    /// # use leptos::prelude::*;
    /// # fn component(feed: leptos_sse::SseFeed<u32>) {
    /// let latest = feed.latest();
    /// Effect::new(move |_| leptos::logging::log!("{:?}", latest.get()));
    /// # }
    /// ```
    #[must_use]
    pub fn latest(&self) -> ReadSignal<Option<Arc<E>>> {
        self.signal(None, |latest, entry| match entry {
            FeedEntry::Start => latest.set(None),
            FeedEntry::Event(event) => latest.set(Some(event)),
            FeedEntry::Gaps(_) => {}
        })
    }

    /// The last `max` events, the oldest first.
    ///
    /// ```
    /// # use leptos::prelude::*;
    /// # fn component(feed: leptos_sse::SseFeed<u32>) {
    /// let list = feed.list(10);
    /// let sum = move || list.get().iter().map(|event| **event).sum::<u32>();
    /// # }
    /// ```
    #[must_use]
    pub fn list(&self, max: usize) -> ReadSignal<Vec<Arc<E>>> {
        self.signal(Vec::new(), move |list, entry| match entry {
            FeedEntry::Start => list.set(Vec::new()),
            FeedEntry::Event(event) => {
                let mut dropped = None;
                list.update(|list| {
                    list.push(event);
                    if list.len() > max {
                        dropped = Some(list.remove(0));
                    }
                });
            }
            FeedEntry::Gaps(_) => {}
        })
    }

    /// Calls a function with each event: those that the page holds, and each one that comes.
    ///
    /// It is called within the component that called this, has its context, and ends with it; the signals that it reads are not
    /// tracked. It is not told of a start: when the feed restarts, the events of the new start follow those of the old one, and
    /// they may be the same events again if the server has kept them. Use [`list`](Self::list) for a result that has to
    /// restart with the feed, such as a sum.
    ///
    /// ```
    /// # use leptos::prelude::*;
    /// # fn component(feed: leptos_sse::SseFeed<u32>) {
    /// let sum = RwSignal::new(0);
    /// feed.on_event(move |event| sum.update(|sum| *sum += event));
    /// # }
    /// ```
    pub fn on_event(&self, on_event: impl Fn(&E) + Send + Sync + 'static) {
        // Weak, as the owner keeps what it is called by.
        let owner = Owner::current().map(|owner| owner.downgrade());
        self.read(move |entry| {
            if let (FeedEntry::Event(event), Some(owner)) = (entry, owner.as_ref().and_then(WeakOwner::upgrade)) {
                untrack(|| owner.with(|| on_event(&event)));
            }
        });
    }

    /// How often events were missing because the server did not hold them any more, as after a long time offline. Starts with 0.
    ///
    /// It counts from the feed's start: when the feed restarts, as after a restart of the server, it is 0 again.
    ///
    /// ```
    /// # use leptos::prelude::*;
    /// # fn component(feed: leptos_sse::SseFeed<u32>) -> impl IntoView {
    /// let gaps = feed.gaps();
    /// view! { <Show when=move || { gaps.get() > 0 }><p>"Some lines are missing."</p></Show> }
    /// # }
    /// ```
    #[must_use]
    pub fn gaps(&self) -> ReadSignal<u64> {
        self.signal(0, |gaps, entry| {
            if let FeedEntry::Gaps(count) = entry {
                gaps.set(count);
            }
        })
    }

    fn signal<T: Send + Sync + 'static>(
        &self,
        initial: T,
        take: impl Fn(&ArcRwSignal<T>, FeedEntry<E>) + Send + Sync + 'static,
    ) -> ReadSignal<T> {
        let signal = ArcRwSignal::new(initial);
        let taking = signal.clone();
        self.read(move |entry| take(&taking, entry));
        signal.read_only().into()
    }

    fn read(&self, call: impl Fn(FeedEntry<E>) + Send + Sync + 'static) {
        if Owner::current().is_none() {
            return log_error(format_args!("leptos_sse: a feed: {}", Error::owner()));
        }
        let reads = Arc::new(Reads { feed: self.clone(), reading: OnceLock::new() });
        once_hydrated(&reads, |reads| {
            // What the function reads is not tracked by the one who asks for events.
            let _ = reads.reading.set(untrack(|| reads.feed.log.read(call)));
        });
        on_cleanup(move || drop(reads));
    }
}

/// A reader of a feed; it keeps the feed followed.
struct Reads<E: Send + Sync + 'static> {
    feed: SseFeed<E>,
    reading: OnceLock<FeedReading<E>>,
}
