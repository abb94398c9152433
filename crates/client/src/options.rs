//! How a connection is made and kept, as far as it is the same for a page and for a program without one.

use crate::{hooks::Hooks, machine::Pace};
use std::{fmt, sync::Arc};

/// How a connection is made and kept.
///
/// The options of a page, and those of a program without one, hold it and set it: see [`option_setters`](crate::option_setters).
#[derive(Clone, Default)]
#[must_use]
pub struct Options {
    /// How the server is asked.
    pub access: Access,
    /// The URL that a relative one starts from.
    pub base_url: Option<String>,
    /// When to connect again.
    pub pace: Pace,
    /// The functions that are called when something happens.
    pub hooks: Hooks,
}

/// How the server is asked.
#[derive(Clone, Default)]
pub struct Access {
    /// Whether cookies go to another origin too. For pages alone; ignored without a browser.
    pub with_credentials: bool,
    /// Whether what is too long for a URL goes by POST.
    pub posts: bool,
    /// Whether the tabs of one origin share what the server is asked for. For pages alone; ignored without a browser.
    pub shares_tabs: bool,
    /// The headers of each request.
    pub headers: Vec<(String, String)>,
    /// Makes more of them for each attempt.
    pub more_headers: Option<Arc<FreshHeaders>>,
}

/// Makes the headers of one attempt.
pub type FreshHeaders = dyn Fn() -> Vec<(String, String)> + Send + Sync;

impl Access {
    /// Whether a request has headers of the app.
    #[must_use]
    pub fn has_headers(&self) -> bool {
        !self.headers.is_empty() || self.more_headers.is_some()
    }

    /// Those of an attempt that is made now; it runs code of the user.
    #[must_use]
    pub fn headers(&self) -> Vec<(String, String)> {
        let mut headers = self.headers.clone();
        headers.extend(self.more_headers.as_ref().map(|more| more()).unwrap_or_default());
        headers
    }

    /// A number that differs where the headers differ, as those of two users do, and from which no header can be read; 0 without
    /// headers. Headers that are made for each attempt do not count, as a fresh token does not make another user.
    ///
    /// FNV-1a, 64 bits.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let texts = self.headers.iter().flat_map(|(name, value)| [name, value]);
        // Neither has that byte in it.
        let mut bytes = texts.flat_map(|text| text.bytes().chain([0xff])).peekable();
        if bytes.peek().is_none() {
            return 0;
        }
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { access, base_url, pace, hooks: _ } = self;
        // A header may hold a secret.
        f.debug_struct("Options")
            .field("with_credentials", &access.with_credentials)
            .field("has_headers", &access.has_headers())
            .field("post", &access.posts)
            .field("share_tabs", &access.shares_tabs)
            .field("base_url", base_url)
            .field("pace", pace)
            .finish_non_exhaustive()
    }
}

/// The setters that all options have which hold [`Options`] in a field `options`.
#[doc(hidden)]
#[macro_export]
macro_rules! option_setters {
    () => {
        /// Sets the longest first wait between two attempts; each further one may be twice as long. Default is 1 second.
        ///
        /// The waits are random below that bound, so that a server that comes back is not asked by everyone at once.
        pub fn reconnect_base(mut self, base: ::std::time::Duration) -> Self {
            self.options.pace.backoff.base = base;
            self
        }

        /// Sets the bound that the waits between two attempts never exceed. Default is 30 seconds.
        ///
        /// Where the server refuses with a `Retry-After` of up to 10 minutes, the wait comes on top of it.
        pub fn reconnect_max(mut self, max: ::std::time::Duration) -> Self {
            self.options.pace.backoff.max = max;
            self
        }

        /// Sets after how many heartbeats of silence the connection counts as lost. Default is 2.5; what is below 1.5 is 1.5.
        pub fn heartbeat_factor(mut self, factor: f64) -> Self {
            // Also of what is no number the other one is the larger.
            self.options.pace.heartbeat_factor = factor.max(1.5);
            self
        }

        /// Sets how long the connection, and the server's signals on it, are kept when the last component that used them has
        /// gone. Default is 1 second, so that a change of route does not drop and reopen them.
        pub fn linger(mut self, linger: ::std::time::Duration) -> Self {
            self.options.pace.linger = linger;
            self
        }

        /// Calls a function each time the connection opens. Default is none.
        pub fn on_open(mut self, on_open: impl Fn() + Send + Sync + 'static) -> Self {
            self.options.hooks.on_open = Some(::std::sync::Arc::new(on_open));
            self
        }

        /// Calls a function with the reason each time the connection closes and no attempt follows. Default is none.
        pub fn on_close(mut self, on_close: impl Fn($crate::status::SseClosed) + Send + Sync + 'static) -> Self {
            self.options.hooks.on_close = Some(::std::sync::Arc::new(on_close));
            self
        }

        /// Calls a function with the number of each attempt to come, from 1, when the connection was lost or an attempt has
        /// failed. Default is none.
        pub fn on_reconnect(mut self, on_reconnect: impl Fn(u32) + Send + Sync + 'static) -> Self {
            self.options.hooks.on_reconnect = Some(::std::sync::Arc::new(on_reconnect));
            self
        }

        /// Calls a function with each error of the connection and of the signals and feeds on it. Default is none; they are
        /// logged in any case.
        ///
        /// Where the server refuses the whole connection, [`Error::status`](leptos_sse_core::Error::status) has the HTTP status.
        pub fn on_error(mut self, on_error: impl Fn(&$crate::error::SseErrorReport) + Send + Sync + 'static) -> Self {
            self.options.hooks.on_error = Some(::std::sync::Arc::new(on_error));
            self
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Sample {
        options: Options,
    }

    #[expect(dead_code, reason = "the crates that have options test the other setters")]
    impl Sample {
        crate::option_setters!();
    }

    fn access(headers: &[(&str, &str)]) -> Access {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Access { headers: headers.collect(), ..Access::default() }
    }

    #[test]
    fn headers_are_asked_for_anew_and_are_no_part_of_what_is_shown() {
        let count = std::sync::atomic::AtomicU32::new(0);
        let mut options = Options { access: access(&[("x-app", "1")]), ..Options::default() };
        options.access.more_headers = Some(Arc::new(move || {
            let count = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            vec![("authorization".to_owned(), format!("secret {count}"))]
        }));
        let second = || options.access.headers().swap_remove(1).1;
        assert_eq!((second(), second()), ("secret 0".to_owned(), "secret 1".to_owned()));
        assert!(!format!("{options:?}").contains("secret"));
    }

    #[test]
    fn other_headers_have_another_fingerprint() {
        let of = |headers: &[(&str, &str)]| {
            let access = Access { more_headers: Some(Arc::new(Vec::new)), ..access(headers) };
            access.fingerprint()
        };
        let all = [of(&[]), of(&[("a", "bc")]), of(&[("ab", "c")]), of(&[("a", "b"), ("c", "")]), of(&[("a", "d")])];
        assert!(all.iter().enumerate().all(|(at, one)| !all[..at].contains(one)), "{all:?}");
        assert_eq!((of(&[]), of(&[("a", "d")])), (0, all[4]));
    }

    #[test]
    fn a_heartbeat_factor_without_sense_is_the_least_one() {
        for (factor, expected) in [(3.0, 3.0), (0.0, 1.5), (f64::NAN, 1.5), (-1.0, 1.5)] {
            let options = Sample::default().heartbeat_factor(factor).options;
            assert!((options.pace.heartbeat_factor - expected).abs() < 1e-9);
        }
    }
}
