/// Tells a page that was built with the server's side alone. A server at the edge is wasm, too, but has no window.
pub(super) fn tell() {
    if web_sys::window().is_some() {
        web_sys::console::error_1(
            &"leptos_sse: this page was built without the feature `hydrate` or `csr` of leptos_sse, so that nothing connects: \
              add `leptos_sse/hydrate` to the feature `hydrate` of your package"
                .into(),
        );
    }
}
