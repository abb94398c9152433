//! Who is followed: the signals and feeds of one connection by their keys, and how many use each.

use super::{
    feeds::Step,
    keyed::{Keyed, Keys},
    signal_status::SseSignalStatus,
};
use leptos_sse_core::{Error, document::Document, patch::Touch, protocol::Key};
use std::{
    any::{Any, TypeId},
    sync::Arc,
};

/// What a key is followed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Signal,
    Feed,
}

/// Takes what the server sends for one key. A key may have several, one of each type.
pub trait Follower: Any + Send + Sync {
    const KIND: Kind;
    /// Whether it wants to know where the key stands.
    const WATCHES: bool = false;

    /// The type that a user knows it by.
    fn type_name() -> &'static str;

    /// The type of the key's values, on which all followers of the key agree; none when any will do.
    fn value() -> Option<TypeId>;

    /// The document has changed: here, or none of it is known.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    fn accept(&self, document: &Document, touches: Option<&[Touch]>) -> Result<(), Error>;

    /// A step of a feed came.
    ///
    /// # Errors
    ///
    /// When its item cannot be read.
    fn take(&self, step: Step, item: Option<Document>) -> Result<(), Error>;

    /// The server has the signal no more.
    ///
    /// # Errors
    ///
    /// When that cannot be shown.
    fn removed(&self) -> Result<(), Error> {
        Ok(())
    }

    /// So the key stands, for one that watches.
    ///
    /// # Errors
    ///
    /// When that cannot be shown.
    fn stands(&self, _: &SseSignalStatus) -> Result<(), Error> {
        Ok(())
    }
}

/// A follower, whatever its type.
trait Following: Any + Send + Sync {
    fn kind(&self) -> Kind;
    fn watches(&self) -> bool;
    fn type_name(&self) -> &'static str;
    fn value(&self) -> Option<TypeId>;
    fn accept(&self, document: &Document, touches: Option<&[Touch]>) -> Result<(), Error>;
    fn take(&self, step: Step, item: Option<Document>) -> Result<(), Error>;
    fn removed(&self) -> Result<(), Error>;
    fn stands(&self, status: &SseSignalStatus) -> Result<(), Error>;
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<F: Follower> Following for F {
    fn kind(&self) -> Kind {
        F::KIND
    }

    fn watches(&self) -> bool {
        F::WATCHES
    }

    fn type_name(&self) -> &'static str {
        F::type_name()
    }

    fn value(&self) -> Option<TypeId> {
        F::value()
    }

    fn accept(&self, document: &Document, touches: Option<&[Touch]>) -> Result<(), Error> {
        Follower::accept(self, document, touches)
    }

    fn take(&self, step: Step, item: Option<Document>) -> Result<(), Error> {
        Follower::take(self, step, item)
    }

    fn removed(&self) -> Result<(), Error> {
        Follower::removed(self)
    }

