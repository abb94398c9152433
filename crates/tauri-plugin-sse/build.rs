//! Makes the permissions of the commands, and the schema by which editors know what a scope is.

/// A URL, or many by a pattern, that windows may open.
#[derive(schemars::JsonSchema)]
struct ScopeEntry {
    /// A pattern of URLs by the standard of that name, <https://urlpattern.spec.whatwg.org>, such as
    /// `https://api.example.com/*`. A query counts only where the pattern has one.
    #[expect(dead_code, reason = "it is there for its schema")]
    url: String,
}

fn main() {
    tauri_plugin::Builder::new(&["open", "close"]).global_scope_schema(schemars::schema_for!(ScopeEntry)).build();
}
