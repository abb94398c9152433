//! Series of JSON values, each a few edits away from the one before.

use crate::{choices::Choices, texts};
use serde_json::{Map, Number, Value, json};

/// No more values than this in one series.
const LONGEST: usize = 7;
/// No containers deeper than this; edits nest a little further.
const DEEPEST: usize = 4;

/// A series of values; now and then one that was there before comes back.
pub fn series(choices: &mut Choices) -> Vec<Value> {
    let mut value = root(choices);
    let mut all = vec![value.clone()];
    let len = 2 + choices.below(LONGEST - 1);
    while all.len() < len && !choices.is_empty() {
        match choices.below(24) {
            1 => value = root(choices),
            2 => value.clone_from(&all[choices.below(all.len())]),
            _ => (0..=choices.below(3)).for_each(|_| edit(choices, &mut value, 0)),
        }
        all.push(value.clone());
    }
    all
}

fn root(choices: &mut Choices) -> Value {
    match choices.below(9) {
        0 => value(choices, 0),
        1 => json!(texts::long(choices)),
        8 => json!({ "answer": texts::long(choices), "done": false, "more": [texts::long(choices)] }),
        2 => map(choices, 0),
        3 => json!({ "items": items(choices, 24), "title": texts::short(choices) }),
        4 => items(choices, 12),
        5 => json!({ "text": texts::long(choices), "by": "me" }),
        6 => json!({ "board": { "todo": items(choices, 8), "done": items(choices, 8) }, "next": 7 }),
        _ => json!([scalars(choices), scalars(choices), { "rows": [scalars(choices)] }]),
    }
}

/// Any value.
pub fn value(choices: &mut Choices, depth: usize) -> Value {
    match choices.below(if depth < DEEPEST { 12 } else { 8 }) {
        0 => Value::Null,
        1 | 2 => json!(choices.chance(128)),
        3..=5 => number(choices),
        6 | 7 => json!(texts::short(choices)),
        8 => map(choices, depth + 1),
        9 => Value::Array((0..choices.below(4)).map(|_| value(choices, depth + 1)).collect()),
        10 => item(choices),
        _ => pick(choices, &[json!([]), json!({}), json!([[]]), json!({ "a": {} })]),
    }
}

fn map(choices: &mut Choices, depth: usize) -> Value {
    let most = if choices.chance(16) { 20 } else { 5 };
    let members = (0..choices.below(most)).map(|_| (texts::key(choices), value(choices, depth + 1))).collect();
    Value::Object(members)
}

/// Like a list of messages, cards or rows: most of them have an `id`, and most ids are there once.
fn items(choices: &mut Choices, most: usize) -> Value {
    let len = choices.below(most + 1);
    let mut items: Vec<_> = (0..len).map(|_| item(choices)).collect();
    if choices.chance(160) {
        let name = *choices.pick(&["id", "key", "_id", "uuid", "name"]);
        for (place, item) in items.iter_mut().enumerate() {
            if let Some(item) = item.as_object_mut() {
                item.retain(|field, _| !matches!(field.as_str(), "id" | "key" | "_id" | "uuid" | "name"));
                item.insert(name.to_owned(), json!(place));
            }
        }
    }
    Value::Array(items)
}

fn item(choices: &mut Choices) -> Value {
    let mut item = Map::new();
    let name = if choices.chance(40) { *choices.pick(&["key", "_id", "uuid", "name"]) } else { "id" };
    if !choices.chance(20) {
        item.insert(name.to_owned(), identity(choices));
    }
    for _ in 0..choices.below(4) {
        let (name, value) = match choices.below(6) {
            0 => ("text", json!(texts::short(choices))),
            1 => ("done", json!(choices.chance(128))),
            2 => ("count", number(choices)),
            3 => ("tags", scalars(choices)),
            4 => ("place", json!({ "x": choices.below(9), "y": number(choices) })),
            _ => ("extra", value(choices, DEEPEST - 1)),
        };
        item.insert(name.to_owned(), value);
    }
    Value::Object(item)
}

/// What tells items apart, well or badly.
fn identity(choices: &mut Choices) -> Value {
    match choices.below(16) {
        0 => Value::Null,
        1 => json!({ "a": choices.below(3) }),
        2 => json!([choices.below(3)]),
        3 => json!(choices.chance(128)),
        4 => number(choices),
        5..=8 => json!(format!("item-{}", choices.below(20))),
        _ => json!(choices.below(30)),
    }
}

fn scalars(choices: &mut Choices) -> Value {
    let texts = choices.chance(100);
    let one = |choices: &mut Choices| if texts { json!(texts::short(choices)) } else { json!(choices.below(5)) };
    Value::Array((0..choices.below(9)).map(|_| one(choices)).collect())
}

