//! What the page shows, as lines on the standard output, and scripts for it, as lines from the standard input: for the test,
//! which has no other eyes and hands.

use std::{io, thread, time::Duration};
use tauri::WebviewWindow;

/// What is looked for, each by the page's own mark.
const LOOK: &str = r#"(() => {
    const marked = (mark) => document.querySelector(`[data-testid="${mark}"]`);
    const text = (mark) => marked(mark)?.textContent ?? "";
    return {
        connection: marked("connection")?.dataset.state ?? "",
        words: text("connection"),
        root: text("root"),
        running: text("running"),
        done: text("done"),
        since: performance.timeOrigin,
    };
})()"#;

const PAUSE: Duration = Duration::from_millis(200);

/// Tells what is there now, again and again, until the window is gone.
pub fn begin(window: WebviewWindow) {
    let page = window.clone();
    thread::spawn(move || io::stdin().lines().map_while(Result::ok).try_for_each(|script| page.eval(script)));
    thread::spawn(move || {
        while window.eval_with_callback(LOOK, |seen| println!("page: {seen}")).is_ok() {
            thread::sleep(PAUSE);
        }
    });
}
