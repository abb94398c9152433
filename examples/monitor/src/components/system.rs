//! Which machine this is.

use leptos::prelude::*;

use crate::format;
use crate::model::{Machine, Processes};

/// The page's heading.
#[component]
pub fn Host(machine: ReadSignal<Machine>) -> impl IntoView {
    view! {
        <h1>{move || machine.read().host.clone()}</h1>
        <p class="uptime">"up " {move || format::duration(machine.read().uptime_minutes)}</p>
    }
}

/// How many processes wanted to run, over the last 1, 5 and 15 minutes.
#[component]
pub fn Load(machine: ReadSignal<Machine>) -> impl IntoView {
    let spans = ["1 min", "5 min", "15 min"];
    let figure = move |index: usize| {
        let load = move || machine.read().load.map_or(0.0, |load| load[index]);
        view! {
            <div>
                <dt>{spans[index]}</dt>
                <dd>{move || format!("{:.2}", load())}</dd>
            </div>
        }
    };

    view! {
        <Show when=move || machine.read().load.is_some()>
            <section class="card load">
                <h2>"Load"</h2>
                <dl>{figure(0)} {figure(1)} {figure(2)}</dl>
            </section>
        </Show>
    }
}

/// What hardly ever changes.
#[component]
pub fn System(machine: ReadSignal<Machine>, processes: ReadSignal<Processes>) -> impl IntoView {
    let text = move |read: fn(&Machine) -> String| Signal::derive(move || read(&machine.read()));

    view! {
        <section class="card system">
            <h2>"System"</h2>
            <dl>
                <Fact name="Name" value=text(|machine| machine.system.clone()) />
                <Fact name="Kernel" value=text(|machine| machine.kernel.clone()) />
                <Fact name="Processor" value=text(|machine| machine.processor.clone()) />
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
