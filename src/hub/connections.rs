//! Who is connected, and who may be.

use super::{SseHubOptions, refusal::SseRefusal, wake::Sleeper};
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

/// The connections of a hub.
#[derive(Debug, Default)]
pub(super) struct Connections(Mutex<Open>);

#[derive(Debug, Default)]
struct Open {
    members: HashMap<u64, Arc<Member>>,
    by_address: HashMap<IpAddr, usize>,
    next: u64,
    closed: bool,
}

/// One connection, as others know it.
#[derive(Debug)]
pub(super) struct Member {
    id: u64,
    pub(super) sleeper: Arc<Sleeper>,
    user: Option<Arc<str>>,
    address: Option<IpAddr>,
    /// Why it is to end.
    bye: OnceLock<&'static str>,
}

impl Connections {
    pub(super) fn len(&self) -> usize {
        self.open().members.len()
    }

    pub(super) fn admit(
        &self,
        options: &SseHubOptions,
        user: Option<Arc<str>>,
        address: Option<IpAddr>,
    ) -> Result<Arc<Member>, SseRefusal> {
        // Behind a proxy on the same machine all clients share this one.
        let address = address.map(|address| address.to_canonical()).filter(|address| !address.is_loopback());
        let mut open = self.open();
        if open.closed {
            return Err(SseRefusal::closed());
        }
        if open.members.len() >= options.max_connections {
            return Err(SseRefusal::full());
        }
        if let Some(address) = address {
            let number = open.by_address.entry(address).or_default();
            if *number >= options.max_connections_per_address {
                return Err(SseRefusal::address(address));
            }
            *number += 1;
        }
        let id = open.next;
        open.next += 1;
        let member = Member { id, sleeper: Arc::new(Sleeper::here()), user, address, bye: OnceLock::new() };
        let member = Arc::new(member);
        open.members.insert(id, member.clone());
        Ok(member)
    }

    pub(super) fn leave(&self, member: &Member) {
        let mut open = self.open();
        open.members.remove(&member.id);
        if let Some(address) = member.address
            && let Some(number) = open.by_address.get_mut(&address)
        {
            *number -= 1;
            if *number == 0 {
                open.by_address.remove(&address);
            }
        }
    }

    /// Lets nobody in any more, and tells all to end; gives their number.
    pub(super) fn close(&self) -> usize {
        self.open().closed = true;
        self.end("shutdown", |_| true)
    }

    /// Tells the connections of a user to end, and gives their number.
    pub(super) fn close_user(&self, user: &str) -> usize {
        self.end("logout", |member| member.user.as_deref() == Some(user))
    }

    fn end(&self, why: &'static str, whose: impl Fn(&Member) -> bool) -> usize {
        let members: Vec<_> = self.open().members.values().filter(|member| whose(member)).cloned().collect();
        for member in &members {
            // The first reason stays.
            let _ = member.bye.set(why);
            member.sleeper.wake();
        }
        members.len()
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Member {
    pub(super) fn bye(&self) -> Option<&'static str> {
        self.bye.get().copied()
    }

    pub(super) fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }
}
