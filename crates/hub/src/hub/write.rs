//! A write to the hub, as the caller holds it.

use leptos_sse_core::{Cursor, Error, Key};
use std::{
    fmt,
    future::Future,
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::sync::oneshot;

/// A write to a hub: [`set`](crate::ServerSignal::set), [`update`](crate::ServerSignal::update),
/// [`push`](crate::ServerFeed::push) or [`remove`](crate::SseHub::remove).
///
/// The call itself makes the write. Await it to get its outcome, a [`Written`] or an [`Error`]; drop it where the outcome does
/// not matter. The write goes on when this is dropped, and an error of the hub that nobody awaits is logged; one that the
/// closure of a [`try_update`](crate::ServerSignal::try_update) returns is the caller's, and is not.
///
/// ```
/// # extern crate leptos_sse_hub as leptos_sse;
/// # use leptos_sse::SseHub;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), leptos_sse::Error> {
/// let hub = SseHub::new();
/// let count = hub.signal(0_u64);
/// count.set(1); // made, and an error would be logged
///
/// let written = count.update(|count| { *count += 1; *count }).await?;
/// assert_eq!(written.value, 2);
/// assert!(written.changed);
/// assert_eq!(written.cursor, hub.cursor());
/// # Ok(())
/// # }
/// ```
///
/// # In memory, and over an engine
///
/// The hub of this crate keeps its values in memory. The same lines are to work over an engine, which shares one hub among
/// many processes and whose answer takes a moment. Code that awaits its writes, and has no other effects in its closures, is
/// right over both:
///
/// | | in memory | over an engine |
/// |---|---|---|
/// | when the method returns | the write is done, and `get` has it | the write is under way; `get` has it once it was awaited |
/// | writes of one key | in the order of the calls | in the order of the calls |
/// | writes of several keys | in the order of the calls | in any order, unless each is awaited before the next call |
/// | the closure of an update | runs once, before the method returns | runs later on a task, and again after each conflict; the result of the last run counts |
/// | a closure that panics | panics in the caller; nothing is written | the panic is logged, nothing is written, and the error [is unknown](Error::is_unknown) |
/// | a write within an update of the same signal | [is a deadlock](Error::is_deadlock) | follows that update |
/// | [`now`](Self::now) | has the outcome | [is unknown](Error::is_unknown), unless the answer is there already |
/// | a value that is the current one, and a closure that refuses | compared with the value | compared with the latest value that this process has read |
/// | errors | the value's own, [removed](Error::is_removed), [deadlock](Error::is_deadlock) | [conflict](Error::is_conflict), [not done](Error::is_not_done) and [unknown](Error::is_unknown) too |
///
/// After any error but an unknown one, nothing was written. Repeat an unknown write only if it does no harm twice.
pub struct ServerWrite<R, E = Error>(State<R, E>);

enum State<R, E> {
    Over(Outcome<R, E>),
    /// The engine has not answered.
    UnderWay(Box<UnderWay<R, E>>),
    /// The outcome was given away.
    Taken,
}

struct UnderWay<R, E> {
    key: Key,
    outcome: oneshot::Receiver<Outcome<R, E>>,
}

/// What has become of a write.
pub(super) enum Outcome<R, E> {
    Written(Written<R>),
    /// The closure of the user returned an error.
    Refused(E),
    Failed(Box<WriteFailure>),
}

/// A write that the hub did not make.
pub(super) struct WriteFailure {
    key: Key,
    error: Error,
}

/// The outcome of a [`ServerWrite`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written<R> {
    /// The result of the closure; for [`remove`](crate::SseHub::remove), whether there was something to remove.
    pub value: R,
    /// Whether anything changed, and so was sent.
    pub changed: bool,
    /// The place of this write in the writes of the hub. Where nothing changed it is the place of the last write to the key.
    pub cursor: Cursor,
}

impl<R, E> ServerWrite<R, E> {
    #[inline]
    pub(super) fn over(outcome: Outcome<R, E>) -> Self {
        Self(State::Over(outcome))
    }

