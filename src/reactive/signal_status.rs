use super::{
    id::SseId,
    shared::{Shared, change},
    signal::follow,
    signal_for::follow_id,
};
use leptos::prelude::{ArcRwSignal, ReadSignal, WithUntracked};
use leptos_sse_client::{
    feeds::Step,
    signal_status::SseSignalStatus,
    slots::{Follower, Kind},
};
use leptos_sse_core::{Error, Key, document::Document, patch::Touch};
use std::{any::TypeId, borrow::Cow};

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
    follow::<Status>(Key::named(key), "use_sse_signal_status_named", |_| ())
}

/// The state of the signal of one `T` of many; see [`use_sse_signal_status`], and
/// [`create_sse_signal_for`](crate::create_sse_signal_for) for the id.
#[must_use]
pub fn use_sse_signal_status_for<T: 'static>(id: impl SseId) -> ReadSignal<SseSignalStatus> {
    follow_id::<T, Status>(id.into_id(), "use_sse_signal_status_for", |_| ())
}

/// A signal of where a key stands.
pub(crate) struct Status(ArcRwSignal<SseSignalStatus>);

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
