use super::{
    arc_signal::ArcSseSignal,
    feed::{self, SseFeed},
    follow::{follow, follow_key},
    id::{Choice, SseId},
    option::Optional,
    part,
    signal::Signal,
    signal_status::Status,
    store,
};
use crate::store::SseStore;
use leptos::prelude::{Memo, ReadSignal, With};
use leptos_sse_client::signal_status::SseSignalStatus;
use leptos_sse_core::{Key, Rebuild};
use serde::de::DeserializeOwned;
use std::{borrow::Cow, fmt, marker::PhantomData};

/// Follows the server's value of `T` as a signal: short for [`use_sse::<T>().signal()`](UseSse::signal).
///
/// ```
/// use leptos::prelude::*;
/// use leptos_sse::create_sse_signal;
///
/// #[derive(Clone, Default, serde::Deserialize)]
/// struct Count { value: i32 }
///
/// #[component]
/// fn Counter() -> impl IntoView {
///     let count = create_sse_signal::<Count>();
///     view! { <h1>{move || count.get().value}</h1> }
/// }
/// ```
#[must_use]
pub fn create_sse_signal<T>() -> ReadSignal<T>
where
    T: Default + DeserializeOwned + Send + Sync + 'static,
{
    // Not by way of `signal`: a page without ids that change is built without the code for them.
    follow_key("create_sse_signal", Ok(Key::of::<T>()), &|| Signal::new(T::default())).scoped().read_only().into()
}

/// Chooses a value of the server, to follow it in one of several forms.
///
/// The value is the one whose key is the name of `T`, unless [`named`](UseSse::named) or [`id`](UseSse::id) says otherwise. Each
/// form is a method of [`UseSse`].
///
/// ```
/// use leptos::prelude::*;
/// use leptos_sse::use_sse;
///
/// #[derive(Clone, Default, serde::Deserialize)]
/// struct Room { topic: String, guests: Vec<String> }
///
/// #[component]
/// fn Rooms(chosen: ReadSignal<u32>) -> impl IntoView {
///     let lobby = use_sse::<Room>().named("lobby").signal();
///     let room = use_sse::<Room>().id(move || chosen.get()).option();
///     let guests = use_sse::<Room>().id(move || chosen.get()).memo(|room| room.guests.len());
///     view! {
///         <h1>{move || lobby.get().topic}</h1>
///         <h2>{move || room.get().map(|room| room.topic)}</h2>
///         <p>{move || guests.get()}</p>
///     }
/// }
/// ```
pub fn use_sse<T: ?Sized>() -> UseSse<T> {
    UseSse { choice: Choice { call: "use_sse", base: Ok(Key::of::<T>()), id: None }, of: PhantomData }
}

/// One of the server's values, before it is followed. It comes from [`use_sse`].
///
/// # Which value
///
/// - without more, the value whose key is the full name of `T`. The name differs between two crates that each define the type,
///   so define it once, in a crate that both sides share;
/// - [`named`](Self::named): the value with a name of its own;
/// - [`id`](Self::id): keyed by an id that may change.
///
/// # In which form
///
/// | method | gives | shows before the first value | `T` |
/// |---|---|---|---|
/// | [`signal`](Self::signal) | [`ReadSignal<T>`] | `T::default()` | `Default`, `Deserialize` |
/// | [`arc_signal`](Self::arc_signal) | [`ArcSseSignal<T>`], which outlives its component | `T::default()` | `Default`, `Deserialize` |
/// | [`option`](Self::option) | [`ReadSignal<Option<T>>`] | `None` | `Deserialize` |
/// | [`memo`](Self::memo) | [`Memo<U>`] of a function of the value | the function of `T::default()` | `Default`, `Deserialize` |
/// | [`part`](Self::part) | [`ReadSignal<Option<U>>`] of one part | `None` | only names the value |
/// | [`in_place`](Self::in_place) | [`ReadSignal<T>`], rebuilt in place | `T::default()` | `Default`, [`Rebuild`] |
/// | [`store`](Self::store) | [`SseStore<T>`] | `T::default()` | `Default`, [`Rebuild`], `reactive_stores::Store` |
/// | [`feed`](Self::feed) | [`SseFeed<T>`], a series of events | no events | `Deserialize` |
/// | [`status`](Self::status) | [`ReadSignal<SseSignalStatus>`] | [`Connecting`](SseSignalStatus::Connecting) | only names the value |
///
/// Each form works with each kind of key. On the server, and on the page until it is hydrated, a form shows the first value that
/// the page was given ([`provide_sse_value`](crate::provide_sse_value), `provide_sse_hub`), if there is one. All forms are
/// read-only, and all but [`arc_signal`](Self::arc_signal) and [`feed`](Self::feed) end with the component that made them.
///
/// # Errors
///
/// Errors are logged and told to [`on_sse_error`](crate::on_sse_error); none of them panics. A form stays as it starts when there
/// is no [`provide_sse`](crate::provide_sse) above, when the key is not valid (see [`Key::named`] and [`Key::id`]), and when the
/// key is followed as another type already. A value of the server that is not a `T` leaves the last good value.
#[must_use = "it is followed by one of its forms, such as `.signal()`"]
pub struct UseSse<T: ?Sized> {
    choice: Choice,
    of: PhantomData<fn() -> Box<T>>,
}

