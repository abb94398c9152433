//! The client's rule: which updates are taken, dropped or refused.
//!
//! Pure: what the wire brings goes in, the documents and what to tell whom come out.

use crate::{
    Error,
    patch::Document,
    protocol::{Cursor, Epoch, Hello, Key, ServerSignalUpdate},
};
use std::collections::HashMap;

/// The documents of one connection, those that no signal follows yet included: the patches to come start from them.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    held: HashMap<Key, Held>,
    /// The epoch of the hello that spoke for the whole of this connection.
    epoch: Option<Epoch>,
}

#[derive(Debug, Default)]
struct Held {
    document: Option<Document>,
    /// The seq of the document in the epoch below; none when it is stale.
    seq: Option<u64>,
    epoch: Option<Epoch>,
    /// Whether a hello of this connection named the signal.
    named: bool,
    /// Whether a hello or a snapshot of this connection says what the seqs belong to.
    begun: bool,
    /// Whether a snapshot was asked for on this connection.
    asked: bool,
}

/// What an update led to.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The document changed.
    Changed(Document),
    /// It was a repeat, or the signal waits for its snapshot already.
    Dropped,
    /// The document stays as it is, and is stale: ask for a snapshot.
    OutOfStep(Error),
}

impl Documents {
    pub(crate) fn document(&self, key: &Key) -> Option<Document> {
        self.held.get(key)?.document.clone()
    }

    /// A new connection is open.
    pub(crate) fn opened(&mut self) {
        self.epoch = None;
        for held in self.held.values_mut() {
            held.named = false;
            held.begun = false;
            held.asked = false;
        }
    }

    /// A stream begins. What is held of an earlier epoch is shown until the snapshot comes, but patched no more.
    ///
    /// # Errors
    ///
    /// When the connection carries two streams of one signal; their patches would mix.
    pub(crate) fn hello(&mut self, hello: &Hello) -> Result<(), Error> {
        match &hello.name {
            Some(key) => {
                let held = self.held.entry(key.clone()).or_default();
                let twice = std::mem::replace(&mut held.named, true);
                held.begin(&hello.epoch);
                if twice { Err(Error::key(key.as_str(), "two streams on one connection have it")) } else { Ok(()) }
            }
            None => {
                self.held.values_mut().for_each(|held| held.begin(&hello.epoch));
                self.epoch = Some(hello.epoch.clone());
                Ok(())
            }
        }
    }

    pub(crate) fn update(&mut self, update: &ServerSignalUpdate) -> Outcome {
        // Not by `entry`, which would take a copy of the key for each update.
        if let Some(held) = self.held.get_mut(&update.name) {
            return held.update(update);
        }
        let held = Held { epoch: self.epoch.clone(), begun: self.epoch.is_some(), ..Held::default() };
        self.held.entry(update.name.clone()).or_insert(held).update(update)
    }

    /// A heartbeat says how far the stream of a signal has come: one that is behind has missed something, and is stale
    /// now. (A counter that many signals share goes on without each of them.)
    ///
    /// # Errors
    ///
    /// When no hello of this connection named the epoch: it was lost, and with it the sense of what followed.
    pub(crate) fn heartbeat(&mut self, cursor: &Cursor) -> Result<Vec<(Key, Error)>, Error> {
        let mut named = self.held.values().filter(|held| held.named).filter_map(|held| held.epoch.as_ref());
        if self.epoch.as_ref() != Some(&cursor.epoch) && !named.any(|epoch| *epoch == cursor.epoch) {
            return Err(Error::malformed("a heartbeat", "no hello named its epoch", &cursor.to_string()));
        }
        let behind = self.held.iter_mut().filter(|(_, held)| {
            held.named
                && !held.asked
                && held.epoch.as_ref() == Some(&cursor.epoch)
                && held.seq.unwrap_or(0) < cursor.seq
        });
        Ok(behind.map(|(key, held)| (key.clone(), held.out_of_step(Error::gap(cursor.seq, held.seq)))).collect())
    }

