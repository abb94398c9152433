use super::Connection;
use leptos_sse_core::Key;
use std::{any::TypeId, sync::Arc};

/// Keeps a connection, and a key on it, in use until it is dropped.
pub struct User {
    pub(super) connection: Arc<Connection>,
    /// The key, and the type of its subscriber.
    pub(super) followed: Option<(Key, TypeId)>,
}

impl Drop for User {
    fn drop(&mut self) {
        self.connection.leave(self.followed.as_ref());
    }
}
