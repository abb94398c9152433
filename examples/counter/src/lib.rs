//! What `counter-axum` and `counter-actix` share: the value, the page that follows it and the page's frame.

use leptos::prelude::*;
use leptos_sse::SseStatus;
use serde::{Deserialize, Serialize};

/// The value that the server owns. Its type's name is the name of the signal.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Count {
    pub value: i32,
}

#[component]
pub fn App() -> impl IntoView {
    leptos_sse::provide_sse("/sse").unwrap();
    let count = leptos_sse::create_sse_signal::<Count>();

    view! {
        <main>
            <h1>"Count: " <strong>{move || count.get().value}</strong></h1>
            <Connection/>
        </main>
    }
}

/// The state of the connection, in words and as a colour.
#[component]
fn Connection() -> impl IntoView {
    let status = leptos_sse::use_sse_status();
    let state = move || match status.get() {
        SseStatus::Connecting => "connecting",
        SseStatus::Open => "open",
        SseStatus::Reconnecting { .. } | SseStatus::Refused { .. } => "reconnecting",
        SseStatus::Closed(_) => "closed",
    };
    let words = move || match status.get() {
        SseStatus::Connecting => "connecting".to_owned(),
        SseStatus::Open => "live".to_owned(),
        SseStatus::Reconnecting { attempt, next: None } => format!("reconnecting, attempt {attempt}"),
        SseStatus::Reconnecting { attempt, next: Some(wait) } => {
            format!("reconnecting, attempt {attempt} in {} s", wait.as_secs_f64().ceil())
        }
        SseStatus::Refused { status, .. } => format!("refused with {status}"),
        SseStatus::Closed(why) => format!("closed: {why}"),
    };

    view! { <p class="connection" role="status" data-state=state>{words}</p> }
}

/// The document around the page, as the server writes it.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let style = format!("/{}/{}.css", options.site_pkg_dir, options.output_name);

    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <title>"A count from the server"</title>
                <link rel="icon" href="data:,"/>
                <link id="leptos" rel="stylesheet" href=style/>
                <AutoReload options=options.clone()/>
                <HydrationScripts options/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}
