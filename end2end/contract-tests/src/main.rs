//! Serves the native `EventSource` to LaunchDarkly's SSE contract tests, on the port that is named or 8000.
//!
//! `cargo run -- 8000`, and beside it `sse-contract-tests --url http://localhost:8000`.

use std::{env, io};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> io::Result<()> {
    let port = match env::args().nth(1) {
        Some(port) => port.parse().map_err(|_| io::Error::other(format!("`{port}` is no port")))?,
        None => 8000,
    };
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}", listener.local_addr()?);
    contract_tests::serve(listener).await
}
