//! Signals that are made when they are first asked for.

use super::{
    encode::{Draft, EventKind},
    eviction,
    registry::{Provider, Registry},
    signal::ServerSignal,
    stats::count,
    topic::{Topic, TopicSource},
    topic_handle::TopicHandle,
    waiters::Waiter,
};
use leptos_sse_core::Key;
use std::{future::poll_fn, sync::Arc, task::Poll};
use tokio::runtime::Handle;
use tracing::Instrument;

/// Starts the provider of a topic that has no source, if there is one.
pub(super) fn load(registry: &Arc<Registry>, topic: &Arc<Topic>) {
    if !matches!(topic.state().source, TopicSource::Vacant) {
        return;
    }
    let Some((provider, id)) = registry.provider(&topic.key) else {
        return tracing::debug!(key = %topic.key, "a key is waited for that is not there yet");
    };
    let Ok(runtime) = Handle::try_current() else {
        return tracing::error!(key = %topic.key, "a provider needs a Tokio runtime, and there is none here");
    };
    registry.idle.remember(&runtime);
    let load = {
        let mut state = topic.state();
        if !matches!(state.source, TopicSource::Vacant) {
            return;
        }
        state.loads += 1;
        state.source = TopicSource::Loading { load: state.loads, abort: None };
        state.loads
    };
    let loading = Loading { registry: registry.clone(), topic: topic.clone(), load, reason: UNAVAILABLE };
    let max = registry.log.options.max_signals;
    if registry.topics().len() > max {
        return tracing::error!(key = %topic.key, max, "the hub has as many signals as it takes");
    }
    let span = tracing::debug_span!(parent: None, "provide", key = %topic.key);
    let abort = runtime.spawn(loading.run(provider, id).instrument(span)).abort_handle();
    if let TopicSource::Loading { load: now, abort: handle } = &mut topic.state().source
        && *now == load
    {
        *handle = Some(abort);
    }
}

/// The outcome is not known: the provider panicked, or its runtime ended.
const UNAVAILABLE: &str = "unavailable";

/// A provider at work. When nothing comes of it, as when it panics, those who wait are told.
struct Loading {
    registry: Arc<Registry>,
    topic: Arc<Topic>,
    /// The number of this load of the topic: nobody waits for an earlier one.
    load: u64,
    reason: &'static str,
}

impl Loading {
    async fn run(mut self, provider: Arc<Provider>, id: String) {
        let (limit, key) = (self.registry.log.options.load_timeout, self.topic.key.clone());
        let loads = self.registry.loads.clone();
        // It fails only for a closed semaphore, and nobody closes this one.
        let _permit = loads.acquire().await;
        let made = provider(Arc::downgrade(&self.registry), key, id);
        match tokio::time::timeout(limit, made).await {
            Ok(true) => {}
            Ok(false) => self.reason = "not found",
            Err(_) => tracing::error!(?limit, "a provider took too long"),
        }
    }
}

impl Drop for Loading {
    fn drop(&mut self) {
        let log = &self.registry.log;
        let draft = Draft::new(EventKind::Refused, &self.topic.name, log.epoch(), |body| {
            body.extend([b"\"", self.reason.as_bytes(), b"\""].concat());
        });
        let refused = log.begin(&self.topic, Some(draft), |state, _| {
            let loading = matches!(state.source, TopicSource::Loading { load, .. } if load == self.load);
            if loading {
                state.source = TopicSource::Vacant;
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
            count(&log.counters.refused, 1);
            self.topic.waiters.wake_all();
        }
        // Its subscribers may have left in the meantime.
        eviction::evict_if_idle(&self.registry, &self.topic);
    }
}

/// The signal of a key when it is there; `None` when there is none, and no provider that makes it.
pub(super) async fn loaded<T>(registry: &Arc<Registry>, key: &Key) -> Option<ServerSignal<T>>
where
    T: serde::Serialize + Send + Sync + 'static,
{
    // It reads no updates.
    let mut handle = TopicHandle::new(registry, key, true);
    load(registry, &handle.topic);
    let waiter = Leaving(Arc::new(Waiter::here()));
    let waiter = &waiter.0;
    poll_fn(|cx| {
        waiter.set_waker(cx.waker());
        loop {
            if !matches!(handle.topic.state().source, TopicSource::Loading { .. }) {
                return Poll::Ready(());
            }
            if !handle.wait(waiter) {
                return Poll::Pending;
            }
        }
    })
    .await;
    registry.signal(key).unwrap_or_else(|error| {
        tracing::error!(%key, %error, "a signal was asked for as another type");
        None
    })
}

/// A waiter that leaves when it is dropped, also when nobody awaits the answer any more.
struct Leaving(Arc<Waiter>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.leave();
    }
}
