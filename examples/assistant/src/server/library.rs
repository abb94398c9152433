//! The conversations that there are, and the writing of answers.
//!
//! A conversation lives in the hub, and nowhere else: who writes an answer looks at it before each word, and stops when
//! somebody has stopped or deleted it.

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use leptos::prelude::use_context;
use leptos_sse::{ServerSignal, SseHub};
use tokio::time::{MissedTickBehavior, interval};

use crate::api::Objection;
use crate::model::{Conversation, Entry, Shelf, State};
use crate::server::chain::{Chain, Writer};
use crate::server::folder::Folder;

/// What the book is.
const TEXT: &str = include_str!("../../text/alice.txt");
const MOST_CONVERSATIONS: usize = 100;
/// How often an answer is saved while it is written, in words.
const SAVED_EVERY: usize = 20;

#[derive(Clone)]
pub struct Library {
    hub: SseHub,
    shelf: ServerSignal<Shelf>,
    chain: Arc<Chain>,
    settings: Settings,
}

#[derive(Clone)]
pub struct Settings {
    /// From one word to the next.
    pub pace: Duration,
    /// Where conversations outlive the server; without it they end with it.
    pub folder: Option<Folder>,
}

impl Settings {
    /// 45 milliseconds a word, or what `ASSISTANT_PACE` says; and the folder that `ASSISTANT_FOLDER` names, if it names one.
    pub fn from_env() -> Result<Self, Box<dyn Error>> {
        let pace = env::var("ASSISTANT_PACE").ok().map(|millis| millis.parse()).transpose()?;
        let folder = env::var_os("ASSISTANT_FOLDER").map(|path| Folder::open(PathBuf::from(path))).transpose()?;
        Ok(Self { pace: Duration::from_millis(pace.unwrap_or(45).max(1)), folder })
    }
}

impl Library {
    /// Reads the book and the conversations that were kept, and goes on with what was not finished.
    pub fn open(hub: &SseHub, settings: Settings) -> Result<Self, Box<dyn Error>> {
        let chain = Arc::new(Chain::of(TEXT));
        let library = Self { hub: hub.clone(), shelf: hub.signal(Shelf::default()), chain, settings };
        let kept = library.settings.folder.as_ref().map(Folder::load).transpose()?;
        for (id, conversation) in kept.unwrap_or_default() {
            let title = conversation.messages.first().map_or("", |message| &message.text).to_owned();
            let unfinished = conversation.writing();
            let signal = library.put(&id, &title, conversation, unfinished.is_some());
            if let Some(place) = unfinished {
                library.write(id, signal, place);
            }
        }
        Ok(library)
    }

    /// The library of a server function.
    pub fn of_this_request() -> Result<Self, Objection> {
        use_context().ok_or_else(|| Objection::Failed("the server gave no library".into()))
    }

    pub fn begin(&self, prompt: &str, words: u32) -> Result<String, Objection> {
        let prompt = checked(prompt)?;
        if self.shelf.read().0.len() >= MOST_CONVERSATIONS {
            return Err(Objection::ShelfFull);
        }
        let id = new_id();
        let mut conversation = Conversation::default();
        let place = conversation.ask(prompt, words.clamp(1, Conversation::MOST_WORDS));
        let signal = self.put(&id, prompt, conversation, true);
        self.write(id.clone(), signal, place);
        Ok(id)
    }

    pub async fn ask(&self, id: &str, prompt: &str, words: u32) -> Result<(), Objection> {
        let prompt = checked(prompt)?;
        let signal = self.find(id)?;
        let (question, words) = (prompt.to_owned(), words.clamp(1, Conversation::MOST_WORDS));
        let asked = signal.try_update(move |conversation| {
            if conversation.writing().is_some() {
                return Err(Objection::StillWriting);
            }
            if conversation.messages.len() >= Conversation::MOST_MESSAGES {
                return Err(Objection::TooLong);
            }
            Ok(conversation.ask(&question, words))
        });
        let place = asked.await?.value;
        self.show_writing(id, true);
        self.write(id.to_owned(), signal, place);
        Ok(())
    }

