//! What stands behind the page: the teas, and the hub with what changes of them.

use std::time::Duration;

use leptos::prelude::*;
use leptos_sse::{Key, SseHub};

use crate::model::{Objection, Offer, Till, Visitors};

/// What does not change of a tea: only the server knows it, and writes it as HTML.
pub struct Tea {
    pub id: &'static str,
    pub name: &'static str,
    pub origin: &'static str,
    pub text: &'static str,
    /// The colour in the cup.
    pub colour: &'static str,
    offer: Offer,
}

pub const TEAS: [Tea; 4] = [
    Tea {
        id: "sencha",
        name: "Sencha",
        origin: "Uji, Japan",
        text: "Steamed within the hour of its picking, and rolled into dark needles. Cool the water before you pour: at seventy \
            degrees it is sweet, at ninety it is sulking.",
        colour: "#c9cf6a",
        offer: Offer { cents: 1_240, left: 14 },
    },
    Tea {
        id: "darjeeling",
        name: "Darjeeling, first flush",
        origin: "Makaibari, India",
        text: "The first leaves after the winter, light and a little green at the edges. Three minutes, and no milk, please.",
        colour: "#e0a24a",
        offer: Offer { cents: 1_890, left: 5 },
    },
    Tea {
        id: "oolong",
        name: "Iron Goddess",
        origin: "Anxi, China",
        text: "Half way between green and black, in tight little balls that open over seven infusions. The fourth is the best.",
        colour: "#d8b45c",
        offer: Offer { cents: 2_150, left: 9 },
    },
    Tea {
        id: "assam",
        name: "Assam",
        origin: "Jorhat, India",
        text: "Strong enough to stand the spoon in, malty, and patient with milk. For mornings that begin before they should.",
        colour: "#9c4a26",
        offer: Offer { cents: 860, left: 22 },
    },
];

/// Between two changes of a price.
const TRADE: Duration = Duration::from_millis(1_500);
/// After so many of them an empty shelf is full again.
const DELIVERY: u32 = 20;
const PACKETS: u32 = 12;

/// A hub with an offer for each tea. All is in memory: a restart begins with the same ones.
pub fn open() -> SseHub {
    let hub = SseHub::new();
    for tea in &TEAS {
        hub.signal_for(tea.id, tea.offer.clone());
    }
    hub.signal(Visitors::default());
    hub.signal(Till::default());
    hub
}

/// Changes the prices, one after the other, for as long as the server runs.
pub async fn trade(hub: SseHub) {
    let mut dice = 0x2545_F491_u32;
    for turn in 1_u32.. {
        tokio::time::sleep(TRADE).await;
        // Xorshift: nobody has to guess it, it only has to look alive.
        dice ^= dice << 13;
        dice ^= dice >> 17;
        dice ^= dice << 5;
        let tea = &TEAS[dice as usize % TEAS.len()];
        let step = 5 + dice / 64 % 30;
        hub.signal_for(tea.id, tea.offer.clone()).update(move |offer| {
            let usual = tea.offer.cents;
            let is_dear = offer.cents > usual + usual / 10;
            let is_cheap = offer.cents < usual - usual / 10;
            let goes_up = if is_dear || is_cheap { is_cheap } else { dice & 1 == 0 };
            offer.cents = if goes_up { offer.cents + step } else { offer.cents - step };
        });
        if turn.is_multiple_of(DELIVERY) {
            deliver(&hub);
        }
    }
}

fn deliver(hub: &SseHub) {
    for tea in &TEAS {
        hub.signal_for(tea.id, tea.offer.clone()).update(move |offer| {
            if offer.left == 0 {
                offer.left = PACKETS;
            }
        });
    }
}

/// Sells one packet, in a server function.
///
/// # Errors
///
/// When there is no such tea, or nothing is left of it.
pub async fn sell(id: &str) -> Result<(), Objection> {
    let hub = use_context::<SseHub>().ok_or_else(|| Objection::Failed("the server gave no hub".into()))?;
    sell_from(&hub, id).await
}

async fn sell_from(hub: &SseHub, id: &str) -> Result<(), Objection> {
    let tea = TEAS.iter().find(|tea| tea.id == id).ok_or(Objection::NoSuchTea)?;
    let take = |offer: &mut Offer| match offer.left.checked_sub(1) {
        Some(left) => {
            offer.left = left;
            Ok(())
        }
        None => Err(Objection::SoldOut),
    };
    // Of two who want the last one, the second finds none: updates take turns.
    hub.signal_for(tea.id, tea.offer.clone()).try_update(take).await?;
    let sold = hub.signal(Till::default()).update(|till| {
        till.sold += 1;
        till.last = tea.name.to_owned();
    });
    sold.await?;
    Ok(())
}

/// Somebody's visit: it begins with a stream that follows the visitors, and ends with it.
pub struct Visit(SseHub);

impl Visit {
    pub fn begin<'a>(hub: &SseHub, keys: impl IntoIterator<Item = &'a Key>) -> Option<Self> {
        let visitors = Key::of::<Visitors>();
        keys.into_iter().any(|key| *key == visitors).then(|| {
            hub.signal(Visitors::default()).update(|visitors| visitors.count += 1);
            Self(hub.clone())
        })
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.0.signal(Visitors::default()).update(|visitors| visitors.count = visitors.count.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_packet_is_sold_twice() {
        let hub = open();
        let offer = hub.signal_for("darjeeling", Offer::default());
        for left in (0..5).rev() {
            assert_eq!(sell_from(&hub, "darjeeling").await, Ok(()));
            assert_eq!(offer.get().left, left);
        }
        assert_eq!(sell_from(&hub, "darjeeling").await, Err(Objection::SoldOut));
        assert_eq!(sell_from(&hub, "coffee").await, Err(Objection::NoSuchTea));
        let till = hub.signal(Till::default()).get();
        assert_eq!((till.sold, till.last.as_str()), (5, "Darjeeling, first flush"));
        deliver(&hub);
        assert_eq!(offer.get().left, PACKETS);
    }

    #[test]
    fn only_a_stream_of_the_page_is_a_visit() {
        let hub = open();
        let visitors = hub.signal(Visitors::default());
        assert!(Visit::begin(&hub, [&Key::of::<Till>()]).is_none());
        let visit = Visit::begin(&hub, [&Key::of::<Till>(), &Key::of::<Visitors>()]);
        assert_eq!(visitors.get().count, 1);
        drop(visit);
        assert_eq!(visitors.get().count, 0);
    }
}
