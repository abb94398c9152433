//! The events of one feed that a page holds, and their readers.

use crate::{
    feeds::FeedOutcome,
    registry::{KeyKind, Subscriber, SubscriberType},
};
use leptos_sse_core::{Error, document::Document, patch::Touch};
use serde::de::DeserializeOwned;
use std::{
    any::{TypeId, type_name},
    collections::{BTreeMap, VecDeque},
    marker::PhantomData,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// How many events are held for later readers.
const HELD: usize = 1_024;

/// Each reader has a place of its own in the series, so that what it reads comes once and in order, even when more comes
/// while it reads. No lock is held while an event is decoded or dropped, or a reader is called.
pub struct FeedLog<E>(Mutex<State<E>>);

struct State<E> {
    held: VecDeque<Arc<E>>,
    /// The place of the first one that is held, counted over the page's whole life.
    first: u64,
    /// How often the feed has started.
    starts: u64,
    /// How often events were missing since the feed began anew.
    gaps: u64,
    readers: BTreeMap<u64, FeedReader<E>>,
    next_reader: u64,
}

struct FeedReader<E> {
    call: Arc<dyn Fn(FeedEntry<E>) + Send + Sync>,
    /// The place of the event that is next.
    next: u64,
    starts: u64,
    gaps: u64,
    /// Whether it is being called, further out.
    is_busy: bool,
}

/// An entry that a reader is given.
pub enum FeedEntry<E> {
    /// The feed has restarted: earlier events are obsolete.
    Start,
    /// The number of gaps since the feed has restarted.
    Gaps(u64),
    /// The next event.
    Event(Arc<E>),
}

impl<E> Default for FeedLog<E> {
    fn default() -> Self {
        Self(Mutex::new(State {
            held: VecDeque::new(),
            first: 0,
            starts: 0,
            gaps: 0,
            readers: BTreeMap::new(),
            next_reader: 0,
        }))
    }
}

impl<E: Send + Sync + 'static> FeedLog<E> {
    /// Reads the held events and then each new one, until the returned value is dropped.
    pub fn read(self: &Arc<Self>, call: impl Fn(FeedEntry<E>) + Send + Sync + 'static) -> FeedReading<E> {
        let id = {
            let mut state = self.state();
            let reader =
                FeedReader { call: Arc::new(call), next: state.first, starts: state.starts, gaps: 0, is_busy: false };
            let id = state.next_reader;
            state.next_reader += 1;
            state.readers.insert(id, reader);
            id
        };
        self.call(id);
        FeedReading { log: self.clone(), id }
    }

    /// Takes one step of the feed.
    fn step(&self, step: FeedOutcome, event: Option<Arc<E>>) {
        let (readers, _dropped) = {
            let mut state = self.state();
            let dropped = state.step(step, event);
            (state.readers.keys().copied().collect::<Vec<_>>(), dropped)
        };
        readers.into_iter().for_each(|id| self.call(id));
    }

    /// Takes what a reader of another log was told.
    pub fn take_entry(&self, entry: FeedEntry<E>) {
        match entry {
            FeedEntry::Start => self.step(FeedOutcome::Start, None),
            FeedEntry::Event(event) => self.step(FeedOutcome::Next, Some(event)),
            FeedEntry::Gaps(gaps) => {
                self.state().gaps = gaps;
                self.step(FeedOutcome::Next, None);
            }
        }
    }

    fn call(&self, id: u64) {
        match self.state().readers.get_mut(&id) {
            Some(reader) if !reader.is_busy => reader.is_busy = true,
            // The call that it is in goes on to what is new.
            _ => return,
        }
        loop {
            let next = self.state().next(id);
            let Some((call, entry)) = next else { return };
            call(entry);
        }
    }

    fn state(&self) -> MutexGuard<'_, State<E>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E> State<E> {
    /// Returns the events that are no longer held, to be dropped without the lock.
    fn step(&mut self, step: FeedOutcome, event: Option<Arc<E>>) -> VecDeque<Arc<E>> {
        let mut dropped = VecDeque::new();
        match step {
            FeedOutcome::Repeat => return event.into_iter().collect(),
            FeedOutcome::Start | FeedOutcome::StartAfterGap => {
                dropped = mem::take(&mut self.held);
                self.starts += 1;
                self.gaps = if step == FeedOutcome::Start { 0 } else { self.gaps + 1 };
            }
            FeedOutcome::Gap => self.gaps += 1,
            FeedOutcome::Next => {}
        }
        self.held.extend(event);
        while self.held.len() > HELD {
            dropped.extend(self.held.pop_front());
        }
        self.first += dropped.len() as u64;
        dropped
    }

    /// What a reader is told next.
    #[allow(clippy::type_complexity)]
    fn next(&mut self, id: u64) -> Option<(Arc<dyn Fn(FeedEntry<E>) + Send + Sync>, FeedEntry<E>)> {
        let reader = self.readers.get_mut(&id)?;
        let entry = if reader.starts != self.starts {
            reader.starts = self.starts;
            reader.next = self.first;
            FeedEntry::Start
        } else if reader.gaps != self.gaps {
            reader.gaps = self.gaps;
            FeedEntry::Gaps(self.gaps)
        } else {
            reader.next = reader.next.max(self.first);
            let place = usize::try_from(reader.next - self.first).ok();
            let Some(event) = place.and_then(|place| self.held.get(place)) else {
                reader.is_busy = false;
                return None;
            };
            reader.next += 1;
            FeedEntry::Event(event.clone())
        };
        Some((reader.call.clone(), entry))
    }
}

