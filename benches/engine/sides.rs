//! The two who take turns: this crate, and what the crates before it do at each update.

use crate::workloads::Workload;
use json_patch::Patch;
use leptos_sse::document::{Differ, Document};
use serde::Serialize;
use serde_json::Value;
use std::mem;

/// What a server does with each value.
pub trait Server<W> {
    fn new(value: &W) -> Self;
    /// Whether there is something to send, which is then what was `written`.
    fn advance(&mut self, value: &W) -> bool;
    fn written(&self) -> &[u8];
}

/// What a client does with each patch.
pub trait Client<W> {
    fn new(value: &W) -> Self;
    /// Follows a patch, and has the value follow it, which is the one that the last patch led to; the value that was
    /// there before, where it is another one.
    fn apply(&mut self, value: &mut W, patch: &str) -> Option<W>;
    fn document(&self) -> Value;
}

/// This crate's server, as a hub uses it.
pub struct Ours<W> {
    pub differ: Differ<W>,
    patch: Vec<u8>,
}

impl<W: Workload> Server<W> for Ours<W> {
    fn new(value: &W) -> Self {
        let mut ours = Self { differ: W::differ(), patch: Vec::new() };
        ours.advance(value);
        ours
    }

    fn advance(&mut self, value: &W) -> bool {
        self.patch.clear();
        self.differ.advance(value, &mut self.patch).expect("the value is one of JSON")
    }

    fn written(&self) -> &[u8] {
        &self.patch
    }
}

/// A server of the crates before: leptos_sse 0.4, leptos_ws, leptos_server_signal.
pub struct Older {
    held: Value,
    patch: Vec<u8>,
}

impl<W: Serialize> Server<W> for Older {
    fn new(value: &W) -> Self {
        Self { held: to_value(value), patch: Vec::new() }
    }

    fn advance(&mut self, value: &W) -> bool {
        let next = to_value(value);
        let operations = json_patch::diff(&self.held, &next);
        self.patch = serde_json::to_vec(&operations).expect("a patch is JSON");
        self.held = next;
        true
    }

    fn written(&self) -> &[u8] {
        &self.patch
    }
}

/// One pass of `serde_json` over the value.
pub struct Pass {
    json: Vec<u8>,
}

impl<W: Serialize> Server<W> for Pass {
    fn new(_: &W) -> Self {
        Self { json: Vec::new() }
    }

    fn advance(&mut self, value: &W) -> bool {
        self.json.clear();
        serde_json::to_writer(&mut self.json, value).expect("the value is one of JSON");
        true
    }

    fn written(&self) -> &[u8] {
        &self.json
    }
}

/// This crate's client.
pub struct OurClient {
    document: Document,
}

impl<W: Workload> Client<W> for OurClient {
    fn new(value: &W) -> Self {
        Self { document: parsed(value) }
    }

    fn apply(&mut self, value: &mut W, patch: &str) -> Option<W> {
        self.document.apply(patch).expect("the patch fits");
        Some(mem::replace(value, self.document.read().expect("the document is that of a value")))
    }

    fn document(&self) -> Value {
        self.document.to_value()
    }
}

/// This crate's client where the value is rebuilt in place.
pub struct InPlace {
    document: Document,
}

impl<W: Workload> Client<W> for InPlace {
    fn new(value: &W) -> Self {
        Self { document: parsed(value) }
    }

    fn apply(&mut self, value: &mut W, patch: &str) -> Option<W> {
        self.document.apply_to(patch, value).expect("the patch fits");
        None
    }

    fn document(&self) -> Value {
        self.document.to_value()
    }
}

/// A client of the crates before.
pub struct OlderClient {
    document: Value,
}

impl<W: Workload> Client<W> for OlderClient {
    fn new(value: &W) -> Self {
        Self { document: to_value(value) }
    }

    fn apply(&mut self, value: &mut W, patch: &str) -> Option<W> {
        let patch: Patch = serde_json::from_str(patch).expect("a patch is JSON");
        json_patch::patch(&mut self.document, &patch).expect("the patch fits");
        let next = serde_json::from_value(self.document.clone()).expect("the document is that of a value");
        Some(mem::replace(value, next))
    }

    fn document(&self) -> Value {
        self.document.clone()
    }
}

/// The document as it comes over the wire.
fn parsed<T: Serialize>(value: &T) -> Document {
    let json = serde_json::to_string(value).expect("the value is one of JSON");
    Document::parse(&json).expect("what was written can be read")
}

pub fn to_value<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).expect("the value is one of JSON")
}

/// The patch that follows, as it comes to a client; one of no operations where nothing changed.
pub fn patch<W>(server: &mut impl Server<W>, value: &W) -> String {
    if !server.advance(value) {
        return "[]".to_owned();
    }
    String::from_utf8(server.written().to_owned()).expect("JSON is UTF-8")
}
