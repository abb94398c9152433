use super::switch::{self, Guard, Switch};
use leptos_sse_core::{Error, Key};
use std::fmt::Display;

/// The id of one value among many of a type: a text, a whole number, or a closure that returns something to display.
///
/// A closure is tracked: when the id that it returns changes, the form follows the value of the new id. See
/// [`UseSse::id`](crate::UseSse::id).
///
/// ```
/// use leptos::prelude::*;
/// use leptos_sse::SseId;
///
/// fn takes(_: impl SseId) {}
/// # fn component(room: ReadSignal<u32>, user: ReadSignal<String>) {
/// takes("lobby");
/// takes(42_u64);
/// takes(move || room.get());
/// takes(move || user.get());
/// # }
/// ```
///
/// A signal is not an id by itself: write `move || room.get()`. While there is no id there is nothing to follow, so leave out
/// the component that follows it: `<Show when=move || room.get().is_some()>`, with `move || room.get().unwrap_or_default()` inside.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an id of a value",
    label = "expected a text, a whole number, or a closure that returns something to display",
    note = "wrap a signal in a closure: `move || id.get()`",
    note = "while there is no id, leave out what follows it: `<Show when=move || id.get().is_some()>`"
)]
pub trait SseId: sealed::Sealed {}

#[diagnostic::do_not_recommend]
impl<T: sealed::Sealed> SseId for T {}

/// An id as it is used.
pub enum Id {
    Constant(String),
    Reactive {
        id: Box<dyn Fn() -> String + Send + Sync>,
        /// A pointer, so that a page without a closure for an id is built without the code for it.
        drive: Drive,
    },
}

type Drive = fn(Switch, Box<dyn Fn() -> String + Send + Sync>) -> Guard;

/// Which value a form follows.
pub(super) struct Choice {
    /// What errors name as the caller.
    pub(super) call: &'static str,
    pub(super) base: Result<Key, Error>,
    pub(super) id: Option<Id>,
}

pub(super) mod sealed {
    pub trait Sealed {
        fn into_id(self) -> super::Id;
    }
}

#[diagnostic::do_not_recommend]
impl<F, R> sealed::Sealed for F
where
    F: Fn() -> R + Send + Sync + 'static,
    R: Display,
{
    fn into_id(self) -> Id {
        Id::Reactive { id: Box::new(move || self().to_string()), drive: switch::drive }
    }
}

macro_rules! constant {
    ($($id:ty),*) => {
        $(impl sealed::Sealed for $id {
            fn into_id(self) -> Id {
                Id::Constant(self.to_string())
            }
        })*
    };
}

constant!(&str, &String, String, u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize);
