//! What stands behind the page: the hub with the board, and who looks at it.

use leptos::prelude::*;
use leptos_sse::SseHub;

use crate::model::{Board, Label, Looking};
use crate::rules::Objection;

/// A hub with a board that has something on it. All is in memory: a restart begins with this one again.
pub fn open() -> SseHub {
    let hub = SseHub::new();
    hub.signal(furnished());
    hub.signal(Looking::default());
    hub
}

/// Changes the board in a server function. Whoever changes it at the same time waits; everyone gets what has changed.
///
/// # Errors
///
/// What the rules object to, which leaves the board as it is.
pub async fn change<R: Send + 'static>(
    change: impl FnMut(&mut Board) -> Result<R, Objection> + Send + 'static,
) -> Result<R, Objection> {
    let hub = use_context::<SseHub>().ok_or_else(|| Objection::Failed("the server gave no hub".into()))?;
    Ok(hub.signal(Board::default()).try_update(change).await?.value)
}

/// Somebody's look at the board: it begins with their stream and ends with it, be it by the browser, the network or the
/// server.
pub struct Look(SseHub);

impl Look {
    pub fn begin(hub: &SseHub) -> Self {
        hub.signal(Looking::default()).update(|looking| looking.count += 1);
        Self(hub.clone())
    }
}

impl Drop for Look {
    fn drop(&mut self) {
        self.0.signal(Looking::default()).update(|looking| looking.count = looking.count.saturating_sub(1));
    }
}

fn furnished() -> Board {
    let cards = [
        (0, "Ask the harbour master about a berth", "Lin", Label::Plain),
        (0, "Mend the tear in the foresail", "Ada", Label::Bug),
        (0, "A shelf for the charts, above the table", "Grace", Label::Feature),
        (0, "Sleep on deck when it is warm?", "", Label::Idea),
        (1, "Paint the hull below the waterline", "Grace", Label::Chore),
        (1, "New lamp at the top of the mast", "Ada", Label::Feature),
        (2, "Find out why the bilge pump stops", "Lin", Label::Bug),
        (2, "Splice the anchor line", "Alan", Label::Chore),
    ];
    let mut board = Board::default();
    for (column, title, who, label) in cards {
        let made = board.add(column, title).and_then(|id| board.edit(id, title, who, label));
        debug_assert_eq!(made, Ok(()), "{title}");
    }
    board
}

#[cfg(test)]
mod tests {
    use super::*;
    use leptos_sse::{Key, SseRequest};

    #[test]
    fn a_look_lasts_as_long_as_its_stream() {
        let hub = open();
        let looking = hub.signal(Looking::default());
        let request =
            || SseRequest::parse(&format!("s={}", Key::of::<Board>()), None).expect("the query is a good one");
        let look = || hub.subscribe(request()).expect("the hub is open").hold(Look::begin(&hub));
        let (one, two) = (look(), look());
        assert_eq!(looking.get().count, 2);
        drop(one);
        assert_eq!(looking.get().count, 1);
        drop(two);
        assert_eq!(looking.get().count, 0);
    }

    #[test]
    fn the_board_begins_with_cards_in_every_column() {
        let board = furnished();
        assert_eq!(board.cards.len(), 8);
        assert!((0..3).all(|column| board.cards.iter().any(|card| card.column == column)));
    }
}
