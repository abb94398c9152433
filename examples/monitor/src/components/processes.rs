//! The process table: sorted by any column, filtered by a word.

use leptos::prelude::*;

use crate::format;
use crate::model::{Machine, Processes, percent};
use crate::order::{Column, Order};

#[component]
pub fn ProcessTable(machine: ReadSignal<Machine>, processes: ReadSignal<Processes>) -> impl IntoView {
    let order = RwSignal::new(Order::by(Column::Cpu));
    let filter = RwSignal::new(String::new());
    let pids = Memo::new(move |_| order.get().apply(&processes.read().rows, &filter.read()));

    let shown = move || {
        let running = processes.read().running;
        format!("{} of {}", format::count(pids.read().len()), format::count(running))
    };

    view! {
        <section class="card processes">
            <div class="heading">
                <h2 id="processes">"Processes"</h2>
                <span class="note">{shown}</span>
                <input
                    type="search"
                    placeholder="Filter by name or id"
                    aria-label="Filter processes by name or id"
                    autocomplete="off"
                    spellcheck="false"
                    bind:value=filter
                />
            </div>
            // The region scrolls, so the keyboard has to reach it.
            <div class="scroll" role="region" aria-labelledby="processes" tabindex="0">
                <table aria-labelledby="processes">
                    <thead>
                        <tr>
                            <Header column=Column::Pid order>"Id"</Header>
                            <Header column=Column::Name order>"Name"</Header>
                            <Header column=Column::Cpu order hint="100 % is one core">"CPU"</Header>
                            <Header column=Column::Memory order hint="Resident memory">"Memory"</Header>
                        </tr>
                    </thead>
                    <tbody>
                        <For each=move || pids.get() key=|pid| *pid let:pid>
                            <Row pid machine processes />
                        </For>
                    </tbody>
                </table>
                <Show when=move || pids.read().is_empty()>
                    <p class="none">"No process matches."</p>
                </Show>
            </div>
        </section>
    }
}

#[component]
fn Header(
    column: Column,
    order: RwSignal<Order>,
    #[prop(optional)] hint: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    view! {
        <th scope="col" aria-sort=move || order.get().aria(column)>
            <button type="button" title=hint on:click=move |_| order.update(|order| *order = order.clicked(column))>
                {children()}
            </button>
        </th>
    }
}

#[component]
fn Row(pid: u32, machine: ReadSignal<Machine>, processes: ReadSignal<Processes>) -> impl IntoView {
    // A row looks again every second, but touches the page only for what differs.
    let read = move || processes.read().rows.get(&pid).cloned().unwrap_or_default();
    let name = Memo::new(move |_| read().name);
    let cpu = Memo::new(move |_| read().cpu);
    let memory = Memo::new(move |_| read().memory);
    let share = move || percent(memory.get(), machine.read().memory);

    view! {
        <tr>
            <td>{pid}</td>
            <th scope="row">{name}</th>
            <td class:idle=move || { cpu.get() == 0.0 } style=("--share", move || bar(cpu.get()))>
                {move || format::percent(cpu.get())}
            </td>
            <td class:idle=move || { memory.get() == 0 } style=("--share", move || bar(share()))>
                {move || size(memory.get())}
            </td>
        </tr>
    }
}

/// How far the bar behind a number reaches; a sliver would be a speck of dust.
fn bar(percent: f64) -> String {
    let percent = if percent < 1.0 { 0.0 } else { percent.min(100.0) };
    format!("{percent:.1}%")
}

/// The kernel's own processes have no memory of their own.
fn size(memory: u64) -> String {
    match memory {
        0 => "–".into(),
        memory => format::bytes(memory).to_string(),
    }
}
