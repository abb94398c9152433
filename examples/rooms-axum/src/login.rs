//! Logging in and out, and the extractor of those who are logged in.

use axum::Form;
use axum::extract::{FromRef, FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Redirect;
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use leptos_sse::SseHub;
use rooms::server::house::House;
use rooms::server::sessions::{COOKIE, NoSession, Session, Sessions};
use serde::Deserialize;
use std::time::SystemTime;

/// Who is logged in; anyone else is answered with 401.
pub struct LoggedIn(pub Session);

impl<S> FromRequestParts<S> for LoggedIn
where
    S: Send + Sync,
    Sessions: FromRef<S>,
{
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, StatusCode> {
        session(&Sessions::from_ref(state), &parts.headers).map(Self).ok_or(StatusCode::UNAUTHORIZED)
    }
}

/// The session that a request's cookie stands for.
pub fn session(sessions: &Sessions, headers: &HeaderMap) -> Option<Session> {
    let jar = CookieJar::from_headers(headers);
    sessions.find(jar.get(COOKIE)?.value(), SystemTime::now())
}

#[derive(Deserialize)]
pub struct Login {
    name: String,
}

pub async fn log_in(
    State(sessions): State<Sessions>,
    State(hub): State<SseHub>,
    State(house): State<House>,
    jar: CookieJar,
    Form(Login { name }): Form<Login>,
) -> (CookieJar, Redirect) {
    match sessions.begin(&name, SystemTime::now()) {
        Ok((token, name)) => {
            let jar = end(&sessions, &hub, jar);
            house.greet(&name);
            (jar.add(cookie(token)), Redirect::to("/"))
        }
        Err(NoSession::Name) => (jar, Redirect::to("/login?notice=name")),
        Err(NoSession::Unavailable) => (jar, Redirect::to("/login?notice=unavailable")),
    }
}

pub async fn log_out(
    State(sessions): State<Sessions>,
    State(hub): State<SseHub>,
    jar: CookieJar,
) -> (CookieJar, Redirect) {
    (end(&sessions, &hub, jar), Redirect::to("/login?notice=out"))
}

/// Ends a session, and with it the streams of all tabs. Another session of the same name comes back by itself.
fn end(sessions: &Sessions, hub: &SseHub, jar: CookieJar) -> CookieJar {
    if let Some(session) = jar.get(COOKIE).and_then(|cookie| sessions.end(cookie.value())) {
        hub.close_user(&session.name);
    }
    jar.remove(cookie(String::new()))
}

/// For as long as the browser is open; the server knows when the session expires. `Secure` is left out as a demonstration is
/// served over plain HTTP.
fn cookie(token: String) -> Cookie<'static> {
    Cookie::build((COOKIE, token)).path("/").http_only(true).same_site(SameSite::Lax).build()
}
