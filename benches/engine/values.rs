//! Values as an app has them: ids, names, prices with two decimals, sentences, times.
//!
//! Always the same ones, so that two runs count the same.

use leptos_sse::Rebuild;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, HashMap, hash_map::DefaultHasher},
    hash::{BuildHasher, Hasher},
};

#[derive(Clone, Debug, Serialize, Deserialize, Rebuild)]
pub struct Counter {
    pub count: i64,
}

/// A share and what it is traded at.
#[derive(Clone, Debug, Serialize, Deserialize, Rebuild)]
pub struct Quote {
    pub open: f64,
    pub bid: f64,
    pub ask: f64,
    pub last: f64,
    pub volume: u64,
    pub at: u64,
}

impl Quote {
    fn new(random: &mut Random) -> Self {
        let open = random.price();
        Self { open, bid: open, ask: cents(open, 1), last: open, volume: random.below(900_000), at: NOW }
    }

    /// One trade: all of the quote changes but what it opened with.
    pub fn trade(&mut self, random: &mut Random, at: u64) {
        let change = [-7, -3, -2, -1, 1, 2, 4, 5][random.index(8)];
        self.bid = cents(self.bid, change);
        self.ask = cents(self.bid, 1 + random.below(3) as i64);
        self.last = cents(self.last, change);
        self.volume += 100 + random.below(5_000);
        self.at = at;
    }
}

/// 1,000 symbols of three and four letters, and their quotes.
pub fn quotes() -> BTreeMap<String, Quote> {
    let mut random = Random::new(3);
    let mut quotes = BTreeMap::new();
    while quotes.len() < 1_000 {
        let symbol: String = (0..3 + random.index(2)).map(|_| char::from(b'A' + random.below(26) as u8)).collect();
        quotes.insert(symbol, Quote::new(&mut random));
    }
    quotes
}

/// A map that each has an order of its own, which is the same in each run.
pub type Scattered<V> = HashMap<String, V, Seed>;

#[derive(Clone, Copy, Debug, Default)]
pub struct Seed(pub u64);

impl BuildHasher for Seed {
    type Hasher = DefaultHasher;

    fn build_hasher(&self) -> DefaultHasher {
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(self.0);
        hasher
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, Rebuild)]
pub struct Message {
    pub id: u64,
    pub author: String,
    pub text: String,
    pub sent: u64,
    pub edited: bool,
}

impl Message {
    pub fn new(id: u64) -> Self {
        let mut random = Random::new(id);
        Self {
            id,
            author: random.name(),
            text: random.sentence(),
            sent: NOW + id * 1_471,
            edited: random.below(20) == 0,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, Rebuild)]
pub struct Card {
    pub id: u64,
    pub title: String,
    pub column: String,
    pub assignee: Option<String>,
    pub points: u8,
}

impl Card {
    pub fn new(id: u64) -> Self {
        let mut random = Random::new(id);
        Self {
            id,
            title: random.sentence(),
            column: ["backlog", "doing", "review", "done"][random.index(4)].to_owned(),
            assignee: (random.below(3) > 0).then(|| random.name()),
            points: random.below(13) as u8,
        }
    }
}

/// About 1 MiB of JSON, nine levels deep.
#[derive(Clone, Debug, Serialize, Deserialize, Rebuild)]
pub struct Company {
    pub name: String,
    pub offices: BTreeMap<String, Office>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Rebuild)]
pub struct Office {
    pub address: Address,
    pub teams: Vec<Team>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Rebuild)]
pub struct Address {
    pub street: String,
    pub position: (f64, f64),
}

#[derive(Clone, Debug, Serialize, Deserialize, Rebuild)]
pub struct Team {
    pub id: u64,
    pub name: String,
    pub members: Vec<String>,
    pub projects: Vec<Project>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Rebuild)]
pub struct Project {
    pub id: u64,
    pub title: String,
    pub budget: f64,
    pub tasks: Vec<Task>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Rebuild)]
