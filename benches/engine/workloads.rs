//! What is measured: values that change a little with each step, and what is wanted of them.

#[path = "plant.rs"]
mod plant;
#[path = "values.rs"]
pub mod values;

use leptos_sse::{Rebuild, document::Differ};
use plant::Plant;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;
use values::{Card, Company, Counter, Message, NOW, Quote, Random, Scattered, Seed, quotes};

/// A value and how it changes.
pub trait Workload: Clone + Serialize + DeserializeOwned + Rebuild + 'static {
    const NAME: &'static str;
    const GOAL: Goal;

    fn start() -> Self;
    /// The value that follows; `step` counts from 1.
    fn step(&mut self, step: usize);

    fn differ() -> Differ<Self> {
        Differ::new()
    }
}

/// What is wanted, beside the crates that were before this one.
#[derive(Clone, Copy)]
pub struct Goal {
    /// As many times fewer instructions on the server, at least.
    pub server: f64,
    pub bytes: Bytes,
    /// As many passes of `serde_json::to_writer`, at most.
    pub passes: Option<f64>,
    /// As many times fewer instructions in the client, at least.
    pub client: Option<f64>,
    /// The same where the client's value is rebuilt in place.
    pub rebuild: Option<f64>,
}

/// How long a patch may be, at most.
#[derive(Clone, Copy)]
pub enum Bytes {
    /// This share of the patch of the crates before.
    Share(f64),
    /// As long as one that replaces the whole document.
    Replace,
    /// Nothing is to be sent.
    Nothing,
}

const fn goal(server: f64, bytes: Bytes, passes: f64) -> Goal {
    Goal { server, bytes, passes: Some(passes), client: None, rebuild: None }
}

/// Calls a macro with all workloads.
#[macro_export]
macro_rules! for_all_workloads {
    ($called:ident) => {
        $called! {
            OneCount, ThreeOf200, TenQuotes, TenQuotesScattered, OneAppended, InAndOut, OneMoved, TextEdited, TextGrown,
            OneLeaf, AllOf200, AllShuffled, AllNumbers, SamePlant, SameCompany
        }
    };
}

#[derive(Clone, Serialize, Deserialize, Rebuild)]
#[serde(transparent)]
pub struct OneCount(Counter);

impl Workload for OneCount {
    const NAME: &'static str = "a: a counter";
    const GOAL: Goal = goal(10.0, Bytes::Share(1.0), 1.1);

    fn start() -> Self {
        Self(Counter { count: 1_000 })
    }

    fn step(&mut self, _: usize) {
        self.0.count += 1;
    }
}

#[derive(Clone, Serialize, Deserialize, Rebuild)]
#[serde(transparent)]
pub struct ThreeOf200(Plant);

impl Workload for ThreeOf200 {
    const NAME: &'static str = "b: 3 of 200 fields";
    const GOAL: Goal = Goal { client: Some(2.0), rebuild: Some(15.0), ..goal(50.0, Bytes::Share(1.0), 0.3) };

    fn start() -> Self {
        Self(Plant::new())
    }

    fn step(&mut self, step: usize) {
        let mut random = Random::new(step as u64);
        let readings = self.0.readings();
        let first = random.index(60);
        for at in [first, first + 60, first + 120] {
            *readings[at] = random.reading();
        }
    }
}

#[derive(Clone, Serialize, Deserialize, Rebuild)]
pub struct TenQuotes {
    quotes: BTreeMap<String, Quote>,
}

impl Workload for TenQuotes {
    const NAME: &'static str = "c: 10 of 1,000 quotes";
    const GOAL: Goal = Goal { client: Some(2.0), rebuild: Some(60.0), ..goal(30.0, Bytes::Share(0.57), 0.4) };

    fn start() -> Self {
        Self { quotes: quotes() }
    }

    fn step(&mut self, step: usize) {
        trade_ten(self.quotes.values_mut(), step);
    }
}

/// The same in a `HashMap` that is made anew for each step, in another order.
#[derive(Clone, Serialize, Deserialize, Rebuild)]
pub struct TenQuotesScattered {
    quotes: Scattered<Quote>,
}

