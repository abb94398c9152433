//! What a client that is no browser sends its requests over.

use crate::{
    SseOptions,
    native::{Http, Reqwest},
};
use leptos_sse_core::Error;
use std::sync::Arc;

/// None is the default one.
#[derive(Clone, Default)]
pub(in crate::client) struct Over(Option<Arc<dyn Http>>);

impl Over {
    /// # Errors
    ///
    /// When the default one cannot be made.
    pub(super) fn http(&self, url: &str) -> Result<Arc<dyn Http>, Error> {
        match &self.0 {
            Some(http) => Ok(http.clone()),
            None => Ok(Arc::new(Reqwest::from(
                reqwest::Client::builder().build().map_err(|error| Error::lost(url, error))?,
            ))),
        }
    }
}

impl SseOptions {
    /// Sets what a client that is no browser sends its requests over: a `reqwest::Client` with settings of one's own, as
    /// proxies, certificates and cookies, or a server within the process. Default is a `reqwest::Client` with its defaults.
    ///
    /// It means nothing to a page.
    ///
    /// ```
    /// use leptos_sse::{SseOptions, native::Reqwest};
    ///
    /// let client = reqwest::Client::builder().user_agent("tail").build()?;
    /// let options = SseOptions::new().http(Reqwest::from(client));
    /// # Ok::<(), reqwest::Error>(())
    /// ```
    pub fn http(mut self, http: impl Http) -> Self {
        self.over = Over(Some(Arc::new(http)));
        self
    }
}
