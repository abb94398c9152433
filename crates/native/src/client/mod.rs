//! Signals and feeds without a browser: the very state machine of the page's client, driven by one task.

mod closed;
mod driver;
mod feed;
mod gate;
mod signal;
mod stream;

pub use closed::SseClientClosed;
pub use feed::{SseClientFeed, SseClientFeedItem};
pub use signal::{SseClientSignal, SseClientValues};

use crate::{options::SseClientOptions, transport};
use driver::{Command, Commands, Driver};
use futures::{Stream, stream::unfold};
use leptos_sse_client::status::SseStatus;
use leptos_sse_core::{Error, IntoKey, Key};
use serde::de::DeserializeOwned;
use std::{fmt, pin::Pin, sync::Arc};
use tokio::{
    runtime::Handle,
    sync::{oneshot, watch},
};

/// A connection to a server's signals and feeds, without a page.
///
/// It is the page's own client: it asks for the keys in use, goes on from what it holds after every loss, reconnects with
/// waits that are random and grow, and never gives up for good but where the server answers 204. It connects with the first
/// signal or feed, and closes when the last of them was dropped, after [`SseClientOptions::linger`]. When the client and all that came
/// of it are dropped, it ends at once. Clones are the same connection.
///
/// One task does all the work, of the runtime that [`connect`](Self::connect) was called in. The functions of the options, and
/// the values' `Deserialize`, run there.
///
/// ```
/// use leptos_sse_native::{Key, SseClient, SseClientOptions};
///
/// #[derive(serde::Deserialize)]
/// struct Count { value: i32 }
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let client = SseClient::connect("http://127.0.0.1:3000/sse", SseClientOptions::new())?;
/// let mut count = client.signal_for::<Count>(Key::named("count"))?;
/// while count.changed().await.is_ok() {
///     match count.get() {
///         Some(now) => println!("{} ({})", now.value, count.status()),
///         None => println!("nothing yet ({})", count.status()),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SseClient {
    commands: Commands,
    status: watch::Receiver<SseStatus>,
    url: Arc<str>,
}

impl SseClient {
    /// A client of the server at `url`. Nothing is sent before the first signal or feed.
    ///
    /// Of the options those of a page alone mean nothing: `with_credentials`, `share_tabs` and `close_when_hidden`. A relative
    /// URL starts from [`SseClientOptions::base_url`].
    ///
    /// # Errors
    ///
    /// When the URL is none of `http` or `https`, when there is no tokio runtime here, and when the HTTP client cannot be made.
    pub fn connect(url: impl AsRef<str>, options: SseClientOptions) -> Result<Self, Error> {
        let runtime = Handle::try_current().map_err(|_| Error::no_runtime())?;
        let (connection, native) = transport::connect(url.as_ref(), &options)?;
        let url = connection.url().into();
        let (commands, received) = Commands::new();
        let (status, shown) = watch::channel(connection.status());
        let driver = Driver::new(connection, native, received, status, commands.gate().clone());
        runtime.spawn(driver.run());
        Ok(Self { commands, status: shown, url })
    }

    /// The signal of `T`, by the name of its type.
    #[must_use]
    pub fn signal<T: DeserializeOwned + Send + Sync + 'static>(&self) -> SseClientSignal<T> {
        SseClientSignal::new(Key::of::<T>(), &self.commands)
    }

    /// The signal of a key: a bare text or number is an id of `T`, and a [`Key`] stands for itself.
    ///
    /// # Errors
    ///
    /// When the key is invalid; see [`Key::named`] and [`Key::id`].
    pub fn signal_for<T>(&self, key: impl IntoKey) -> Result<SseClientSignal<T>, Error>
    where
        T: DeserializeOwned + Send + Sync + 'static,
    {
        Ok(SseClientSignal::new(key.into_key::<T>()?, &self.commands))
    }

    /// The feed of `E`, by the name of its type.
    pub fn feed<E: DeserializeOwned + Send + Sync + 'static>(&self) -> SseClientFeed<E> {
        SseClientFeed::new(Key::of::<E>(), &self.commands)
    }

    /// The feed of a key: a bare text or number is an id of `E`, and a [`Key`] stands for itself.
    ///
    /// # Errors
    ///
    /// As [`signal_for`](Self::signal_for).
    pub fn feed_for<E>(&self, key: impl IntoKey) -> Result<SseClientFeed<E>, Error>
    where
        E: DeserializeOwned + Send + Sync + 'static,
    {
        Ok(SseClientFeed::new(key.into_key::<E>()?, &self.commands))
    }

    /// Where the connection stands.
    #[must_use]
    pub fn status(&self) -> SseStatus {
        *self.status.borrow()
    }

    /// Where the connection stands, now and each time that it changes; of changes that come faster than they are read the
    /// latest. It ends when the client is closed by [`close`](Self::close), and not with a server that answers 204.
    ///
    /// ```
    /// use futures::StreamExt;
    ///
    /// # async fn run(client: leptos_sse_native::SseClient) {
    /// let mut statuses = client.statuses();
    /// while let Some(status) = statuses.next().await {
    ///     eprintln!("{status}");
    /// }
    /// # }
    /// ```
    pub fn statuses(&self) -> SseClientStatuses {
        let mut status = self.status.clone();
        status.mark_changed();
        SseClientStatuses(Box::pin(unfold(status, async |mut status| {
            status.changed().await.ok()?;
            let now = *status.borrow_and_update();
            Some((now, status))
        })))
    }

    /// The URL that is asked, without the keys, and without a login in it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Opens a new connection at once, as after a new login; while no signal and no feed is in use it does nothing.
    ///
    /// The signals keep their values, and the server is asked from what they hold, with the
    /// [headers](SseClientOptions::headers) of now. Also a server that had answered 204 is asked again. It begins the waits anew, so
    /// let it follow what a user did, and not each refusal.
    pub fn reconnect(&self) {
        self.commands.send(Command::Reconnect);
    }

    /// Closes the connection for good, and returns once it is closed. The signals keep their values; their
    /// [`changed`](SseClientSignal::changed) is an error from then on, and feeds end.
    pub async fn close(&self) {
        let (closed, is_closed) = oneshot::channel();
        self.commands.send(Command::Close(closed));
        // The other side goes without a word where it was closed before.
        let _ = is_closed.await;
    }
}

impl fmt::Debug for SseClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SseClient").field("url", &self.url).field("status", &self.status()).finish_non_exhaustive()
    }
}

/// Where a connection stands, from [`SseClient::statuses`].
pub struct SseClientStatuses(Pin<Box<dyn Stream<Item = SseStatus> + Send>>);

impl Stream for SseClientStatuses {
    type Item = SseStatus;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> std::task::Poll<Option<SseStatus>> {
        self.0.as_mut().poll_next(cx)
    }
}

impl fmt::Debug for SseClientStatuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SseClientStatuses").finish_non_exhaustive()
    }
}
