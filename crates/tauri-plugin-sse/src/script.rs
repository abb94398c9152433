//! What a window runs before its page: the class, and for which origins it takes the place of the browser's.

use crate::error::Error;
use tauri::Url;

/// The modules of `guest-js`, each after those that it imports.
const MODULES: [&str; 3] = [
    include_str!("../guest-js/channel.js"),
    include_str!("../guest-js/event-source.js"),
    include_str!("../guest-js/replace.js"),
];

/// The modules as one script of a scope of its own, as a window runs no modules before its page.
pub(crate) fn script(origins: &[String]) -> String {
    let lines = MODULES.iter().flat_map(|module| module.lines());
    let body: Vec<_> = lines
        .filter(|line| !line.starts_with("import "))
        .map(|line| line.strip_prefix("export ").unwrap_or(line))
        .collect();
    // An origin has no quotes and no backslashes in it: `Debug` writes it as JavaScript does.
    format!("(() => {{\n{}\nreplace({origins:?});\n}})();", body.join("\n"))
}

/// The origin of a URL, as a page writes it.
pub(crate) fn origin(url: &str) -> Result<String, Error> {
    let origin = Url::parse(url).map_err(|_| Error::Origin(url.to_owned()))?.origin();
    if origin.is_tuple() { Ok(origin.ascii_serialization()) } else { Err(Error::Origin(url.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_is_the_modules_without_what_makes_them_modules() {
        let script = script(&["http://a:1".to_owned()]);
        assert!(!script.lines().any(|line| line.starts_with("import ") || line.starts_with("export ")), "{script}");
        for part in ["function channel(", "class EventSource extends EventTarget", "replace([\"http://a:1\"]);"] {
            assert!(script.contains(part), "{part}");
        }
    }

    #[test]
    fn an_origin_is_that_of_a_url_and_nothing_less() {
        assert_eq!(origin("https://api.example.com:443/sse?a=b").unwrap(), "https://api.example.com");
        assert_eq!(origin("http://127.0.0.1:3001/").unwrap(), "http://127.0.0.1:3001");
        for none in ["api.example.com", "data:text/plain,", "file:///tmp", ""] {
            assert!(origin(none).unwrap_err().to_string().contains("has no origin"), "{none}");
        }
    }
}