fn number(choices: &mut Choices) -> Value {
    let wholes = [0, 1, -1, 10, i64::MIN, i64::MAX, 1 << 53, (1 << 53) + 1, -(1 << 53) - 1, i64::from(u32::MAX)];
    let floats = [0.0, -0.0, 1.0, -1.0, 0.1, 0.1 + 0.2, 1.5, 1e21, 1e-7, f64::MAX, f64::MIN_POSITIVE, 5e-324, 1e16];
    match choices.below(8) {
        0 => json!(choices.pick(&wholes)),
        1 => json!(choices.pick(&floats)),
        2 => json!(u64::MAX - choices.bits() % 3),
        3 => json!(choices.bits().cast_signed()),
        // Any bits are a number, or else there is none.
        4 => Number::from_f64(f64::from_bits(choices.bits())).map_or(json!(0.5), Value::Number),
        _ => json!(choices.below(100)),
    }
}

fn pick(choices: &mut Choices, from: &[Value]) -> Value {
    choices.pick(from).clone()
}

/// Changes something somewhere, as a program or a person would.
pub fn edit(choices: &mut Choices, value: &mut Value, depth: usize) {
    if choices.chance(4) {
        *value = self::value(choices, depth);
        return;
    }
    match value {
        Value::Object(members) if !members.is_empty() && choices.chance(180) => {
            let place = choices.below(members.len());
            edit(choices, members.values_mut().nth(place).unwrap(), depth + 1);
        }
        Value::Object(members) => edit_members(choices, members, depth),
        Value::Array(items) if !items.is_empty() && choices.chance(100) => {
            let place = choices.below(items.len());
            edit(choices, &mut items[place], depth + 1);
        }
        Value::Array(items) => edit_items(choices, items, depth),
        Value::String(text) => texts::edit(choices, text),
        Value::Number(held) => {
            *value = match held.as_i64() {
                Some(whole) if choices.chance(120) => json!(whole.wrapping_add(1)),
                #[allow(clippy::cast_precision_loss)]
                Some(whole) if choices.chance(60) => json!(whole as f64),
                _ => number(choices),
            }
        }
        Value::Bool(held) if choices.chance(200) => *held = !*held,
        Value::Bool(_) | Value::Null => *value = self::value(choices, depth),
    }
}

fn edit_members(choices: &mut Choices, members: &mut Map<String, Value>, depth: usize) {
    let some = members.keys().nth(choices.below(members.len())).cloned();
    match (choices.below(10), some) {
        (0 | 1, Some(name)) => {
            members.remove(&name);
        }
        (2, Some(name)) => {
            let value = members.remove(&name).unwrap_or_default();
            members.insert(texts::key(choices), value);
        }
        (3, Some(name)) => {
            let value = members[&name].clone();
            members.insert(texts::key(choices), value);
        }
        (4, Some(name)) => {
            members.insert(name, value(choices, depth + 1));
        }
        (5, Some(_)) if choices.chance(60) => members.clear(),
        (6, _) => {
            members.insert("id".to_owned(), identity(choices));
        }
        _ => {
            members.insert(texts::key(choices), value(choices, depth + 1));
        }
    }
}

fn edit_items(choices: &mut Choices, items: &mut Vec<Value>, depth: usize) {
    let len = items.len();
    let like_the_others = |choices: &mut Choices, items: &[Value]| match items.first() {
        Some(Value::Object(_)) => item(choices),
        Some(Value::String(_)) => json!(texts::short(choices)),
        Some(Value::Number(_)) => json!(choices.below(9)),
        _ => value(choices, depth + 1),
    };
    if len == 0 {
        let item = if choices.chance(128) { item(choices) } else { value(choices, depth + 1) };
        return items.push(item);
    }
    let (one, other) = (choices.below(len), choices.below(len));
    match choices.below(20) {
        0..=2 => items.push(like_the_others(choices, items)),
        3 => items.insert(0, like_the_others(choices, items)),
        4 => items.insert(one, like_the_others(choices, items)),
        5 => drop(items.remove(one)),
        6 => drop(items.remove(0)),
        7 => drop(items.pop()),
        8 => drop(items.drain(one.min(other)..one.max(other))),
        9..=11 => {
            let item = items.remove(one);
            items.insert(other, item);
        }
        12 => items.swap(one, other),
        13 => items.reverse(),
        14 => items.rotate_left(one),
        15 => (1..len).rev().for_each(|last| items.swap(choices.below(last + 1), last)),
        16 => items.insert(other, items[one].clone()),
        17 => items[one] = like_the_others(choices, items),
        18 => items.sort_by_key(Value::to_string),
        _ => items.iter_mut().for_each(|item| edit(choices, item, depth + 1)),
    }
}
