//! What a log shows of the hub.
