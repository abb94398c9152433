//! What would be a database: the rooms, who may see them, who is inside, and what waits for whom. All in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::api::Objection;
use crate::model::{self, Access, Card, Inbox, Lobby, Mention, Message, Room, What};

pub const MOST_ROOMS: usize = 100;
pub const LONGEST_TITLE: usize = 40;
pub const LONGEST_TOPIC: usize = 160;
pub const LONGEST_TEXT: usize = 2_000;
/// More mentions than this are not kept for one person.
const MOST_UNREAD: usize = 20;

/// The one house. Clones are the same house.
#[derive(Clone, Default)]
pub struct House(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    rooms: BTreeMap<String, Record>,
    /// By name: all who have ever been here.
    inboxes: HashMap<String, Inbox>,
    messages: u64,
}

struct Record {
    title: String,
    topic: String,
    /// Those who may see it; none when all may.
    guests: Option<BTreeSet<String>>,
    /// Who is inside, and with how many streams: one for each of their tabs.
    inside: BTreeMap<String, usize>,
}

impl House {
    /// A house with three rooms, of which the lab is for `ada` and `grace` alone.
    pub fn furnished() -> Self {
        let house = Self::default();
        let rooms = [
            ("General", "Whatever concerns all of us", None),
            ("Coffee", "Beans, brews and the state of the machine", None),
            ("Lab", "What is not ready yet", Some(["ada".into(), "grace".into()].into())),
        ];
        for (title, topic, guests) in rooms {
            let room = Record { title: title.into(), topic: topic.into(), guests, inside: BTreeMap::new() };
            house.lock().rooms.insert(title.to_lowercase(), room);
        }
        house
    }

    /// From now on this person can be called.
    pub fn greet(&self, name: &str) {
        self.lock().inboxes.entry(name.to_owned()).or_default();
    }

    pub fn lobby(&self) -> Lobby {
        let rooms = self.lock().rooms.iter().map(|(id, room)| (id.clone(), room.card())).collect();
        Lobby { rooms }
    }

    pub fn room(&self, id: &str) -> Option<Room> {
        self.lock().rooms.get(id).map(Record::room)
    }

    pub fn inbox(&self, name: &str) -> Option<Inbox> {
        self.lock().inboxes.get(name).cloned()
    }

    pub fn access(&self, name: &str, id: &str) -> Access {
        match self.lock().rooms.get(id) {
            None => Access::Missing,
            Some(room) if room.admits(name) => Access::Granted,
            Some(_) => Access::Private,
        }
    }

    /// Makes a room for everyone, or for `by` and its guests when there are some.
    pub fn open_room(&self, by: &str, title: &str, guests: &str) -> Result<(String, Message), Objection> {
        let title = text(title, LONGEST_TITLE)?;
        let guests: BTreeSet<_> = guests.split([',', ' ', '@']).filter_map(model::name).take(MOST_ROOMS).collect();
        let guests = (!guests.is_empty()).then(|| guests.into_iter().chain([by.to_owned()]).collect());

        let mut state = self.lock();
        let id = slug(title).unwrap_or_else(|| format!("room-{}", state.rooms.len() + 1));
        if state.rooms.contains_key(&id) {
            return Err(Objection::RoomExists);
        }
        if state.rooms.len() >= MOST_ROOMS {
            return Err(Objection::HouseFull);
        }
        let room = Record { title: title.into(), topic: String::new(), guests, inside: BTreeMap::new() };
        state.rooms.insert(id.clone(), room);
        Ok((id, state.message(by, What::Opened)))
    }

    pub fn change_topic(&self, by: &str, id: &str, topic: &str) -> Result<Message, Objection> {
        let topic = text(topic, LONGEST_TOPIC)?.to_owned();
        let mut state = self.lock();
        state.room_for(by, id)?.topic.clone_from(&topic);
        Ok(state.message(by, What::Topic(topic)))
    }

