//! One component for each scene. What a test reads stands under a `data-testid`.

pub mod hub;
pub mod lazy;
pub mod paint;
pub mod stands;
pub mod store;
pub mod tabs;
pub mod transport;

use leptos::prelude::*;
use leptos_sse::{SseContext, SseStatus, create_sse_signal, provide_sse, use_sse, use_sse_status};
use wasm_bindgen::prelude::*;
use web_sys::MessageEvent;

use crate::values::{Big, Fussy, Label, Pair, Round, Seeded, Tick};

/// How many signals `/many` has on its one connection.
pub const MANY: u32 = 500;

#[component]
pub fn Index() -> impl IntoView {
    view! {
        <a href="/tick">"tick"</a>
        " "
        <a href="/round">"round"</a>
    }
}

/// A counter and the connection's status.
#[component]
pub fn TickScene() -> impl IntoView {
    provide_sse("/sse/tick").unwrap();
    view! {
        <Status/>
        <TickView/>
    }
}

/// Two signals whose wire the test writes.
#[component]
pub fn WireScene() -> impl IntoView {
    provide_sse("/sse/wire").unwrap();
    view! {
        <Status/>
        <PairView key="a"/>
        <PairView key="b"/>
    }
}

/// The number that all pages share.
#[component]
pub fn RoundScene() -> impl IntoView {
    provide_sse("/sse/round").unwrap();
    view! {
        <Status/>
        <RoundView/>
    }
}

/// The server sends `late` once, at the start; its signal is made by a button.
#[component]
pub fn LateScene() -> impl IntoView {
    provide_sse("/sse/late").unwrap();
    let wanted = RwSignal::new(false);
    view! {
        <Status/>
        <TickView/>
        <button data-testid="make" on:click=move |_| wanted.set(true)>"make"</button>
        <Show when=move || wanted.get()>
            <PairView key="late"/>
        </Show>
    }
}

/// Two signals on one connection, each of which can be taken off the page.
#[component]
pub fn ToggleScene() -> impl IntoView {
    provide_sse("/sse/toggle").unwrap();
    let round = RwSignal::new(true);
    let tick = RwSignal::new(true);
    view! {
        <Status/>
        <button data-testid="toggle-round" on:click=move |_| round.update(|on| *on = !*on)>"round"</button>
        <button data-testid="toggle-tick" on:click=move |_| tick.update(|on| *on = !*on)>"tick"</button>
        <Show when=move || round.get()>
            <RoundView/>
        </Show>
        <Show when=move || tick.get()>
            <TickView/>
        </Show>
    }
}

/// Signals that are made anew inside another one's effects, each time it changes.
#[component]
pub fn NestedScene() -> impl IntoView {
    provide_sse("/sse/nested").unwrap();
    let tick = create_sse_signal::<Tick>();

    let in_effect = RwSignal::new(0);
    Effect::new(move || {
        tick.track();
        let round = use_sse::<Round>().named("in-effect").signal();
        Effect::new(move || in_effect.set(round.get().value));
    });

    // An immediate effect runs inside the very write that an update makes. It waits
    // for the first one: during hydration the server made no such signal.
    let at_once = RwSignal::new(0);
    ImmediateEffect::new_scoped(move || {
        if tick.get().value > 0 {
            let round = use_sse::<Round>().named("at-once").signal();
            at_once.set(round.get_untracked().value);
        }
    });

    view! {
        <TickView/>
        <p data-testid="in-effect">{move || in_effect.get()}</p>
        <p data-testid="at-once">{move || at_once.get()}</p>
        {move || {
            tick.track();
            let round = use_sse::<Round>().named("in-view").signal();
            view! { <p data-testid="in-view">{move || round.get().value}</p> }
        }}
    }
}

/// One key in two components.
#[component]
pub fn TwiceScene() -> impl IntoView {
    provide_sse("/sse/tick").unwrap();
    view! {
        <TickView/>
        <TickView id="again"/>
    }
}

/// One key for two types, the second of which is wrong.
#[component]
pub fn ConflictScene() -> impl IntoView {
    provide_sse("/sse/late").unwrap();
    let wanted = RwSignal::new(false);
    view! {
        <TickView/>
        <PairView key="late"/>
        <button data-testid="make" on:click=move |_| wanted.set(true)>"make"</button>
        <Show when=move || wanted.get()>
            <LabelView key="late"/>
        </Show>
    }
}

/// A mebibyte that changes as a whole, and in a small part.
#[component]
pub fn BigScene() -> impl IntoView {
    provide_sse("/sse/big").unwrap();
    view! {
        <Status/>
        <BigView/>
    }
}

/// A value whose serialisation fails now and then, beside one that is well.
#[component]
pub fn FussyScene() -> impl IntoView {
    provide_sse("/sse/fussy").unwrap();
    let fussy = create_sse_signal::<Fussy>();
    view! {
        <Status/>
        <TickView/>
        <p data-testid="fussy">{move || fussy.get().value}</p>
    }
}

