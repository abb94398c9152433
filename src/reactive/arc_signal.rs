use super::switch::Guard;
use leptos::{
    prelude::{ArcReadSignal, DefinedAt, IsDisposed, ReadUntracked, Track},
    reactive::signal::guards::{Plain, ReadGuard},
};
use std::{
    fmt::{self, Debug},
    panic::Location,
};

/// A signal that follows the server while one of its clones lives. It comes from [`UseSse::arc_signal`](crate::UseSse::arc_signal).
///
/// Read it as any signal of Leptos, by `get`, `with` and `read`, tracked or untracked. It is read-only.
pub struct ArcSseSignal<T> {
    signal: ArcReadSignal<T>,
    /// Keeps it following.
    guard: Guard,
}

impl<T> ArcSseSignal<T> {
    pub(super) fn new(signal: ArcReadSignal<T>, guard: Guard) -> Self {
        Self { signal, guard }
    }
}

impl<T> Clone for ArcSseSignal<T> {
    fn clone(&self) -> Self {
        Self { signal: self.signal.clone(), guard: self.guard.clone() }
    }
}

/// Two are equal when they show the same signal.
impl<T> PartialEq for ArcSseSignal<T> {
    fn eq(&self, other: &Self) -> bool {
        self.signal == other.signal
    }
}

impl<T> Eq for ArcSseSignal<T> {}

impl<T> Debug for ArcSseSignal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ArcSseSignal").field(&self.signal).finish()
    }
}

impl<T> DefinedAt for ArcSseSignal<T> {
    fn defined_at(&self) -> Option<&'static Location<'static>> {
        self.signal.defined_at()
    }
}

impl<T> IsDisposed for ArcSseSignal<T> {
    fn is_disposed(&self) -> bool {
        false
    }
}

impl<T: Send + Sync + 'static> Track for ArcSseSignal<T> {
    fn track(&self) {
        self.signal.track();
    }
}

impl<T: 'static> ReadUntracked for ArcSseSignal<T> {
    type Value = ReadGuard<T, Plain<T>>;

    fn try_read_untracked(&self) -> Option<Self::Value> {
        self.signal.try_read_untracked()
    }
}
