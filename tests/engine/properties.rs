//! What holds for any series of values. `PROPTEST_CASES` and `PROPTEST_RNG_SEED` try more of them, or others.

use crate::{
    choices::Choices,
    every::{self, Every},
    json,
    pair::{Options, Pair, ensure},
    written::Written,
};
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{RngSeed, TestRunner},
};
use serde::Serialize;
use serde_json::Value;
use std::{cell::Cell, collections::BTreeMap, sync::Mutex};

/// All series together; each has some updates.
const SERIES: u32 = 100_000;

#[test]
fn any_series_of_json_values_can_be_followed() {
    for_any_choices(SERIES * 45 / 100, 1, check_json);
}

#[test]
fn any_other_series_of_json_values_can_be_followed() {
    for_any_choices(SERIES * 45 / 100, 2, check_json);
}

#[test]
fn any_series_of_typed_values_can_be_followed() {
    for_any_choices(SERIES / 10, 3, check_typed);
}

/// A generator that never makes some operation come up would prove nothing of it.
#[test]
fn all_kinds_of_operations_come_up() {
    let kinds = Mutex::new(BTreeMap::<_, usize>::new());
    for_any_choices(4_000, 4, |choices| {
        let (json, typed) = (check_json(&mut Choices::new(choices.rest()))?, check_typed(choices)?);
        for patch in json.iter().chain(&typed) {
            let operations: Vec<Value> = serde_json::from_str(patch).map_err(|error| error.to_string())?;
            let mut kinds = kinds.lock().unwrap();
            *kinds.entry(format!("{} operations", operations.len().min(6))).or_default() += 1;
            for operation in &operations {
                let root = if operation["path"] == "" { " of the root" } else { "" };
                *kinds.entry(format!("{}{root}", operation["op"].as_str().unwrap_or_default())).or_default() += 1;
            }
        }
        Ok(Vec::new())
    });
    let kinds = kinds.into_inner().unwrap();
    println!("{kinds:#?}");
    for kind in [
        "add",
        "remove",
        "replace",
        "move",
        "str_ins",
        "str_del",
        "replace of the root",
        "1 operations",
        "6 operations",
    ] {
        assert!(kinds.get(kind).is_some_and(|count| *count > 100), "{kind} in {kinds:#?}");
    }
}

type Checked = Result<Vec<String>, String>;

/// Runs a check with choices that proptest makes, and makes fewer and smaller when it fails.
fn for_any_choices(series: u32, seed: u64, check: impl Fn(&mut Choices) -> Checked) {
    let given = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { given.cases } else { series };
    let rng_seed = if given.rng_seed == RngSeed::Random { RngSeed::Fixed(seed) } else { given.rng_seed };
    let config = ProptestConfig { cases, rng_seed, failure_persistence: None, ..given };
    let result = TestRunner::new(config).run(&vec(any::<u64>(), 1..60), |choices| {
        let bytes: Vec<_> = choices.iter().flat_map(|choice| choice.to_le_bytes()).collect();
        check(&mut Choices::new(&bytes)).map(drop).map_err(TestCaseError::fail)
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

fn options(choices: &mut Choices) -> Options {
    Options { string_edits: choices.chance(100), identity: choices.chance(80).then_some("name") }
}

/// Follows a series of JSON values, whose members come in any order, and some of which fail.
fn check_json(choices: &mut Choices) -> Checked {
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
fn check_typed(choices: &mut Choices) -> Checked {
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
        let read = |document: &leptos_sse::Document| document.read::<Every>().map_err(|error| error.to_string());
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
