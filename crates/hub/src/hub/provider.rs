//! Signals that are made when they are first asked for.

use super::{
    Inner, ServerSignal, SseHub,
    encode::{Draft, Kind},
    follow::Followed,
    topic::{Source, Topic},
    wake::Sleeper,
};
use futures::future::BoxFuture;
use leptos_sse_core::Key;
use std::{future::poll_fn, sync::Arc, task::Poll};
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
    inner.idle.remember(&runtime);
    let load = {
        let mut state = topic.state();
        if !matches!(state.source, Source::Vacant) {
            return;
        }
        state.loads += 1;
        state.source = Source::Loading { load: state.loads, abort: None };
        state.loads
    };
    let loading = Loading { inner: inner.clone(), topic: topic.clone(), load, reason: UNAVAILABLE };
    let max = inner.shared.options.max_signals;
    if inner.topics().len() > max {
        return tracing::error!(key = %topic.key, max, "the hub has as many signals as it takes");
    }
    let span = tracing::debug_span!(parent: None, "provide", key = %topic.key);
    let abort = runtime.spawn(loading.run(provider, id).instrument(span)).abort_handle();
    if let Source::Loading { load: now, abort: place } = &mut topic.state().source
        && *now == load
    {
        *place = Some(abort);
    }
}

/// What became of it is not known: it panicked, or its runtime ended.
const UNAVAILABLE: &str = "unavailable";

/// A provider at work. When nothing has come of it, as when it panics, those who wait are told.
struct Loading {
    inner: Arc<Inner>,
    topic: Arc<Topic>,
    /// Which of the topic's loads it is: nobody waits for an earlier one.
    load: u64,
    reason: &'static str,
}

impl Loading {
    async fn run(mut self, provider: Arc<Provider>, id: String) {
        let (limit, key) = (self.inner.shared.options.load_timeout, self.topic.key.clone());
        let loads = self.inner.loads.clone();
        // It fails for a closed semaphore only, and nobody closes this one.
        let _turn = loads.acquire().await;
        let made = provider(SseHub { inner: self.inner.clone() }, key, id);
        match tokio::time::timeout(limit, made).await {
            Ok(true) => {}
            Ok(false) => self.reason = "not found",
            Err(_) => tracing::error!(?limit, "a provider took too long"),
        }
    }
}

impl Drop for Loading {
    fn drop(&mut self) {
        let log = &self.inner.shared.log;
        let draft = Draft::new(Kind::Refused, &self.topic.name, log.epoch(), |body| {
            body.extend([b"\"", self.reason.as_bytes(), b"\""].concat());
        });
        let refused = log.begin(&self.topic, Some(draft), |state, _| {
            let loading = matches!(state.source, Source::Loading { load, .. } if load == self.load);
            if loading {
                state.source = Source::Vacant;
            }
            loading
        });
        if refused.is_ok() {
            let key = &self.topic.key;
            if self.reason == UNAVAILABLE {
                tracing::error!(%key, "a provider panicked, was cut off, or was not asked");
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
    // It reads no updates.
    let mut followed = Followed::new(inner, key, true);
    let sleeper = Leaving(Arc::new(Sleeper::here()));
    let sleeper = &sleeper.0;
    poll_fn(|cx| {
        sleeper.register(cx.waker());
        loop {
            if !matches!(followed.topic.state().source, Source::Loading { .. }) {
                return Poll::Ready(());
            }
            if !followed.wait(sleeper) {
                return Poll::Pending;
            }
        }
    })
    .await;
    inner.signal(key).unwrap_or_else(|error| {
        tracing::error!(%key, %error, "a signal was asked for as another type");
        None
    })
}

/// A sleeper that leaves when it is dropped, also when nobody waits for the answer any more.
struct Leaving(Arc<Sleeper>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.leave();
    }
}
