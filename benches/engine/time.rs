//! The diff and the patch of one update on the clock, beside those of the crates before this one.
//!
//! `cargo bench --bench engine_time`, and after `--` a part of a name, such as `OneLeaf`. A busy machine makes a
//! difference here: `cargo bench --bench engine` counts instead.

#[allow(dead_code)]
mod sides;
#[allow(dead_code)]
mod workloads;

use divan::{Bencher, black_box};
use sides::{Client, InPlace, Older, OlderClient, OurClient, Ours, Pass, Server, patch};
use workloads::*;

fn main() {
    divan::main();
}

macro_rules! benches {
    ($($workload:ident),*) => {
        #[divan::bench(types = [$($workload),*], max_time = 0.25)]
        fn one_pass_of_serde_json<W: Workload>(bencher: Bencher) {
            serve::<W, Pass>(bencher);
        }

        #[divan::bench(types = [$($workload),*], max_time = 0.25)]
        fn server<W: Workload>(bencher: Bencher) {
            serve::<W, Ours<W>>(bencher);
        }

        #[divan::bench(types = [$($workload),*], max_time = 0.25)]
        fn server_of_older_crates<W: Workload>(bencher: Bencher) {
            serve::<W, Older>(bencher);
        }

        #[divan::bench(types = [$($workload),*], max_time = 0.25)]
        fn client<W: Workload>(bencher: Bencher) {
            follow::<W, OurClient, Ours<W>>(bencher);
        }

        #[divan::bench(types = [$($workload),*], max_time = 0.25)]
        fn client_in_place<W: Workload>(bencher: Bencher) {
            follow::<W, InPlace, Ours<W>>(bencher);
        }

        #[divan::bench(types = [$($workload),*], max_time = 0.25)]
        fn client_of_older_crates<W: Workload>(bencher: Bencher) {
            follow::<W, OlderClient, Older>(bencher);
        }
    };
}

for_all_workloads!(benches);

fn serve<W: Workload, S: Server<W>>(bencher: Bencher) {
    let mut server = S::new(&W::start());
    bencher.with_inputs(values::<W>()).bench_local_refs(|value| server.advance(black_box(value)));
}

fn follow<W: Workload, C: Client<W>, S: Server<W>>(bencher: Bencher) {
    let start = W::start();
    let mut server = S::new(&start);
    let mut client = C::new(&start);
    let mut next = values::<W>();
    let patches = move || patch(&mut server, &next());
    let mut held = start;
    bencher.with_inputs(patches).bench_local_refs(|patch| client.apply(&mut held, black_box(patch)));
}

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
