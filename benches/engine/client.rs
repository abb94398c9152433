//! The client's part of one update in WebAssembly under Node, beside that of the crates before this one.
//!
//! `cargo test --release --bench engine_client --target wasm32-unknown-unknown -- --nocapture`, with
//! `wasm-bindgen-test-runner` as the target's runner. `cargo bench --bench engine` has the same natively, in instructions.
#![cfg(target_arch = "wasm32")]

mod sides;
#[allow(dead_code)]
mod table;
#[allow(dead_code)]
mod workloads;

use sides::{Client, InPlace, Older, OlderClient, OurClient, Ours, Server, patch, to_value};
use std::hint::black_box;
use table::Tally;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_test::{console_log, wasm_bindgen_test};
use workloads::*;

#[wasm_bindgen]
unsafe extern "C" {
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

/// The updates that are timed together, and how many such rounds there are before all begins anew.
const UPDATES: usize = 8;
const ROUNDS: usize = 4;
/// How long each workload is measured, in milliseconds: the engine compiles anew what it runs often. The fastest counts.
const ENOUGH: f64 = 700.0;

macro_rules! measure {
    ($($workload:ident),*) => {
        #[wasm_bindgen_test]
        fn one_update() {
            console_log!("\n| one update, in WebAssembly | older crates | ours | faster | goal | ours in place | faster | goal |");
            console_log!("|--|--:|--:|--:|--:|--:|--:|--:|");
            let mut met = Tally::default();
            $(measure::<$workload>(&mut met);)*
            console_log!("\n{met}");
        }
    };
}

for_all_workloads!(measure);

fn measure<W: Workload>(met: &mut Tally) {
    if matches!(W::GOAL.bytes, Bytes::Nothing) {
        return;
    }
    let mut fastest = [f64::INFINITY; 3];
    let start = now();
    while now() - start < ENOUGH {
        rounds::<W>(&mut fastest);
    }
    let [our_time, in_place_time, older_time] = fastest;
    let mut marked = |time, goal: Option<f64>| {
        let faster = older_time / time;
        let goal = goal.map_or("–".to_owned(), |goal| met.mark(faster >= goal, format!("≥ {goal}×")));
        format!("{:.1} µs | {faster:.1}× | {goal}", micros(time))
    };
    let ours = marked(our_time, W::GOAL.client);
    let in_place = marked(in_place_time, W::GOAL.rebuild);
    console_log!("| {} | {:.1} µs | {ours} | {in_place} |", W::NAME, micros(older_time));
}

fn micros(millis: f64) -> f64 {
    millis * 1_000.0 / UPDATES as f64
}

/// Some rounds of updates; the fastest of each client are kept.
fn rounds<W: Workload>(fastest: &mut [f64; 3]) {
    let mut value = W::start();
    let mut ours = Ours::new(&value);
    let mut older = Older::new(&value);
    let mut our_client = OurClient::new(&value);
    let mut in_place = InPlace::new(&value);
    let mut older_client = OlderClient::new(&value);
    let mut values = [value.clone(), value.clone(), value.clone()];
    for round in 0..ROUNDS {
        let [mut our_patches, mut older_patches] = [Vec::new(), Vec::new()];
        for step in 1..=UPDATES {
            value.step(round * UPDATES + step);
            our_patches.push(patch(&mut ours, &value));
            older_patches.push(patch(&mut older, &value));
        }
        let [ours, rebuilt, others] = &mut values;
        fastest[0] = fastest[0].min(timed(&mut our_client, ours, &our_patches));
        fastest[1] = fastest[1].min(timed(&mut in_place, rebuilt, &our_patches));
        fastest[2] = fastest[2].min(timed(&mut older_client, others, &older_patches));
    }
    values.iter().for_each(|held| assert_eq!(to_value(held), to_value(&value), "the client has what the server has"));
}

fn timed<W: Workload>(client: &mut impl Client<W>, value: &mut W, patches: &[String]) -> f64 {
    let start = now();
    patches.iter().for_each(|patch| drop(client.apply(value, black_box(patch))));
    now() - start
}