    /// A write whose outcome comes later.
    pub(super) fn under_way(key: Key) -> (WriteSender<R, E>, Self) {
        let (sender, outcome) = oneshot::channel();
        (WriteSender(sender), Self(State::UnderWay(Box::new(UnderWay { key, outcome }))))
    }
}

impl<R, E: From<Error>> ServerWrite<R, E> {
    /// The outcome, for code that cannot await.
    ///
    /// # Errors
    ///
    /// As when it is awaited. Over an engine the error [is unknown](Error::is_unknown) while the answer is on its way; the
    /// write goes on.
    ///
    /// # Panics
    ///
    /// When it was awaited before, by reference, and has given its outcome.
    #[inline]
    pub fn now(mut self) -> Result<Written<R>, E> {
        match mem::replace(&mut self.0, State::Taken) {
            State::Over(outcome) => outcome.into_result(),
            State::UnderWay(mut write) => match write.outcome.try_recv() {
                Ok(outcome) => outcome.into_result(),
                Err(_) => Err(Error::unknown(write.key.as_str()).into()),
            },
            State::Taken => panic!("`ServerWrite::now` is called after the write has given its outcome"),
        }
    }
}

impl<R, E> Unpin for ServerWrite<R, E> {}

impl<R, E: From<Error>> Future for ServerWrite<R, E> {
    type Output = Result<Written<R>, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let outcome = match &mut self.0 {
            State::UnderWay(write) => match ready!(Pin::new(&mut write.outcome).poll(cx)) {
                Ok(outcome) => outcome,
                // The closure panicked, or the runtime ends.
                Err(_) => Outcome::failed(write.key.clone(), Error::unknown(write.key.as_str())),
            },
            State::Over(_) => match mem::replace(&mut self.0, State::Taken) {
                State::Over(outcome) => return Poll::Ready(outcome.into_result()),
                _ => unreachable!("it was just looked at"),
            },
            State::Taken => panic!("a write is polled after it has given its outcome"),
        };
        self.0 = State::Taken;
        Poll::Ready(outcome.into_result())
    }
}

impl<R, E> Drop for ServerWrite<R, E> {
    #[inline]
    fn drop(&mut self) {
        match &mut self.0 {
            State::Over(Outcome::Failed(failure)) => failure.log(),
            State::UnderWay(write) => write.give_up(),
            State::Over(_) | State::Taken => {}
        }
    }
}

impl<R, E> UnderWay<R, E> {
    /// Logs an error that came and was not awaited. One that comes later is logged where it is sent, as nobody receives it.
    #[cold]
    fn give_up(&mut self) {
        self.outcome.close();
        if let Ok(Outcome::Failed(failure)) = self.outcome.try_recv() {
            failure.log();
        }
    }
}

impl<R, E> Outcome<R, E> {
    #[cold]
    pub(super) fn failed(key: Key, error: Error) -> Self {
        Self::Failed(Box::new(WriteFailure { key, error }))
    }

    fn into_result(self) -> Result<Written<R>, E>
    where
        E: From<Error>,
    {
        match self {
            Self::Written(written) => Ok(written),
            Self::Refused(error) => Err(error),
            Self::Failed(failure) => Err(failure.error.into()),
        }
    }
}

impl WriteFailure {
    #[cold]
    fn log(&self) {
        tracing::error!(key = %self.key, error = %self.error, "a write failed");
    }
}

/// Gives the outcome of a write to its [`ServerWrite`].
pub(super) struct WriteSender<R, E>(oneshot::Sender<Outcome<R, E>>);

impl<R, E> WriteSender<R, E> {
    pub(super) fn send(self, outcome: Outcome<R, E>) {
        if let Err(Outcome::Failed(failure)) = self.0.send(outcome) {
            failure.log();
        }
    }
}

impl<R, E> fmt::Debug for ServerWrite<R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.0 {
            State::Over(Outcome::Written(_)) => "done",
            State::Over(_) => "failed",
            State::UnderWay(_) => "under way",
            State::Taken => "taken",
        };
        f.debug_tuple("ServerWrite").field(&state).finish()
    }
}
