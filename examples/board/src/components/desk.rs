//! What the page knows beside the board: the card in somebody's hand, and the moves that the server has not told of yet.

use std::collections::VecDeque;
use std::time::Duration;

use leptos::html::Div;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos_sse::store::{ByKey, SseStore};
use reactive_stores::Field;
use web_sys::HtmlElement;

use crate::api::move_card;
use crate::layout::{Direction, Layout, Target};
use crate::model::{Board, BoardStoreFields, COLUMNS, Card, CardStoreFields, Spot};
use crate::rules::Objection;

/// Between two cards side by side, between two of a column, and the height of each, in pixels.
pub const ACROSS: f64 = 28.0;
pub const GAP: f64 = 10.0;
pub const HEIGHT: f64 = 92.0;

/// How long a move is shown that the server has taken, and of which nothing comes: the page is then cut off, and shows what
/// it knows.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Clone, Copy)]
pub struct Desk {
    /// What is shown: the server's order, with the moves that it has not told of and the card in the hand where it would go.
    pub layout: Memo<Layout>,
    pub lifted: RwSignal<Option<Lifted>>,
    /// The card that the Tab key leads to.
    pub current: Memo<Option<u32>>,
    chosen: RwSignal<Option<u32>>,
    /// What the server objected to last.
    pub objection: RwSignal<Option<Objection>>,
    /// For those who cannot see where a card went.
    pub said: RwSignal<String>,
    /// The element that holds all cards.
    pub cards: NodeRef<Div>,
    pending: RwSignal<Vec<Pending>>,
    outbox: StoredValue<VecDeque<Move>>,
    send: Action<(), ()>,
}

/// The card in the hand, by its upper left corner within the cards' element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lifted {
    pub card: u32,
    pub x: f64,
    pub y: f64,
    pub to: Target,
}

#[derive(Clone, Copy)]
struct Move {
    card: u32,
    to: Target,
}

/// The latest move of a card, and where the server put it, once it has answered.
#[derive(Clone, Copy)]
struct Pending {
    step: Move,
    spot: Option<Spot>,
}

impl Desk {
    pub fn new(board: SseStore<Board>) -> Self {
        let truth = Memo::new(move |_| {
            let spot = |card: Field<Card>| Spot { column: card.column().get(), place: card.place().get() };
            board.cards().by_key().map(|card| (card.key(), spot(card.into()))).collect::<Vec<_>>()
        });
        let lifted = RwSignal::new(None::<Lifted>);
        let pending = RwSignal::new(Vec::<Pending>::new());
        let layout = Memo::new(move |_| {
            let layout = Layout::of(&truth.read());
            let layout =
                pending.read().iter().fold(layout, |layout, Pending { step, .. }| layout.with(step.card, step.to));
            match *lifted.read() {
                Some(Lifted { card, to, .. }) => layout.with(card, to),
                None => layout,
            }
        });
        let chosen = RwSignal::new(None);
        let current = Memo::new(move |_| {
            let layout = layout.read();
            chosen.get().filter(|card| layout.slot(*card).is_some()).or(layout.first())
        });
        // One after the other, as two requests at once could overtake each other.
        let outbox = StoredValue::new(VecDeque::<Move>::new());
        let objection = RwSignal::new(None);
        let send = Action::new(move |(): &()| async move {
            while let Some(step) = outbox.try_update_value(VecDeque::pop_front).flatten() {
                let answer = move_card(step.card, step.to.column, step.to.before).await;
                let goes_on = outbox.with_value(|outbox| outbox.iter().any(|next| next.card == step.card));
                match answer {
                    Ok(_) if goes_on => {}
                    Ok(spot) => settle(pending, step.card, spot),
                    Err(refused) => {
                        outbox.update_value(|outbox| outbox.retain(|next| next.card != step.card));
                        pending.update(|pending| pending.retain(|known| known.step.card != step.card));
                        objection.set(Some(refused));
                    }
                }
            }
        });
        // A move is over when the board says the same, or that the card is gone.
        Effect::new(move |_| {
            let truth = truth.read();
            let is_open = |pending: &Pending| match truth.iter().find(|(id, _)| *id == pending.step.card) {
                Some((_, spot)) => pending.spot != Some(*spot),
                None => false,
            };
            if !pending.read().iter().all(is_open) {
                pending.update(|pending| pending.retain(is_open));
            }
        });
        let (said, cards) = (RwSignal::new(String::new()), NodeRef::new());
        Self { layout, lifted, current, chosen, objection, said, cards, pending, outbox, send }
    }

    /// Shows a card elsewhere, and asks the server to put it there. What the server then tells is what stays.
    pub fn shift(&self, card: u32, to: Target) {
        self.objection.set(None);
        let step = Move { card, to };
        self.pending.update(|pending| {
            pending.retain(|known| known.step.card != card);
            pending.push(Pending { step, spot: None });
        });
        self.outbox.update_value(|outbox| outbox.push_back(step));
        if !self.send.pending().get_untracked() {
            self.send.dispatch(());
        }
    }

    /// Moves a card by one step, if there is somewhere to go, and says where it is then.
    pub fn step(&self, card: u32, title: &str, direction: Direction) {
        let Some(to) = self.layout.read_untracked().step(card, direction) else { return };
        self.shift(card, to);
        let layout = self.layout.read_untracked();
        if let Some(slot) = layout.slot(card) {
            let (row, rows) = (slot.row + 1, layout.column(slot.column).len());
            self.said.set(format!("{title}: {}, {row} of {rows}", COLUMNS[slot.column]));
        }
    }

    /// Puts down the card in the hand.
    pub fn put_down(&self) {
        let Some(Lifted { card, to, .. }) = self.lifted.get_untracked() else { return };
        self.lifted.set(None);
        if self.layout.read_untracked().target_of(card) != Some(to) {
            self.shift(card, to);
        }
    }

    /// Makes a card the one that the Tab key leads to.
    pub fn choose(&self, card: u32) {
        self.chosen.set(Some(card));
    }
}

/// Goes to a card by the keyboard.
pub fn focus(card: Option<u32>) {
    let element = card.and_then(|card| document().get_element_by_id(&format!("card-{card}")));
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        _ = element.focus();
    }
}

/// Notes where the server put a card. The board that says so is on its way, or is there already.
fn settle(pending: RwSignal<Vec<Pending>>, card: u32, spot: Spot) {
    let is_it = move |known: &Pending| known.step.card == card;
    pending.update(|pending| pending.iter_mut().filter(|known| is_it(known)).for_each(|known| known.spot = Some(spot)));
    set_timeout(
        move || {
            let is_over = move |known: &Pending| is_it(known) && known.spot == Some(spot);
            pending.try_update(|pending| pending.retain(|known| !is_over(known)));
        },
        PATIENCE,
    );
}
