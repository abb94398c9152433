use super::context::SseContext;
use crate::{browser, hydration::value::carry_first_values, options::SseOptions};
use leptos::prelude::{Owner, provide_context, use_context};
use leptos_sse_core::Error;

/// Provides the connection to `url` to this component and all below it, with the default [`SseOptions`].
///
/// The URL may be relative to the page. The connection opens with the first signal that is created, and closes when the last signal
/// has gone. However many components provide the same URL, the page has one connection to it. On the server this only checks the URL.
/// Islands share no context, so each island calls it by itself.
///
/// ```
/// use leptos::prelude::*;
///
/// #[derive(Clone, Default, serde::Deserialize)]
/// struct Count { value: i32 }
///
/// #[component]
/// fn App() -> impl IntoView {
///     leptos_sse::provide_sse("/sse").unwrap();
///     let count = leptos_sse::create_sse_signal::<Count>();
///     view! { <h1>"Count: " {move || count.get().value}</h1> }
/// }
/// ```
///
/// # Errors
///
/// When the URL is empty, has white space in it, or a scheme other than `http` and `https`; and when it is called
/// outside a component.
pub fn provide_sse(url: impl Into<String>) -> Result<(), Error> {
    provide_sse_with(url, SseOptions::default())
}

/// Provides the connection to `url` to this component and all below it.
///
/// A connection that the page has to the same URL already is shared, with the options of its first provider; see [`SseOptions`].
///
/// # Errors
///
/// As [`provide_sse`], and when [`SseOptions::base_url`] does not begin with `http://` or `https://`.
pub fn provide_sse_with(url: impl Into<String>, options: SseOptions) -> Result<(), Error> {
    let url = url.into();
    check_url(&url)?;
    if let Some(base_url) = &options.options.base_url {
        check_base_url(base_url)?;
    }
    if Owner::current().is_none() {
        return Err(Error::owner());
    }
    carry_first_values();
    let context = match use_context::<SseContext>().and_then(|above| above.keep(&options)) {
        Some(context) => context,
        None => SseContext::of(browser::page_connection(url, &options.options, options.ways)?, &options),
    };
    provide_context(context);
    Ok(())
}

/// The same check on both sides, so that a mistake shows on the server first.
fn check_url(url: &str) -> Result<(), Error> {
    let refuse = |why| Err(Error::url(url, why));
    if url.is_empty() {
        return refuse("it is empty");
    }
    if url.chars().any(|char| char.is_whitespace() || char.is_control()) {
        return refuse("it has white space in it");
    }
    // "A scheme is a letter, followed by zero or more letters, digits, +, - and ." (WHATWG URL, 4.1); a path may have a
    // colon further on.
    let scheme = url.split_once(':').map(|(scheme, _)| scheme).filter(|scheme| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    });
    match scheme {
        Some(scheme) if !["http", "https"].iter().any(|good| scheme.eq_ignore_ascii_case(good)) => {
            refuse("its scheme is neither `http` nor `https`")
        }
        _ => Ok(()),
    }
}

fn check_base_url(url: &str) -> Result<(), Error> {
    check_url(url)?;
    match url.split_once("://") {
        Some((_, rest)) if !rest.is_empty() => Ok(()),
        _ => Err(Error::url(url, "as a base it begins with `http://` or `https://`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_that_no_event_source_could_follow_is_refused() {
        for bad in ["", " /sse", "/s se", "/sse\n", "ws://host/sse", "javascript:alert(1)", "file:///sse"] {
            assert!(check_url(bad).unwrap_err().is_invalid_url(), "{bad:?}");
        }
        for good in
            ["/sse", "sse?room=1", "../sse", "//host/sse", "https://host:8080/sse", "HTTP://host", "/a:b", "?x=a:b"]
        {
            check_url(good).unwrap_or_else(|error| panic!("{good:?}: {error}"));
        }
    }

    #[test]
    fn a_base_is_a_whole_url() {
        for bad in ["", "/api", "api.example.com", "//host", "http:", "http://", "tauri://localhost", "file:///x"] {
            assert!(check_base_url(bad).unwrap_err().is_invalid_url(), "{bad:?}");
        }
        for good in ["https://api.example.com", "http://127.0.0.1:3000/api/"] {
            check_base_url(good).unwrap();
        }
    }

    #[test]
    fn to_provide_outside_a_component_is_an_error_that_says_so() {
        assert!(provide_sse("/sse").unwrap_err().is_no_owner());
    }
}
