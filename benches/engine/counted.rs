//! What a run under callgrind does: some updates, of which each part is counted by itself.

use crate::{
    for_all_workloads,
    sides::{Older, OlderClient, OurClient, Ours, Pass, text, to_value},
    workloads::*,
};
use std::hint::black_box;

/// The updates before the first that is counted: buffers and documents have found their size by then.
const WARM: usize = 4;
/// Those that are counted; what is printed is their mean.
const COUNTED: usize = 6;

/// A workload's name and what is wanted of it.
pub struct Named {
    pub name: &'static str,
    pub goal: Goal,
}

macro_rules! dispatch {
    ($($workload:ident),*) => {
        pub fn all() -> Vec<Named> {
            vec![$(Named { name: $workload::NAME, goal: $workload::GOAL }),*]
        }

        /// Makes one workload's updates, and prints a line for each part that was counted.
        pub fn run(name: &str) {
            $(if name == $workload::NAME {
                updates::<$workload>();
            })*
        }
    };
}

for_all_workloads!(dispatch);

/// The function whose calls callgrind counts, each by itself.
#[inline(never)]
pub fn counted_part<R>(work: impl FnOnce() -> R) -> R {
    let result = work();
    // So that this is no tail call, and `work` counts as a part of it.
    black_box(());
    result
}

/// Calls what is counted, or what is not.
fn part<R>(counts: bool, name: &str, work: impl FnOnce() -> R) -> R {
    if !counts {
        return work();
    }
    let result = counted_part(work);
    println!("part {name}");
    result
}

fn updates<W: Workload>() {
    let mut value = W::start();
    let mut pass = Pass::default();
    let mut ours = Ours::new(&value);
    let mut older = Older::new(&value);
    let mut our_client = OurClient::new(&value);
    let mut older_client = OlderClient::new(&value);
    for step in 1..=WARM + COUNTED {
        let counts = step > WARM;
        value.step(step);
        part(counts, "pass", || pass.write(black_box(&value)));
        let changed = part(counts, "ours", || ours.advance(black_box(&value)));
        part(counts, "older", || older.advance(black_box(&value)));
        if changed {
            let patch = text(&ours.patch);
            drop(part(counts, "our client", || our_client.apply::<W>(black_box(patch))));
        }
        let patch = text(&older.patch);
        drop(part(counts, "older client", || older_client.apply::<W>(black_box(patch))));
        if counts {
            println!("bytes {} {} {}", if changed { ours.patch.len() } else { 0 }, older.patch.len(), pass.json.len());
        }
    }
    let expected = to_value(&value);
    assert_eq!(our_client.document(), expected, "what our client has is what the server has");
    assert_eq!(older_client.document(), &expected, "what the other client has is what the server has");
}
