//! Dragging by a mouse, a pen or a finger.

use leptos::ev;
use leptos::prelude::*;
use leptos::wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement, PointerEvent};

use crate::components::desk::{ACROSS, Desk, GAP, Lifted};
use crate::layout::Raster;

/// A hand that trembles by less than so many pixels has not begun to drag.
const SLACK: f64 = 4.0;

/// How near the edge of the window that is, and how far it scrolls with each movement.
const EDGE: f64 = 36.0;
const PUSH: f64 = 14.0;

/// What can be done on a card without lifting it.
const CONTROLS: &str = "button, input, textarea, select";
/// Where a finger takes a card; elsewhere on it the finger scrolls the page.
const HANDLE: &str = ".handle";

/// The pointer that holds one card.
#[derive(Clone, Copy)]
pub struct Drag {
    card: u32,
    desk: Desk,
    grip: StoredValue<Option<Grip>>,
}

/// Where a pointer went down.
#[derive(Clone, Copy)]
struct Grip {
    pointer: i32,
    /// In the window.
    from: (f64, f64),
    /// Within the card.
    within: (f64, f64),
    raster: Raster,
}

impl Drag {
    pub fn new(card: u32, desk: Desk) -> Self {
        Self { card, desk, grip: StoredValue::new(None) }
    }

    pub fn begin(&self, event: &PointerEvent) {
        let touches = |selector| {
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            target.is_some_and(|target| matches!(target.closest(selector), Ok(Some(_))))
        };
        let is_meant = event.pointer_type() == "mouse" || touches(HANDLE);
        let Some(card) = element(event).filter(|_| event.button() == 0 && is_meant && !touches(CONTROLS)) else {
            return;
        };
        let rect = card.get_bounding_client_rect();
        let from = (f64::from(event.client_x()), f64::from(event.client_y()));
        self.grip.set_value(Some(Grip {
            pointer: event.pointer_id(),
            from,
            within: (from.0 - rect.x(), from.1 - rect.y()),
            raster: Raster { across: rect.width() + ACROSS, down: rect.height() + GAP },
        }));
        // What leaves the card with the pointer comes here all the same. It fails only when the pointer has gone already.
        _ = card.set_pointer_capture(event.pointer_id());
    }

    pub fn go_on(&self, event: &PointerEvent) {
        let Some(grip) = self.grip.get_value().filter(|grip| grip.pointer == event.pointer_id()) else { return };
        let at = (f64::from(event.client_x()), f64::from(event.client_y()));
        if !self.is_lifted() && (at.0 - grip.from.0).hypot(at.1 - grip.from.1) < SLACK {
            return;
        }
        let Some(cards) = self.desk.cards.get_untracked() else { return };
        scroll(&cards, at);
        let origin = cards.get_bounding_client_rect();
        let (x, y) = (at.0 - grip.within.0 - origin.x(), at.1 - grip.within.1 - origin.y());
        let to = self.desk.layout.read_untracked().target(self.card, grip.raster.slot(x, y));
        self.desk.lifted.set(Some(Lifted { card: self.card, x, y, to }));
    }

    pub fn put_down(&self, event: &PointerEvent) {
        if self.take(event.pointer_id()) {
            self.desk.put_down();
        }
    }

    /// The system took the pointer away, as for a scroll: nothing has happened.
    pub fn lose(&self, event: &PointerEvent) {
        if self.take(event.pointer_id()) {
            self.cancel();
        }
    }

    pub fn cancel(&self) {
        self.grip.try_set_value(None);
        if self.is_lifted() {
            self.desk.lifted.set(None);
        }
    }

    fn is_lifted(&self) -> bool {
        // On a page that is just left there is no hand any more.
        self.desk.lifted.try_get_untracked().flatten().is_some_and(|lifted| lifted.card == self.card)
    }

    /// Takes a pointer off the card, and says whether it was on it.
    fn take(&self, pointer: i32) -> bool {
        let is_mine = self.grip.get_value().is_some_and(|grip| grip.pointer == pointer);
        if is_mine {
            self.grip.set_value(None);
        }
        is_mine
    }
}

/// The card that an event is handled for.
fn element(event: &ev::PointerEvent) -> Option<HtmlElement> {
    event.current_target()?.dyn_into().ok()
}

/// Brings what is beyond the edge of the window nearer, when a card is held there.
fn scroll(cards: &Element, at: (f64, f64)) {
    let size = |size: Result<JsValue, JsValue>| size.ok().and_then(|size| size.as_f64()).unwrap_or(f64::MAX);
    let push = |at: f64, size: f64| {
        if at < EDGE {
            -PUSH
        } else if at > size - EDGE {
            PUSH
        } else {
            0.0
        }
    };
    let window = window();
    if let Ok(Some(main)) = cards.closest("main") {
        main.scroll_by_with_x_and_y(push(at.0, size(window.inner_width())), 0.0);
    }
    window.scroll_by_with_x_and_y(0.0, push(at.1, size(window.inner_height())));
}
