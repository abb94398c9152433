//! Who is logged in: random tokens, in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use crate::model;

/// The name of the cookie that holds the token.
pub const COOKIE: &str = "session";

const LIFE: Duration = Duration::from_secs(12 * 60 * 60);
const MOST: usize = 10_000;

/// One browser's login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub name: String,
    pub expires: SystemTime,
}

#[derive(Clone)]
pub struct Sessions {
    held: Arc<Mutex<HashMap<String, Session>>>,
    life: Duration,
}

/// Why nobody was logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSession {
    /// It is not a name: see [`model::name`].
    Name,
    /// There are too many, or the system has no random numbers.
    Unavailable,
}

impl Sessions {
    /// Sessions last for twelve hours, or for as many seconds as `ROOMS_SESSION_SECONDS` says.
    pub fn from_env() -> Self {
        let seconds = std::env::var("ROOMS_SESSION_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
        Self::lasting(seconds.map_or(LIFE, Duration::from_secs))
    }

    pub fn lasting(life: Duration) -> Self {
        Self { held: Arc::default(), life }
    }

    /// The token of a new session, and the name as it is written here.
    pub fn begin(&self, name: &str, now: SystemTime) -> Result<(String, String), NoSession> {
        let name = model::name(name).ok_or(NoSession::Name)?;
        let token = token().ok_or(NoSession::Unavailable)?;
        let mut held = self.lock();
        held.retain(|_, session| session.expires > now);
        if held.len() >= MOST {
            return Err(NoSession::Unavailable);
        }
        held.insert(token.clone(), Session { name: name.clone(), expires: now + self.life });
        Ok((token, name))
    }

    pub fn find(&self, token: &str, now: SystemTime) -> Option<Session> {
        self.lock().get(token).filter(|session| session.expires > now).cloned()
    }

    /// Ends a session; the answer is whose it was.
    pub fn end(&self, token: &str) -> Option<Session> {
        self.lock().remove(token)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 256 random bits. So many that looking one up in a map tells nothing about the others.
fn token() -> Option<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: SystemTime = SystemTime::UNIX_EPOCH;
    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn a_session_is_found_by_its_token_until_it_ends_or_expires() {
        let sessions = Sessions::lasting(HOUR);
        let (token, name) = sessions.begin("Ada", NOON).unwrap();
        assert_eq!(name, "ada");
        assert_eq!(token.len(), 64);
        assert_eq!(sessions.find(&token, NOON).unwrap().name, "ada");
        assert_eq!(sessions.find(&token, NOON + HOUR), None);
        assert_eq!(sessions.find("", NOON), None);

        assert_eq!(sessions.end(&token).unwrap().name, "ada");
        assert_eq!(sessions.find(&token, NOON), None);
        assert_eq!(sessions.end(&token), None);
    }

    #[test]
    fn one_name_in_two_browsers_is_two_sessions() {
        let sessions = Sessions::lasting(HOUR);
        let (one, _) = sessions.begin("ada", NOON).unwrap();
        let (two, _) = sessions.begin("ada", NOON).unwrap();
        assert_ne!(one, two);
        sessions.end(&one);
        assert!(sessions.find(&two, NOON).is_some());
    }

    #[test]
    fn what_has_expired_is_forgotten_when_the_next_one_begins() {
        let sessions = Sessions::lasting(HOUR);
        sessions.begin("ada", NOON).unwrap();
        sessions.begin("grace", NOON + HOUR).unwrap();
        assert_eq!(sessions.lock().len(), 1);
    }

    #[test]
    fn what_is_no_name_gets_no_session() {
        assert_eq!(Sessions::lasting(HOUR).begin("a b", NOON), Err(NoSession::Name));
    }
}
