//! A channel as the source of a signal: values are sent from anywhere, one browser follows them.

use crate::{send_error::SseSendError, stream::ServerSentEvents};
use futures::Stream;
use leptos_sse_core::{BoxError, Error, IntoKey, Key};
use serde::Serialize;
use std::{
    pin::Pin,
    task::{Context, Poll},
};
use tokio::sync::{Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;

impl<T: Serialize, E> ServerSentEvents<ServerChannel<T>, E> {
    /// A sender, and the events of what it sends; the key is the name of the type.
    ///
    /// `capacity` is how many values may wait for a slow browser (at least 1) before [`ServerSender::send`] waits too.
    ///
    /// ```
    /// # extern crate leptos_sse_hub as leptos_sse;
    /// use leptos_sse::ServerSentEvents;
    /// # use bytes::Bytes;
    ///
    /// # async fn handler() -> Result<ServerSentEvents<leptos_sse::ServerChannel<u64>, Bytes>, leptos_sse::Error> {
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
    pub fn channel(capacity: usize) -> Result<(ServerSender<T>, Self), Error> {
        Self::channel_for(Key::named(std::any::type_name::<T>()), capacity)
    }

    /// A sender, and the events of what it sends, with this key: a bare text or number is an id, and a [`Key`] stands for itself.
    ///
    /// # Errors
    ///
    /// When the key is invalid: see [`Key::named`].
    pub fn channel_for(key: impl IntoKey, capacity: usize) -> Result<(ServerSender<T>, Self), Error> {
        let (sender, receiver) = mpsc::channel(capacity.clamp(1, Semaphore::MAX_PERMITS));
        let events = Self::new_for(key, ServerChannel(ReceiverStream::new(receiver)))?;
        Ok((ServerSender(sender), events))
    }
}

/// Sends the values of a signal to one browser. Clones send to the same one.
#[derive(Debug)]
pub struct ServerSender<T>(mpsc::Sender<T>);

impl<T> ServerSender<T> {
    /// Sends a value, and waits while the channel is full.
    ///
    /// # Errors
    ///
    /// When the browser has left; the error gives the value back.
    pub async fn send(&self, value: T) -> Result<(), SseSendError<T>> {
        self.0.send(value).await.map_err(|error| SseSendError::left(error.0))
    }

    /// Sends a value if there is room for it now.
    ///
    /// # Errors
    ///
    /// When the channel is full, or the browser has left; the error gives the value back.
    pub fn try_send(&self, value: T) -> Result<(), SseSendError<T>> {
        self.0.try_send(value).map_err(|error| match error {
            mpsc::error::TrySendError::Full(value) => SseSendError::full(value),
            mpsc::error::TrySendError::Closed(value) => SseSendError::left(value),
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

impl<T> Clone for ServerSender<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// The values that a [`ServerSender`] has sent, as a stream. No error ever occurs; its type is [`BoxError`], so that the events
/// can be merged with those of other streams.
#[derive(Debug)]
pub struct ServerChannel<T>(ReceiverStream<T>);

impl<T> Stream for ServerChannel<T> {
    type Item = Result<T, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.0).poll_next(cx).map(|value| value.map(Ok))
    }
}
