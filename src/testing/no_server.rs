//! Without the clients that are no browsers there is no server for them.