    pub async fn stop(&self, id: &str) -> Result<(), Objection> {
        let signal = self.find(id)?;
        let stopped = signal.update(|conversation| {
            if let Some(place) = conversation.writing() {
                conversation.messages[place].state = State::Stopped;
            }
        });
        stopped.await?;
        Ok(())
    }

    pub async fn delete(&self, id: &str) -> Result<(), Objection> {
        self.find(id)?;
        self.hub.remove_for::<Conversation>(id).await?;
        let deleted = id.to_owned();
        self.shelf.update(move |shelf| _ = shelf.0.remove(&deleted)).await?;
        if let Some(folder) = &self.settings.folder
            && let Err(error) = folder.remove(id)
        {
            eprintln!("the conversation {id} was not removed from its folder: {error}");
        }
        Ok(())
    }

    fn find(&self, id: &str) -> Result<ServerSignal<Conversation>, Objection> {
        self.hub.get_for(id).ok_or(Objection::NoSuchConversation)
    }

    fn put(&self, id: &str, title: &str, conversation: Conversation, writing: bool) -> ServerSignal<Conversation> {
        let (title, place): (String, _) = (title.chars().take(80).collect(), id.to_owned());
        let signal = self.hub.signal_for(id, conversation);
        self.shelf.update(move |Shelf(entries)| {
            let number = entries.values().map(|entry| entry.number).max().unwrap_or_default() + 1;
            entries.insert(place.clone(), Entry { title: title.clone(), number, writing });
        });
        signal
    }

    fn show_writing(&self, id: &str, writing: bool) {
        let id = id.to_owned();
        self.shelf.update(move |shelf| {
            if let Some(entry) = shelf.0.get_mut(&id) {
                entry.writing = writing;
            }
        });
    }

    fn write(&self, id: String, signal: ServerSignal<Conversation>, place: usize) {
        tokio::spawn(self.clone().write_answer(id, signal, place));
    }

    async fn write_answer(self, id: String, signal: ServerSignal<Conversation>, place: usize) {
        let mut writer = signal.with(|conversation| {
            let answer = &conversation.messages[place];
            let prompt = place.checked_sub(1).map_or("", |before| &conversation.messages[before].text);
            Writer::new(&self.chain, prompt, &answer.text, answer.words, fastrand::u64(..))
        });
        let mut pace = interval(self.settings.pace);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.save(&id, &signal).await;
        for count in 1_usize.. {
            pace.tick().await;
            let piece = writer.next(&self.chain);
            let goes_on = signal.update(move |conversation| {
                let answer = &mut conversation.messages[place];
                match &piece {
                    _ if answer.state != State::Writing => return false,
                    Some(piece) => answer.text.push_str(piece),
                    None => answer.state = State::Whole,
                }
                piece.is_some()
            });
            match goes_on.await.map(|written| written.value) {
                Ok(true) if count.is_multiple_of(SAVED_EVERY) => self.save(&id, &signal).await,
                Ok(true) => {}
                Ok(false) => break,
                // It was deleted.
                Err(_) => return,
            }
        }
        self.save(&id, &signal).await;
        self.show_writing(&id, signal.with(|conversation| conversation.writing().is_some()));
    }

    /// Saves what there is now. On a thread where waiting for a disk holds up nobody.
    async fn save(&self, id: &str, signal: &ServerSignal<Conversation>) {
        let Some(folder) = self.settings.folder.clone() else { return };
        // What was deleted meanwhile is not to come back.
        if self.find(id).is_err() {
            return;
        }
        let (id, conversation) = (id.to_owned(), signal.read());
        let saved = tokio::task::spawn_blocking(move || folder.save(&id, &conversation)).await;
        if let Ok(Err(error)) = saved {
            eprintln!("a conversation was not saved: {error}");
        }
    }
}

fn checked(prompt: &str) -> Result<&str, Objection> {
    let prompt = prompt.trim();
    match prompt.chars().count() {
        1..=Conversation::LONGEST_PROMPT => Ok(prompt),
        _ => Err(Objection::PromptLength),
    }
}

