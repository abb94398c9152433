//! Which URLs a window may open.

use serde::{Deserialize, Deserializer, de::Error as _};
use std::sync::Arc;
use tauri::{
    Url,
    ipc::{CommandScope, GlobalScope},
};
use urlpattern::{UrlPattern, UrlPatternInit, UrlPatternMatchInput, UrlPatternOptions};

/// An entry of a capability: `{ "url": "https://api.example.com/*" }`.
#[derive(Debug)]
pub(crate) struct Entry {
    pattern: UrlPattern,
}

impl Entry {
    fn is_of(&self, url: &Url) -> Option<bool> {
        self.pattern.test(UrlPatternMatchInput::Url(url.clone())).ok()
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Raw {
            url: String,
        }
        let Raw { url } = Raw::deserialize(deserializer)?;
        let pattern = UrlPatternInit::parse_constructor_string::<regex::Regex>(&url, None)
            .and_then(|init| UrlPattern::parse(init, UrlPatternOptions::default()))
            .map_err(|error| D::Error::custom(format!("`{url}` is no pattern of URLs: {error}")))?;
        Ok(Self { pattern })
    }
}

/// Whether a URL is among those that are allowed for the command or the plugin, and among none that are denied.
pub(crate) fn allows(url: &Url, command: &CommandScope<Entry>, global: &GlobalScope<Entry>) -> bool {
    is_among(url, command.allows().iter().chain(global.allows()), command.denies().iter().chain(global.denies()))
}

fn is_among<'a>(
    url: &Url,
    mut allowed: impl Iterator<Item = &'a Arc<Entry>>,
    mut denied: impl Iterator<Item = &'a Arc<Entry>>,
) -> bool {
    // What cannot be told counts for the safe side.
    !denied.any(|entry| entry.is_of(url).unwrap_or(true)) && allowed.any(|entry| entry.is_of(url).unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(urls: &[&str]) -> Vec<Arc<Entry>> {
        urls.iter().map(|url| Arc::new(serde_json::from_value(serde_json::json!({ "url": url })).unwrap())).collect()
    }

    #[track_caller]
    fn check(allow: &[&str], deny: &[&str], yes: &[&str], no: &[&str]) {
        let (allow, deny) = (entries(allow), entries(deny));
        for (urls, expected) in [(yes, true), (no, false)] {
            for url in urls {
                let is_allowed = is_among(&url.parse().unwrap(), allow.iter(), deny.iter());
                assert_eq!(is_allowed, expected, "{url}");
            }
        }
    }

    #[test]
    fn nothing_is_allowed_without_an_entry() {
        check(&[], &[], &[], &["http://127.0.0.1/", "https://example.com/sse"]);
    }

    #[test]
    fn a_path_is_allowed_with_any_query() {
        check(
            &["https://api.example.com/sse"],
            &[],
            &["https://api.example.com/sse", "https://api.example.com/sse?epoch=9f3c&s=a~1"],
            &[
                "https://api.example.com/",
                "https://api.example.com/sse/more",
                "http://api.example.com/sse",
                "https://api.example.com:444/sse",
                "https://api.example.com.evil.org/sse",
                "https://evil.org/https://api.example.com/sse",
                "https://api.example.com@evil.org/sse",
            ],
        );
    }

    #[test]
    fn what_is_denied_is_not_allowed() {
        check(
            &["http://127.0.0.1:*/*"],
            &["http://127.0.0.1:*/admin/*"],
            &["http://127.0.0.1:3001/sse?a", "http://127.0.0.1/"],
            &["http://127.0.0.1:3001/admin/sse", "http://127.0.0.1/x/../admin/sse?a", "http://localhost:3001/sse"],
        );
    }

    #[test]
    fn what_is_no_pattern_is_told() {
        for (entry, said) in [(r#"{"url":"sse"}"#, "`sse` is no pattern"), (r#"{"uri":"http://a"}"#, "uri")] {
            let error = serde_json::from_str::<Entry>(entry).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
