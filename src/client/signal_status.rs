use super::{
    feeds::Step,
    id::SseId,
    shared::{Shared, change},
    signal::follow,
    signal_for::follow_id,
    slots::{Follower, Kind},
};
use crate::{Error, Key, document::Document, patch::Touch};
use leptos::prelude::{ArcRwSignal, ReadSignal, WithUntracked};
use std::{any::TypeId, borrow::Cow, fmt};

/// Where one signal stands.
///
/// | from | to | when |
/// |---|---|---|
/// | | `Connecting` | the signal is new: on the server, on a page that it rendered, and until the first value is known to be current |
/// | `Connecting`, `Stale` | `Live` | the server's value comes; or a connection begins that goes on from the value held |
/// | `Live` | `Stale` | the connection is lost; the server has begun anew; an update is missing or does not fit; the value cannot be read |
/// | any | `Refused` | the server says that it does not give the signal to this page |
/// | any | `Removed` | the server says that it has the signal no more |
/// | `Refused`, `Removed` | `Live` | a value comes after all |
///
/// A signal that is refused or removed stays so while the connection is lost, and one that never had a value of the server stays
/// `Connecting`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SseSignalStatus {
    /// No value of the server has been shown yet; what is shown is a default, or what the server rendered.
    #[default]
    Connecting,
    /// What is shown is the server's value of now.
    Live,
    /// What is shown was the server's value, and may be so no more: the connection is lost, or the signal out of step with it.
    Stale,
    /// The server does not give it, for this reason, which is for people to read. What was shown before is shown still.
    Refused(String),
    /// The server has it no more. What was shown before is shown still, but for an option, which is none.
    Removed,
}

impl fmt::Display for SseSignalStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connecting => f.write_str("connecting"),
            Self::Live => f.write_str("live"),
            Self::Stale => f.write_str("stale"),
            Self::Refused(why) => write!(f, "refused: {why}"),
            Self::Removed => f.write_str("removed"),
        }
    }
}

/// The state of the signal of `T`, as a signal.
///
/// It follows the key as a signal does, so that there is a status also where nothing on the page shows the value. On the server,
/// and on the page until it is hydrated, it is [`SseSignalStatus::Connecting`]. Without [`provide_sse`](crate::provide_sse)
/// above it stays so, and the error is logged.
///
/// ```
/// use leptos::prelude::*;
/// use leptos_sse::{SseSignalStatus, create_sse_signal, use_sse_signal_status};
///
/// #[derive(Clone, Default, serde::Deserialize)]
/// struct Price { cents: u64 }
///
/// #[component]
/// fn Price() -> impl IntoView {
///     let price = create_sse_signal::<Price>();
///     let status = use_sse_signal_status::<Price>();
///     let note = move || match status.get() {
///         SseSignalStatus::Live => String::new(),
///         SseSignalStatus::Refused(why) => format!("You may not see it: {why}."),
///         status => status.to_string(),
///     };
///     view! { <p>{move || price.get().cents} " ct " <small>{note}</small></p> }
/// }
/// ```
#[must_use]
pub fn use_sse_signal_status<T: ?Sized>() -> ReadSignal<SseSignalStatus> {
    follow::<Status>(Ok(Key::of::<T>()), "use_sse_signal_status", |_| ())
}

/// The state of the signal with this key; see [`use_sse_signal_status`].
#[must_use]
pub fn use_sse_signal_status_named(key: impl Into<Cow<'static, str>>) -> ReadSignal<SseSignalStatus> {
    follow::<Status>(Key::new(key), "use_sse_signal_status_named", |_| ())
}

/// The state of the signal of one `T` of many; see [`use_sse_signal_status`], and
/// [`create_sse_signal_for`](crate::create_sse_signal_for) for the id.
#[must_use]
pub fn use_sse_signal_status_for<T: 'static>(id: impl SseId) -> ReadSignal<SseSignalStatus> {
    follow_id::<T, Status>(id.into_id(), "use_sse_signal_status_for", |_| ())
}

/// A signal of where a key stands.
pub(super) struct Status(ArcRwSignal<SseSignalStatus>);

impl Shared for Status {
    type Shown = SseSignalStatus;

    fn new(shown: SseSignalStatus) -> Self {
        Self(ArcRwSignal::new(shown))
    }

    fn signal(&self) -> &ArcRwSignal<SseSignalStatus> {
        &self.0
    }

    fn restart(&self, shown: SseSignalStatus) -> Result<(), Error> {
        self.stands(&shown)
    }

    fn read(_: &Document) -> Result<SseSignalStatus, Error> {
        Ok(SseSignalStatus::default())
    }

    fn nothing() -> SseSignalStatus {
        SseSignalStatus::default()
    }
}

impl Follower for Status {
    const KIND: Kind = Kind::Signal;
    const WATCHES: bool = true;

    fn type_name() -> &'static str {
        "SseSignalStatus"
    }

    fn value() -> Option<TypeId> {
        None
    }

    fn accept(&self, _: &Document, _: Option<&[Touch]>) -> Result<(), Error> {
        Ok(())
    }

    fn take(&self, _: Step, _: Option<Document>) -> Result<(), Error> {
        Ok(())
    }

    fn stands(&self, status: &SseSignalStatus) -> Result<(), Error> {
        if self.0.with_untracked(|held| held == status) {
            return Ok(());
        }
        change(&self.0, |held| held.clone_from(status)).ok_or_else(Error::borrowed)
    }
}