/// The time, so that ids stand in their order, and something random, so that two of one moment differ.
fn new_id() -> String {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    format!("{:09x}{:04x}", since.as_secs(), fastrand::u16(..))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library(pace: u64) -> Library {
        let settings = Settings { pace: Duration::from_millis(pace), folder: None };
        Library::open(&SseHub::new(), settings).expect("there is no folder to fail")
    }

    fn answer(library: &Library, id: &str) -> (String, State) {
        let conversation = library.find(id).expect("it is there").get();
        let answer = conversation.messages.last().expect("it has an answer");
        (answer.text.clone(), answer.state)
    }

    async fn until(mut holds: impl FnMut() -> bool) {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn an_answer_is_written_to_its_end() {
        let library = library(1);
        let id = library.begin("  What of the Rabbit? ", 30).expect("it begins");
        assert!(library.shelf.read().0[&id].writing);
        assert_eq!(library.ask(&id, "And?", 5).await, Err(Objection::StillWriting));
        until(|| answer(&library, &id).1 == State::Whole).await;
        assert!(answer(&library, &id).0.split_whitespace().count() >= 30);
        until(|| !library.shelf.read().0[&id].writing).await;
        assert_eq!(library.shelf.read().0[&id].title, "What of the Rabbit?");
        library.ask(&id, "And?", 5).await.expect("the answer before is whole");
        assert_eq!(library.find(&id).expect("it is there").read().messages.len(), 4);
    }

    #[tokio::test]
    async fn a_stop_ends_an_answer_where_it_is() {
        let library = library(1);
        let id = library.begin("Alice", 5_000).expect("it begins");
        until(|| answer(&library, &id).0.len() > 20).await;
        library.stop(&id).await.expect("it is there");
        let stopped = answer(&library, &id);
        assert_eq!(stopped.1, State::Stopped);
        until(|| !library.shelf.read().0[&id].writing).await;
        assert_eq!(answer(&library, &id), stopped);
    }

    #[tokio::test]
    async fn what_is_deleted_is_gone_and_no_more_is_written() {
        let library = library(1);
        let id = library.begin("Alice", 5_000).expect("it begins");
        let signal = library.find(&id).expect("it is there");
        library.delete(&id).await.expect("it is there");
        let before = signal.get();
        assert_eq!(library.delete(&id).await, Err(Objection::NoSuchConversation));
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(signal.get(), before);
        assert!(library.shelf.read().0.is_empty());
    }

    #[tokio::test]
    async fn texts_have_bounds() {
        let library = library(1);
        assert_eq!(library.begin(" ", 5), Err(Objection::PromptLength));
        assert_eq!(library.begin(&"x".repeat(Conversation::LONGEST_PROMPT + 1), 5), Err(Objection::PromptLength));
        assert_eq!(library.ask("nowhere", "hello", 5).await, Err(Objection::NoSuchConversation));
        assert_eq!(library.stop("").await, Err(Objection::NoSuchConversation));
    }

    #[tokio::test]
    async fn what_was_broken_off_is_gone_on_with_after_a_restart() {
        let path = env::temp_dir().join(format!("assistant-{}-{:x}", std::process::id(), fastrand::u64(..)));
        let folder = Folder::open(path.clone()).expect("a folder can be made");
        let mut conversation = Conversation::default();
        conversation.ask("Alice", 40);
        conversation.messages[1].text = "Alice was beginning".into();
        folder.save("one", &conversation).expect("it is written");

        let settings = Settings { pace: Duration::from_millis(1), folder: Some(folder.clone()) };
        let library = Library::open(&SseHub::new(), settings).expect("it can be read");
        until(|| answer(&library, "one").1 == State::Whole && !library.shelf.read().0["one"].writing).await;
        let (text, _) = answer(&library, "one");
        assert!(text.starts_with("Alice was beginning "), "{text:?}");
        assert!(text.split_whitespace().count() >= 40);
        library.delete("one").await.expect("it is there");
        assert!(folder.load().expect("it can be read").is_empty());
        std::fs::remove_dir_all(path).expect("it was made here");
    }
}