/// Many signals on one connection.
#[component]
pub fn ManyScene() -> impl IntoView {
    provide_sse("/sse/many").unwrap();
    view! {
        <Status/>
        {(0..MANY)
            .map(|index| {
                let signal = use_sse::<Round>().named(format!("many:{index}")).signal();
                view! { <i class="many">{move || signal.get().value}</i> " " }
            })
            .collect_view()}
    }
}

/// A stream that ends after a few values.
#[component]
pub fn EndsScene() -> impl IntoView {
    provide_sse("/sse/ends").unwrap();
    view! {
        <Status/>
        <TickView/>
    }
}

/// A stream that fails after a few values.
#[component]
pub fn ErrorsScene() -> impl IntoView {
    provide_sse("/sse/errors").unwrap();
    view! {
        <Status/>
        <TickView/>
    }
}

/// One value and then nothing but heartbeats.
#[component]
pub fn BeatScene() -> impl IntoView {
    provide_sse("/sse/beat").unwrap();
    view! {
        <Status/>
        <PairView key="beat"/>
    }
}

/// A value that comes over a channel.
#[component]
pub fn ChannelScene() -> impl IntoView {
    provide_sse("/sse/channel").unwrap();
    view! {
        <Status/>
        <PairView key="channel"/>
    }
}

/// Components side by side, each with a provider of its own to the same URL.
#[component]
pub fn SiblingsScene() -> impl IntoView {
    let one = RwSignal::new(true);
    view! {
        <button data-testid="toggle-one" on:click=move |_| one.update(|on| *on = !*on)>"one"</button>
        <Show when=move || one.get()>
            <Sibling id="one" url="/sse/tick"/>
        </Show>
        <Sibling id="two" url="sse/tick"/>
    }
}

#[component]
fn Sibling(id: &'static str, url: &'static str) -> impl IntoView {
    provide_sse(url).unwrap();
    view! { <TickView id/> }
}

/// A signal without a provider.
#[component]
pub fn MissingScene() -> impl IntoView {
    view! { <PairView key="missing"/> }
}

/// A listener of one's own on the raw `EventSource`.
#[component]
pub fn RawScene() -> impl IntoView {
    provide_sse("/sse/wire").unwrap();
    let notes = RwSignal::new(String::new());
    let context = use_context::<SseContext>().expect("provide_sse was called above");

    // Every new connection is a new `EventSource`, so the effect listens again.
    let listeners = StoredValue::new_local(Vec::new());
    Effect::new(move || {
        if let Some(source) = context.event_source() {
            let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                let note = event.data().as_string().unwrap_or_default();
                notes.update(|notes| notes.push_str(&format!("[{note}]")));
            });
            source.add_event_listener_with_callback("note", listener.as_ref().unchecked_ref()).unwrap();
            listeners.update_value(|listeners| listeners.push(listener));
        }
    });

    view! {
        <Status/>
        <PairView key="a"/>
        <p data-testid="notes">{move || notes.get()}</p>
    }
}

/// Values that the server already puts into the HTML.
#[component]
pub fn SeededScene() -> impl IntoView {
    provide_sse("/sse/seeded").unwrap();
    let by_type = create_sse_signal::<Seeded>();
    let by_name = use_sse::<Seeded>().named("seeded").signal();
    view! {
        <Status/>
        <p data-testid="by-type">{move || by_type.get().value}</p>
        <p data-testid="by-name">{move || by_name.get().value}</p>
    }
}

#[component]
fn Status() -> impl IntoView {
    let status = use_sse_status();
    let text = move || match status.get() {
        SseStatus::Connecting => "connecting".to_owned(),
        SseStatus::Open => "open".to_owned(),
        SseStatus::Reconnecting { attempt, next } => format!("reconnecting {attempt} {next:?}"),
        SseStatus::Refused { status, next } => format!("refused {status} {next:?}"),
        SseStatus::Closed(why) => format!("closed: {why}"),
    };
    view! { <p data-testid="status">{text}</p> }
}

#[component]
fn TickView(#[prop(default = "tick")] id: &'static str) -> impl IntoView {
    let tick = create_sse_signal::<Tick>();
    let text = move || {
        let Tick { run, connection, value, double } = tick.get();
        format!("{run} {connection} {value} {double}")
    };
    view! { <p data-testid=id>{text}</p> }
}

#[component]
fn BigView() -> impl IntoView {
    let big = create_sse_signal::<Big>();
    view! { <p data-testid="big">{move || big.read().to_string()}</p> }
}

#[component]
fn RoundView() -> impl IntoView {
    let round = create_sse_signal::<Round>();
    view! { <p data-testid="round">{move || round.get().value}</p> }
}

#[component]
fn PairView(key: &'static str) -> impl IntoView {
    let pair = use_sse::<Pair>().named(key).signal();
    let text = move || {
        let Pair { left, right } = pair.get();
        format!("{left} {right}")
    };
    view! { <p data-testid=key>{text}</p> }
}

#[component]
fn LabelView(key: &'static str) -> impl IntoView {
    let label = use_sse::<Label>().named(key).signal();
    view! { <p data-testid="label">{move || format!("label:{}", label.get().text)}</p> }
}
