//! Logging in and out, and the extractor of those who are logged in.

use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::error::ErrorUnauthorized;
use actix_web::http::header::LOCATION;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use leptos_sse::SseHub;
use rooms::server::house::House;
use rooms::server::sessions::{COOKIE, NoSession, Session, Sessions};
use serde::Deserialize;
use std::future::{Ready, ready};
use std::time::SystemTime;

/// Who is logged in; anyone else is answered with 401.
pub struct LoggedIn(pub Session);

impl FromRequest for LoggedIn {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let sessions = request.app_data::<web::Data<Sessions>>();
        let session = sessions.and_then(|sessions| session(sessions, request));
        ready(session.map(Self).ok_or_else(|| ErrorUnauthorized("not logged in")))
    }
}

/// The session that a request's cookie stands for.
pub fn session(sessions: &Sessions, request: &HttpRequest) -> Option<Session> {
    sessions.find(request.cookie(COOKIE)?.value(), SystemTime::now())
}

#[derive(Deserialize)]
pub struct Login {
    name: String,
}

pub async fn log_in(
    sessions: web::Data<Sessions>,
    hub: web::Data<SseHub>,
    house: web::Data<House>,
    request: HttpRequest,
    form: web::Form<Login>,
) -> HttpResponse {
    match sessions.begin(&form.name, SystemTime::now()) {
        Ok((token, name)) => {
            end(&sessions, &hub, &request);
            house.greet(&name);
            HttpResponse::SeeOther().insert_header((LOCATION, "/")).cookie(cookie(token)).finish()
        }
        Err(NoSession::Name) => see("/login?notice=name"),
        Err(NoSession::Unavailable) => see("/login?notice=unavailable"),
    }
}

pub async fn log_out(sessions: web::Data<Sessions>, hub: web::Data<SseHub>, request: HttpRequest) -> HttpResponse {
    end(&sessions, &hub, &request);
    let mut gone = cookie(String::new());
    gone.make_removal();
    HttpResponse::SeeOther().insert_header((LOCATION, "/login?notice=out")).cookie(gone).finish()
}

fn see(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, address)).finish()
}

/// Ends a session, and with it the streams of all tabs. Another session of the same name comes back by itself.
fn end(sessions: &Sessions, hub: &SseHub, request: &HttpRequest) {
    if let Some(session) = request.cookie(COOKIE).and_then(|cookie| sessions.end(cookie.value())) {
        hub.close_user(&session.name);
    }
}

/// For as long as the browser is open; the server knows when the session expires. `Secure` is left out as a demonstration is
/// served over plain HTTP.
fn cookie(token: String) -> Cookie<'static> {
    Cookie::build(COOKIE, token).path("/").http_only(true).same_site(SameSite::Lax).finish()
}
