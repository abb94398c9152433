//! The islands: all of the page that is alive in the browser.
//!
//! Nothing is above an island that could give it a context, so each provides the connection by itself. They ask for the same
//! address, so the page has one connection all the same, and islands that ask for the same signal have one signal.

use leptos::prelude::*;
use leptos_sse::{create_sse_signal, provide_sse, use_sse};

use crate::model::{Objection, Offer, Till, Visitors, price};

#[island]
pub fn Price(tea: String) -> impl IntoView {
    connect();
    let id = format!("price-{tea}");
    let offer = use_sse::<Offer>().id(tea).signal();

    view! { <span class="price" data-testid=id>{move || price(offer.read().cents)}</span> }
}

#[island]
pub fn Stock(tea: String) -> impl IntoView {
    connect();
    let ids = (format!("stock-{tea}"), format!("buy-{tea}"), format!("objection-{tea}"));
    let offer = use_sse::<Offer>().id(tea.clone()).signal();
    let left = move || match offer.read().left {
        0 => "Sold out".to_owned(),
        left => format!("{left} left"),
    };
    let buy = ServerAction::<Buy>::new();
    let objection = move || buy.value().get().and_then(Result::err).map(|objection| objection.to_string());

    view! {
        <div class="stock">
            <span class:few=move || { offer.read().left < 4 } data-testid=ids.0>
                {left}
            </span>
            // A form, so that one can buy before the island is hydrated.
            <ActionForm action=buy>
                <input type="hidden" name="tea" value=tea />
                <button type="submit" data-testid=ids.1 disabled=move || offer.read().left == 0>
                    "Buy one"
                </button>
            </ActionForm>
        </div>
        <p class="objection" role="alert" data-testid=ids.2>
            {objection}
        </p>
    }
}

#[island]
pub fn InTheShop() -> impl IntoView {
    connect();
    let visitors = create_sse_signal::<Visitors>();
    let words = move || match visitors.read().count {
        0 | 1 => "You have the shop to yourself".to_owned(),
        count => format!("{count} people are in the shop"),
    };

    view! { <p class="visitors" data-testid="visitors">{words}</p> }
}

#[island]
pub fn LatestSale() -> impl IntoView {
    connect();
    let till = create_sse_signal::<Till>();
    let words = move || {
        let till = till.read();
        match till.sold {
            0 => "Nothing was sold yet today".to_owned(),
            sold => format!("{sold} sold today, the latest was {}", till.last),
        }
    };

    view! { <p data-testid="till">{words}</p> }
}

/// Takes one packet of a tea from the shelf. What is left then comes to everyone through the hub.
#[server(prefix = "/api", endpoint = "buy")]
pub async fn buy(tea: String) -> Result<(), Objection> {
    crate::shop::sell(&tea).await
}

fn connect() {
    provide_sse("/sse").expect("the address is a valid one");
}