    /// What was said, and for whose inbox it is: those it calls who are not there to read it, but may.
    pub fn say(&self, by: &str, id: &str, said: &str) -> Result<(Message, Vec<String>), Objection> {
        let said = text(said, LONGEST_TEXT)?.to_owned();
        let mut state = self.lock();
        let room = state.room_for(by, id)?;
        let called: Vec<_> = model::mentions(&said)
            .into_iter()
            .filter(|name| name != by && room.admits(name) && !room.inside.contains_key(name))
            .collect();
        let title = room.title.clone();
        let message = state.message(by, What::Said(said.clone()));
        let mention = Mention { room: id.into(), title, by: by.into(), text: said };
        let called = called.into_iter().filter(|name| state.put(name, message.number, &mention)).collect();
        Ok((message, called))
    }

    /// Somebody comes in, by one more stream, and has read what called them here.
    pub fn enter(&self, name: &str, id: &str) {
        let mut state = self.lock();
        if let Some(room) = state.rooms.get_mut(id) {
            *room.inside.entry(name.to_owned()).or_default() += 1;
        }
        if let Some(inbox) = state.inboxes.get_mut(name) {
            inbox.unread.retain(|_, mention| mention.room != id);
        }
    }

    /// One of somebody's streams has ended; they are gone with the last of them.
    pub fn leave(&self, name: &str, id: &str) {
        let mut state = self.lock();
        let Some(room) = state.rooms.get_mut(id) else { return };
        if let Some(streams) = room.inside.get_mut(name) {
            *streams -= 1;
            if *streams == 0 {
                room.inside.remove(name);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn room_for(&mut self, name: &str, id: &str) -> Result<&mut Record, Objection> {
        let room = self.rooms.get_mut(id).ok_or(Objection::NoSuchRoom)?;
        if room.admits(name) { Ok(room) } else { Err(Objection::NotForYou) }
    }

    fn message(&mut self, by: &str, what: What) -> Message {
        self.messages += 1;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Message { number: self.messages, at: now.as_millis() as u64, by: by.to_owned(), what }
    }

    /// Whether there is an inbox to put it in.
    fn put(&mut self, name: &str, number: u64, mention: &Mention) -> bool {
        let Some(inbox) = self.inboxes.get_mut(name) else { return false };
        inbox.unread.insert(number, mention.clone());
        if inbox.unread.len() > MOST_UNREAD {
            inbox.unread.pop_first();
        }
        true
    }
}

impl Record {
    fn admits(&self, name: &str) -> bool {
        self.guests.as_ref().is_none_or(|guests| guests.contains(name))
    }

    fn card(&self) -> Card {
        let private = self.guests.is_some();
        let topic = (!private).then(|| self.topic.clone());
        Card { title: self.title.clone(), topic, private, inside: self.inside.len() }
    }

    fn room(&self) -> Room {
        Room {
            title: self.title.clone(),
            topic: self.topic.clone(),
            private: self.guests.is_some(),
            members: self.inside.keys().cloned().collect(),
        }
    }
}

/// A text that has some characters, but not too many.
fn text(text: &str, most: usize) -> Result<&str, Objection> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > most { Err(Objection::TextLength { most }) } else { Ok(text) }
}

/// A title as a part of an address, which no one has to encode; none when nothing of it can stand there.
fn slug(title: &str) -> Option<String> {
    let lower = title.to_ascii_lowercase();
    let words: Vec<_> =
        lower.split(|char: char| !char.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    (!words.is_empty()).then(|| words.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house() -> House {
        let house = House::furnished();
        ["ada", "grace", "lin"].iter().for_each(|name| house.greet(name));
        house
    }

    fn members(house: &House, id: &str) -> Vec<String> {
        house.room(id).unwrap().members.into_iter().collect()
    }

    #[test]
    fn a_private_room_is_listed_without_its_topic_and_closed_to_others() {
        let house = house();
        let lobby = house.lobby();
        assert_eq!(lobby.rooms["lab"].topic, None);
        assert!(lobby.rooms["lab"].private && lobby.rooms["general"].topic.is_some());
        assert_eq!(house.access("ada", "lab"), Access::Granted);
        assert_eq!(house.access("lin", "lab"), Access::Private);
        assert_eq!(house.access("lin", "attic"), Access::Missing);
        assert_eq!(house.say("lin", "lab", "hello"), Err(Objection::NotForYou));
        assert_eq!(house.change_topic("lin", "lab", "mine"), Err(Objection::NotForYou));
        assert_eq!(house.say("lin", "attic", "hello"), Err(Objection::NoSuchRoom));
    }

    #[test]
    fn who_has_two_tabs_is_inside_once_and_until_the_second_is_closed() {
        let house = house();
        house.enter("ada", "general");
        house.enter("ada", "general");
        house.enter("grace", "general");
        assert_eq!(members(&house, "general"), ["ada", "grace"]);
        assert_eq!(house.lobby().rooms["general"].inside, 2);
        house.leave("ada", "general");
        assert_eq!(members(&house, "general"), ["ada", "grace"]);
        house.leave("ada", "general");
        assert_eq!(members(&house, "general"), ["grace"]);
        house.leave("ada", "general");
        house.leave("ada", "attic");
    }

    #[test]
    fn a_call_waits_for_those_who_are_elsewhere_and_may_come() {
        let house = house();
        house.enter("grace", "general");
        let (message, called) = house.say("ada", "general", "@grace @lin @ada @nobody look!").unwrap();
        assert_eq!(called, ["lin"]);
        assert_eq!(house.inbox("lin").unwrap().unread[&message.number].by, "ada");
        assert_eq!(house.say("ada", "lab", "@lin @grace").unwrap().1, ["grace"]);

        house.enter("lin", "coffee");
        assert_eq!(house.inbox("lin").unwrap().unread.len(), 1);
        house.enter("lin", "general");
        assert_eq!(house.inbox("lin"), Some(Inbox::default()));
        assert_eq!(house.inbox("nobody"), None);
    }

    #[test]
    fn an_inbox_keeps_the_latest_calls() {
        let house = house();
        for _ in 0..MOST_UNREAD + 5 {
            house.say("ada", "general", "@lin").unwrap();
        }
        let unread = house.inbox("lin").unwrap().unread;
        assert_eq!(unread.len(), MOST_UNREAD);
        assert_eq!(unread.keys().next(), Some(&6));
    }

    #[test]
    fn a_new_room_has_an_address_of_its_own() {
        let house = house();
        let (id, message) = house.open_room("lin", "  Release 2.0! ", "").unwrap();
        assert_eq!((id.as_str(), message.what), ("release-2-0", What::Opened));
        assert!(!house.room(&id).unwrap().private);
        assert_eq!(house.open_room("ada", "release 2 0", ""), Err(Objection::RoomExists));
        assert_eq!(house.open_room("ada", "名前", "").unwrap().0, "room-5");
        let (id, _) = house.open_room("lin", "Attic", "@Grace, bob").unwrap();
        for (name, access) in [("lin", Access::Granted), ("grace", Access::Granted), ("ada", Access::Private)] {
            assert_eq!(house.access(name, &id), access, "{name}");
        }
    }

    #[test]
    fn texts_have_bounds_and_rooms_a_number() {
        let house = house();
        assert_eq!(house.say("ada", "general", " \n "), Err(Objection::TextLength { most: LONGEST_TEXT }));
        assert!(house.say("ada", "general", &"é".repeat(LONGEST_TEXT)).is_ok());
        assert!(house.change_topic("ada", "general", &"x".repeat(LONGEST_TOPIC + 1)).is_err());
        let free = MOST_ROOMS - house.lobby().rooms.len();
        assert!((0..free).all(|number| house.open_room("ada", &format!("room {number}"), "").is_ok()));
        assert_eq!(house.open_room("ada", "one more", ""), Err(Objection::HouseFull));
    }
}