    pub(crate) fn clear(&mut self) {
        self.held.clear();
    }
}

impl Held {
    fn begin(&mut self, epoch: &Epoch) {
        self.begun = true;
        if self.epoch.as_ref() != Some(epoch) {
            self.epoch = Some(epoch.clone());
            self.seq = None;
        }
    }

    fn update(&mut self, update: &ServerSignalUpdate) -> Outcome {
        let Some(from) = update.from else { return self.snapshot(update) };
        match self.seq.filter(|_| self.begun) {
            Some(held) if update.to <= held => Outcome::Dropped,
            Some(held) if from == held => self.patch(update),
            Some(held) => Outcome::OutOfStep(self.out_of_step(Error::gap(from, Some(held)))),
            // The snapshot that was asked for is on its way.
            None if self.asked => Outcome::Dropped,
            None => Outcome::OutOfStep(self.out_of_step(Error::gap(from, None))),
        }
    }

    fn snapshot(&mut self, update: &ServerSignalUpdate) -> Outcome {
        self.document.get_or_insert_default();
        self.begun = true;
        self.patch(update)
    }

    fn patch(&mut self, update: &ServerSignalUpdate) -> Outcome {
        let Some(document) = &mut self.document else { return Outcome::Dropped };
        match document.apply(&update.patch) {
            Ok(()) => {
                self.seq = Some(update.to);
                Outcome::Changed(document.clone())
            }
            Err(error) => Outcome::OutOfStep(self.out_of_step(error)),
        }
    }

    fn out_of_step(&mut self, error: Error) -> Error {
        self.seq = None;
        self.asked = true;
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::Value;
    use std::collections::BTreeMap;

    #[derive(Deserialize)]
    struct Case {
        name: String,
        events: Vec<Event>,
        documents: BTreeMap<String, Value>,
    }

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Event {
        Update { update: ServerSignalUpdate, is: String },
        Hello { hello: Hello },
        Heartbeat { heartbeat: String, behind: Option<Vec<Key>> },
        Opened { opened: bool },
    }

    fn check(case: &Case) {
        let mut documents = Documents::default();
        for (at, event) in case.events.iter().enumerate() {
            let place = format!("{}: event {at}", case.name);
            match event {
                Event::Update { update, is } => {
                    let outcome = match documents.update(update) {
                        Outcome::Changed(_) => "changed",
                        Outcome::Dropped => "dropped",
                        Outcome::OutOfStep(_) => "out of step",
                    };
                    assert_eq!(outcome, is, "{place}");
                }
                Event::Hello { hello } => documents.hello(hello).unwrap(),
                Event::Heartbeat { heartbeat, behind } => {
                    let keys = documents
                        .heartbeat(&heartbeat.parse().unwrap())
                        .map(|behind| behind.into_iter().map(|(key, _)| key).collect())
                        .ok();
                    assert_eq!(&keys, behind, "{place}");
                }
                Event::Opened { opened } => {
                    assert!(opened, "{place}");
                    documents.opened();
                }
            }
        }
        for (key, expected) in &case.documents {
            let document = documents.document(&Key::new(key.clone()).unwrap());
            let held = document.as_ref().map_or(&Value::Null, Document::as_value);
            assert_eq!(held, expected, "{}: {key}", case.name);
        }
    }

    #[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
    #[cfg_attr(not(target_arch = "wasm32"), test)]
    fn the_client_keeps_its_rule() {
        let cases: Vec<Case> = serde_json::from_str(include_str!("../../tests/vectors/client_rule.json")).unwrap();
        cases.iter().for_each(check);
    }

    #[test]
    fn two_streams_of_one_key_on_one_connection_are_told() {
        let hello = |epoch: &str| Hello::parse(&format!(r#"{{"epoch":"{epoch}","name":"a"}}"#)).unwrap();
        let mut documents = Documents::default();
        documents.hello(&hello("e")).unwrap();
        assert!(documents.hello(&hello("f")).unwrap_err().is_invalid_key());
        documents.opened();
        documents.hello(&hello("g")).unwrap();
    }
}
