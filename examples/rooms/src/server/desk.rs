//! What one request has at hand: who asks, the house, and the hub.

use leptos::prelude::*;
use leptos_sse::{Key, SseHub, provide_sse_value, provide_sse_value_for};

use crate::api::Objection;
use crate::app::Visitor;
use crate::model::{Access, Message, Room, chat};
use crate::server::house::House;
use crate::server::live;
use crate::server::sessions::Session;

/// Gives a request its context. Both servers call it, for pages and for server functions alike.
pub fn provide(hub: &SseHub, house: &House, session: Option<Session>, path: &str) {
    if let Some(Session { name, .. }) = &session {
        provide_first_values(house, name, path);
    }
    provide_context(Visitor(session.map(|session| session.name)));
    provide_context(house.clone());
    provide_context(hub.clone());
}

/// What a page shows before its stream is open: it stands in the HTML already.
fn provide_first_values(house: &House, name: &str, path: &str) {
    provide_sse_value(&house.lobby());
    if let Some(inbox) = house.inbox(name) {
        provide_sse_value_for(name, &inbox);
    }
    if let Some(id) = path.strip_prefix("/room/")
        && house.access(name, id) == Access::Granted
        && let Some(room) = house.room(id)
    {
        provide_sse_value_for(id, &room);
    }
}

pub struct Desk {
    pub name: String,
    house: House,
    hub: SseHub,
}

impl Desk {
    #[cfg(test)]
    pub fn new(name: &str, house: &House, hub: &SseHub) -> Self {
        Self { name: name.to_owned(), house: house.clone(), hub: hub.clone() }
    }

    /// The desk of a server function.
    pub fn of_this_request() -> Result<Self, Objection> {
        let missing = |what: &str| Objection::Failed(format!("the server gave no {what}"));
        let name = use_context::<Visitor>().and_then(|visitor| visitor.0).ok_or(Objection::LoggedOut)?;
        let house = use_context::<House>().ok_or_else(|| missing("house"))?;
        let hub = use_context::<SseHub>().ok_or_else(|| missing("hub"))?;
        Ok(Self { name, house, hub })
    }

    pub fn access(&self, room: &str) -> Access {
        self.house.access(&self.name, room)
    }

    pub async fn open_room(&self, title: &str, guests: &str) -> Result<String, Objection> {
        let (id, message) = self.house.open_room(&self.name, title, guests)?;
        self.hub.feed_for::<Message>(Key::named(chat(&id))).push(message).await?;
        live::show_lobby(&self.hub, &self.house).await?;
        Ok(id)
    }

    pub async fn change_topic(&self, id: &str, topic: &str) -> Result<(), Objection> {
        let message = self.house.change_topic(&self.name, id, topic)?;
        if let Some(room) = self.hub.load_for::<Room>(id).await {
            live::show_room(&room, &self.house, id).await?;
        }
        self.hub.feed_for::<Message>(Key::named(chat(id))).push(message).await?;
        live::show_lobby(&self.hub, &self.house).await?;
        Ok(())
    }

    pub async fn say(&self, id: &str, text: &str) -> Result<(), Objection> {
        let (message, called) = self.house.say(&self.name, id, text)?;
        self.hub.feed_for::<Message>(Key::named(chat(id))).push(message).await?;
        for name in called {
            live::show_inbox(&self.hub, &self.house, &name).await?;
        }
        Ok(())
    }
}
