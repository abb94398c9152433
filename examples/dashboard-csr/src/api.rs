//! The server functions: all that the page can ask for. What they change comes back to everyone through the hub.

use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::server::jobs::Jobs;

/// Runs a job, or all that neither wait nor run.
#[server(prefix = "/api", endpoint = "run")]
pub async fn run(folder: Option<String>) -> Result<(), ServerFnError> {
    expect_context::<Jobs>().run(folder.as_deref());
    Ok(())
}

#[server(prefix = "/api", endpoint = "cancel")]
pub async fn cancel(folder: String) -> Result<(), ServerFnError> {
    expect_context::<Jobs>().cancel(&folder);
    Ok(())
}
