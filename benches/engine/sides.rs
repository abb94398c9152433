//! The two who take turns: this crate, and what the crates before it do at each update.

use crate::workloads::Workload;
use json_patch::Patch;
use leptos_sse::{Differ, Document};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// This crate's server, as a hub uses it.
pub struct Ours<W> {
    differ: Differ<W>,
    pub patch: Vec<u8>,
}

impl<W: Workload> Ours<W> {
    pub fn new(value: &W) -> Self {
        let mut ours = Self { differ: W::differ(), patch: Vec::new() };
        ours.advance(value);
        ours
    }

    /// Whether there is something to send, which `patch` then holds.
    pub fn advance(&mut self, value: &W) -> bool {
        self.patch.clear();
        self.differ.advance(value, &mut self.patch).expect("the value is one of JSON")
    }

    pub fn into_differ(self) -> Differ<W> {
        self.differ
    }

    /// What the differ holds of the last value.
    pub fn document(&self) -> Document {
        self.differ.document().expect("there was a value").clone()
    }
}

/// A server of the crates before: leptos_sse 0.4, leptos_ws, leptos_server_signal.
pub struct Older {
    held: Value,
    pub patch: Vec<u8>,
}

impl Older {
    pub fn new<T: Serialize>(value: &T) -> Self {
        Self { held: to_value(value), patch: Vec::new() }
    }

    pub fn advance<T: Serialize>(&mut self, value: &T) {
        let next = to_value(value);
        let operations = json_patch::diff(&self.held, &next);
        self.patch = serde_json::to_vec(&operations).expect("a patch is JSON");
        self.held = next;
    }
}

/// One pass of `serde_json` over the value.
#[derive(Default)]
pub struct Pass {
    pub json: Vec<u8>,
}

impl Pass {
    pub fn write<T: Serialize>(&mut self, value: &T) {
        self.json.clear();
        serde_json::to_writer(&mut self.json, value).expect("the value is one of JSON");
    }
}

/// This crate's client.
pub struct OurClient {
    document: Document,
}

impl OurClient {
    pub fn new<T: Serialize>(value: &T) -> Self {
        let json = serde_json::to_string(value).expect("the value is one of JSON");
        Self { document: Document::parse(&json).expect("what was written can be read") }
    }

    pub fn apply<T: DeserializeOwned>(&mut self, patch: &str) -> T {
        self.document.apply(patch).expect("the patch fits");
        self.document.read().expect("the document is that of a value")
    }

    pub fn document(&self) -> Value {
        self.document.to_value()
    }
}

/// A client of the crates before.
pub struct OlderClient {
    document: Value,
}

impl OlderClient {
    pub fn new<T: Serialize>(value: &T) -> Self {
        Self { document: to_value(value) }
    }

    pub fn apply<T: DeserializeOwned>(&mut self, patch: &str) -> T {
        let patch: Patch = serde_json::from_str(patch).expect("a patch is JSON");
        json_patch::patch(&mut self.document, &patch).expect("the patch fits");
        serde_json::from_value(self.document.clone()).expect("the document is that of a value")
    }

    pub fn document(&self) -> &Value {
        &self.document
    }
}

pub fn to_value<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).expect("the value is one of JSON")
}

/// What was written, as text.
pub fn text(patch: &[u8]) -> &str {
    std::str::from_utf8(patch).expect("JSON is UTF-8")
}
