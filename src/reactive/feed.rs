use super::{on_error::report, provider::use_connection};
use crate::browser::{is_hydrating, log_error};
use leptos::prelude::{ArcRwSignal, Effect, Owner, ReadSignal, Set, Update, on_cleanup, untrack};
use leptos::reactive::owner::WeakOwner;
use leptos_sse_client::{
    connection::User,
    feed_log::{Entry, Log},
};
use leptos_sse_core::{Error, Key};
use serde::de::DeserializeOwned;
use std::{borrow::Cow, sync::Arc};

/// A feed of the server that this page follows: a series of events that only grows. It comes from [`use_sse_feed`].
///
/// What is asked of it begins with the events that the page holds, at most 1,024, and goes on with each one that comes, in
/// order and once, until the component that asked has gone. When the server starts the feed anew, as after a restart, and when
/// the page was away for so long that what it holds cannot be gone on with, what was held is dropped: a
/// [`list`](Self::list) is empty and [`latest`](Self::latest) is none, before the events of the new start come. Clones are
/// the same feed.
///
/// ```
/// use leptos::prelude::*;
/// use leptos_sse::use_sse_feed;
///
/// #[derive(serde::Deserialize)]
/// struct Line { by: String, text: String }
///
/// #[component]
/// fn Chat() -> impl IntoView {
///     let chat = use_sse_feed::<Line>("chat");
///     let lines = chat.list(100);
///     chat.on_event(|line| leptos::logging::log!("{} says {}", line.by, line.text));
///     view! { <ul>{move || lines.get().iter().map(|line| view! { <li>{line.text.clone()}</li> }).collect_view()}</ul> }
/// }
/// ```
pub struct SseFeed<E: Send + Sync + 'static> {
    /// None where there is nothing to follow.
    followed: Option<(Arc<Log<E>>, Arc<User>)>,
}

impl<E: Send + Sync + 'static> Clone for SseFeed<E> {
    fn clone(&self) -> Self {
        Self { followed: self.followed.clone() }
    }
}

/// Follows the server's feed of this name.
///
/// On the server, and on the page until it is hydrated, a feed has no events. An event that is no `E` is logged, and
/// skipped. Without [`provide_sse`](crate::provide_sse) above, when the name is no key (see [`Key::named`]), or when it is
/// followed as something else already, nothing comes, and the error is logged.
///
/// ```
/// use leptos::prelude::*;
/// use leptos_sse::use_sse_feed;
///
/// #[component]
/// fn LastLine() -> impl IntoView {
///     let latest = use_sse_feed::<String>("build-7").latest();
///     view! { <code>{move || latest.get().map(|line| line.to_string())}</code> }
/// }
/// ```
#[must_use]
pub fn use_sse_feed<E>(name: impl Into<Cow<'static, str>>) -> SseFeed<E>
where
    E: DeserializeOwned + Send + Sync + 'static,
{
    let key = Key::named(name);
    let known = key.as_ref().ok().cloned();
    let followed = key.and_then(|key| use_connection("use_sse_feed")?.follow_as(&key, Log::default));
    match followed {
        Ok((log, user)) => SseFeed { followed: Some((log, Arc::new(user))) },
        Err(error) => {
            report(known.as_ref(), &error);
            SseFeed { followed: None }
        }
    }
}

impl<E: Send + Sync + 'static> SseFeed<E> {
    /// The event that came last; none before the first one.
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
            Entry::Start => latest.set(None),
            Entry::Event(event) => latest.set(Some(event)),
            Entry::Gaps(_) => {}
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
            Entry::Start => list.set(Vec::new()),
            Entry::Event(event) => {
                let mut dropped = None;
                list.update(|list| {
                    list.push(event);
                    if list.len() > max {
                        dropped = Some(list.remove(0));
                    }
                });
            }
            Entry::Gaps(_) => {}
        })
    }

    /// Calls a function with each event: those that the page holds, and each one that comes.
    ///
    /// It is called within the component that asks, whose context it finds and with which it ends; what it reads is not
    /// tracked. It is told of no start: when the server starts the feed anew, the events of the new one follow those of the
    /// old one, and they may be the same ones again if the server has kept them. What shall begin anew with the feed, as a
    /// sum does, is better made of [`list`](Self::list).
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
            if let (Entry::Event(event), Some(owner)) = (entry, owner.as_ref().and_then(WeakOwner::upgrade)) {
                untrack(|| owner.with(|| on_event(&event)));
            }
        });
    }

    /// How often events were missing that the server held no more, as after a long time off line. Starts with 0.
    ///
    /// It counts from the feed's start: when the server starts the feed anew, as after a restart, it is 0 again.
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
            if let Entry::Gaps(count) = entry {
                gaps.set(count);
            }
        })
    }

    fn signal<T: Send + Sync + 'static>(
        &self,
        initial: T,
        take: impl Fn(&ArcRwSignal<T>, Entry<E>) + Send + Sync + 'static,
    ) -> ReadSignal<T> {
        let signal = ArcRwSignal::new(initial);
        let taking = signal.clone();
        self.read(move |entry| take(&taking, entry));
        signal.read_only().into()
    }

    fn read(&self, call: impl Fn(Entry<E>) + Send + Sync + 'static) {
        let Some((log, user)) = self.followed.clone() else { return };
        if Owner::current().is_none() {
            return log_error(format_args!("leptos_sse: a feed: {}", Error::owner()));
        }
        if !is_hydrating() {
            return keep(&log, user, call);
        }
        // What hydrates must find what the server rendered, which had no event.
        let call = Arc::new(call);
        Effect::new(move |_| {
            let call = call.clone();
            keep(&log, user.clone(), move |entry| call(entry));
        });
    }
}

/// Reads until the owner of now is cleaned up.
fn keep<E: Send + Sync + 'static>(log: &Arc<Log<E>>, user: Arc<User>, call: impl Fn(Entry<E>) + Send + Sync + 'static) {
    // What the function reads shall not be tracked by who asks for its events.
    let reading = untrack(|| log.read(call));
    on_cleanup(move || drop((reading, user)));
}