/// What errors name a feed as.
struct SseFeed<E>(PhantomData<E>);

impl<E: DeserializeOwned + Send + Sync + 'static> Subscriber for FeedLog<E> {
    fn describe() -> SubscriberType {
        SubscriberType {
            kind: KeyKind::Feed,
            watches: false,
            name: type_name::<SseFeed<E>>(),
            value: Some(TypeId::of::<E>()),
        }
    }

    fn accept(&self, _: &Document, _: Option<&[Touch]>) -> Result<(), Error> {
        Err(Error::other_kind("signal", "use_sse::<T>().signal()"))
    }

    fn take(&self, step: FeedOutcome, item: Option<Document>) -> Result<(), Error> {
        if step == FeedOutcome::Repeat {
            return Ok(());
        }
        let (event, error) = match item.map(|item| (item.root().read(), item)) {
            Some((Ok(event), _)) => (Some(Arc::new(event)), None),
            Some((Err(error), item)) => (None, Some(Error::malformed("an event", error, &item.to_string()))),
            None => (None, None),
        };
        self.step(step, event);
        error.map_or(Ok(()), Err)
    }
}

/// Keeps a reader of a feed until it is dropped.
pub struct FeedReading<E: Send + Sync + 'static> {
    log: Arc<FeedLog<E>>,
    id: u64,
}

