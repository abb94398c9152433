//! Two minutes of values as curves that glide from right to left.

use leptos::prelude::*;

use crate::chart::{HEIGHT, WIDTH, area, line, point};
use crate::model::{History, Sample};

/// One curve: its class in the style sheet, and what it follows.
#[derive(Clone, Copy)]
pub struct Series {
    pub class: &'static str,
    pub value: fn(&Sample) -> f64,
}

/// `ceiling` is the value at the top, `top` the same in words.
#[component]
pub fn Chart(
    label: &'static str,
    history: ReadSignal<History>,
    series: Vec<Series>,
    #[prop(into)] ceiling: Signal<f64>,
    #[prop(into)] top: Signal<String>,
) -> impl IntoView {
    // Each second starts the slide again. An animation starts when its name
    // changes, so even and odd seconds have two of the same kind.
    let odd = move || history.read().now() % 2 == 1;

    let curves = series
        .into_iter()
        .map(|Series { class, value }| {
            let points = Memo::new(move |_| -> Vec<(f64, f64)> {
                let ceiling = ceiling.get();
                let history = history.read();
                history.by_age().map(|(age, sample)| point(age, value(sample), ceiling)).collect()
            });
            view! {
                <g class=class>
                    <path class="area" d=move || points.with(|points| area(points)) />
                    <path class="line" d=move || points.with(|points| line(points)) />
                </g>
            }
        })
        .collect_view();

    view! {
        <figure class="chart" role="img" aria-label=label>
            <span class="ceiling" aria-hidden="true">{top}</span>
            <div class="frame">
                <svg
                    viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                    preserveAspectRatio="none"
                    aria-hidden="true"
                    class:odd=odd
                >
                    {curves}
                </svg>
            </div>
            <figcaption aria-hidden="true">
                <span>"2 minutes ago"</span>
                <span>"now"</span>
            </figcaption>
        </figure>
    }
}
