//! The text by which a page carries first values.

use super::first::{self, First};
use leptos_sse_core::{document::write_text, protocol::Key};
use std::io::Write;

/// What [`read_page`](super::first::read_page) reads.
pub(crate) fn page_text(firsts: &[(Key, First)]) -> String {
    let mut text = Vec::new();
    text.extend_from_slice(first::MARK.as_bytes());
    for (at, (key, first)) in firsts.iter().enumerate() {
        text.extend_from_slice(if at == 0 { b"{\"key\":" } else { b",{\"key\":" });
        write_text(key.as_str(), &mut text);
        if let Some(cursor) = &first.cursor {
            // To write into memory never fails. An epoch has nothing to escape.
            let _ = write!(text, ",\"epoch\":\"{}\",\"seq\":{}", cursor.epoch, cursor.seq);
        }
        text.extend_from_slice(b",\"document\":");
        first.document.root().write(&mut text);
        text.push(b'}');
    }
    text.extend_from_slice(b"]}");
    // JSON is UTF-8.
    String::from_utf8(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hydration::first::read_page;
    use leptos_sse_core::document::Document;

    #[test]
    fn what_a_page_carries_is_read_again() {
        let first = |value: &str, cursor: Option<&str>| First {
            document: Document::parse(value).unwrap(),
            cursor: cursor.map(|cursor| cursor.parse().unwrap()),
        };
        let firsts = [
            (
                Key::named("a \"quoted\" <key>").unwrap(),
                first(r#"{"text":"</script>\u2028","list":[1.5,null]}"#, Some("9f3c.41")),
            ),
            (Key::of::<String>(), first("\"Ada\"", None)),
        ];
        assert_eq!(read_page(&page_text(&firsts)).unwrap(), firsts);
        assert_eq!(read_page(&page_text(&[])).unwrap(), []);
        assert_eq!(page_text(&firsts[1..]), r#"{"leptos_sse":[{"key":"alloc::string::String","document":"Ada"}]}"#);
    }
}
