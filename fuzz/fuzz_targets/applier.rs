//! Any patch on any document: see `crates/core/tests/engine/applier.rs`.
#![no_main]
#![allow(dead_code)]

#[path = "../../crates/core/tests/engine/applier.rs"]
mod applier;
#[path = "../../crates/core/tests/engine/choices.rs"]
mod choices;
#[path = "../../crates/core/tests/engine/ensure.rs"]
mod ensure;
#[path = "../../crates/core/tests/engine/json.rs"]
mod json;
#[path = "../../crates/core/tests/engine/reference.rs"]
mod reference;
#[path = "../../crates/core/tests/engine/texts.rs"]
mod texts;

use choices::Choices;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // Text is text, and the other bytes decide on documents and operations that are nearly good.
    let applied = match std::str::from_utf8(bytes) {
        Ok(text) if text.contains('\n') => applier::apply_text(text),
        _ => applier::apply_any(&mut Choices::new(bytes)),
    };
    if let Err(why) = applied {
        panic!("{why}");
    }
});
