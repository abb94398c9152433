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
}

#[derive(Debug, Default)]
struct Held {
    document: Option<Document>,
    /// The seq of the document in the epoch below; none when it is stale.
    seq: Option<u64>,
    epoch: Option<Epoch>,
    /// Whether this connection's stream of the signal has begun.
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
        for held in self.held.values_mut() {
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
                let twice = std::mem::replace(&mut held.begun, true);
                held.begin(&hello.epoch);
                if twice { Err(Error::key(key.as_str(), "two streams on one connection have it")) } else { Ok(()) }
            }
            None => {
                self.held.values_mut().for_each(|held| held.begin(&hello.epoch));
                Ok(())
            }
        }
    }

    pub(crate) fn update(&mut self, update: &ServerSignalUpdate) -> Outcome {
        if !self.held.contains_key(&update.name) {
            self.held.insert(update.name.clone(), Held::default());
        }
        match self.held.get_mut(&update.name) {
            Some(held) => held.update(update),
            None => Outcome::Dropped,
        }
    }

    /// A heartbeat says how far its epoch has come: the keys that are behind it have missed something, and are stale now.
    pub(crate) fn heartbeat(&mut self, cursor: &Cursor) -> Vec<(Key, Error)> {
        let behind = self.held.iter_mut().filter(|(_, held)| {
            !held.asked && held.epoch.as_ref() == Some(&cursor.epoch) && held.seq.unwrap_or(0) < cursor.seq
        });
        behind.map(|(key, held)| (key.clone(), held.out_of_step(Error::gap(cursor.seq, held.seq)))).collect()
    }

    pub(crate) fn clear(&mut self) {
        self.held.clear();
    }
}

impl Held {
    fn begin(&mut self, epoch: &Epoch) {
        if self.epoch.as_ref() != Some(epoch) {
            self.epoch = Some(epoch.clone());
            self.seq = None;
        }
    }

    fn update(&mut self, update: &ServerSignalUpdate) -> Outcome {
        let Some(from) = update.from else { return self.snapshot(update) };
        match self.seq {
            Some(held) if update.to <= held => Outcome::Dropped,
            Some(held) if from == held => self.patch(update),
            Some(held) => Outcome::OutOfStep(self.out_of_step(Error::gap(from, Some(held)))),
            None if self.asked => Outcome::Dropped,
            None => Outcome::OutOfStep(self.out_of_step(Error::gap(from, None))),
        }
    }

    fn snapshot(&mut self, update: &ServerSignalUpdate) -> Outcome {
        self.document.get_or_insert_default();
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
