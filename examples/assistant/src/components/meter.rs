//! What a word costs: the size of each event beside the length of the text that it extends.

use leptos::prelude::*;
use leptos::wasm_bindgen::{JsCast, closure::Closure};
use leptos_sse::{Key, SseContext};
use web_sys::{EventSource, MessageEvent};

use crate::components::samples::{Samples, bytes};
use crate::model::Conversation;

#[component]
pub fn Meter(id: Memo<String>, conversation: ReadSignal<Conversation>) -> impl IntoView {
    let samples = RwSignal::new(Samples::default());
    let sse = expect_context::<SseContext>();
    // Runs in the browser alone; again for another conversation, and when another `EventSource` takes the place of one that
    // was lost. What it returned before is dropped then, and no longer listens.
    Effect::new(move |_| {
        let key = Key::of::<Conversation>().id(id.read().as_str()).ok()?;
        samples.set(Samples::default());
        let name = format!("{{\"name\":\"{key}\",");
        Some(Listener::new(sse.event_source()?, move |data| {
            if data.starts_with(&name) {
                let text = conversation.try_with_untracked(Conversation::answer_len).unwrap_or_default();
                // Else it is a question, an end, or the whole conversation after a connection was lost.
                let is_word = data.contains("\"op\":\"str_ins\"");
                // As it was sent, in UTF-8.
                samples.update(|samples| samples.record(text, data.len(), is_word));
            }
        }))
    });
    let shown = move |what: fn(&Samples) -> usize| {
        move || match what(&samples.read()) {
            0 => "–".to_owned(),
            count => bytes(count),
        }
    };

    view! {
        <aside class="meter" aria-label="What a word costs">
            <dl>
                <div class="event">
                    <dt>"The latest word, as sent"</dt>
                    <dd data-testid="event">{shown(|samples| samples.last)}</dd>
                </div>
                <div class="text">
                    <dt>"The text it was added to"</dt>
                    <dd data-testid="length">{shown(|samples| samples.text)}</dd>
                </div>
                <div>
                    <dt>"All of this answer’s events"</dt>
                    <dd>{shown(|samples| samples.sum)}</dd>
                </div>
                <div>
                    <dt>"The same, had each brought the text"</dt>
                    <dd>{shown(|samples| samples.sum_of_texts)}</dd>
                </div>
            </dl>
            <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
                <path class="text" d=move || samples.read().text_line() />
                <path class="event" d=move || samples.read().event_line() />
            </svg>
            <p class="note">
                "Each event as it came, counted by a listener of the page’s own. The lines have one scale."
            </p>
        </aside>
    }
}

/// A listener for messages of an `EventSource`, for as long as it is kept.
struct Listener {
    source: EventSource,
    closure: Closure<dyn FnMut(MessageEvent)>,
}

impl Listener {
    fn new(source: EventSource, mut heard: impl FnMut(String) + 'static) -> Self {
        let closure = Closure::new(move |event: MessageEvent| {
            if let Some(data) = event.data().as_string() {
                heard(data);
            }
        });
        // Neither this nor its opposite fails for a listener that is a function.
        _ = source.add_event_listener_with_callback("message", closure.as_ref().unchecked_ref());
        Self { source, closure }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        _ = self.source.remove_event_listener_with_callback("message", self.closure.as_ref().unchecked_ref());
    }
}
