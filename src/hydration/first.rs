//! First values: what a signal starts with, and how a page that the server rendered carries them to the browser.
//!
//! Pure. What is written is `{"leptos_sse":[{"key":"Count","epoch":"9f3c","seq":41,"document":{"value":1}}]}`.

use leptos_sse_core::{
    document::{Document, Flaw, Json, KnownKeys},
    protocol::{Cursor, Epoch, Key},
};

/// What the text begins with, among all that a page carries.
pub(crate) const MARK: &str = "{\"leptos_sse\":[";

pub(crate) use leptos_sse_client::transport::FirstValue as First;

/// What the page has brought.
///
/// # Errors
///
/// When the text is not what a server writes into its page.
pub(crate) fn read_page(text: &str) -> Result<Vec<(Key, First)>, Flaw> {
    let mut all = Vec::new();
    Json::whole(text, |json| {
        json.members("the first values of a page", &mut |member, json| match member {
            "leptos_sse" => json.items("a list", &mut |json| {
                all.push(read_first(json)?);
                Ok(())
            }),
            _ => json.skip(),
        })
    })?;
    Ok(all)
}

fn read_first(json: &mut Json) -> Result<(Key, First), Flaw> {
    let (mut key, mut epoch, mut seq, mut document) = (None, None, None, None);
    json.members("a first value", &mut |member, json| {
        match member {
            "key" => key = Some(Key::read(json)?),
            "epoch" => epoch = Some(Epoch::read(json)?),
            "seq" => seq = Some(json.unsigned()?),
            "document" => document = Some(Document::new(json.node(&mut KnownKeys::default())?)),
            _ => json.skip()?,
        }
        Ok(())
    })?;
    let cursor = epoch.zip(seq).map(|(epoch, seq)| Cursor { epoch, seq });
    Ok((json.required(key, "key")?, First { document: json.required(document, "document")?, cursor }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_page_of_a_server_is_an_error_and_what_is_new_in_it_is_passed_over() {
        for text in [
            "",
            "7",
            "{",
            r#"{"leptos_sse":7}"#,
            r#"{"leptos_sse":[{"key":"a"}]}"#,
            r#"{"leptos_sse":[{"document":1}]}"#,
        ] {
            assert!(read_page(text).is_err(), "{text}");
        }
        let text = r#"{"more":[1],"leptos_sse":[{"key":"a","document":null,"epoch":"e","more":{}}]}"#;
        let (key, first) = read_page(text).unwrap().remove(0);
        assert_eq!((key.as_str(), first), ("a", First { document: Document::default(), cursor: None }));
        assert_eq!(read_page("{}").unwrap(), []);
    }
}
