use reqwest::Url;

/// A URL as it may be logged and shown: without the login that it may have.
pub(crate) fn shown(url: &Url) -> Url {
    let mut shown = url.clone();
    // Each URL of HTTP has a host, so that it can be without them.
    let _ = shown.set_username("").and_then(|()| shown.set_password(None));
    shown
}

/// The same of a text that may be no URL.
pub(crate) fn shown_text(text: &str) -> String {
    match Url::parse(text) {
        Ok(url) if url.has_authority() => shown(&url).into(),
        _ => text.to_owned(),
    }
}
