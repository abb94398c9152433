use super::{cursor::Epoch, key::Key};
use crate::{
    document::{Flaw, Json},
    error::Error,
};
use serde::Serialize;
use std::time::Duration;

/// The data of a `hello` event, the first of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hello {
    /// The life of the counter that this stream's seqs belong to.
    pub epoch: Epoch,
    /// The one signal that this hello is about; `None` when it is about the whole connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Key>,
    /// The time between two heartbeats, in milliseconds; `None` when the server sends no heartbeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    heartbeat: Option<u64>,
    /// The browser's own wait before it reconnects, in milliseconds, as the `retry:` field beside it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry: Option<u64>,
}

impl Hello {
    /// The hello of a whole connection.
    #[must_use]
    pub fn of_connection(epoch: Epoch, heartbeat: Duration, retry: Duration) -> Self {
        Self { epoch, name: None, heartbeat: Some(millis(heartbeat)), retry: Some(millis(retry)) }
    }

    /// The hello of one signal's stream.
    #[must_use]
    pub fn of_signal(name: Key, epoch: Epoch, heartbeat: Duration, retry: Duration) -> Self {
        Self { epoch, name: Some(name), heartbeat: Some(millis(heartbeat)), retry: Some(millis(retry)) }
    }

    /// Reads a hello from an event's data.
    ///
    /// # Errors
    ///
    /// When the text is no JSON, or not that of a hello.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Json::whole(text, Self::read).map_err(|flaw| Error::malformed("a hello", flaw, text))
    }

    fn read(json: &mut Json) -> Result<Self, Flaw> {
        let (mut epoch, mut name, mut heartbeat, mut retry) = (None, None, None, None);
        json.members("a hello", &mut |member, json| {
            match member {
                "epoch" => epoch = Some(Epoch::read(json)?),
                "name" => name = json.optional(Key::read)?,
                "heartbeat" => heartbeat = json.optional(Json::unsigned)?,
                "retry" => retry = json.optional(Json::unsigned)?,
                _ => json.skip()?,
            }
            Ok(())
        })?;
        Ok(Self { epoch: json.required(epoch, "epoch")?, name, heartbeat, retry })
    }

    /// The time between two heartbeats; `None` when the server sends no heartbeats.
    #[must_use]
    pub fn heartbeat(&self) -> Option<Duration> {
        self.heartbeat.filter(|millis| *millis > 0).map(Duration::from_millis)
    }

    /// The browser's own wait before it reconnects.
    #[must_use]
    pub fn retry(&self) -> Option<Duration> {
        self.retry.map(Duration::from_millis)
    }
}

/// The data of a `bye` event, which comes before a planned close.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bye {
    /// The one signal whose stream ends; `None` when the whole connection ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Key>,
    /// Why, for people to read.
    pub reason: String,
}

impl Bye {
    /// Reads a bye from an event's data; unreadable data makes a default bye.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Json::whole(text, Self::read).unwrap_or_default()
    }

    fn read(json: &mut Json) -> Result<Self, Flaw> {
        let mut bye = Self::default();
        json.members("a bye", &mut |member, json| {
            match member {
                "name" => bye.name = json.optional(Key::read)?,
                "reason" => bye.reason = json.string("a string")?.into_owned(),
                _ => json.skip()?,
            }
            Ok(())
        })?;
        Ok(bye)
    }
}

/// The data of a `refused` event: the connection goes on without this one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// The key that was asked for.
    pub name: Key,
    /// Why, for people to read.
    pub reason: String,
}

impl Refused {
    /// Reads a refusal from an event's data.
    ///
    /// # Errors
    ///
    /// When the text is no JSON, or not that of a refusal.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Json::whole(text, Self::read).map_err(|flaw| Error::malformed("a refusal", flaw, text))
    }

    fn read(json: &mut Json) -> Result<Self, Flaw> {
        let (mut name, mut reason) = (None, String::new());
        json.members("a refusal", &mut |member, json| {
            match member {
                "name" => name = Some(Key::read(json)?),
                "reason" => reason = json.string("a string")?.into_owned(),
                _ => json.skip()?,
            }
            Ok(())
        })?;
        Ok(Self { name: json.required(name, "name")?, reason })
    }
}

/// The data of a `removed` event: the server has removed a signal or a feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Removed {
    /// The key of what was removed.
    pub name: Key,
    /// The seq of its removal.
    pub to: u64,
}

impl Removed {
    /// Reads a removal from an event's data.
    ///
    /// # Errors
    ///
    /// When the text is no JSON, or not that of a removal.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Json::whole(text, Self::read).map_err(|flaw| Error::malformed("a removal", flaw, text))
    }

    fn read(json: &mut Json) -> Result<Self, Flaw> {
        let (mut name, mut to) = (None, None);
        json.members("a removal", &mut |member, json| {
            match member {
                "name" => name = Some(Key::read(json)?),
                "to" => to = Some(json.unsigned()?),
                _ => json.skip()?,
            }
            Ok(())
        })?;
        Ok(Self { name: json.required(name, "name")?, to: json.required(to, "to")? })
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hello_can_do_without_all_but_its_epoch() {
        let hello = Hello::parse(r#"{"epoch":"9f3c"}"#).unwrap();
        assert_eq!((hello.name.as_ref(), hello.heartbeat(), hello.retry()), (None, None, None));
        assert!(Hello::parse("{}").unwrap_err().is_malformed());
        assert!(Hello::parse(r#"{"epoch":"."}"#).unwrap_err().is_malformed());
    }

    #[test]
    fn a_heartbeat_of_nothing_is_none() {
        assert_eq!(Hello::parse(r#"{"epoch":"a","heartbeat":0}"#).unwrap().heartbeat(), None);
    }

    #[test]
    fn a_bye_without_sense_is_still_a_bye() {
        assert_eq!(Bye::parse("so long"), Bye::default());
        assert_eq!(Bye::parse(r#"{"reason":"shutdown"}"#).reason, "shutdown");
    }
}
