use super::context::{SseContext, use_connection};
use crate::browser::log_error;
use leptos::prelude::{Owner, on_cleanup, use_context};
use leptos::reactive::owner::WeakOwner;
use leptos_sse_client::{
    connection::Connection,
    error::SseErrorReport,
    hooks::{ConnectionEvent, Hooks},
};
use leptos_sse_core::{Error, Key};
use std::sync::Arc;

/// Calls a function with each error of the connection in context, for as long as this component lives.
///
/// It is told of all that is logged as an error: an event that cannot be read, a signal that is out of step, a value that is no
/// `T`, a key that is followed as two types; and of the server's refusal of a key or of the whole connection. What comes of it is
/// taken care of already; it is for those who show or count errors. It is called within the component, whose context it finds;
/// what it reads is not tracked. Without [`provide_sse`](crate::provide_sse) above it is never called, and that is logged.
///
/// ```
/// use leptos::prelude::*;
/// use leptos_sse::on_sse_error;
///
/// #[component]
/// fn Errors() -> impl IntoView {
///     let last = RwSignal::new(String::new());
///     on_sse_error(move |error| last.set(error.to_string()));
///     view! { <p role="alert">{move || last.get()}</p> }
/// }
/// ```
pub fn on_sse_error(on_error: impl Fn(&SseErrorReport) + Send + Sync + 'static) {
    let connection = match use_connection("on_sse_error") {
        Ok(connection) => connection,
        Err(error) => return log_error(format_args!("leptos_sse: {error}")),
    };
    // Weak, as the owner keeps what it is called by.
    let owner = Owner::current().map(|owner| owner.downgrade());
    let call = move |error: &SseErrorReport| {
        if let Some(owner) = owner.as_ref().and_then(WeakOwner::upgrade) {
            owner.with(|| on_error(error));
        }
    };
    let hooks = Hooks { on_error: Some(Arc::new(call)), ..Hooks::default() };
    if let Some(id) = connection.hooks().add(&hooks) {
        let connection = Arc::downgrade(&connection);
        on_cleanup(move || {
            if let Some(connection) = connection.upgrade() {
                connection.hooks().remove(id);
            }
        });
    }
}

/// Logs an error of what a component asked for, and tells the hooks of the connection in context.
pub(super) fn report(key: Option<&Key>, error: &Error) {
    log_error(format_args!("leptos_sse: {error}"));
    tell(key, error);
}

/// The same, for the value that a form starts with.
pub(super) fn report_first(key: &Key, error: &Error) {
    log_first(key, error);
    tell(Some(key), error);
}

/// As [`report`], for the hooks of this connection.
pub(super) fn report_on(connection: &Connection, key: Option<&Key>, error: &Error) {
    log_error(format_args!("leptos_sse: {error}"));
    tell_on(connection, key, error);
}

/// As [`report_first`], for the hooks of this connection.
pub(super) fn report_first_on(connection: &Connection, key: &Key, error: &Error) {
    log_first(key, error);
    tell_on(connection, Some(key), error);
}

fn log_first(key: &Key, error: &Error) {
    log_error(format_args!("leptos_sse: the first value of `{key}`: {error}; it starts without it"));
}

fn tell(key: Option<&Key>, error: &Error) {
    if let Some(context) = use_context::<SseContext>() {
        tell_on(context.connection(), key, error);
    }
}

fn tell_on(connection: &Connection, key: Option<&Key>, error: &Error) {
    connection.emit(ConnectionEvent::Failed(SseErrorReport::new(key, error.clone())));
}
