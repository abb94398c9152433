//! Conversations as files, so that they outlive the server: one JSON file for each.

use std::fs;
use std::io;
use std::path::PathBuf;

use crate::model::Conversation;

#[derive(Clone)]
pub struct Folder(PathBuf);

impl Folder {
    pub fn open(path: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    /// All conversations, the oldest first. What cannot be read is left where it is, and out.
    pub fn load(&self) -> io::Result<Vec<(String, Conversation)>> {
        let mut found = Vec::new();
        for file in fs::read_dir(&self.0)? {
            let file = file?;
            let path = file.path();
            let id = path.file_stem().and_then(|stem| stem.to_str());
            let (Some(id), Some("json")) = (id, path.extension().and_then(|extension| extension.to_str())) else {
                continue;
            };
            match serde_json::from_slice(&fs::read(&path)?) {
                Ok(conversation) => found.push((id.to_owned(), conversation)),
                Err(error) => eprintln!("{} cannot be read: {error}", path.display()),
            }
        }
        // The ids begin with the time at which they were made.
        found.sort_by(|(one, _), (two, _)| one.cmp(two));
        Ok(found)
    }

    /// Writes a conversation beside the old one and then in its place, so that a server that is killed leaves one or the
    /// other.
    pub fn save(&self, id: &str, conversation: &Conversation) -> io::Result<()> {
        let next = self.0.join(format!("{id}.next"));
        fs::write(&next, serde_json::to_vec(conversation)?)?;
        fs::rename(next, self.file(id))
    }

    pub fn remove(&self, id: &str) -> io::Result<()> {
        match fs::remove_file(self.file(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn file(&self, id: &str) -> PathBuf {
        self.0.join(format!("{id}.json"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_saved_is_there_again_and_what_was_removed_is_not() {
        let path = std::env::temp_dir().join(format!("assistant-{}-{:x}", std::process::id(), fastrand::u64(..)));
        let folder = Folder::open(path.clone()).expect("a folder can be made");
        let mut conversation = Conversation::default();
        conversation.ask("Why?", 10);
        folder.save("b", &conversation).expect("it is written");
        folder.save("a", &Conversation::default()).expect("it is written");
        fs::write(path.join("c.json"), "{").expect("it is written");
        let found = folder.load().expect("it is read");
        assert_eq!(found, [("a".to_owned(), Conversation::default()), ("b".to_owned(), conversation)]);
        folder.remove("a").expect("it was there");
        folder.remove("a").expect("nor is it an error that it is not");
        assert_eq!(folder.load().expect("it is read").len(), 1);
        fs::remove_dir_all(path).expect("it was made here");
    }
}
