//! What a run under callgrind does: some updates of one workload, of which one part is counted.

use crate::{
    for_all_workloads,
    sides::{Client, InPlace, Older, OlderClient, OurClient, Ours, Pass, Server, patch, to_value},
    workloads::*,
};
use std::hint::black_box;

/// The updates before the first that is counted: buffers and documents have found their size by then.
const WARM: usize = 4;
/// Those that are counted.
pub const COUNTED: usize = 6;

/// A workload's name and what is wanted of it.
pub struct Named {
    pub name: &'static str,
    pub goal: Goal,
}

/// What is counted by itself, so that no part meets a heap that another has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Pass,
    Ours,
    Older,
    OurClient,
    InPlace,
    OlderClient,
}

impl Part {
    pub const ALL: [Self; 6] = [Self::Pass, Self::Ours, Self::Older, Self::OurClient, Self::InPlace, Self::OlderClient];

    /// Whether it is a client's, which has nothing to do where nothing changed.
    pub fn is_client(self) -> bool {
        matches!(self, Self::OurClient | Self::InPlace | Self::OlderClient)
    }

    pub fn name(self) -> String {
        format!("{self:?}")
    }
}

macro_rules! dispatch {
    ($($workload:ident),*) => {
        pub fn all() -> Vec<Named> {
            vec![$(Named { name: $workload::NAME, goal: $workload::GOAL }),*]
        }

        /// Makes one workload's updates, and prints how many bytes were written by those that were counted.
        pub fn run(name: &str, part: &str) {
            let Some(part) = Part::ALL.into_iter().find(|other| other.name() == part) else { return };
            $(if name == $workload::NAME {
                println!("{}", updates::<$workload>(part));
            })*
        }
    };
}

for_all_workloads!(dispatch);

fn updates<W: Workload>(part: Part) -> usize {
    match part {
        Part::Pass => serve::<W, Pass>(),
        Part::Ours => serve::<W, Ours<W>>(),
        Part::Older => serve::<W, Older>(),
        Part::OurClient => follow::<W, OurClient, Ours<W>>(),
        Part::InPlace => follow::<W, InPlace, Ours<W>>(),
        Part::OlderClient => follow::<W, OlderClient, Older>(),
    }
}

/// Has a server make updates; how many bytes it wrote.
fn serve<W: Workload, S: Server<W>>() -> usize {
    let mut value = W::start();
    let mut server = S::new(&value);
    let mut bytes = 0;
    for step in 1..=WARM + COUNTED {
        value.step(step);
        if step <= WARM {
            server.advance(black_box(&value));
        } else if counted_part(|| server.advance(black_box(&value))) {
            bytes += server.written().len();
        }
    }
    bytes
}

/// Has a client follow a server's updates, all of which were made before; how many bytes there were.
fn follow<W: Workload, C: Client<W>, S: Server<W>>() -> usize {
    let mut value = W::start();
    let mut server = S::new(&value);
    let mut client = C::new(&value);
    let mut next = |step| {
        value.step(step);
        patch(&mut server, &value)
    };
    let patches: Vec<String> = (1..=WARM + COUNTED).map(&mut next).collect();
    drop(server);
    let mut held = W::start();
    for patch in &patches[..WARM] {
        client.apply(&mut held, black_box(patch));
    }
    for patch in &patches[WARM..] {
        counted_part(|| client.apply(&mut held, black_box(patch)));
    }
    assert_eq!(to_value(&held), to_value(&value), "the client has what the server has");
    assert_eq!(client.document(), to_value(&value), "the client has what the server has");
    patches[WARM..].iter().map(String::len).sum()
}

/// The function whose calls callgrind counts.
#[inline(never)]
fn counted_part<R>(work: impl FnOnce() -> R) -> R {
    let result = work();
    // So that this is no tail call, and `work` counts as a part of it.
    black_box(());
    result
}