impl<E: Send + Sync + 'static> Drop for FeedReading<E> {
    fn drop(&mut self) {
        let reader = self.log.state().readers.remove(&self.id);
        // Not under the lock, as it may hold what is a user's.
        drop(reader);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::sync::OnceLock;

    type Told = Arc<Mutex<Vec<String>>>;

    fn note(told: &Told, entry: &FeedEntry<u32>) {
        told.lock().unwrap().push(match entry {
            FeedEntry::Start => "start".to_owned(),
            FeedEntry::Gaps(gaps) => format!("gaps {gaps}"),
            FeedEntry::Event(event) => event.to_string(),
        });
    }

    fn read(log: &Arc<FeedLog<u32>>) -> (Told, FeedReading<u32>) {
        let told = Told::default();
        let notes = told.clone();
        (told, log.read(move |entry| note(&notes, &entry)))
    }

    fn document(json: serde_json::Value) -> Document {
        Document::from(&json)
    }

    fn take(log: &FeedLog<u32>, step: FeedOutcome, item: u32) {
        log.take(step, Some(document(json!(item)))).unwrap();
    }

    #[test]
    fn who_comes_later_reads_what_is_held_and_then_what_comes() {
        let log = Arc::default();
        let (early, _early) = read(&log);
        log.take(FeedOutcome::Start, None).unwrap();
        take(&log, FeedOutcome::Next, 1);
        take(&log, FeedOutcome::Gap, 2);
        let (late, _late) = read(&log);
        take(&log, FeedOutcome::Next, 3);
        take(&log, FeedOutcome::Repeat, 3);
        assert_eq!(*early.lock().unwrap(), ["start", "1", "gaps 1", "2", "3"]);
        assert_eq!(*late.lock().unwrap(), ["gaps 1", "1", "2", "3"]);
    }

    #[test]
    fn a_start_drops_what_was_held() {
        let log = Arc::default();
        take(&log, FeedOutcome::Start, 1);
        log.take(FeedOutcome::Start, None).unwrap();
        take(&log, FeedOutcome::Next, 2);
        let (late, _late) = read(&log);
        assert_eq!(*late.lock().unwrap(), ["2"]);
    }

    #[test]
    fn a_start_after_a_gap_counts_it_and_any_other_counts_anew() {
        let log = Arc::default();
        let (told, _reading) = read(&log);
        take(&log, FeedOutcome::Start, 1);
        take(&log, FeedOutcome::Gap, 2);
        take(&log, FeedOutcome::StartAfterGap, 3);
        take(&log, FeedOutcome::Start, 4);
        take(&log, FeedOutcome::Start, 5);
        let (late, _late) = read(&log);
        assert_eq!(
            *told.lock().unwrap(),
            ["start", "1", "gaps 1", "2", "start", "gaps 2", "3", "start", "gaps 0", "4", "start", "5"]
        );
        assert_eq!(*late.lock().unwrap(), ["5"]);
    }

    #[test]
    fn what_is_no_event_is_an_error_and_skipped() {
        let log = Arc::default();
        let (told, _reading) = read(&log);
        take(&log, FeedOutcome::Start, 1);
        let error = log.take(FeedOutcome::Next, Some(document(json!("two")))).unwrap_err();
        assert!(error.is_malformed() && error.to_string().contains("`\"two\"`"), "{error}");
        take(&log, FeedOutcome::Next, 3);
        assert_eq!(*told.lock().unwrap(), ["start", "1", "3"]);
    }

    #[test]
    fn no_more_is_held_than_the_bound() {
        let log = Arc::default();
        let items = u32::try_from(HELD).unwrap() + 10;
        (0..items).for_each(|item| take(&log, FeedOutcome::Next, item));
        let (told, _reading) = read(&log);
        let told = told.lock().unwrap();
        assert_eq!((told.len(), told[0].as_str()), (HELD, "10"));
    }

    #[test]
    fn a_reader_that_brings_more_reads_it_once_and_in_order_and_so_do_the_others() {
        let log = Arc::<FeedLog<u32>>::default();
        let (before, _before) = read(&log);
        let told = Told::default();
        let _echo = log.read({
            let (log, told) = (Arc::downgrade(&log), told.clone());
            move |entry| {
                if let FeedEntry::Event(event) = &entry
                    && **event < 3
                {
                    take(&log.upgrade().unwrap(), FeedOutcome::Next, **event + 1);
                }
                note(&told, &entry);
            }
        });
        let (after, _after) = read(&log);
        take(&log, FeedOutcome::Next, 1);
        for told in [before, told, after] {
            assert_eq!(*told.lock().unwrap(), ["1", "2", "3"]);
        }
    }

    #[test]
    fn a_reader_can_end_itself() {
        let log = Arc::<FeedLog<u32>>::default();
        let (told, own) = (Told::default(), Arc::new(Mutex::new(None::<FeedReading<u32>>)));
        let reading = log.read({
            let (told, own) = (told.clone(), own.clone());
            move |entry| {
                note(&told, &entry);
                drop(own.lock().unwrap().take());
            }
        });
        *own.lock().unwrap() = Some(reading);
        take(&log, FeedOutcome::Next, 1);
        take(&log, FeedOutcome::Next, 2);
        assert_eq!(*told.lock().unwrap(), ["1"]);
    }

    /// An event that comes back to its feed while it is read by its type, and when it is dropped.
    #[test]
    fn no_lock_is_held_while_an_event_is_decoded_or_dropped() {
        static LOG: OnceLock<Arc<FeedLog<Nosy>>> = OnceLock::new();
        struct Nosy;
        impl<'de> serde::Deserialize<'de> for Nosy {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                drop(LOG.get().unwrap().read(|_| ()));
                u32::deserialize(deserializer).map(|_| Nosy)
            }
        }
        impl Drop for Nosy {
            fn drop(&mut self) {
                drop(LOG.get().unwrap().read(|_| ()));
            }
        }
        let log = LOG.get_or_init(Arc::default);
        for step in [FeedOutcome::Next, FeedOutcome::Start, FeedOutcome::Next, FeedOutcome::Start] {
            log.take(step, Some(document(json!(1)))).unwrap();
        }
    }
}
