//! Signals that are made when they are first asked for, and let go some time after the last one has left.

use super::{
    Inner, ServerSignal, SseHub,
    encode::{Draft, Kind},
    follow::Followed,
    topic::{Source, Topic},
    wake::Sleeper,
};
use crate::Key;
use futures::future::BoxFuture;
use std::{
    convert::Infallible,
    future::poll_fn,
    sync::{Arc, Weak},
    task::Poll,
};
use tokio::runtime::Handle;
use tracing::Instrument;

/// Makes the signal of a key and an id, and says whether there is one.
pub(super) type Provider = dyn Fn(SseHub, Key, String) -> BoxFuture<'static, bool> + Send + Sync;

/// Starts to make what is asked for, where there is nothing and a provider is at hand.
pub(super) fn load(inner: &Arc<Inner>, topic: &Arc<Topic>) {
    if !matches!(topic.state().source, Source::Vacant) {
        return;
    }
    let Some((provider, id)) = inner.provider(&topic.key) else {
        return tracing::debug!(key = %topic.key, "a key is waited for that is not there yet");
    };
    let Ok(runtime) = Handle::try_current() else {
        return tracing::error!(key = %topic.key, "a provider needs a Tokio runtime, and there is none here");
    };
    {
        let mut state = topic.state();
        if !matches!(state.source, Source::Vacant) {
            return;
        }
        state.source = Source::Loading;
    }
    let loading = Loading { inner: inner.clone(), topic: topic.clone(), reason: UNAVAILABLE };
    let span = tracing::debug_span!(parent: None, "provide", key = %topic.key);
    let load = async move {
        // All of it, or its fields would be captured one by one.
        let mut loading = loading;
        let made = provider(SseHub { inner: loading.inner.clone() }, loading.topic.key.clone(), id).await;
        if !made {
            loading.reason = "not found";
        }
    };
    runtime.spawn(load.instrument(span));
}

/// What became of it is not known: it panicked, or its runtime ended.
const UNAVAILABLE: &str = "unavailable";

/// A provider at work. When nothing has come of it, as when it panics, those who wait are told.
struct Loading {
    inner: Arc<Inner>,
    topic: Arc<Topic>,
    reason: &'static str,
}

impl Drop for Loading {
    fn drop(&mut self) {
        let log = &self.inner.shared.log;
        let draft = Draft::new(Kind::Refused, &self.topic.name, log.epoch(), |body| {
            body.extend([b"\"", self.reason.as_bytes(), b"\""].concat());
            Ok::<_, Infallible>(())
        });
        let Ok(draft) = draft;
        let refused = log.begin(&self.topic, Some(draft), |state, _| {
            let loading = matches!(state.source, Source::Loading);
            if loading {
                state.source = Source::Vacant;
            }
            loading
        });
        if refused.is_ok() {
            let key = &self.topic.key;
            if self.reason == UNAVAILABLE {
                tracing::error!(%key, "a provider panicked or was cut off");
            } else {
                tracing::debug!(%key, reason = self.reason, "nothing was provided");
            }
            super::stats::count(&self.inner.shared.counters.refused, 1);
            self.topic.waiting.wake_all();
        }
        // Those who asked may have gone in the meantime.
        self.inner.leave_if_idle(&self.topic);
    }
}

/// The signal of a key when it is there; none when there is nothing, and nobody who makes it.
pub(super) async fn loaded<T>(inner: &Arc<Inner>, key: &Key) -> Option<ServerSignal<T>>
where
    T: serde::Serialize + Send + Sync + 'static,
{
    let mut followed = Followed::new(inner, key);
    let sleeper = Arc::new(Sleeper::here());
    poll_fn(|cx| {
        sleeper.register(cx.waker());
        loop {
            if !matches!(followed.topic.state().source, Source::Loading) {
                return Poll::Ready(());
            }
            if !followed.wait(&sleeper) {
                return Poll::Pending;
            }
        }
    })
    .await;
    sleeper.leave();
    inner.signal(key).unwrap_or_else(|error| {
        tracing::error!(%key, %error, "a signal was asked for as another type");
        None
    })
}

/// Lets a signal go that a provider made, once nobody has followed it for a while and nobody holds it.
pub(super) fn let_go_later(inner: &Arc<Inner>, topic: &Arc<Topic>) {
    let Ok(runtime) = Handle::try_current() else { return };
    let (linger, visits) = (inner.shared.options.linger, topic.state().visits);
    let (inner, topic) = (Arc::downgrade(inner), Arc::downgrade(topic));
    runtime.spawn(async move {
        loop {
            tokio::time::sleep(linger).await;
            if !is_still_idle(&inner, &topic, visits) {
                return;
            }
        }
    });
}

/// Whether it is still to be let go; that is tried.
fn is_still_idle(inner: &Weak<Inner>, topic: &Weak<Topic>, visits: u64) -> bool {
    let (Some(inner), Some(topic)) = (inner.upgrade(), topic.upgrade()) else { return false };
    let mut source = Source::Vacant;
    let mut topics = inner.topics_mut();
    {
        let mut state = topic.state();
        if state.visits != visits || !state.provided {
            return false;
        }
        // The hub's own handle is the only one left.
        if matches!(&state.source, Source::Signal(signal) if Arc::strong_count(signal) > 1) {
            return true;
        }
        std::mem::swap(&mut state.source, &mut source);
        state.provided = false;
    }
    topics.remove(&topic.key);
    drop(topics);
    tracing::debug!(key = %topic.key, "a signal that nobody follows was let go");
    // Not under a lock, as it may run code of the user.
    drop(source);
    false
}