impl<T: ?Sized> UseSse<T> {
    /// Follows the value with this name instead of the name of `T`.
    ///
    /// It is the name that the server gave: `hub.signal_for(Key::named("open-orders"), ..)`. A [`Key`] is a name, too. An invalid
    /// name (see [`Key::named`]) is logged, and the form stays as it starts.
    ///
    /// ```
    /// # use leptos_sse::use_sse;
    /// # fn component() {
    /// let names = use_sse::<Vec<String>>().named("names").signal();
    /// # }
    /// ```
    pub fn named(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.choice.base = Key::named(name);
        self
    }

    /// Follows a value keyed by id: the key is the name, a colon, and the id.
    ///
    /// The id is a text, a whole number, or a closure that returns something to display. A closure is tracked: when the id changes,
    /// the form shows the new id's value at once, or else its provided first value, or else what it shows before the first value;
    /// never the value of the id before. An id that makes no valid key (see [`Key::id`]) is logged, and counts as one without a
    /// value.
    ///
    /// On the server the closure is called once.
    ///
    /// ```
    /// # use leptos::prelude::*;
    /// # use leptos_sse::use_sse;
    /// # #[derive(Clone, Default, serde::Deserialize)]
    /// # struct Room { topic: String }
    /// # fn component(chosen: ReadSignal<u32>) {
    /// let lobby = use_sse::<Room>().id("lobby").signal();
    /// let room = use_sse::<Room>().id(move || chosen.get()).signal();
    /// // The key is `seats:` and the id.
    /// let seats = use_sse::<Vec<bool>>().named("seats").id(move || chosen.get()).signal();
    /// # }
    /// ```
    pub fn id(mut self, id: impl SseId) -> Self {
        self.choice.id = Some(id.into_id());
        self
    }

    /// A signal that shows the value, and `T::default()` before the first one.
    ///
    /// Components that ask for the same key share one signal. When the server refuses the key later, as after a logout, or removes
    /// it, the last value stays: hide what must not be seen any more by [`status`](Self::status).
    ///
    /// ```
    /// # use leptos::prelude::*;
    /// # use leptos_sse::use_sse;
    /// # #[derive(Clone, Default, serde::Deserialize)]
    /// # struct Count { value: i32 }
    /// # fn component() -> impl IntoView {
    /// let count = use_sse::<Count>().signal();
    /// view! { <h1>{move || count.get().value}</h1> }
    /// # }
    /// ```
    #[must_use]
    pub fn signal(self) -> ReadSignal<T>
    where
        T: Default + DeserializeOwned + Send + Sync + 'static,
    {
        follow(self.choice, &|| Signal::new(T::default())).scoped().read_only().into()
    }

    /// A signal that outlives the component that made it.
    ///
    /// It is for code that holds signals by itself, such as a struct in context, a map, or a task. The key is followed, and the
    /// connection is kept open, while a clone lives, so do not put it where nothing ever drops it.
    ///
    /// A closure given to [`id`](Self::id) is called while a clone lives, too, and not only while the component does: let it read
    /// signals that live as long, such as an `ArcRwSignal`. Dropping the last clone ends it.
    ///
    /// ```
    /// use leptos::prelude::*;
    /// use leptos_sse::{ArcSseSignal, use_sse};
    ///
    /// #[derive(Clone, Default, serde::Deserialize)]
    /// struct Price { cents: u64 }
    ///
    /// #[derive(Clone)]
    /// struct Watched(Vec<ArcSseSignal<Price>>);
    ///
    /// impl Watched {
    ///     fn sum(&self) -> u64 {
    ///         self.0.iter().map(|price| price.with(|price| price.cents)).sum()
    ///     }
    /// }
    ///
    /// #[component]
    /// fn Sum() -> impl IntoView {
    ///     let watched = Watched(["ABC", "DEF"].map(|id| use_sse::<Price>().id(id).arc_signal()).to_vec());
    ///     view! { <p>{move || watched.sum()}</p> }
    /// }
    /// ```
    #[must_use]
    pub fn arc_signal(self) -> ArcSseSignal<T>
    where
        T: Default + DeserializeOwned + Send + Sync + 'static,
    {
        let subscribed = follow(self.choice, &|| Signal::new(T::default()));
        ArcSseSignal::new(subscribed.subscriber.read_only(), subscribed.guard)
    }

