//! The hub over the house: what can be followed, who may follow it, and how it is kept in step.

use std::future::ready;

use leptos_sse::{Error, Key, ServerSignal, ServerWrite, SseHub, SseHubOptions, SseRequest};

use crate::model::{Access, Inbox, Lobby, Message, Room, chat};
use crate::server::house::House;
use crate::server::sessions::Session;

/// How many messages of a room a newcomer gets.
const MESSAGES: usize = 200;

/// The hub of a house: the lobby is there from the start, a room or an inbox is made when someone first asks for it.
pub fn open(house: &House) -> SseHub {
    furnish(SseHub::with_options(options()), house)
}

fn options() -> SseHubOptions {
    SseHubOptions::new().feed_len(MESSAGES)
}

fn furnish(hub: SseHub, house: &House) -> SseHub {
    let (rooms, inboxes) = (house.clone(), house.clone());
    hub.provide::<Room, _>(move |id: String| ready(rooms.room(&id)));
    hub.provide::<Inbox, _>(move |name: String| ready(inboxes.inbox(&name)));
    let lobby = hub.signal(house.lobby()).get();
    for id in lobby.rooms.keys() {
        hub.feed_for::<Message>(Key::named(chat(id)));
    }
    hub
}

/// What this person may see of what the page asks for, until the session ends. The rest is refused by name, and harms
/// nothing else on the same stream.
pub fn admit(house: &House, session: &Session, request: SseRequest) -> SseRequest {
    let name = session.name.as_str();
    let request = request.allow(|key| match Followed::of(key) {
        Some(Followed::Lobby) => true,
        Some(Followed::Inbox(owner)) => owner == name,
        // Nor one that does not exist: it could be private once it does.
        Some(Followed::Room(id) | Followed::Chat(id)) => house.access(name, id) == Access::Granted,
        None => false,
    });
    request.for_user(name).until(session.expires)
}

// Each reads the house within the update: of two updates that run at once, the later one writes what is true last.

pub fn show_lobby(hub: &SseHub, house: &House) -> ServerWrite<()> {
    let house = house.clone();
    hub.signal(Lobby::default()).update(move |lobby| *lobby = house.lobby())
}

pub async fn show_inbox(hub: &SseHub, house: &House, name: &str) -> Result<(), Error> {
    if let Some(inbox) = hub.load_for::<Inbox>(name).await {
        let (house, name) = (house.clone(), name.to_owned());
        inbox.update(move |inbox| *inbox = house.inbox(&name).unwrap_or_default()).await?;
    }
    Ok(())
}

pub fn show_room(signal: &ServerSignal<Room>, house: &House, id: &str) -> ServerWrite<()> {
    let (house, id) = (house.clone(), id.to_owned());
    signal.update(move |room| *room = house.room(&id).unwrap_or_default())
}

/// Somebody's stay in the rooms that one of their streams follows. It ends when this is dropped: the
/// stream holds it, so that it lasts as long as the stream, which may end by the browser, the network, a logout or the server.
pub struct Stay {
    name: String,
    /// The handle keeps the signal in the hub for as long as someone is inside.
    rooms: Vec<(String, ServerSignal<Room>)>,
    hub: SseHub,
    house: House,
}

impl Stay {
    /// Enters the rooms that a stream follows. Nobody waits for what that changes on the pages: the hub logs a write that fails.
    pub async fn begin(hub: &SseHub, house: &House, name: &str, keys: Vec<Key>) -> Self {
        let mut stay = Self { name: name.into(), rooms: Vec::new(), hub: hub.clone(), house: house.clone() };
        for key in &keys {
            let Some(Followed::Room(id)) = Followed::of(key) else { continue };
            let Some(room) = hub.load_for::<Room>(id).await else { continue };
            house.enter(name, id);
            show_room(&room, house, id);
            stay.rooms.push((id.into(), room));
        }
        if !stay.rooms.is_empty() {
            show_lobby(hub, house);
            if let Err(error) = show_inbox(hub, house, name).await {
                eprintln!("the inbox of {name} is not shown: {error}");
            }
        }
        stay
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        for (id, room) in &self.rooms {
            self.house.leave(&self.name, id);
            show_room(room, &self.house, id);
        }
        if !self.rooms.is_empty() {
            show_lobby(&self.hub, &self.house);
        }
    }
}