impl Workload for TenQuotesScattered {
    const NAME: &'static str = "c: in a HashMap made anew";
    const GOAL: Goal = Goal { passes: None, ..goal(12.0, Bytes::Share(0.57), 0.0) };

    fn start() -> Self {
        Self { quotes: quotes().into_iter().collect() }
    }

    fn step(&mut self, step: usize) {
        let mut quotes: BTreeMap<_, _> = std::mem::take(&mut self.quotes).into_iter().collect();
        trade_ten(quotes.values_mut(), step);
        self.quotes = Scattered::with_capacity_and_hasher(quotes.len(), Seed(step as u64));
        self.quotes.extend(quotes);
    }
}

fn trade_ten<'a>(quotes: impl Iterator<Item = &'a mut Quote>, step: usize) {
    let mut random = Random::new(step as u64);
    let at = NOW + step as u64 * 250;
    let first = random.index(100);
    quotes.skip(first).step_by(100).for_each(|quote| quote.trade(&mut random, at));
}

#[derive(Clone, Serialize, Deserialize, Rebuild)]
pub struct OneAppended {
    messages: Vec<Message>,
}

impl Workload for OneAppended {
    const NAME: &'static str = "d: 1 message appended to 1,000";
    const GOAL: Goal = Goal { client: Some(4.0), rebuild: Some(200.0), ..goal(22.0, Bytes::Share(1.0), 0.4) };

    fn start() -> Self {
        Self { messages: (0..1_000).map(Message::new).collect() }
    }

    fn step(&mut self, _: usize) {
        self.messages.push(Message::new(self.messages.len() as u64));
    }
}

#[derive(Clone, Serialize, Deserialize, Rebuild)]
pub struct InAndOut {
    messages: Vec<Message>,
}

impl Workload for InAndOut {
    const NAME: &'static str = "e: a feed of 1,000, one in, one out";
    const GOAL: Goal = Goal { client: Some(40.0), ..goal(45.0, Bytes::Share(0.001), 0.4) };

    fn start() -> Self {
        Self { messages: (0..1_000).rev().map(Message::new).collect() }
    }

    fn step(&mut self, step: usize) {
        self.messages.insert(0, Message::new(999 + step as u64));
        self.messages.pop();
    }
}

#[derive(Clone, Serialize, Deserialize, Rebuild)]
pub struct OneMoved {
    cards: Vec<Card>,
}

impl Workload for OneMoved {
    const NAME: &'static str = "f: 1 of 500 cards moved";
    const GOAL: Goal = Goal { client: Some(12.0), ..goal(27.0, Bytes::Share(0.001), 0.5) };

    fn start() -> Self {
        Self { cards: (0..500).map(Card::new).collect() }
    }

    fn step(&mut self, step: usize) {
        let mut random = Random::new(step as u64);
        let card = self.cards.remove(random.index(100));
        self.cards.insert(300 + random.index(100), card);
    }
}

#[derive(Clone, Serialize, Deserialize, Rebuild)]
pub struct TextEdited {
    text: String,
}

impl Workload for TextEdited {
    const NAME: &'static str = "g: 4 bytes to 32 KiB of text, as an edit";
    const GOAL: Goal = goal(30.0, Bytes::Share(0.004), 0.1);

    fn start() -> Self {
        Self { text: text() }
    }

    fn step(&mut self, step: usize) {
        append(&mut self.text, step);
    }

    fn differ() -> Differ<Self> {
        Differ::new().string_edits(true)
    }
}

#[derive(Clone, Serialize, Deserialize, Rebuild)]
pub struct TextGrown {
    text: String,
}

impl Workload for TextGrown {
    const NAME: &'static str = "g: in plain RFC 6902";
    const GOAL: Goal = Goal { passes: None, ..goal(3.0, Bytes::Share(1.0), 0.0) };

    fn start() -> Self {
        Self { text: text() }
    }

    fn step(&mut self, step: usize) {
        append(&mut self.text, step);
    }
}