    /// A signal that shows the value, for a `T` without a default; `None` before the first value.
    ///
    /// It is `None` again when the server removes the value. When the server refuses the key later, as after a logout, the last
    /// value stays, and [`status`](Self::status) tells.
    ///
    /// ```
    /// use leptos::prelude::*;
    /// use leptos_sse::use_sse;
    ///
    /// #[derive(Clone, serde::Deserialize)]
    /// struct Price { cents: u64 }
    ///
    /// #[component]
    /// fn Price() -> impl IntoView {
    ///     let price = use_sse::<Price>().option();
    ///     view! { <p>{move || price.get().map_or("no price yet".to_owned(), |price| format!("{} ct", price.cents))}</p> }
    /// }
    /// ```
    #[must_use]
    pub fn option(self) -> ReadSignal<Option<T>>
    where
        T: DeserializeOwned + Send + Sync + 'static,
    {
        follow(self.choice, &|| Optional::new(None)).scoped().signal().read_only().into()
    }

    /// A memo over the value; it notifies only when the result of the function changes.
    ///
    /// The function runs with each change of the value, which is that of [`signal`](Self::signal) and shared with it.
    ///
    /// ```
    /// use leptos::prelude::*;
    /// use leptos_sse::use_sse;
    ///
    /// #[derive(Default, serde::Deserialize)]
    /// struct Orders { open: Vec<u64>, done: u64 }
    ///
    /// #[component]
    /// fn Badge() -> impl IntoView {
    ///     let open = use_sse::<Orders>().memo(|orders| orders.open.len());
    ///     view! { <span>{move || open.get()}</span> }
    /// }
    /// ```
    #[must_use]
    pub fn memo<U>(self, function: impl Fn(&T) -> U + Send + Sync + 'static) -> Memo<U>
    where
        T: Default + DeserializeOwned + Send + Sync + 'static,
        U: PartialEq + Send + Sync + 'static,
    {
        let whole = self.signal();
        Memo::new(move |_| whole.with(&function))
    }

    /// A signal of one part of the value; it changes only when that part does, and is `None` while there is no such part.
    ///
    /// A [JSON Pointer](https://www.rfc-editor.org/rfc/rfc6901) into the value as JSON finds the part: `/rows/3/name`, and the
    /// empty text for the whole. Only the part is read, and only when the server has touched it, so that it costs next to nothing
    /// within a large value. A part that is not a `U`, and a text that is not a pointer, are logged and leave the last good part.
    ///
    /// Use [`memo`](Self::memo) for a path that only code can say, such as one through an enum or by a key.
    ///
    /// ```
    /// use leptos::prelude::*;
    /// use leptos_sse::use_sse;
    ///
    /// struct Settings;
    ///
    /// #[component]
    /// fn Title() -> impl IntoView {
    ///     let title = use_sse::<Settings>().part::<String>("/page/title");
    ///     view! { <h1>{move || title.get().unwrap_or_default()}</h1> }
    /// }
    /// ```
    #[must_use]
    pub fn part<U>(self, pointer: impl Into<Cow<'static, str>>) -> ReadSignal<Option<U>>
    where
        U: DeserializeOwned + Send + Sync + 'static,
    {
        part::follow_part(self.choice, &pointer.into())
    }

    /// A signal that rebuilds only what the server changed, in place, so that an update costs what it touches.
    ///
    /// It is for large values. `T` derives [`Rebuild`]. It is the signal of [`signal`](Self::signal), and shared with it: once one
    /// component has asked for it in place, it is rebuilt in place for all. What cannot be rebuilt in part is read as a whole, as
    /// is the value of another id.
    ///
    /// ```
    /// use leptos::prelude::*;
    /// use leptos_sse::{Rebuild, use_sse};
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Clone, Default, Serialize, Deserialize, Rebuild)]
    /// struct Chat { messages: Vec<Message> }
    ///
    /// #[derive(Clone, Default, Serialize, Deserialize, Rebuild)]
    /// struct Message { id: u64, text: String }
    ///
    /// #[component]
    /// fn Messages() -> impl IntoView {
    ///     let chat = use_sse::<Chat>().in_place();
    ///     // Reads by reference, as a clone would cost what the rebuild has saved.
    ///     view! { <p>{move || chat.with(|chat| chat.messages.len())} " messages"</p> }
    /// }
    /// ```
    #[must_use]
    pub fn in_place(self) -> ReadSignal<T>
    where
        T: Default + Rebuild + Send + Sync + 'static,
    {
        let signal = follow(self.choice, &|| Signal::new(T::default())).scoped();
        signal.rebuild_in_place();
        signal.read_only().into()
    }

