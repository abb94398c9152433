use std::fmt::Display;

/// What tells one of many signals of a type: a text, a whole number, or a closure that gives something to display.
///
/// A closure is tracked: when what it gives changes, the signal follows another key.
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
/// A signal is no closure by itself: `move || room.get()`. While there is no id there is nothing to follow, so leave out what
/// shows it: `<Show when=move || room.get().is_some()>`, with `move || room.get().unwrap_or_default()` in it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no id of a signal",
    label = "a text, a whole number, or a closure that gives something to display",
    note = "wrap a signal in a closure: `move || id.get()`",
    note = "while there is no id, leave out what follows it: `<Show when=move || id.get().is_some()>`"
)]
pub trait SseId: sealed::Sealed {}

impl<T: sealed::Sealed> SseId for T {}

/// An id as it is used.
pub enum Id {
    Constant(String),
    Reactive(Box<dyn Fn() -> String + Send + Sync>),
}

impl Id {
    /// The id of now.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Constant(id) => id.clone(),
            Self::Reactive(id) => id(),
        }
    }
}

pub(super) mod sealed {
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is no id of a signal",
        label = "a text, a whole number, or a closure that gives something to display",
        note = "wrap a signal in a closure: `move || id.get()`",
        note = "while there is no id, leave out what follows it: `<Show when=move || id.get().is_some()>`"
    )]
    pub trait Sealed {
        fn into_id(self) -> super::Id;
    }
}

impl<F, R> sealed::Sealed for F
where
    F: Fn() -> R + Send + Sync + 'static,
    R: Display,
{
    fn into_id(self) -> Id {
        Id::Reactive(Box::new(move || self().to_string()))
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
