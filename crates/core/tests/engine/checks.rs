//! The two ends of a signal over whole series of values, which choices decide on.

use crate::{
    choices::Choices,
    ensure::ensure,
    every::{self, Every},
    json,
    pair::{Options, Pair},
    written::Written,
};
use leptos_sse_core::Document;
use serde::Serialize;
use serde_json::Value;
use std::cell::Cell;

/// All patches of a series, or what was wrong.
type Checked = Result<Vec<String>, String>;

fn options(choices: &mut Choices) -> Options {
    Options {
        string_edits: choices.chance(128),
        identity: choices.chance(80).then_some("name"),
        alone: choices.chance(150),
    }
}

/// Follows a series of JSON values, whose members come in any order, and some of which fail.
pub fn check_json(choices: &mut Choices) -> Checked {
    let options = options(choices);
    let values = json::series(choices);
    let context = |why| in_series(why, options, &values);
    let left = Cell::new(None);
    let mut pair = Pair::new(options);
    let mut patches = Vec::new();
    for value in &values {
        if choices.chance(20) {
            left.set(Some(choices.below(nodes(value))));
            pair.fail(&Written::new(value, choices.below(8), &left)).map_err(context)?;
            left.set(None);
        }
        let patch = pair.advance(&Written::new(value, choices.below(8), &left), value).map_err(context)?;
        ensure(pair.sent() == Some(pair.client()), || "the two documents differ".to_owned()).map_err(context)?;
        if choices.chance(60) {
            let again = pair.advance(&Written::new(value, choices.below(8), &left), value).map_err(context)?;
            ensure(again.is_empty(), || format!("the same value sends {again}")).map_err(context)?;
        }
        patches.extend((!patch.is_empty()).then_some(patch));
    }
    Ok(patches)
}

/// Follows a series of values of a type with all that serde has.
pub fn check_typed(choices: &mut Choices) -> Checked {
    let options = options(choices);
    let values = every::series(choices);
    let context = |why| in_series(why, options, &values);
    let mut pair = Pair::new(options);
    let mut patches = Vec::new();
    for value in &values {
        if choices.chance(20) {
            pair.fail(&value.burnt()).map_err(context)?;
        }
        let next = serde_json::to_value(value).map_err(|error| error.to_string())?;
        let patch = pair.advance(value, &next).map_err(context)?;
        let read = |document: &Document| document.read::<Every>().map_err(|error| error.to_string());
        ensure(read(pair.client()).map_err(context)? == *value, || "it reads another value".to_owned())
            .map_err(context)?;
        let sent = pair.sent().map(read).transpose().map_err(context)?;
        ensure(sent.as_ref() == Some(value), || "its own document reads another value".to_owned()).map_err(context)?;
        patches.extend((!patch.is_empty()).then_some(patch));
    }
    Ok(patches)
}

/// What goes wrong, and with which values.
fn in_series<T: Serialize>(why: String, options: Options, values: &[T]) -> String {
    let lines = values.iter().map(|value| serde_json::to_string(value).unwrap() + "\n");
    format!("{why}\nwith {options:?} in\n{}", lines.collect::<String>())
}

fn nodes(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(nodes).sum(),
        Value::Object(members) => members.values().map(nodes).sum(),
        _ => 0,
    }
}
