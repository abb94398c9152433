//! Which machine this is.

use leptos::prelude::*;
use leptos_sse::use_sse_signal;

use crate::format;
use crate::model::{History, Machine, Processes};

/// The page's heading.
#[component]
pub fn Host() -> impl IntoView {
    let machine = use_sse_signal::<Machine>();

    view! {
        <h1>{move || machine.read().host.clone()}</h1>
        <p class="uptime">"up " {move || format::duration(machine.read().uptime_minutes)}</p>
    }
}

/// What hardly ever changes.
#[component]
pub fn System() -> impl IntoView {
    let machine = use_sse_signal::<Machine>();
    let history = use_sse_signal::<History>();
    let processes = use_sse_signal::<Processes>();

    let processor = move || {
        let cores = history.read().latest().map_or(0, |sample| sample.cores.len());
        let cores = format!("{cores} {}", if cores == 1 { "core" } else { "cores" });
        match machine.read().processor.as_str() {
            "" => cores,
            name => format!("{name}, {cores}"),
        }
    };

    view! {
        <section class="card system">
            <h2>"System"</h2>
            <dl>
                <Fact name="System" value=Signal::derive(move || machine.read().system.clone()) />
                <Fact name="Kernel" value=Signal::derive(move || machine.read().kernel.clone()) />
                <Fact name="Processor" value=Signal::derive(processor) />
                <Fact name="Memory" value=Signal::derive(move || format::bytes(machine.read().memory).to_string()) />
                <Fact name="Processes" value=Signal::derive(move || format::count(processes.read().running)) />
            </dl>
        </section>
    }
}

/// A line that is left out when the machine does not tell.
#[component]
fn Fact(name: &'static str, value: Signal<String>) -> impl IntoView {
    let value = Memo::new(move |_| value.get());

    view! {
        <Show when=move || !value.read().is_empty()>
            <div>
                <dt>{name}</dt>
                <dd title=value>{value}</dd>
            </div>
        </Show>
    }
}
