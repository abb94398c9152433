//! The dashboard in a window of its own. Its page is the very one that browsers have; this says only how it reaches its server.

// No console beside the window on Windows.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod report;

use std::{env, error::Error};
use tauri::{Url, WebviewUrl, WebviewWindowBuilder};

/// As in `capabilities/default.json`, which allows this one and others of this computer.
const SERVER: &str = "http://127.0.0.1:3001";

fn main() -> Result<(), Box<dyn Error>> {
    let server = Url::parse(&env::var("DESKTOP_SERVER").unwrap_or_else(|_| SERVER.to_owned()))?;
    let mut sse = tauri_plugin_sse::Builder::new();
    if env::var("DESKTOP_VIA").as_deref() != Ok("webview") {
        sse = sse.replace(server.as_str());
    }
    tauri::Builder::default()
        .plugin(sse.build())
        .setup(move |app| {
            let window = WebviewWindowBuilder::new(app, "main", WebviewUrl::default())
                .title("Checksums")
                .inner_size(960.0, 640.0)
                .initialization_script(tell_server(&server))
                .build()?;
            if env::var_os("DESKTOP_REPORT").is_some() {
                report::begin(window);
            }
            Ok(())
        })
        .run(tauri::generate_context!())?;
    Ok(())
}

/// Names the server in the page's `<meta name="server">`, before the page's own script reads it.
fn tell_server(server: &Url) -> String {
    // A URL has neither quotes nor backslashes in it.
    format!(
        r#"document.addEventListener("readystatechange", () => {{
            document.querySelector("meta[name=server]")?.setAttribute("content", "{server}");
        }}, {{ once: true }});"#
    )
}
