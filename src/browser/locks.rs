//! Locks that the tabs of one origin share (the Web Locks API), which a tab holds until it releases it or is gone.

use js_sys::{Function, Object, Promise, Reflect};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::AbortController;

// `web-sys` has it among what is unstable.
#[wasm_bindgen]
extern "C" {
    type LockManager;

    #[wasm_bindgen(method, catch)]
    fn request(this: &LockManager, name: &str, options: &Object, callback: &Function) -> Result<Promise, JsValue>;
}

/// What became of a request for a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LockOutcome {
    Granted,
    /// Another tab has stolen it.
    Stolen,
    /// The browser gives none to this page.
    Refused,
}

/// A lock, or a wait for it; both end when it is dropped.
pub(super) struct Lock {
    /// Releases the lock.
    release: Function,
    is_dropped: Rc<Cell<bool>>,
    abort: Option<AbortController>,
    _callback: Closure<dyn FnMut(JsValue) -> JsValue>,
}

/// Whether there are locks: only in secure contexts.
pub(super) fn are_there() -> bool {
    manager().is_some()
}

impl Lock {
    /// Requests a lock. `steals`: takes it from the tab that has it. Calls `on_outcome`, but not within this call.
    pub(super) fn request(name: &str, steals: bool, on_outcome: impl Fn(LockOutcome) + 'static) -> Option<Self> {
        let manager = manager()?;
        let options = Object::new();
        // A request that steals has nothing to wait for.
        let abort = if steals { None } else { AbortController::new().ok() };
        let signal = abort.as_ref().map(AbortController::signal);
        if steals {
            Reflect::set(&options, &"steal".into(), &JsValue::TRUE).ok()?;
        }
        if let Some(signal) = signal {
            Reflect::set(&options, &"signal".into(), &signal).ok()?;
        }
        // "The lock is held until the promise that the callback returns is settled" (Web Locks, 3.2).
        let release = Rc::new(RefCell::new(None));
        let held = Promise::new(&mut |resolve, _| drop(release.replace(Some(resolve))));
        let release = release.take()?;
        let (is_granted, is_dropped) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
        let tell = Rc::new({
            let is_dropped = is_dropped.clone();
            move |outcome| {
                if !is_dropped.get() {
                    on_outcome(outcome);
                }
            }
        });
        let callback = Closure::<dyn FnMut(JsValue) -> JsValue>::new({
            let (tell, is_granted) = (tell.clone(), is_granted.clone());
            move |_| {
                is_granted.set(true);
                let tell = tell.clone();
                spawn_local(async move { tell(LockOutcome::Granted) });
                held.clone().into()
            }
        });
        let ended = manager.request(name, &options, callback.as_ref().unchecked_ref()).ok()?;
        spawn_local(async move {
            if JsFuture::from(ended).await.is_err() {
                tell(if is_granted.get() { LockOutcome::Stolen } else { LockOutcome::Refused });
            }
        });
        Some(Self { release, is_dropped, abort, _callback: callback })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.is_dropped.set(true);
        let _ = self.release.call0(&JsValue::UNDEFINED);
        if let Some(abort) = &self.abort {
            abort.abort();
        }
    }
}

fn manager() -> Option<LockManager> {
    let navigator = web_sys::window().map(|window| Reflect::get(&window, &"navigator".into()))?.ok()?;
    let locks = Reflect::get(&navigator, &"locks".into()).ok()?;
    locks.is_object().then(|| locks.unchecked_into())
}
