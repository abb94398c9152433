//! The sources that are open, and what becomes of them.

use crate::{
    error::Error,
    message::{Init, Message},
};
use leptos_sse_native::{EventSource, EventSourceOptions, ReadyState};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};
use tauri::{Url, ipc::Channel};

pub(crate) type Options = Box<dyn Fn(&Url) -> EventSourceOptions + Send + Sync>;

/// The open sources of all windows.
pub(crate) struct OpenSources {
    options: Options,
    next_id: AtomicU32,
    held: Held,
}

#[derive(Clone, Default)]
struct Held(Arc<Mutex<HashMap<u32, Open>>>);

struct Open {
    webview: String,
    source: EventSource,
}

impl OpenSources {
    pub(crate) fn new(options: Options) -> Self {
        Self { options, next_id: AtomicU32::new(1), held: Held::default() }
    }

    /// Opens a source for a webview, which is told by `channel` what becomes of it, in order.
    pub(crate) fn open(&self, webview: &str, url: &Url, init: &Init, channel: Channel<Message>) -> Result<u32, Error> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let mut options = (self.options)(url);
        if init.with_credentials {
            options = options.cookies(true);
        }
        let (opened, failed, held) = (channel.clone(), channel.clone(), self.held.clone());
        // The source holds its functions until it is closed, which each way to let go of it does.
        let itself = Arc::new(OnceLock::<EventSource>::new());
        let options = options.on_open(move || tell(&opened, Message::Open));
        let options = options.on_event(move |event| tell(&channel, event.into()));
        let options = options.on_error({
            let itself = itself.clone();
            move |error| match itself.wait().ready_state() {
                ReadyState::Closed => {
                    held.lock().remove(&id);
                    tell(&failed, Message::Closed(error.into()));
                }
                ReadyState::Connecting | ReadyState::Open => tell(&failed, Message::Retry(error.into())),
            }
        });
        let source = EventSource::with_options(url, options)?;
        self.held.lock().insert(id, Open { webview: webview.to_owned(), source: source.clone() });
        // From here on it may be told that it has failed.
        let _ = itself.set(source);
        Ok(id)
    }

    pub(crate) fn close(&self, webview: &str, id: u32) {
        self.held.close(|open, of| of.webview == webview && *open == id);
    }

    pub(crate) fn close_all_of(&self, webview: &str) {
        self.held.close(|_, of| of.webview == webview);
    }
}

