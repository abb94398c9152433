//! The diff and the patch of one update on the clock, beside those of the crates before this one.
//!
//! `cargo bench --bench engine_time`, and after `--` a part of a name, such as `OneLeaf`. A busy machine makes a
//! difference here: `cargo bench --bench engine` counts instead.

#[allow(dead_code)]
mod sides;
#[allow(dead_code)]
mod workloads;

use divan::{Bencher, black_box};
use sides::{Older, OlderClient, OurClient, Ours, Pass, text};
use workloads::*;

fn main() {
    divan::main();
}

macro_rules! benches {
    ($($workload:ident),*) => {
        #[divan::bench(types = [$($workload),*], max_time = 0.25)]
        fn one_pass_of_serde_json<W: Workload>(bencher: Bencher) {
            let mut pass = Pass::default();
            bencher.with_inputs(values::<W>()).bench_local_refs(|value| pass.write(black_box(value)));
        }

        #[divan::bench(types = [$($workload),*], max_time = 0.25)]
        fn server<W: Workload>(bencher: Bencher) {
            let mut ours = Ours::new(&W::start());
            bencher.with_inputs(values::<W>()).bench_local_refs(|value| ours.advance(black_box(value)));
        }

        #[divan::bench(types = [$($workload),*], max_time = 0.25)]
        fn server_of_older_crates<W: Workload>(bencher: Bencher) {
            let mut older = Older::new(&W::start());
            bencher.with_inputs(values::<W>()).bench_local_refs(|value| older.advance(black_box(value)));
        }

        #[divan::bench(types = [$($workload),*], max_time = 0.25)]
        fn client<W: Workload>(bencher: Bencher) {
            let mut next = values::<W>();
            let mut ours = Ours::new(&W::start());
            let mut client = OurClient::new(&W::start());
            let patches = move || {
                let changed = ours.advance(&next());
                text(if changed { &ours.patch } else { b"[]" }).to_owned()
            };
            bencher.with_inputs(patches).bench_local_refs(|patch| client.apply::<W>(black_box(patch)));
        }

        #[divan::bench(types = [$($workload),*], max_time = 0.25)]
        fn client_of_older_crates<W: Workload>(bencher: Bencher) {
            let mut next = values::<W>();
            let start = W::start();
            let mut older = Older::new(&start);
            let mut client = OlderClient::new(&start);
            let patches = move || {
                older.advance(&next());
                text(&older.patch).to_owned()
            };
            bencher.with_inputs(patches).bench_local_refs(|patch| client.apply::<W>(black_box(patch)));
        }
    };
}

for_all_workloads!(benches);

/// The values that follow the first.
fn values<W: Workload>() -> impl FnMut() -> W {
    let mut value = W::start();
    let mut step = 0;
    move || {
        step += 1;
        value.step(step);
        value.clone()
    }
}
