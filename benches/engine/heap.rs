//! What a differ keeps on the heap, beside the `serde_json::Value` of the same, and how often an update takes memory.
//!
//! `cargo bench --bench engine_heap`. An allocator that counts is a few instructions slower, so that this is a program of
//! its own.

#[allow(dead_code)]
mod sides;
#[allow(dead_code)]
mod table;
#[allow(dead_code)]
mod workloads;

use sides::{Older, Ours, Server, to_value};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::alloc::System;
use table::{Tally, grouped, head, line};
use workloads::*;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The updates before what is measured.
const UPDATES: usize = 20;
/// At most this share of a `serde_json::Value`.
const GOAL: f64 = 0.5;

macro_rules! measure {
    ($($workload:ident),*) => {
        fn main() {
            println!("\n### Heap, in bytes, and allocations of one update\n");
            head(&["value", "`Value`", "document", "share", "goal", "differ", "allocations older", "ours", "goal"]);
            let mut met = Tally::default();
            $(measure::<$workload>(&mut met);)*
            println!("\n{met}");
        }
    };
}

for_all_workloads!(measure);

fn measure<W: Workload>(met: &mut Tally) {
    let mut value = W::start();
    let mut ours = Ours::new(&value);
    let mut older = Older::new(&value);
    let [mut our_allocations, mut older_allocations] = [0; 2];
    for step in 1..=UPDATES {
        value.step(step);
        our_allocations = allocations(|| _ = ours.advance(&value));
        older_allocations = allocations(|| _ = older.advance(&value));
    }
    drop(older);
    let value_bytes = freed(to_value(&value));
    let document = ours.differ.document().cloned();
    let beside = freed(ours.differ);
    let document_bytes = freed(document);
    let share = document_bytes as f64 / value_bytes as f64;
    line(&[
        W::NAME.to_owned(),
        grouped(value_bytes as f64),
        grouped(document_bytes as f64),
        format!("{:.0} %", share * 100.0),
        met.mark(share <= GOAL, format!("≤ {:.0} %", GOAL * 100.0)),
        grouped((document_bytes + beside) as f64),
        grouped(older_allocations as f64),
        grouped(our_allocations as f64),
        match W::GOAL.bytes {
            Bytes::Nothing => met.mark(our_allocations == 0, "0".to_owned()),
            _ => "–".to_owned(),
        },
    ]);
}

/// The bytes that are given back with a value.
fn freed(value: impl Sized) -> usize {
    let before = ALLOCATOR.stats();
    drop(value);
    let after = ALLOCATOR.stats();
    after.bytes_deallocated - before.bytes_deallocated
}

/// How often something takes memory.
fn allocations(work: impl FnOnce()) -> usize {
    let before = ALLOCATOR.stats();
    work();
    let after = ALLOCATOR.stats();
    after.allocations + after.reallocations - before.allocations - before.reallocations
}
