/// Where a source stands: the browser's `readyState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReadyState {
    /// It has no stream now, and is about to have one.
    Connecting,
    /// It has a stream.
    Open,
    /// It has no stream and will have none: it was closed, or has given up.
    Closed,
}