impl Held {
    fn close(&self, is_meant: impl Fn(&u32, &Open) -> bool) {
        let closed: Vec<_> = self.lock().extract_if(|id, open| is_meant(id, open)).collect();
        for (_, open) in closed {
            open.source.close();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u32, Open>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A webview that is gone has its sources closed by whoever hears of that: nothing is to be done here.
fn tell(channel: &Channel<Message>, message: Message) {
    let _ = channel.send(message);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::{Read, Write},
        net::TcpListener,
        sync::mpsc::{Receiver, RecvTimeoutError::Disconnected, channel},
        thread,
        time::Duration,
    };
    use tauri::{async_runtime::block_on, ipc::InvokeResponseBody};

    const PATIENCE: Duration = Duration::from_secs(20);

    /// A server that gives each connection this answer, and tells when the other side has gone.
    fn serve(answer: &'static str) -> (Url, Receiver<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/sse", listener.local_addr().unwrap()).parse().unwrap();
        let (gone, is_gone) = channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, gone) = (stream.unwrap(), gone.clone());
                thread::spawn(move || {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        let mut byte = [0];
                        stream.read_exact(&mut byte).unwrap();
                        head.push(byte[0]);
                    }
                    stream.write_all(answer.as_bytes()).unwrap();
                    while stream.read(&mut [0; 1024]).is_ok_and(|read| read > 0) {}
                    gone.send(())
                });
            }
        });
        (url, is_gone)
    }

    const STREAM: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n\
        id: 7\ndata: one\ndata: two\n\nevent: update\ndata: three\n\n";

    fn sources() -> OpenSources {
        OpenSources::new(Box::new(|_| EventSourceOptions::new().max_redirects(0)))
    }

    /// A channel, and what comes through it as JSON.
    fn heard() -> (Channel<Message>, Receiver<serde_json::Value>) {
        let (sender, receiver) = channel();
        let sender = Mutex::new(sender);
        let channel = Channel::new(move |body| {
            let InvokeResponseBody::Json(text) = body else { panic!("it is text") };
            let _ = sender.lock().unwrap().send(serde_json::from_str(&text).unwrap());
            Ok(())
        });
        (channel, receiver)
    }

    fn open(sources: &OpenSources, webview: &str, url: &Url) -> (u32, Receiver<serde_json::Value>) {
        let (channel, heard) = heard();
        let id = block_on(async { sources.open(webview, url, &Init::default(), channel) }).unwrap();
        (id, heard)
    }

    #[test]
    fn a_page_hears_the_events_of_all_names_in_the_words_of_the_script() {
        let (url, is_gone) = serve(STREAM);
        let sources = sources();
        let (id, heard) = open(&sources, "main", &url);
        let origin = url.origin().ascii_serialization();
        let wanted = [
            serde_json::json!({ "kind": "open" }),
            serde_json::json!({ "kind": "event", "event": "message", "data": "one\ntwo", "lastEventId": "7", "origin": origin }),
            serde_json::json!({ "kind": "event", "event": "update", "data": "three", "lastEventId": "7", "origin": origin }),
        ];
        assert_eq!(wanted.each_ref().map(|_| heard.recv_timeout(PATIENCE).unwrap()), wanted);

        sources.close("another", id);
        assert_eq!(sources.held.lock().len(), 1, "it is not that window's");
        sources.close("main", id);
        is_gone.recv_timeout(PATIENCE).expect("the connection is closed");
        assert_eq!(heard.recv_timeout(PATIENCE), Err(Disconnected), "the channel is let go of, without a word");
    }

    #[test]
    fn a_refusal_is_told_with_its_status_and_leaves_nothing() {
        let (url, _) = serve("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n");
        let sources = sources();
        let (_, heard) = open(&sources, "main", &url);
        let told = heard.recv_timeout(PATIENCE).unwrap();
        assert_eq!((&told["kind"], &told["code"]), (&"closed".into(), &503.into()), "{told}");
        assert_eq!(heard.recv_timeout(PATIENCE), Err(Disconnected), "the channel is let go of");
        assert_eq!(sources.held.lock().len(), 0);
    }

    /// The page is allowed to open a URL, and not to be sent anywhere from there.
    #[test]
    fn a_redirect_is_a_refusal() {
        let (url, _) = serve("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n");
        let (_, heard) = open(&sources(), "main", &url);
        assert_eq!(heard.recv_timeout(PATIENCE).unwrap()["kind"], "closed");
    }

    #[test]
    fn a_lost_connection_is_tried_again() {
        // It ends where its length says, and its connection is of no use for another request.
        let (url, _) = serve(
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 20\r\nconnection: close\r\n\r\n\
            retry: 1\ndata: one\n\n",
        );
        let sources = sources();
        let (_, heard) = open(&sources, "main", &url);
        let kinds: Vec<_> = (0..6).map(|_| heard.recv_timeout(PATIENCE).unwrap()["kind"].clone()).collect();
        assert_eq!(kinds, ["open", "event", "retry", "open", "event", "retry"]);
    }

    #[test]
    fn a_window_that_is_gone_has_none_of_its_sources_left() {
        let (url, is_gone) = serve(STREAM);
        let sources = sources();
        let held: Vec<_> = ["main", "main", "other"].map(|webview| open(&sources, webview, &url)).into();
        for (_, heard) in &held {
            heard.recv_timeout(PATIENCE).expect("it is open");
        }
        sources.close_all_of("main");
        for _ in 0..2 {
            is_gone.recv_timeout(PATIENCE).expect("one of them is closed");
        }
        assert!(is_gone.recv_timeout(Duration::from_millis(300)).is_err(), "the other window keeps its own");
        assert_eq!(sources.held.lock().len(), 1);
    }
}