fn text() -> String {
    let mut random = Random::new(32);
    let mut text = String::new();
    while text.len() < 32 << 10 {
        text.push_str(&random.sentence());
        text.push_str(if random.below(8) == 0 { ".\n" } else { ". " });
    }
    text
}

/// Four bytes, as of someone who types.
fn append(text: &mut String, step: usize) {
    text.push_str(["and ", "so, ", "yes.", " but"][step % 4]);
}

#[derive(Clone, Serialize, Deserialize, Rebuild)]
#[serde(transparent)]
pub struct OneLeaf(Company);

impl Workload for OneLeaf {
    const NAME: &'static str = "h: 1 leaf of a nested 1 MiB";
    const GOAL: Goal = Goal { client: Some(2.0), ..goal(24.0, Bytes::Share(1.0), 0.5) };

    fn start() -> Self {
        Self(Company::new())
    }

    fn step(&mut self, step: usize) {
        let mut random = Random::new(step as u64);
        let offices = self.0.offices.len();
        let Some(office) = self.0.offices.values_mut().nth(random.index(offices)) else { return };
        let project = &mut office.teams[random.index(8)].projects[random.index(8)];
        project.tasks[random.index(12)].progress = 1.01 + random.reading();
    }
}

#[derive(Clone, Serialize, Deserialize, Rebuild)]
#[serde(transparent)]
pub struct AllOf200(Plant);

impl Workload for AllOf200 {
    const NAME: &'static str = "worst: all of 200 fields";
    const GOAL: Goal = goal(1.5, Bytes::Replace, 2.5);

    fn start() -> Self {
        Self(Plant::new())
    }

    fn step(&mut self, step: usize) {
        let mut random = Random::new(step as u64);
        self.0.readings().into_iter().for_each(|reading| *reading = random.reading());
    }
}

#[derive(Clone, Serialize, Deserialize, Rebuild)]
pub struct AllShuffled {
    cards: Vec<Card>,
}

impl Workload for AllShuffled {
    const NAME: &'static str = "worst: all of 500 cards shuffled";
    const GOAL: Goal = goal(1.5, Bytes::Replace, 2.5);

    fn start() -> Self {
        Self { cards: (0..500).map(Card::new).collect() }
    }

    fn step(&mut self, step: usize) {
        let mut random = Random::new(step as u64);
        for at in (1..self.cards.len()).rev() {
            self.cards.swap(at, random.index(at + 1));
        }
    }
}

#[derive(Clone, Serialize, Deserialize, Rebuild)]
pub struct AllNumbers {
    samples: Vec<f64>,
}

impl Workload for AllNumbers {
    const NAME: &'static str = "worst: all of 1,000 numbers";
    const GOAL: Goal = goal(1.5, Bytes::Replace, 2.5);

    fn start() -> Self {
        let mut random = Random::new(0);
        Self { samples: (0..1_000).map(|_| random.reading()).collect() }
    }

    fn step(&mut self, step: usize) {
        let mut random = Random::new(step as u64);
        self.samples.iter_mut().for_each(|sample| *sample = random.reading());
    }
}

#[derive(Clone, Serialize, Deserialize, Rebuild)]
#[serde(transparent)]
pub struct SamePlant(Plant);

impl Workload for SamePlant {
    const NAME: &'static str = "same: 200 fields";
    const GOAL: Goal = Goal { passes: None, ..goal(60.0, Bytes::Nothing, 0.0) };

    fn start() -> Self {
        Self(Plant::new())
    }

    fn step(&mut self, _: usize) {}
}

#[derive(Clone, Serialize, Deserialize, Rebuild)]
#[serde(transparent)]
pub struct SameCompany(Company);

impl Workload for SameCompany {
    const NAME: &'static str = "same: a nested 1 MiB";
    const GOAL: Goal = Goal { passes: None, ..goal(20.0, Bytes::Nothing, 0.0) };

    fn start() -> Self {
        Self(Company::new())
    }

    fn step(&mut self, _: usize) {}
}
