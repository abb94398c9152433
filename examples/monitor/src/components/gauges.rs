//! The cards of numbers: processors, memory, network and disks.

use leptos::prelude::*;
use leptos_sse::use_sse_signal;

use super::chart::{Chart, Series};
use crate::chart;
use crate::format::{self, Quantity};
use crate::model::{History, Machine, Sample, Usage};

/// Below this an idle network would look like a mountain range.
const LEAST_RATE: f64 = 10_000.0;

/// The newest sample, seen through `read`.
fn latest<T>(read: fn(&Sample) -> T) -> Signal<T>
where
    T: Default + Send + Sync + 'static,
{
    let history = use_sse_signal::<History>();
    Signal::derive(move || history.read().latest().map(read).unwrap_or_default())
}

#[component]
pub fn Cpu() -> impl IntoView {
    let machine = use_sse_signal::<Machine>();
    let cpu = latest(|sample| sample.cpu);
    let load = move || match machine.read().load {
        Some([one, five, fifteen]) => format!("load {one:.2}  {five:.2}  {fifteen:.2}"),
        None => String::new(),
    };
    let series = vec![Series { class: "first", value: |sample| sample.cpu }];

    view! {
        <section class="card cpu">
            <h2>"Processor"</h2>
            <p class="figures">
                <span class="figure">{move || format::percent(cpu.get())}<small>"%"</small></span>
                <span class="note" title="Over one, five and fifteen minutes">{load}</span>
            </p>
            <Chart label="Processor load of the last two minutes" series ceiling=100.0 top="100 %" />
        </section>
    }
}

#[component]
pub fn Memory() -> impl IntoView {
    let machine = use_sse_signal::<Machine>();
    let used = latest(|sample| sample.memory);
    let total = Signal::derive(move || machine.read().memory);
    let swap = move || match machine.read().swap {
        Some(Usage { used, total }) => format!("swap {} of {}", format::bytes(used), format::bytes(total)),
        None => "no swap".into(),
    };
    let series = vec![Series { class: "second", value: |sample| sample.memory as f64 }];

    view! {
        <section class="card memory">
            <h2>"Memory"</h2>
            <p class="figures">
                <Figure quantity=Signal::derive(move || format::bytes(used.get())) />
                <span class="note">{swap}</span>
            </p>
            <Chart
                label="Memory in use in the last two minutes"
                series
                ceiling=Signal::derive(move || total.get() as f64)
                top=Signal::derive(move || format::bytes(total.get()).to_string())
            />
        </section>
    }
}

#[component]
pub fn Network() -> impl IntoView {
    let history = use_sse_signal::<History>();
    let received = latest(|sample| sample.received);
    let sent = latest(|sample| sample.sent);
    let ceiling = Memo::new(move |_| {
        let history = history.read();
        let rates = history.by_age().map(|(_, sample)| sample.received.max(sample.sent));
        chart::ceiling(rates.max().unwrap_or_default() as f64, LEAST_RATE)
    });
    let series = vec![
        Series { class: "first", value: |sample| sample.received as f64 },
        Series { class: "third", value: |sample| sample.sent as f64 },
    ];

    view! {
        <section class="card network">
            <h2>"Network"</h2>
            <p class="figures">
                <span class="key first">
                    <Figure quantity=Signal::derive(move || format::rate(received.get())) />
                    <span class="note">"in"</span>
                </span>
                <span class="key third">
                    <Figure quantity=Signal::derive(move || format::rate(sent.get())) />
                    <span class="note">"out"</span>
                </span>
            </p>
            <Chart
                label="Network traffic of the last two minutes"
                series
                ceiling
                top=Signal::derive(move || format::rate(ceiling.get() as u64).to_string())
            />
        </section>
    }
}

#[component]
fn Figure(quantity: Signal<Quantity>) -> impl IntoView {
    view! {
        <span class="figure">
            {move || quantity.get().number} <small>{move || quantity.get().unit}</small>
        </span>
    }
}

#[component]
pub fn Cores() -> impl IntoView {
    let cores = latest(|sample| sample.cores.clone());
    let count = Memo::new(move |_| cores.get().len());
    let core = move |index: usize| {
        let load = Memo::new(move |_| cores.get().get(index).copied().unwrap_or_default());
        view! {
            <li>
                <span class="name">{index}</span>
                <Bar percent=Signal::derive(move || f64::from(load.get())) />
                <span class="value">{load}"%"</span>
            </li>
        }
    };

    view! {
        <section class="card cores">
            <h2>"Cores"</h2>
            <ul class="bars" class:many=move || { count.get() > 8 }>
                <For each=move || 0..count.get() key=|index| *index children=core />
            </ul>
        </section>
    }
}

#[component]
pub fn Disks() -> impl IntoView {
    let machine = use_sse_signal::<Machine>();
    let mounts = Memo::new(move |_| machine.read().disks.keys().cloned().collect::<Vec<_>>());
    let disk = move |mount: String| {
        let name = mount.clone();
        let usage = Memo::new(move |_| machine.read().disks.get(&mount).copied().unwrap_or_default());
        let text = move || {
            let Usage { used, total } = usage.get();
            format!("{} of {}", format::bytes(used), format::bytes(total))
        };
        view! {
            <li>
                <span class="name" title=name.clone()>{name.clone()}</span>
                <span class="value">{text}</span>
                <Bar percent=Signal::derive(move || usage.get().percent()) warns=true />
            </li>
        }
    };

    view! {
        <section class="card disks">
            <h2>"Disks"</h2>
            <ul class="bars wide">
                <For each=move || mounts.get() key=Clone::clone children=disk />
            </ul>
            <Show when=move || mounts.read().is_empty()>
                <p class="none">"No disk can be seen from here."</p>
            </Show>
        </section>
    }
}

/// A bar that is so full. With `warns` it changes its colour when little is left.
#[component]
fn Bar(percent: Signal<f64>, #[prop(optional)] warns: bool) -> impl IntoView {
    view! {
        <span class="bar" aria-hidden="true" class:full=move || { warns && percent.get() >= 90.0 }>
            <span style=("--share", move || format!("{:.3}", percent.get() / 100.0))></span>
        </span>
    }
}
