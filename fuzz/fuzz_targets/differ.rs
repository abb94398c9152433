//! Any series of values: see `crates/core/tests/engine/checks.rs`.
#![no_main]
#![allow(dead_code)]

#[path = "../../crates/core/tests/engine/checks.rs"]
mod checks;
#[path = "../../crates/core/tests/engine/choices.rs"]
mod choices;
#[path = "../../crates/core/tests/engine/ensure.rs"]
mod ensure;
#[path = "../../crates/core/tests/engine/every.rs"]
mod every;
#[path = "../../crates/core/tests/engine/json.rs"]
mod json;
#[path = "../../crates/core/tests/engine/pair.rs"]
mod pair;
#[path = "../../crates/core/tests/engine/reference.rs"]
mod reference;
#[path = "../../crates/core/tests/engine/texts.rs"]
mod texts;
#[path = "../../crates/core/tests/engine/written.rs"]
mod written;

use choices::Choices;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut choices = Choices::new(bytes);
    // One in four, as values with types take longer.
    let checked = if choices.chance(64) { checks::check_typed(&mut choices) } else { checks::check_json(&mut choices) };
    if let Err(why) = checked {
        panic!("{why}");
    }
});
