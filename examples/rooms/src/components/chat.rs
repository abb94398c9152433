//! What is said in a room, and a place to say something.

use std::collections::VecDeque;
use std::sync::Arc;

use leptos::either::{Either, EitherOf3};
use leptos::ev;
use leptos::prelude::*;
use leptos::web_sys::js_sys::Date;
use leptos_sse::use_sse;

use crate::api::say;
use crate::app::Visitor;
use crate::components::avatar::{Avatar, hue};
use crate::model::{Message, Piece, What, chat, name, pieces};

/// A page holds no more messages than the server keeps.
const SHOWN: usize = 200;
/// Within such a time one's next message stands below the one before, without a name.
const BREATH: u64 = 5 * 60 * 1000;

#[component]
pub fn Chat(id: String) -> impl IntoView {
    let feed = use_sse::<Message>().named(chat(&id)).feed();
    let messages = feed.list(SHOWN);
    let gaps = feed.gaps();
    let lines = move || lines(&messages.read());
    let zone = time_zone();

    view! {
        <section class="chat" aria-label="Chat">
            // It scrolls, so the keyboard has to reach it.
            <div class="scroll" tabindex="0" role="region" aria-label="Messages">
                <div>
                    <Show when=move || { gaps.get() > 0 }>
                        <p class="note">"Some messages were missed while you were away."</p>
                    </Show>
                    <ol role="log" aria-live="polite" aria-relevant="additions" data-testid="messages">
                        <For each=lines key=Line::key let:line>
                            <Entry line zone />
                        </For>
                    </ol>
                </div>
            </div>
            <Composer id />
        </section>
    }
}

/// One message, and whether it goes on from the one before.
#[derive(Clone)]
struct Line {
    message: Arc<Message>,
    follows: bool,
}

impl Line {
    fn key(&self) -> (u64, bool) {
        (self.message.number, self.follows)
    }
}

fn lines(messages: &[Arc<Message>]) -> Vec<Line> {
    let before = [None].into_iter().chain(messages.iter().map(Some));
    let pairs = before.zip(messages);
    let line = |(before, message): (Option<&Arc<Message>>, &Arc<Message>)| Line {
        message: message.clone(),
        follows: before.is_some_and(|before| goes_on(before, message)),
    };
    pairs.map(line).collect()
}

fn goes_on(before: &Message, message: &Message) -> bool {
    let both_said = matches!((&before.what, &message.what), (What::Said(_), What::Said(_)));
    both_said && before.by == message.by && message.at < before.at + BREATH
}

#[component]
fn Entry(line: Line, zone: RwSignal<i64>) -> impl IntoView {
    let Line { message, follows } = line;
    let Message { at, by, what, .. } = (*message).clone();
    let time = view! { <time>{move || clock(at, zone.get())}</time> };

    match what {
        What::Said(text) => {
            let said = view! { <p class="text">{said(&text)}</p> };
            let heading = (!follows).then(|| {
                view! {
                    <Avatar name=by.clone() />
                    <p class="by">
                        <b style=("--hue", hue(&by).to_string())>{by.clone()}</b>
                        {time}
                    </p>
                }
            });
            EitherOf3::A(
                view! { <li class="said" class:follows=follows data-testid="message" data-by=by>{heading} {said}</li> },
            )
        }
        What::Topic(topic) => {
            let text = format!("{by} changed the topic to “{topic}”");
            EitherOf3::B(view! { <li class="note" data-testid="note">{text} " " {time}</li> })
        }
        What::Opened => EitherOf3::C(view! { <li class="note" data-testid="note">{by} " made this room " {time}</li> }),
    }
}

/// A text with the names in it set off, one's own most of all.
fn said(text: &str) -> Vec<impl IntoView + use<>> {
    let me = expect_context::<Visitor>().0;
    let view = |piece| match piece {
        Piece::Text(text) => Either::Left(text.to_owned()),
        Piece::Name(written) => {
            let mine = name(&written[1..]) == me;
            Either::Right(view! { <mark class:mine=mine>{written.to_owned()}</mark> })
        }
    };
    pieces(text).into_iter().map(view).collect()
}

#[component]
fn Composer(id: String) -> impl IntoView {
    let draft = RwSignal::new(String::new());
    let objection = RwSignal::new(None);
    // One after the other, as two requests at once could overtake each other.
    let outbox = ArcStoredValue::new(VecDeque::<String>::new());
    let sending = outbox.clone();
    let send = Action::new(move |(): &()| {
        let (id, outbox) = (id.clone(), sending.clone());
        async move {
            while let Some(text) = outbox.try_update_value(VecDeque::pop_front).flatten() {
                objection.set(None);
                if let Err(error) = say(id.clone(), text.clone()).await {
                    objection.set(Some(error.to_string()));
                    // It is not lost, unless something else was written meanwhile.
                    draft.update(|draft| {
                        if draft.is_empty() {
                            *draft = text
                        }
                    });
                }
            }
        }
    });
    let submit = move || {
        let text = draft.get_untracked();
        if text.trim().is_empty() {
            return;
        }
        draft.set(String::new());
        outbox.update_value(|outbox| outbox.push_back(text));
        if !send.pending().get_untracked() {
            send.dispatch(());
        }
    };
    let submit_by_key = submit.clone();

    view! {
        <form
            class="composer"
            on:submit=move |event: ev::SubmitEvent| {
                event.prevent_default();
                submit();
            }
        >
            <textarea
                rows="1"
                maxlength="2000"
                aria-label="Write a message"
                placeholder="Say something, or call @name"
                bind:value=draft
                on:keydown=move |event: ev::KeyboardEvent| {
                    // Enter also chooses a word, where words are composed.
                    if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
                        event.prevent_default();
                        submit_by_key();
                    }
                }
            ></textarea>
            <button class="main">"Send"</button>
            <p class="objection" role="alert">{move || objection.get()}</p>
        </form>
    }
}

/// Minutes that the clock on the wall is ahead of UTC; only the browser knows, so it is 0 at first.
fn time_zone() -> RwSignal<i64> {
    let zone = RwSignal::new(0);
    Effect::new(move |_| zone.set(-Date::new_0().get_timezone_offset() as i64));
    zone
}

/// Hour and minute.
fn clock(at: u64, zone: i64) -> String {
    let minutes = (at as i64 / 60_000 + zone).rem_euclid(24 * 60);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(number: u64, by: &str, what: What) -> Arc<Message> {
        Arc::new(Message { number, at: number * 60_000, by: by.into(), what })
    }

    #[test]
    fn what_one_says_in_a_breath_has_one_heading() {
        let said = || What::Said("hello".into());
        let messages = [
            message(1, "ada", said()),
            message(2, "ada", said()),
            message(3, "grace", said()),
            message(4, "grace", What::Topic("tea".into())),
            message(5, "grace", said()),
            message(12, "grace", said()),
        ];
        let follows: Vec<_> = lines(&messages).iter().map(|line| line.follows).collect();
        assert_eq!(follows, [false, true, false, false, false, false]);
    }

    #[test]
    fn a_clock_shows_the_time_of_its_place() {
        let at = (23 * 60 + 5) * 60_000;
        assert_eq!(clock(at, 0), "23:05");
        assert_eq!(clock(at, 60), "00:05");
        assert_eq!(clock(at, -330), "17:35");
        assert_eq!(clock(0, -1), "23:59");
    }
}
