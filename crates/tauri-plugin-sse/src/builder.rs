use crate::{
    commands,
    open::{OpenSources, Options},
    script,
};
use leptos_sse_native::EventSourceOptions;
use std::fmt;
use tauri::{Manager, RunEvent, Runtime, Url, WindowEvent, plugin::TauriPlugin, webview::PageLoadEvent};

/// The plugin with its defaults: pages open sources by the class `TauriEventSource`, and their own `EventSource` stays.
#[must_use]
pub fn init<R: Runtime>() -> TauriPlugin<R> {
    Builder::new().build()
}

/// How the plugin works.
///
/// ```
/// use leptos_sse_native::EventSourceOptions;
/// use tauri::{Runtime, plugin::TauriPlugin};
///
/// fn sse<R: Runtime>() -> TauriPlugin<R> {
///     tauri_plugin_sse::Builder::new()
///         .replace("https://api.example.com")
///         .options(|_url| EventSourceOptions::new().header("authorization", "Bearer 7f3a"))
///         .build()
/// }
/// ```
#[derive(Default)]
#[must_use]
pub struct Builder {
    origins: Vec<String>,
    options: Option<Options>,
    max_redirects: usize,
}

impl Builder {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets what a page opens of this origin by `EventSource` go by the app. Default is none: a page that wants that writes
    /// `TauriEventSource`.
    ///
    /// So a page needs not know that it is in a window: the one that browsers have can be its content, also where another
    /// library makes the `EventSource`. Sources of other origins stay the webview's own. It allows nothing by itself.
    ///
    /// `origin` is a URL, of which its origin counts. Where it is none, the app does not start, with an error that says so.
    pub fn replace(mut self, origin: impl Into<String>) -> Self {
        self.origins.push(origin.into());
        self
    }

    /// Has each source opened with the options that `options` gives for its URL. Default are those of
    /// [`EventSourceOptions`]. How many redirects are followed is [`max_redirects`](Self::max_redirects)' to say.
    ///
    /// It is the place for headers with a token, of which the page need not know, for a proxy, and for certificates.
    pub fn options(mut self, options: impl Fn(&Url) -> EventSourceOptions + Send + Sync + 'static) -> Self {
        self.options = Some(Box::new(options));
        self
    }

    /// Sets how many redirects are followed. Default is none, whatever [`options`](Self::options) gives; but a `client` or an
    /// `http` of one's own there decides by itself.
    ///
    /// A redirect is none of the page's wishes and no part of what it is allowed: where some are followed, a server that may
    /// be opened decides where else the app asks, with the headers that it was given.
    pub fn max_redirects(mut self, max_redirects: usize) -> Self {
        self.max_redirects = max_redirects;
        self
    }

    /// Makes the plugin.
    #[must_use]
    pub fn build<R: Runtime>(self) -> TauriPlugin<R> {
        let Self { origins, options, max_redirects } = self;
        let origins: Result<Vec<_>, _> = origins.iter().map(|origin| script::origin(origin)).collect();
        let given = options.unwrap_or_else(|| Box::new(|_| EventSourceOptions::new()));
        let options: Options = Box::new(move |url| given(url).max_redirects(max_redirects));
        tauri::plugin::Builder::new("sse")
            .invoke_handler(tauri::generate_handler![commands::open, commands::close])
            .js_init_script(script::script(origins.as_deref().unwrap_or_default()))
            .setup(move |app, _api| {
                origins?;
                app.manage(OpenSources::new(options));
                Ok(())
            })
            // Whatever the page before it had opened has nobody left who hears it.
            .on_page_load(|webview, load| {
                if load.event() == PageLoadEvent::Started {
                    webview.state::<OpenSources>().close_all_of(webview.label());
                }
            })
            .on_event(|app, event| {
                if let RunEvent::WindowEvent { label, event: WindowEvent::Destroyed, .. } = event {
                    app.state::<OpenSources>().close_all_of(label);
                }
            })
            .build()
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("origins", &self.origins).finish_non_exhaustive()
    }
}