    fn stands(&self, status: &SseSignalStatus) -> Result<(), Error> {
        Follower::stands(self, status)
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

/// The followers of one key at one moment. There is one as a rule, which takes no allocation.
pub struct Followers {
    first: Option<Arc<dyn Following>>,
    others: Vec<Arc<dyn Following>>,
}

impl Followers {
    /// Hands a document on, and gives what went wrong.
    pub fn accept(&self, document: &Document, touches: Option<&[Touch]>) -> impl Iterator<Item = Error> {
        self.iter().filter_map(move |follower| follower.accept(document, touches).err())
    }

    /// Hands a step of a feed on, and gives what went wrong.
    pub fn take(&self, step: Step, item: Option<&Document>) -> impl Iterator<Item = Error> {
        self.iter().filter_map(move |follower| follower.take(step, item.cloned()).err())
    }

    /// The server has the signal no more. Gives what went wrong.
    pub fn removed(&self) -> impl Iterator<Item = Error> {
        self.iter().filter_map(|follower| follower.removed().err())
    }

    fn iter(&self) -> impl Iterator<Item = &Arc<dyn Following>> {
        self.first.iter().chain(&self.others)
    }
}

/// A follower that watches a key, and where that stands.
pub struct Watched {
    pub key: Key,
    watching: Arc<dyn Following>,
    status: SseSignalStatus,
}

impl Watched {
    /// Tells the follower.
    ///
    /// # Errors
    ///
    /// When it cannot show that.
    pub fn tell(&self) -> Result<(), Error> {
        self.watching.stands(&self.status)
    }
}

#[derive(Default)]
pub struct Slots {
    held: Keyed<Slot>,
    /// How many followers watch.
    watching: usize,
}

/// The followers of a key, at least one.
pub struct Slot(Vec<Seat>);

struct Seat {
    /// None for a feed that nobody uses any more, but that the connection still brings.
    users: usize,
    follower: Arc<dyn Following>,
}

/// A follower that has one user more.
pub struct Joined<F> {
    pub follower: Arc<F>,
    /// Whether it is the first one of its key.
    pub is_first: bool,
}

impl Slot {
    fn kind(&self) -> Kind {
        self.0[0].follower.kind()
    }

    fn is_used(&self) -> bool {
        self.0.iter().any(|seat| seat.users > 0)
    }

    /// # Errors
    ///
    /// When it is followed as what does not go together with `F`.
    fn check<F: Follower>(&self, key: &Key) -> Result<(), Error> {
        let goes_together = |held: &dyn Following| {
            let differ = held.value().zip(F::value()).is_some_and(|(held, value)| held != value);
            held.kind() == F::KIND && !differ
        };
        match self.0.iter().find(|seat| seat.users > 0 && !goes_together(&*seat.follower)) {
            Some(seat) => Err(Error::type_taken(key.as_str(), seat.follower.type_name(), F::type_name())),
            None => Ok(()),
        }
    }

    fn seat(&mut self, follower: TypeId) -> Option<&mut Seat> {
        self.0.iter_mut().find(|seat| (*seat.follower).type_id() == follower)
    }
}

impl Slots {
    /// One user more of a key that is followed already.
    ///
    /// # Errors
    ///
    /// When it is followed as something else.
    pub fn join<F: Follower>(&mut self, key: &Key) -> Result<Option<Joined<F>>, Error> {
        let Some(slot) = self.held.get_mut(key) else { return Ok(None) };
        slot.check::<F>(key)?;
        let is_first = !slot.is_used();
        let Some(seat) = slot.seat(TypeId::of::<F>()) else { return Ok(None) };
        let Ok(follower) = seat.follower.clone().into_any().downcast() else { return Ok(None) };
        seat.users += 1;
        Ok(Some(Joined { follower, is_first }))
    }

    /// The first user of a follower. Whether it is the first one of its key; and what stood in its place, unless others use
    /// that.
    pub fn insert<F: Follower>(&mut self, key: &Key, follower: Arc<F>) -> (bool, Option<Slot>) {
        let seat = Seat { users: 1, follower };
        self.watching += usize::from(F::WATCHES);
        match self.held.get_mut(key) {
            Some(slot) if slot.is_used() => {
                slot.0.push(seat);
                (false, None)
            }
            _ => (true, self.held.insert(key.clone(), Slot(vec![seat]))),
        }
    }

    /// One user of a follower less. Whether it was the last one of its key; and what held the follower, unless that may be of
    /// use again.
    pub fn release(&mut self, key: &Key, follower: TypeId) -> (bool, Option<Slot>) {
        let Some(slot) = self.held.get_mut(key) else { return (false, None) };
        let Some(seat) = slot.seat(follower) else { return (false, None) };
        seat.users -= 1;
        let is_left = seat.users == 0 && seat.follower.kind() == Kind::Signal;
        // What watches is a signal.
        self.watching -= usize::from(is_left && seat.follower.watches());
        match (slot.is_used(), is_left) {
            (true, false) => (false, None),
            (false, false) => (true, None),
            (false, true) => (true, self.held.remove(key)),
            (true, true) => (false, Some(Slot(slot.0.extract_if(.., |seat| seat.users == 0).collect()))),
        }
    }

    pub fn followers(&self, key: &Key) -> Option<Followers> {
        let mut seats = self.held.get(key)?.0.iter().map(|seat| seat.follower.clone());
        Some(Followers { first: seats.next(), others: seats.collect() })
    }

    /// The followers that watch a key, or all that watch any, with what is told of their keys.
    pub fn watched(&self, only: Option<&Key>, status: impl Fn(&Key) -> SseSignalStatus) -> Vec<Watched> {
        if self.watching == 0 {
            return Vec::new();
        }
        let slots = self.held.iter().filter(|(key, _)| only.is_none_or(|only| only == *key));
        let watching = slots.flat_map(|(key, slot)| {
            let watching = slot.0.iter().filter(|seat| seat.follower.watches());
            watching.map(move |seat| (key, seat.follower.clone()))
        });
        watching.map(|(key, watching)| Watched { key: key.clone(), watching, status: status(key) }).collect()
    }

    pub fn is_used(&self, key: &Key) -> bool {
        self.held.get(key).is_some_and(Slot::is_used)
    }

    /// The keys in use, and what each is followed as.
    pub fn used(&self) -> impl Iterator<Item = (&Key, Kind)> {
        self.held.iter().filter(|(_, slot)| slot.is_used()).map(|(key, slot)| (key, slot.kind()))
    }

    pub fn used_keys(&self) -> Keys {
        self.used().map(|(key, _)| key.clone()).collect()
    }

    /// Gives out the slots that nobody uses and that the connection does not bring any more.
    #[must_use]
    pub fn sweep(&mut self, is_brought: impl Fn(&Key) -> bool) -> Vec<Slot> {
        let unused = self.held.iter().filter(|(key, slot)| !slot.is_used() && !is_brought(key));
        let keys: Vec<Key> = unused.map(|(key, _)| key.clone()).collect();
        keys.iter().filter_map(|key| self.held.remove(key)).collect()
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.held.len()
    }
}
