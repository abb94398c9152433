//! A channel as the source of a signal: values are sent from anywhere, one browser follows them.

use crate::ServerSentEvents;
use futures::Stream;
use leptos_sse_core::Error;
#[cfg(doc)]
use leptos_sse_core::Key;
use serde::Serialize;
use std::{
    borrow::Cow,
    error, fmt,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::sync::{Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;

/// The error type of a channel's events: it never occurs, and is the one that streams of other sources use most, so that
/// they can be merged.
pub type BoxError = Box<dyn error::Error + Send + Sync>;

impl<T: Serialize, E> ServerSentEvents<ChannelStream<T>, E> {
    /// A sender, and the events of what it sends; the key is the name of the type.
    ///
    /// `capacity` is how many values may wait for a slow browser (at least 1) before [`Sender::send`] waits too.
    ///
    /// ```
    /// # extern crate leptos_sse_hub as leptos_sse;
    /// use leptos_sse::ServerSentEvents;
    /// # use bytes::Bytes;
    ///
    /// # async fn handler() -> Result<ServerSentEvents<leptos_sse::ChannelStream<u64>, Bytes>, leptos_sse::Error> {
    /// let (sender, events) = ServerSentEvents::channel(16)?;
    /// tokio::spawn(async move {
    ///     for value in 0_u64.. {
    ///         if sender.send(value).await.is_err() {
    ///             break; // the browser left
    ///         }
    ///     }
    /// });
    /// # Ok(events)
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the name of the type is longer than a [`Key`] may be.
    pub fn channel(capacity: usize) -> Result<(Sender<T>, Self), Error> {
        Self::channel_named(std::any::type_name::<T>(), capacity)
    }

    /// A sender, and the events of what it sends, with a key of one's own.
    ///
    /// # Errors
    ///
    /// When the key is none: see [`Key::named`].
    pub fn channel_named(key: impl Into<Cow<'static, str>>, capacity: usize) -> Result<(Sender<T>, Self), Error> {
        let (sender, receiver) = mpsc::channel(capacity.clamp(1, Semaphore::MAX_PERMITS));
        let events = Self::named(key, ChannelStream(ReceiverStream::new(receiver)))?;
        Ok((Sender(sender), events))
    }
}

/// Sends the values of a signal to one browser. Clones send to the same one.
#[derive(Debug)]
pub struct Sender<T>(mpsc::Sender<T>);

impl<T> Sender<T> {
    /// Sends a value, and waits while the channel is full.
    ///
    /// # Errors
    ///
    /// When the browser has left; the error gives the value back.
    pub async fn send(&self, value: T) -> Result<(), SendError<T>> {
        self.0.send(value).await.map_err(|error| SendError::left(error.0))
    }

    /// Sends a value if there is room for it now.
    ///
    /// # Errors
    ///
    /// When the channel is full, or the browser has left; the error gives the value back.
    pub fn try_send(&self, value: T) -> Result<(), SendError<T>> {
        self.0.try_send(value).map_err(|error| match error {
            mpsc::error::TrySendError::Full(value) => SendError::full(value),
            mpsc::error::TrySendError::Closed(value) => SendError::left(value),
        })
    }

    /// Waits until the browser has left.
    pub async fn closed(&self) {
        self.0.closed().await;
    }

    /// Whether the browser has left.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// A value that was not sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SendError<T> {
    value: T,
    why: Why,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    Full,
    Left,
    Complete,
}

impl<T> SendError<T> {
    pub(crate) fn full(value: T) -> Self {
        Self { value, why: Why::Full }
    }

    pub(crate) fn left(value: T) -> Self {
        Self { value, why: Why::Left }
    }

    pub(crate) fn complete(value: T) -> Self {
        Self { value, why: Why::Complete }
    }

    /// Whether there was no room; it can be tried again later.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.why == Why::Full
    }

    /// Whether the client has left, or the stream is complete; it is of no use to try again.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.why != Why::Full
    }

    /// The value, given back.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendError").field("full", &self.is_full()).finish_non_exhaustive()
    }
}

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.why {
            Why::Full => "the channel is full",
            Why::Left => "the client has left",
            Why::Complete => "the stream is complete",
        })
    }
}

impl<T> error::Error for SendError<T> {}

/// What a [`Sender`] has sent, as a stream. It has no errors.
#[derive(Debug)]
pub struct ChannelStream<T>(ReceiverStream<T>);

impl<T> Stream for ChannelStream<T> {
    type Item = Result<T, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.0).poll_next(cx).map(|value| value.map(Ok))
    }
}
