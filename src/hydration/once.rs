use crate::browser::is_hydrating;
use leptos::{prelude::Owner, task::spawn_local};
use std::sync::Arc;

/// Runs now; on a page that is being hydrated, once the component is hydrated, if `kept` lives then.
///
/// Leptos does not touch a text that it believes to be right, so a component that hydrates has to find what the server rendered.
pub(crate) fn once_hydrated<K: Send + Sync + 'static>(kept: &Arc<K>, run: impl FnOnce(&Arc<K>) + 'static) {
    if !is_hydrating() {
        return run(kept);
    }
    let kept = Arc::downgrade(kept);
    // Weak, as the owner may keep what is kept.
    let owner = Owner::current().map(|owner| owner.downgrade());
    spawn_local(async move {
        let Some(kept) = kept.upgrade() else { return };
        match owner.and_then(|owner| owner.upgrade()) {
            Some(owner) => owner.with(|| run(&kept)),
            None => run(&kept),
        }
    });
}
