//! A type with every shape that serde's data model has, and series of its values.

use crate::{choices::Choices, texts};
use serde::{Deserialize, Serialize, Serializer, ser::Error};
use std::collections::{BTreeMap, HashMap};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Every {
    unit: (),
    marker: Marker,
    flag: bool,
    small: u8,
    signed: i64,
    unsigned: u64,
    wide: i128,
    single: f32,
    double: f64,
    letter: char,
    text: String,
    bytes: Vec<u8>,
    option: Option<String>,
    wrapper: Wrapper,
    tuple: (u8, String),
    pair: Pair,
    array: [u8; 4],
    items: Vec<Item>,
    fuse: Fuse,
    by_text: HashMap<String, Item>,
    by_number: BTreeMap<i64, String>,
    by_letter: HashMap<char, u8>,
    by_variant: HashMap<Kind, Option<bool>>,
    external: External,
    internal: Internal,
    adjacent: Adjacent,
    untagged: Vec<Untagged>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hidden: Option<Box<Item>>,
    #[serde(rename = "a/b~c")]
    renamed: Result<u8, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Marker;

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Wrapper(u32);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Pair(i8, Option<Wrapper>);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Item {
    id: u32,
    text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(flatten)]
    rest: BTreeMap<String, Untagged>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Kind {
    One,
    #[serde(rename = "two/~")]
    Two,
    Three,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum External {
    Unit,
    Newtype(Wrapper),
    Tuple(u8, String),
    Struct { text: String, kind: Kind },
    Nested(Box<External>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
enum Internal {
    Unit,
    Struct { text: String, count: i32 },
    Newtype(Item),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "content")]
enum Adjacent {
    Unit,
    Newtype(String),
    Tuple(u8, i64),
    Struct { items: Vec<u8> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Whole(i64),
    Float(f64),
    Text(String),
    List(Vec<Untagged>),
}

/// Fails to be written when it is burnt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
struct Fuse {
    #[serde(skip)]
    is_burnt: bool,
}

impl Serialize for Fuse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_burnt {
            return Err(S::Error::custom("it is burnt"));
        }
        serializer.collect_map([("is", "whole")])
    }
}

/// A series of values, each a few edits away from the one before.
pub fn series(choices: &mut Choices) -> Vec<Every> {
    let mut value = first(choices);
    let mut all = vec![value.clone()];
    let len = 2 + choices.below(6);
    while all.len() < len && !choices.is_empty() {
        match choices.below(24) {
            1 => value = first(choices),
            2 => value.clone_from(&all[choices.below(all.len())]),
            _ => (0..=choices.below(4)).for_each(|_| value.edit(choices)),
        }
        all.push(value.clone());
    }
    all
}

fn first(choices: &mut Choices) -> Every {
    let mut value = Every {
        unit: (),
        marker: Marker,
        flag: false,
        small: 0,
        signed: 0,
        unsigned: 0,
        wide: 0,
        single: 0.0,
        double: 0.0,
        letter: 'a',
        text: texts::long(choices),
        bytes: Vec::new(),
        option: None,
        wrapper: Wrapper(0),
        tuple: (0, String::new()),
        pair: Pair(0, None),
        array: [0; 4],
        items: (0..choices.below(6)).map(|_| item(choices)).collect(),
        fuse: Fuse::default(),
        by_text: HashMap::new(),
        by_number: BTreeMap::new(),
        by_letter: HashMap::new(),
        by_variant: HashMap::new(),
        external: External::Unit,
        internal: Internal::Unit,
        adjacent: Adjacent::Unit,
        untagged: Vec::new(),
        hidden: None,
        renamed: Ok(0),
    };
    (0..choices.below(8)).for_each(|_| value.edit(choices));
    value
}

impl Every {
    /// The same value, which cannot be written.
    pub fn burnt(&self) -> Self {
        Self { fuse: Fuse { is_burnt: true }, ..self.clone() }
    }

    fn edit(&mut self, choices: &mut Choices) {
        match choices.below(26) {
            0 => self.flag = !self.flag,
            1 => self.small = self.small.wrapping_add(1),
            2 => self.signed = *choices.pick(&[0, -1, i64::MIN, i64::MAX]),
            3 => self.unsigned = u64::MAX - choices.bits() % 2,
            4 => self.wide = *choices.pick(&[0, i128::from(i64::MIN), i128::from(u64::MAX), -7]),
            // All of them are the same in 32 and in 64 bits; others have their own test.
            5 => self.single = *choices.pick(&[0.0, -0.0, 1.0, 0.5, -1.25, 16_777_216.0, 1e10]),
            6 => self.double = float(choices),
            7 => self.letter = *choices.pick(&['a', 'é', '\0', '"', '\u{1f44d}', '\u{ffff}']),
            8 => texts::edit(choices, &mut self.text),
            9 => edit_list(choices, &mut self.bytes, |choices| u8::try_from(choices.below(4)).unwrap_or_default()),
            10 => self.option = choices.chance(128).then(|| texts::short(choices)),
            11 => self.wrapper.0 ^= 1,
            12 => self.tuple.1 = texts::short(choices),
            13 => self.pair.1 = choices.chance(128).then_some(self.wrapper),
            14 => self.array.rotate_left(1),
            15 => self.array[choices.below(4)] ^= 1,
            16..=19 => edit_list(choices, &mut self.items, item),
            20 => edit_map(choices, &mut self.by_text, texts::key, item),
            21 => {
                let number = |choices: &mut Choices| *choices.pick(&[0, 1, -1, 10, i64::MIN]);
                if self.by_number.remove(&number(choices)).is_none() {
                    self.by_number.insert(number(choices), texts::short(choices));
                }
                edit_map(choices, &mut self.by_letter, |choices| *choices.pick(&['a', '/', '~', '👍']), |_| 7);
            }
            22 => {
                let kind = |choices: &mut Choices| *choices.pick(&[Kind::One, Kind::Two, Kind::Three]);
                edit_map(choices, &mut self.by_variant, kind, |choices| Some(choices.chance(128)));
            }
            23 => edit_list(choices, &mut self.untagged, |choices| untagged(choices, 0)),
            24 => self.edit_enums(choices),
            _ => {
                self.hidden = choices.chance(128).then(|| Box::new(item(choices)));
                self.renamed = if choices.chance(128) { Ok(7) } else { Err(texts::short(choices)) };
            }
        }
    }

    fn edit_enums(&mut self, choices: &mut Choices) {
        let external = match choices.below(6) {
            0 => External::Unit,
            1 => External::Newtype(Wrapper(1)),
            2 => External::Tuple(1, texts::short(choices)),
            3 => External::Struct { text: texts::short(choices), kind: Kind::Two },
            _ => External::Nested(Box::new(self.external.clone())),
        };
        // As deep as it goes without limit, it grows by itself.
        self.external = if choices.chance(40) { External::Unit } else { external };
        self.internal = match choices.below(4) {
            0 => Internal::Unit,
            1 => Internal::Newtype(item(choices)),
            _ => Internal::Struct { text: texts::short(choices), count: -1 },
        };
        self.adjacent = match choices.below(4) {
            0 => Adjacent::Unit,
            1 => Adjacent::Newtype(texts::short(choices)),
            2 => Adjacent::Tuple(1, -1),
            _ => Adjacent::Struct { items: self.bytes.clone() },
        };
    }
}

fn item(choices: &mut Choices) -> Item {
    Item {
        id: u32::try_from(choices.below(20)).unwrap_or_default(),
        text: texts::short(choices),
        tags: (0..choices.below(3)).map(|_| texts::short(choices)).collect(),
        // None of them is the name of a field.
        rest: (0..choices.below(3)).map(|_| (format!("~{}", texts::key(choices)), untagged(choices, 0))).collect(),
    }
}

fn untagged(choices: &mut Choices, depth: usize) -> Untagged {
    match choices.below(if depth < 2 { 6 } else { 5 }) {
        0 => Untagged::Whole(1),
        1 => Untagged::Float(1.0),
        2 => Untagged::Float(float(choices)),
        3 => Untagged::Text(texts::short(choices)),
        4 => Untagged::Whole(i64::MIN),
        _ => Untagged::List((0..choices.below(3)).map(|_| untagged(choices, depth + 1)).collect()),
    }
}

fn float(choices: &mut Choices) -> f64 {
    let float = f64::from_bits(choices.bits());
    if float.is_finite() && choices.chance(128) { float } else { *choices.pick(&[0.0, -0.0, 1.0, 0.1, 1e300]) }
}

fn edit_list<T: Clone>(choices: &mut Choices, list: &mut Vec<T>, mut new: impl FnMut(&mut Choices) -> T) {
    let place = choices.below(list.len());
    match choices.below(8) {
        0 | 1 => list.push(new(choices)),
        2 => list.insert(place, new(choices)),
        3 if !list.is_empty() => drop(list.remove(place)),
        4 if !list.is_empty() => list.rotate_left(place),
        5 if !list.is_empty() => list[place] = new(choices),
        6 => list.reverse(),
        _ if !list.is_empty() => {
            let item = list.remove(place);
            list.insert(choices.below(list.len() + 1), item);
        }
        _ => {}
    }
}

/// Puts a member in or takes it out, and makes the whole map anew, so that its members come in another order.
fn edit_map<K: Clone + Eq + std::hash::Hash, V: Clone>(
    choices: &mut Choices,
    map: &mut HashMap<K, V>,
    key: impl Fn(&mut Choices) -> K,
    value: impl Fn(&mut Choices) -> V,
) {
    let key = key(choices);
    if choices.chance(128) || map.remove(&key).is_none() {
        map.insert(key, value(choices));
    }
    *map = map.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
}
