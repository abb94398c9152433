//! What the page, the user and the server's answers do to a connection.

use super::*;

const REFUSED: Lost = Lost::Refused { status: 401, retry_after: None };

fn refused(status: u16, next: Option<f64>) -> SseStatus {
    SseStatus::Refused { status, next: next.map(secs) }
}

fn paced(pace: Pace) -> World {
    let mut world = World { machine: Machine::new(pace), now: Duration::ZERO };
    world.on(Input::Used);
    world.next();
    world.on(Input::Opened);
    world.on(Input::Heard);
    world
}

fn closing_after_a_minute() -> World {
    paced(Pace { close_when_hidden: Some(secs(60.0)), ..Pace::default() })
}

#[test]
fn a_refusal_is_shown_with_its_status_and_asked_again_with_waits_that_grow() {
    let mut world = World::used();
    for wait in [0.5, 1.0, 2.0] {
        assert_eq!(world.on(Input::Failed(REFUSED)), Action::Close);
        assert_eq!(world.status(), refused(401, Some(wait)));
        assert_eq!(world.next(), (secs(wait), Action::Open));
        assert_eq!(world.status(), refused(401, None));
    }
    world.on(Input::Opened);
    assert_eq!(world.status(), SseStatus::Open);
    world.on(Input::Failed(Lost::Ended));
    assert_eq!(world.status(), reconnecting(4, Some(4.0)), "the refusal is of the past");
}

#[test]
fn a_refusal_that_a_probe_found_is_shown_until_it_is_none_any_more() {
    let mut world = World::used();
    world.on(Input::Failed(Lost::Unexplained));
    assert_eq!(world.status(), reconnecting(1, Some(0.5)), "why is not known yet");
    world.next();
    assert_eq!(world.on(Input::Probed(Err(REFUSED))), Action::Close);
    assert_eq!(world.status(), refused(401, Some(1.0)));
    assert_eq!(world.next(), (secs(1.0), Action::Probe));
    assert_eq!(world.status(), refused(401, None));
    world.on(Input::Probed(Err(Lost::Ended)));
    assert_eq!(world.status(), reconnecting(3, Some(2.0)), "the server is away");
}

#[test]
fn a_server_that_says_when_to_come_again_is_believed_within_bounds() {
    let mut world = World::used();
    world.on(Input::Failed(Lost::Refused { status: 503, retry_after: Some(secs(20.0)) }));
    assert_eq!(world.next(), (secs(20.5), Action::Open));
    world.on(Input::Failed(Lost::Refused { status: 503, retry_after: Some(Duration::MAX) }));
    assert_eq!(world.next(), (MAX_RETRY_AFTER + secs(1.0), Action::Open));
}

#[test]
fn no_content_for_a_stream_that_tells_its_status_stops_at_once() {
    let mut world = World::used();
    assert_eq!(world.on(Input::Failed(Lost::NoContent)), Action::Close);
    assert_eq!(world.status(), SseStatus::Closed(SseClosed::NoContent));
    assert_eq!(world.on(Input::Reconnect), Action::Open, "but who has a new login may ask again");
}

#[test]
fn who_has_a_new_login_does_not_wait() {
    let mut world = World::used();
    world.on(Input::Failed(REFUSED));
    assert_eq!(world.on(Input::Reconnect), Action::Open);
    assert_eq!(world.status(), SseStatus::Connecting);
    world.on(Input::Opened);
    assert_eq!(world.on(Input::Reconnect), Action::Open, "what is open is of the old one");
    assert_eq!(world.status(), SseStatus::Connecting);

    let mut unused = World::new();
    assert_eq!(unused.on(Input::Reconnect), Action::Nothing);
    unused.on(Input::Used);
    assert_eq!(unused.on(Input::Reconnect), Action::Nothing, "it is about to be opened");

    let mut frozen = World::open();
    frozen.on(Input::Frozen);
    assert_eq!(frozen.on(Input::Reconnect), Action::Nothing, "a page in the cache has no connection");
    assert_eq!(frozen.on(Input::Revived), Action::Open);
}

#[test]
fn a_stream_that_ends_by_itself_is_ours_to_open_again() {
    let mut world = World::open();
    assert_eq!(world.on(Input::Failed(Lost::Ended)), Action::Close);
    assert_eq!(world.next(), (secs(0.5), Action::Open));
}

#[test]
fn a_page_out_of_sight_keeps_its_connection_unless_that_is_asked_for() {
    let mut world = World::open();
    world.on(Input::Heard);
    world.on(Input::Hidden);
    assert_eq!(world.machine.deadline(), None);
}

#[test]
fn a_page_out_of_sight_for_long_has_no_connection_until_it_is_seen() {
    let mut world = closing_after_a_minute();
    world.on(Input::Hidden);
    assert_eq!(world.after(secs(30.0), Input::Hidden), Action::Nothing, "it counts from the first");
    assert_eq!(world.next(), (secs(30.0), Action::Close));
    assert_eq!(world.status(), SseStatus::Closed(SseClosed::Hidden));
    for input in [Input::Revived, Input::Tick, Input::Reconnect] {
        assert_eq!(world.after(secs(60.0), input), Action::Nothing, "{input:?}");
        assert_eq!(world.machine.deadline(), None);
    }
    assert_eq!(world.on(Input::Visible), Action::Open);
    assert_eq!(world.status(), SseStatus::Connecting, "nothing has failed");
}

#[test]
fn a_page_that_is_seen_in_time_keeps_its_connection() {
    let mut world = closing_after_a_minute();
    world.on(Input::Hidden);
    assert_eq!(world.after(secs(59.0), Input::Visible), Action::Nothing);
    assert_eq!(world.machine.deadline(), None);
    assert_eq!(world.after(secs(2.0), Input::Tick), Action::Nothing);
}

#[test]
fn a_page_out_of_sight_does_not_go_on_trying_either() {
    let mut world = closing_after_a_minute();
    world.on(Input::Hidden);
    world.now += secs(59.9);
    world.on(Input::Failed(Lost::Unexplained));
    assert_eq!(world.next(), (secs(0.1), Action::Close));
    assert_eq!(world.status(), SseStatus::Closed(SseClosed::Hidden));
}

#[test]
fn a_page_out_of_sight_that_nobody_uses_is_not_opened_when_it_is_seen() {
    let mut world = closing_after_a_minute();
    world.on(Input::Hidden);
    world.next();
    world.on(Input::Unused);
    assert_eq!(world.status(), SseStatus::Closed(SseClosed::Unused));
    assert_eq!(world.on(Input::Visible), Action::Nothing);

    let mut leaving = closing_after_a_minute();
    leaving.on(Input::Hidden);
    leaving.after(secs(59.5), Input::Unused);
    assert_eq!(leaving.next(), (secs(1.0), Action::Close));
    assert_eq!(leaving.status(), SseStatus::Closed(SseClosed::Unused));
}

#[test]
fn the_bound_of_silence_and_the_moment_for_the_last_user_can_be_set() {
    let mut world = paced(Pace { heartbeat_factor: 4.0, linger: secs(5.0), ..Pace::default() });
    world.on(hello(15.0, 1.0));
    assert_eq!(world.machine.deadline(), Some(secs(60.0)));
    world.on(Input::Unused);
    assert_eq!(world.next(), (secs(5.0), Action::Close));
    let mut endless = paced(Pace { heartbeat_factor: f64::MAX, linger: Duration::MAX, ..Pace::default() });
    endless.on(hello(15.0, 1.0));
    endless.on(Input::Unused);
    assert_eq!(endless.machine.deadline(), Some(Duration::MAX));
}