    /// A store whose fields each notify only those who read that field.
    ///
    /// When one price moves in a table of a thousand rows, one text of the page is written and nothing else runs. The server's
    /// patch says what has changed; values are not compared. `T` derives `Store` of the crate `reactive_stores` (version 0.4, for
    /// Leptos 0.8), and [`Rebuild`].
    ///
    /// ```
    /// use leptos::prelude::*;
    /// use leptos_sse::{Rebuild, store::ByKey, use_sse};
    /// use reactive_stores::Store;
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Clone, Default, Serialize, Deserialize, Store, Rebuild)]
    /// struct Market {
    ///     name: String,
    ///     #[store(key: u64 = |row| row.id)]
    ///     rows: Vec<Row>,
    /// }
    ///
    /// #[derive(Clone, Default, Serialize, Deserialize, Store, Rebuild)]
    /// struct Row {
    ///     id: u64,
    ///     price: u32,
    /// }
    ///
    /// #[component]
    /// fn Prices() -> impl IntoView {
    ///     let market = use_sse::<Market>().store();
    ///     view! {
    ///         <h1>{move || market.name().get()}</h1>
    ///         <For each=move || market.rows().by_key() key=|row| row.key() let:row>
    ///             <p>{move || row.price().get()}</p>
    ///         </For>
    ///     }
    /// }
    /// ```
    ///
    /// The items of a list with `#[store(key: …)]` keep their identity, and with it the nodes of their views, when others come, go
    /// or move; the keys of one list differ from each other. The guide `docs/guide/stores.md` says which changes notify more than
    /// one field. A field that was taken before an [`id`](Self::id) changed is a field of the new id's value; so is an item of a
    /// keyed list, if the new list has an item with its key.
    ///
    /// A type without [`Rebuild`] is an error of the compiler, which says what to derive:
    ///
    /// ```compile_fail
    /// #[derive(Default, serde::Deserialize, reactive_stores::Store)]
    /// struct Market { name: String }
    ///
    /// let market = leptos_sse::use_sse::<Market>().store();
    /// ```
    ///
    /// Components that ask for the same key share one store, unless the id is a closure.
    #[must_use]
    pub fn store(self) -> SseStore<T>
    where
        T: Default + Rebuild + Send + Sync + 'static,
    {
        SseStore::new(follow(self.choice, &store::held).scoped())
    }

    /// The events of a feed of the server: a series that only grows.
    ///
    /// On the server, and on the page until it is hydrated, a feed has no events. An event that is not a `T` is logged and skipped.
    /// When an [`id`](Self::id) changes, the feed restarts, with the events of the new id.
    ///
    /// The key is followed while a clone of the [`SseFeed`] lives, or a component that asked it for events.
    ///
    /// ```
    /// use leptos::prelude::*;
    /// use leptos_sse::use_sse;
    ///
    /// #[component]
    /// fn LastLine() -> impl IntoView {
    ///     let latest = use_sse::<String>().named("build-7").feed().latest();
    ///     view! { <code>{move || latest.get().map(|line| line.to_string())}</code> }
    /// }
    /// ```
    #[must_use]
    pub fn feed(self) -> SseFeed<T>
    where
        T: DeserializeOwned + Send + Sync + 'static,
    {
        feed::follow_feed(self.choice)
    }

    /// A signal of where the value stands: whether it is live, stale, refused or removed.
    ///
    /// It follows the key by itself, so that there is a status also where nothing on the page shows the value. On the server, and
    /// on the page until it is hydrated, it is [`Connecting`](SseSignalStatus::Connecting).
    ///
    /// ```
    /// use leptos::prelude::*;
    /// use leptos_sse::{SseSignalStatus, create_sse_signal, use_sse};
    ///
    /// #[derive(Clone, Default, serde::Deserialize)]
    /// struct Price { cents: u64 }
    ///
    /// #[component]
    /// fn Price() -> impl IntoView {
    ///     let price = create_sse_signal::<Price>();
    ///     let status = use_sse::<Price>().status();
    ///     let note = move || match status.get() {
    ///         SseSignalStatus::Live => String::new(),
    ///         SseSignalStatus::Refused(why) => format!("You may not see it: {why}."),
    ///         status => status.to_string(),
    ///     };
    ///     view! { <p>{move || price.get().cents} " ct " <small>{note}</small></p> }
    /// }
    /// ```
    #[must_use]
    pub fn status(self) -> ReadSignal<SseSignalStatus> {
        follow(self.choice, &|| Status::new(SseSignalStatus::default())).scoped().signal().read_only().into()
    }
}

impl<T: ?Sized> fmt::Debug for UseSse<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UseSse").field("key", &self.choice.base).finish_non_exhaustive()
    }
}
