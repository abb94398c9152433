//! What the server says: which conversations there are, and each of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The conversations by their id.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shelf(pub BTreeMap<String, Entry>);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The first words that were said in it.
    pub title: String,
    /// Counts up, so that the newest one can stand first.
    pub number: u64,
    /// Whether an answer is being written in it.
    pub writing: bool,
}

/// One conversation; the hub has it by its id.
///
/// A word that is added to a text is one edit within that text: what is sent is the word and the place, and not the text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    pub messages: Vec<Message>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    pub author: Author,
    pub text: String,
    pub state: State,
    /// How many words were asked for; none of a message by a person.
    pub words: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Author {
    Reader,
    Book,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    Whole,
    Writing,
    Stopped,
}

impl Conversation {
    /// The longest text that a person may send, in characters.
    pub const LONGEST_PROMPT: usize = 500;
    /// The longest answer that may be asked for, in words.
    pub const MOST_WORDS: u32 = 5_000;
    /// A conversation ends some day.
    pub const MOST_MESSAGES: usize = 100;

    /// Puts a question and an empty answer to it at the end, and gives the place of the answer.
    pub fn ask(&mut self, prompt: &str, words: u32) -> usize {
        self.messages.push(Message { author: Author::Reader, text: prompt.to_owned(), state: State::Whole, words: 0 });
        self.messages.push(Message { author: Author::Book, text: String::new(), state: State::Writing, words });
        self.messages.len() - 1
    }

    /// The place of the answer that is being written.
    pub fn writing(&self) -> Option<usize> {
        self.messages.iter().rposition(|message| message.state == State::Writing)
    }

    /// The length of the latest answer in bytes.
    pub fn answer_len(&self) -> usize {
        self.messages.last().map_or(0, |message| message.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_has_its_answer_behind_it() {
        let mut conversation = Conversation::default();
        assert_eq!(conversation.writing(), None);
        assert_eq!(conversation.ask("Who are you?", 50), 1);
        assert_eq!(conversation.writing(), Some(1));
        conversation.messages[1].state = State::Stopped;
        assert_eq!(conversation.writing(), None);
        assert_eq!(conversation.ask("And now?", 50), 3);
    }
}