/// What a key stands for.
#[derive(Debug, PartialEq, Eq)]
enum Followed<'a> {
    Lobby,
    Room(&'a str),
    Inbox(&'a str),
    Chat(&'a str),
}

impl<'a> Followed<'a> {
    fn of(key: &'a Key) -> Option<Self> {
        if *key == Key::of::<Lobby>() {
            return Some(Self::Lobby);
        }
        let room = key.id_of::<Room>().map(Self::Room);
        let inbox = || key.id_of::<Inbox>().map(Self::Inbox);
        let chat = || key.as_str().strip_prefix("chat:").map(Self::Chat);
        room.or_else(inbox).or_else(chat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::desk::Desk;
    use futures::{FutureExt, StreamExt};
    use leptos_sse_hub::engine::EngineDouble;
    use std::time::{Duration, SystemTime};

    fn keys(name: &str) -> String {
        let room = Key::of::<Room>();
        let keys = [
            Key::of::<Lobby>().to_string(),
            format!("{room}:general"),
            format!("{room}:lab"),
            format!("{room}:attic"),
            format!("{}:{name}", Key::of::<Inbox>()),
            format!("{}:grace", Key::of::<Inbox>()),
            "chat:lab".into(),
            "chat:general".into(),
            "secret".into(),
        ];
        keys.map(|key| format!("s={key}")).join("&")
    }

    fn request(house: &House, name: &str) -> SseRequest {
        let session = Session { name: name.into(), expires: SystemTime::now() + Duration::from_secs(3_600) };
        let request = SseRequest::parse(&keys(name), None).expect("the query is a good one");
        admit(house, &session, request)
    }

    fn short(request: &SseRequest) -> Vec<&str> {
        request.keys().map(|key| key.as_str().rsplit("::").next().unwrap_or_default()).collect()
    }

    #[test]
    fn a_person_is_admitted_to_their_own_and_what_is_open_to_them() {
        let house = House::furnished();
        let lin = request(&house, "lin");
        assert_eq!(short(&lin), ["Lobby", "Room:general", "Inbox:lin", "chat:general"]);
        let ada = request(&house, "ada");
        assert_eq!(short(&ada), ["Lobby", "Room:general", "Room:lab", "Inbox:ada", "chat:lab", "chat:general"]);
    }

    #[tokio::test]
    async fn who_follows_a_room_is_inside_until_the_stream_ends() {
        let house = House::furnished();
        house.greet("lin");
        let hub = open(&house);
        house.say("ada", "general", "@lin come in").expect("the room is there");
        show_inbox(&hub, &house, "lin").await.expect("it can be written");
        let inbox = hub.load_for::<Inbox>("lin").await.expect("it is provided");
        assert_eq!(inbox.read().unread.len(), 1);

        let stream = hub.subscribe(request(&house, "lin")).expect("the hub is open");
        let keys = stream.keys().cloned().collect();
        let stream = stream.hold(Stay::begin(&hub, &house, "lin", keys).await);
        let room = hub.load_for::<Room>("general").await.expect("it is provided");
        let lobby = hub.signal(Lobby::default());
        assert!(room.read().members.contains("lin"));
        assert_eq!(lobby.read().rooms["general"].inside, 1);
        assert_eq!(lobby.read().rooms["lab"].inside, 0);
        assert_eq!(inbox.read().unread.len(), 0);

        drop(stream);
        assert!(room.read().members.is_empty());
        assert_eq!(lobby.read().rooms["general"].inside, 0);
    }

    /// The same lines over a hub whose writes take a while, and run again: as they would be over a hub on many machines.
    #[tokio::test(start_paused = true)]
    async fn the_rooms_are_right_over_a_hub_whose_writes_are_delayed_and_repeated() {
        let house = House::furnished();
        ["ada", "lin"].iter().for_each(|name| house.greet(name));
        let engine = EngineDouble::contended();
        let hub = furnish(SseHub::over(engine.clone(), options()), &house);
        let desk = |name: &str| Desk::new(name, &house, &hub);

        let mut stream = {
            let stream = hub.subscribe(request(&house, "lin")).expect("the hub is open");
            let keys = stream.keys().cloned().collect();
            stream.hold(Stay::begin(&hub, &house, "lin", keys).await)
        };
        desk("ada").say("general", "hello @lin").await.expect("it is said");
        desk("ada").say("coffee", "@lin it is ready").await.expect("it is said");
        desk("ada").change_topic("general", "Tea").await.expect("it is changed");
        let attic = desk("ada").open_room("Attic", "").await.expect("it is opened");
        assert!(desk("lin").say("lab", "let me in").await.is_err());

        let room = hub.load_for::<Room>("general").await.expect("it is provided");
        let (lobby, inbox) =
            (hub.signal(Lobby::default()), hub.load_for::<Inbox>("lin").await.expect("it is provided"));
        assert_eq!((room.read().topic.as_str(), room.read().members.contains("lin")), ("Tea", true));
        assert!(lobby.read().rooms.contains_key(&attic));
        assert_eq!(lobby.read().rooms["general"].inside, 1);
        assert_eq!(inbox.read().unread.len(), 1, "who is there reads it in the room");

        // All that was written comes to the page, once.
        let mut came = String::new();
        while let Some(chunk) = stream.next().now_or_never() {
            came += &String::from_utf8_lossy(&chunk.expect("it goes on").expect("it never fails"));
        }
        assert_eq!(came.matches("hello @lin").count(), 1);
        assert!(came.contains("it is ready") && came.contains("Attic"), "{came}");

        drop(stream);
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(room.read().members.is_empty());
        assert_eq!(lobby.read().rooms["general"].inside, 0);
        assert!(engine.attempts() >= 2 * 9, "each write ran twice");
    }
}
