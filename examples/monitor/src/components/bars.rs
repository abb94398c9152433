//! The cards of bars: each core and each disk.

use leptos::prelude::*;

use crate::format;
use crate::model::{History, Machine, Usage};

#[component]
pub fn Cores(history: ReadSignal<History>) -> impl IntoView {
    let count = Memo::new(move |_| history.read().cores().len());
    let core = move |index: usize| {
        let load = Memo::new(move |_| history.read().cores().get(index).copied().unwrap_or_default());
        view! {
            <li>
                <span class="name">{index}</span>
                <Bar share=Signal::derive(move || f64::from(load.get()) / 100.0) />
                <span class="value">{load} "%"</span>
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
pub fn Disks(machine: ReadSignal<Machine>) -> impl IntoView {
    let mounts = Memo::new(move |_| machine.read().disks.keys().cloned().collect::<Vec<_>>());
    let disk = move |mount: String| {
        let name = mount.clone();
        let usage = Memo::new(move |_| machine.read().disks.get(&mount).copied().unwrap_or_default());
        let text = move || {
            let Usage { used, total } = usage.get();
            format!("{} free of {}", format::bytes(total.saturating_sub(used)), format::bytes(total))
        };
        view! {
            <li>
                <span class="name" title=name.clone()>{name.clone()}</span>
                <span class="value">{text}</span>
                <Bar share=Signal::derive(move || usage.get().percent() / 100.0) warns=true />
            </li>
        }
    };

    view! {
        <section class="card disks">
            <h2>"Disks"</h2>
            <ul class="bars">
                <For each=move || mounts.get() key=Clone::clone children=disk />
            </ul>
            <Show when=move || mounts.read().is_empty()>
                <p class="none">"No disk can be seen from here."</p>
            </Show>
        </section>
    }
}

/// A bar that is so full, of 1. With `warns` its colour tells when little is left.
#[component]
fn Bar(share: Signal<f64>, #[prop(optional)] warns: bool) -> impl IntoView {
    let full = move || warns && share.get() >= 0.9;

    view! {
        <span class="bar" aria-hidden="true" class:full=full>
            <span style=("--share", move || format!("{:.3}", share.get().clamp(0.0, 1.0)))></span>
        </span>
    }
}
