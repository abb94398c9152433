//! The commands of the plugin, which `guest-js/event-source.js` calls.

use crate::{
    error::Error,
    message::{Init, Message},
    open::OpenSources,
    scope::{self, Entry},
};
use tauri::{
    Runtime, State, Url, Webview,
    ipc::{Channel, CommandScope, GlobalScope},
};

/// Opens a source, and gives the number to close it by.
// It is async as it then runs in the runtime that the source needs.
#[tauri::command]
pub(crate) async fn open<R: Runtime>(
    webview: Webview<R>,
    sources: State<'_, OpenSources>,
    command: CommandScope<Entry>,
    global: GlobalScope<Entry>,
    url: Url,
    options: Init,
    channel: Channel<Message>,
) -> Result<u32, Error> {
    if !scope::allows(&url, &command, &global) {
        return Err(Error::NotAllowed(url));
    }
    sources.open(webview.label(), &url, &options, channel)
}

/// Closes a source of the window. One that is closed already, or is another window's, is none.
#[tauri::command]
pub(crate) fn close<R: Runtime>(webview: Webview<R>, sources: State<'_, OpenSources>, id: u32) {
    sources.close(webview.label(), id);
}
