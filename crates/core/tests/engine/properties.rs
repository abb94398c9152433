//! What holds for any series of values. `PROPTEST_CASES` and `PROPTEST_RNG_SEED` try more of them, or others.

use crate::{
    applier,
    checks::{check_json, check_typed},
    choices::Choices,
    protocol,
};
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{RngAlgorithm, RngSeed, TestRunner},
};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Mutex};

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

#[test]
fn any_patch_is_applied_whole_or_not_at_all() {
    for_any_choices(20_000, 5, applier::apply_any);
    for_any_choices(5_000, 6, |choices| applier::apply_text(&String::from_utf8_lossy(choices.rest())));
}

#[test]
fn any_text_is_read_as_what_it_is_or_refused() {
    for_any_choices(20_000, 7, |choices| protocol::read_any(&String::from_utf8_lossy(choices.rest())));
    for_any_choices(20_000, 8, protocol::read_nearly_good);
}

/// A generator that never makes some operation come up would prove nothing of it.
#[test]
fn all_kinds_of_operations_come_up() {
    let kinds = Mutex::new(BTreeMap::<_, usize>::new());
    for_any_choices(1_500, 4, |choices| {
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
        Ok(())
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
        assert!(kinds.get(kind).is_some_and(|count| *count > 0), "{kind} in {kinds:#?}");
    }
}

/// Runs a check with choices that proptest makes, and makes fewer and smaller when it fails.
fn for_any_choices<T>(series: u32, seed: u64, check: impl Fn(&mut Choices) -> Result<T, String>) {
    let given = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { given.cases } else { series };
    let rng_seed = if given.rng_seed == RngSeed::Random { RngSeed::Fixed(seed) } else { given.rng_seed };
    // The default one is a cipher, which takes its time without optimisation.
    let rng_algorithm = RngAlgorithm::XorShift;
    let config = ProptestConfig { cases, rng_seed, rng_algorithm, failure_persistence: None, ..given };
    let result = TestRunner::new(config).run(&vec(any::<u64>(), 1..60), |choices| {
        let bytes: Vec<_> = choices.iter().flat_map(|choice| choice.to_le_bytes()).collect();
        check(&mut Choices::new(&bytes)).map(drop).map_err(TestCaseError::fail)
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}
