//! The cards of numbers: processors, memory, network and disks.

use leptos::prelude::*;

use super::chart::{Chart, Series};
use crate::chart;
use crate::format::{self, Quantity};
use crate::model::{History, Machine, Sample, Usage};

/// Below this an idle network would look like a mountain range.
const LEAST_RATE: f64 = 10_000.0;

#[component]
pub fn Cpu(history: ReadSignal<History>) -> impl IntoView {
    let cpu = latest(history, |sample| sample.cpu);
    let cores = latest(history, |sample| sample.cores.len());
    let series = vec![Series { class: "first", value: |sample| sample.cpu }];

    view! {
        <section class="card cpu">
            <h2>"Processor"</h2>
            <p class="figures">
                <span class="figure">{move || format::percent(cpu.get())} <small>"%"</small></span>
                <span class="note">{move || format::cores(cores.get())}</span>
            </p>
            <Chart label="Processor load of the last two minutes" history series ceiling=100.0 top="100 %" />
        </section>
    }
}

#[component]
pub fn Memory(machine: ReadSignal<Machine>, history: ReadSignal<History>) -> impl IntoView {
    let used = latest(history, |sample| sample.memory);
    let total = Memo::new(move |_| machine.read().memory);
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
                history
                series
                ceiling=Signal::derive(move || total.get() as f64)
                top=Signal::derive(move || format::bytes(total.get()).to_string())
            />
        </section>
    }
}

#[component]
pub fn Network(history: ReadSignal<History>) -> impl IntoView {
    let received = latest(history, |sample| sample.received);
    let sent = latest(history, |sample| sample.sent);
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
                history
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
            {move || quantity.get().number} <small>" "{move || quantity.get().unit}</small>
        </span>
    }
}

/// The newest sample, seen through `read`.
fn latest<T>(history: ReadSignal<History>, read: fn(&Sample) -> T) -> Memo<T>
where
    T: Default + PartialEq + Send + Sync + 'static,
{
    Memo::new(move |_| history.read().latest().map(read).unwrap_or_default())
}