pub struct Task {
    pub id: u64,
    pub title: String,
    pub done: bool,
    pub progress: f64,
    pub due: Option<u64>,
    pub tags: Vec<String>,
}

impl Company {
    pub fn new() -> Self {
        let cities = ["berlin", "lisbon", "lyon", "malmo", "nairobi", "osaka", "quito", "seattle"];
        let offices = cities.iter().zip(1..).map(|(city, id)| ((*city).to_owned(), Office::new(id))).collect();
        Self { name: "Umbrella Logistics".to_owned(), offices }
    }
}

impl Office {
    fn new(id: u64) -> Self {
        let mut random = Random::new(id);
        let address =
            Address { street: format!("{} Street {id}", random.name()), position: (random.price(), -random.price()) };
        Self { address, teams: (0..8).map(|team| Team::new(id * 100 + team)).collect() }
    }
}

impl Team {
    fn new(id: u64) -> Self {
        let mut random = Random::new(id);
        Self {
            id,
            name: format!("team {}", random.name()),
            members: (0..9).map(|_| random.name()).collect(),
            projects: (0..8).map(|project| Project::new(id * 100 + project)).collect(),
        }
    }
}

impl Project {
    fn new(id: u64) -> Self {
        let mut random = Random::new(id);
        let title = random.sentence();
        Self { id, title, budget: random.price(), tasks: (0..12).map(|task| Task::new(id * 100 + task)).collect() }
    }
}

impl Task {
    fn new(id: u64) -> Self {
        let mut random = Random::new(id);
        Self {
            id,
            title: random.sentence(),
            done: random.below(3) == 0,
            progress: random.below(101) as f64 / 100.0,
            due: (random.below(2) == 0).then(|| NOW + random.below(9_000_000)),
            tags: (0..random.below(3)).map(|_| random.word().to_owned()).collect(),
        }
    }
}

/// A day of 2024, in milliseconds since 1970.
pub const NOW: u64 = 1_718_000_000_000;

/// What looks like chance and is the same in each run: SplitMix64.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_F491_4F6C_DD1D))
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }

    pub fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// Two decimals.
    pub fn price(&mut self) -> f64 {
        self.below(90_000) as f64 / 100.0 + 5.0
    }

    /// Three decimals.
    pub fn reading(&mut self) -> f64 {
        self.below(200_000) as f64 / 1_000.0
    }

    pub fn word(&mut self) -> &'static str {
        WORDS[self.index(WORDS.len())]
    }

    /// 40 to 120 characters, of which some must be escaped in JSON.
    pub fn sentence(&mut self) -> String {
        let len = 40 + self.index(70);
        let mut sentence = self.word().to_owned();
        while sentence.len() < len {
            sentence.push_str(if self.below(30) == 0 { " \"and\" " } else { " " });
            sentence.push_str(self.word());
        }
        sentence
    }

    pub fn name(&mut self) -> String {
        let first = ["Ada", "Björn", "Chidi", "Dana", "Emre", "Fatima", "Grace", "Hiro", "Inés", "Jonas"];
        let last = ["Adler", "Brandt", "Costa", "Dubois", "Eriksen", "Fischer", "Gupta", "Haddad", "Ito", "Kowalski"];
        format!("{} {}", first[self.index(10)], last[self.index(10)])
    }
}

/// A price that many cents on; as exact as a price that is read.
fn cents(price: f64, by: i64) -> f64 {
    ((price * 100.0).round() as i64 + by).abs() as f64 / 100.0
}

const WORDS: [&str; 32] = [
    "the",
    "order",
    "from",
    "yesterday",
    "is",
    "late",
    "again",
    "please",
    "check",
    "whether",
    "a",
    "driver",
    "has",
    "left",
    "and",
    "call",
    "me",
    "when",
    "it",
    "arrives",
    "we",
    "should",
    "move",
    "this",
    "to",
    "next",
    "week",
    "because",
    "warehouse",
    "café",
    "closes",
    "early",
];
