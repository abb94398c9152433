//! The cases of the core and of the client, in the browser.

#[path = "../../crates/client/tests/vectors/client_rule.rs"]
mod client_rule;
#[path = "../../crates/client/tests/vectors/feed_rule.rs"]
mod feed_rule;
#[path = "../../crates/client/tests/vectors/messages.rs"]
mod messages;

use leptos_sse::document::Document;
use serde::Deserialize;
use serde_json::Value;
use wasm_bindgen_test::wasm_bindgen_test;

#[derive(Deserialize)]
struct Case {
    name: String,
    doc: Value,
    patch: Value,
    /// What it becomes, unless there is an error.
    #[serde(default, deserialize_with = "some")]
    expected: Option<Value>,
    error: Option<String>,
}

/// Null is a document too.
fn some<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[wasm_bindgen_test]
fn patches_do_what_the_standard_says() {
    let cases: Vec<Case> =
        serde_json::from_str(include_str!("../../crates/core/tests/vectors/json_patch.json")).unwrap();
    for case in cases {
        let mut document = Document::from(&case.doc);
        let applied = document.apply(&case.patch.to_string());
        let error = applied.err().map(|error| if error.is_malformed() { "malformed" } else { "out of step" });
        assert_eq!(error, case.error.as_deref(), "{}", case.name);
        assert_eq!(&document.to_value(), case.expected.as_ref().unwrap_or(&case.doc), "{}", case.name);
    }
}

#[wasm_bindgen_test]
fn the_client_keeps_its_rule() {
    client_rule::check_all();
}

#[wasm_bindgen_test]
fn the_client_keeps_its_rule_for_feeds() {
    feed_rule::check_all();
}
