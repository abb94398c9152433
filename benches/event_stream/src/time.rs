//! The same on the clock alone, with divan: `cargo bench --bench time`, and after `--` a part of a name.

use divan::{Bencher, counter::BytesCount};
use event_stream::{
    sides::{SIDES, Side},
    workloads::WORKLOADS,
};

fn main() {
    divan::main();
}

/// Each workload by its place, so that divan has a name for it that fits a column.
#[divan::bench(args = SIDES, consts = [0, 1, 2, 3, 4, 5, 6, 7], max_time = 0.5)]
fn workload<const AT: usize>(bencher: Bencher, side: Side) {
    let (_, make) = WORKLOADS[AT];
    let workload = make();
    bencher.counter(BytesCount::new(workload.len)).bench_local(|| side.read(&workload.parts));
}
