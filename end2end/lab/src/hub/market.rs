//! The table, as a test writes it. Each route answers with what a page shall show then.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;

use super::Lab;
use crate::values::{Market, Row};

pub(super) fn routes() -> Router<Lab> {
    Router::new()
        .route("/control/market/fill/{rows}", post(fill))
        .route("/control/market/price/{id}", post(price))
        .route("/control/market/insert/{place}/{id}", post(insert))
        .route("/control/market/remove/{id}", post(remove))
        .route("/control/market/move/{id}/{place}", post(shift))
}

/// So many rows, from the id 0.
async fn fill(State(lab): State<Lab>, Path(rows): Path<u64>) -> String {
    lab.write(move |market| market.rows = (0..rows).map(|id| Row { id, price: 100 }).collect())
}

/// One price goes up by one.
async fn price(State(lab): State<Lab>, Path(id): Path<u64>) -> Result<String, StatusCode> {
    let row = lab.place(id)?;
    Ok(lab.write(move |market| market.rows[row].price += 1))
}

async fn insert(State(lab): State<Lab>, Path((place, id)): Path<(usize, u64)>) -> String {
    lab.write(move |market| market.rows.insert(place.min(market.rows.len()), Row { id, price: 100 }))
}

async fn remove(State(lab): State<Lab>, Path(id): Path<u64>) -> Result<String, StatusCode> {
    let row = lab.place(id)?;
    Ok(lab.write(move |market| _ = market.rows.remove(row)))
}

async fn shift(State(lab): State<Lab>, Path((id, place)): Path<(u64, usize)>) -> Result<String, StatusCode> {
    let row = lab.place(id)?;
    Ok(lab.write(move |market| {
        let row = market.rows.remove(row);
        market.rows.insert(place.min(market.rows.len()), row);
    }))
}

impl Lab {
    fn write(&self, change: impl FnMut(&mut Market) + Send + 'static) -> String {
        let market = self.hub.signal(Market::default());
        market.update(change);
        market.get().to_string()
    }

    /// Where a row is.
    fn place(&self, id: u64) -> Result<usize, StatusCode> {
        let market = self.hub.signal(Market::default()).get();
        market.rows.iter().position(|row| row.id == id).ok_or(StatusCode::NOT_FOUND)
    }
}
