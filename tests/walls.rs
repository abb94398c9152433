//! The walls between modules hold: what a module must not know, its source does not name.

use std::{
    fs,
    path::{Path, PathBuf},
};

const LEPTOS: &[&str] = &["leptos::", "reactive_graph", "web_sys", "wasm_bindgen", "js_sys"];
const WEB: &[&str] = &["axum", "actix", "hyper", "http::"];

#[test]
fn streams_know_neither_leptos_nor_a_web_framework() {
    for module in ["stream.rs", "channel.rs", "sink.rs"] {
        check(module, &[LEPTOS, WEB].concat());
    }
}

#[test]
fn the_hub_knows_neither_leptos_nor_a_web_framework() {
    check("hub", &[LEPTOS, WEB, &["client::", "cfg(feature", "cfg(target"]].concat());
}

#[test]
fn the_client_knows_no_server() {
    let server = ["leptos_sse_core::diff", "hub::"];
    // One of its transports is no browser's.
    let (native, page): (Vec<_>, Vec<_>) =
        sources(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/client")).into_iter().partition(|file| {
            let place = file.display().to_string();
            place.contains("transport/native")
        });
    check_files(&page, &[WEB, &["tokio", "stream::"], &server].concat());
    check_files(&native, &[LEPTOS, &["axum", "actix"], &server].concat());
}

#[test]
fn clients_that_are_no_browsers_know_neither_leptos_nor_a_server() {
    check("native", &[LEPTOS, &["axum", "actix", "hub::", "cfg(feature", "cfg(target"]].concat());
}

#[test]
fn the_state_machine_and_the_documents_know_no_world() {
    for file in ["machine.rs", "documents.rs", "feeds.rs", "asked.rs", "first.rs"].map(|file| format!("client/{file}"))
    {
        check(&file, &[LEPTOS, &["Instant", "SystemTime", "transport"]].concat());
    }
    check("client/transport/tabs", &[LEPTOS, &["Instant", "SystemTime", "browser", "web_sys"]].concat());
}

#[test]
fn targets_are_named_in_the_transport_and_the_index_alone() {
    for file in sources(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let place = file.display().to_string();
        if !place.contains("transport") && !place.ends_with("src/lib.rs") {
            assert!(!code(&file).contains("target_arch"), "{place} names a target");
        }
    }
}

fn check(module: &str, forbidden: &[&str]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(module);
    let files = sources(root);
    assert!(!files.is_empty(), "{module} is not where it was");
    check_files(&files, forbidden);
}

fn check_files(files: &[PathBuf], forbidden: &[&str]) {
    for file in files {
        let code = code(file);
        for word in forbidden {
            assert!(!code.contains(word), "{} names `{word}`", file.display());
        }
    }
}

fn sources(root: PathBuf) -> Vec<PathBuf> {
    if root.is_file() {
        return vec![root];
    }
    fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_stem().is_some_and(|name| name != "tests"))
        .flat_map(sources)
        .collect()
}

/// The code of a file: without its tests, and without comments, which may name anything.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let code = text.split("#[cfg(test)]\nmod").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n"));
    lines.collect::<String>().replace("leptos_sse::", "").replace("leptos_sse:", "")
}
