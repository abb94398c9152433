//! Layers that compress do not hold events back.

use super::{
    client::{Events, answer, get},
    server::{Setup, both},
};
use leptos_sse::Key;

#[tokio::test]
async fn a_layer_that_compresses_leaves_the_stream_alone() {
    for server in both(&Setup { compress: true, ..Setup::default() }) {
        let compressed = |path: &str| get(server.url(path)).header("accept-encoding", "gzip, br");
        // Else it would not be tested at all.
        let page = compressed("/page").send().await.unwrap();
        assert_eq!(page.headers()["content-encoding"], "gzip");

        let count = server.hub.signal_for(Key::named("count"), 0);
        let mut events = Events::open(compressed("/sse?s=count")).await;
        let encoding = events.response().headers().get("content-encoding");
        assert!(encoding.is_none_or(|encoding| encoding == "identity"), "{encoding:?}");
        assert_eq!(events.snapshot().await, 0);
        for value in 1..4 {
            count.set(value);
            assert_eq!(events.next().await.data["patch"][0]["value"], value);
        }
        // A refusal is no stream.
        let (status, ..) = answer(compressed("/sse?s=")).await;
        assert_eq!(status, 400);
    }
}
