use super::*;

const ADDED: Input = Input::Keys(Some(KeyChange::Additions));
const REMOVED: Input = Input::Keys(Some(KeyChange::Removals));
const SAME: Input = Input::Keys(None);

fn greeted(world: &mut World) {
    assert_eq!(world.on(Input::BesideGreeted), Action::Settle);
    world.on(Input::Heard);
    world.on(Input::Hello { heartbeat: Some(secs(15.0)), retry: None, whole: true });
}

#[test]
fn a_key_that_comes_opens_a_connection_beside_after_a_tick_and_the_status_stays() {
    let mut world = World::hub();
    assert_eq!(world.on(ADDED), Action::Nothing);
    assert_eq!(world.next(), (Duration::ZERO, Action::OpenBeside));
    assert_eq!(world.status(), SseStatus::Open);
    greeted(&mut world);
    world.on(SAME);
    assert_eq!(world.status(), SseStatus::Open);
    assert_eq!(world.next(), (secs(37.5), Action::Close), "the new one is listened to for its heartbeats");
}

#[test]
fn a_key_that_goes_is_let_go_a_second_later() {
    let mut world = World::hub();
    world.on(REMOVED);
    assert_eq!(world.after(LINGER / 2, REMOVED), Action::Nothing);
    assert_eq!(world.next(), (LINGER / 2, Action::OpenBeside), "another one that goes does not put it off");
}

#[test]
fn keys_that_come_and_go_in_one_tick_open_nothing() {
    let mut world = World::hub();
    for input in [REMOVED, ADDED, REMOVED, SAME] {
        world.on(input);
    }
    assert_eq!(world.after(secs(5.0), Input::Tick), Action::Nothing);
    world.on(ADDED);
    world.on(REMOVED);
    assert_eq!(world.next(), (LINGER, Action::OpenBeside), "what is left is one that went");
}

#[test]
fn what_changes_while_one_is_opened_beside_waits_for_its_hello() {
    let mut world = World::hub();
    world.on(ADDED);
    world.next();
    world.on(REMOVED);
    world.on(ADDED);
    assert_eq!(world.after(secs(2.0), Input::Tick), Action::Nothing);
    greeted(&mut world);
    world.on(ADDED);
    assert_eq!(world.next(), (Duration::ZERO, Action::OpenBeside));
}

#[test]
fn a_connection_whose_every_hello_named_a_signal_is_not_opened_for_keys() {
    let mut world = World::open();
    world.on(hello(15.0, 1.0));
    world.on(ADDED);
    assert_eq!(world.after(secs(2.0), Input::Tick), Action::Nothing);
    assert_eq!(world.machine.deadline(), Some(secs(37.5)));
}

#[test]
fn keys_that_changed_between_the_opening_and_the_hello_are_asked_for_after_it() {
    let mut world = World::used();
    world.on(SAME);
    world.now += secs(1.0);
    world.on(ADDED);
    assert_eq!(world.after(secs(1.0), Input::Opened), Action::Nothing);
    assert_eq!(world.after(secs(1.0), Input::Tick), Action::Nothing, "no hello says yet that this is a hub's");
    world.on(Input::Hello { heartbeat: None, retry: None, whole: true });
    assert_eq!(world.on(Input::Tick), Action::OpenBeside);
}

#[test]
fn keys_that_change_while_there_is_no_connection_come_with_the_next_one() {
    let mut world = World::hub();
    world.on(Input::Bye);
    world.on(ADDED);
    assert_eq!(world.next(), (secs(0.5), Action::Open));
}

#[test]
fn a_connection_beside_that_fails_leaves_the_open_one_and_is_tried_again_ever_more_rarely() {
    let mut world = World::hub();
    world.on(ADDED);
    world.next();
    for wait in [0.5, 1.0, 2.0] {
        assert_eq!(world.on(Input::BesideFailed(Lost::BrowserRetries)), Action::CloseBeside { is_news: false });
        assert_eq!(world.status(), SseStatus::Open);
        assert!(!world.machine.is_refused());
        assert_eq!(world.next(), (secs(wait), Action::OpenBeside));
    }
    assert_eq!(world.on(Input::BesideFailed(Lost::Unexplained)), Action::CloseBeside { is_news: true });
    assert!(world.machine.is_refused());
}

/// As when a server shuts down while a page changes its route: the page is told why by the connection that it has.
#[test]
fn a_bye_after_a_connection_beside_has_failed_is_heard() {
    let mut world = World::hub();
    world.on(ADDED);
    world.next();
    world.on(Input::BesideFailed(Lost::BrowserRetries));
    assert_eq!(world.on(Input::Bye), Action::Close);
    assert_eq!(world.status(), reconnecting(1, Some(0.5)));
}

#[test]
fn a_connection_beside_that_is_refused_leaves_the_open_one_and_is_tried_again_ever_more_rarely() {
    let mut world = World::hub();
    world.on(ADDED);
    world.next();
    for (wait, is_news) in [(0.5, true), (1.0, false), (2.0, false)] {
        assert_eq!(world.on(Input::BesideFailed(Lost::Unexplained)), Action::CloseBeside { is_news });
        assert_eq!(world.status(), SseStatus::Open);
        assert_eq!(world.on(Input::BesideGreeted), Action::Nothing, "it is closed");
        world.on(REMOVED);
        world.on(ADDED);
        assert_eq!(world.next(), (secs(wait), Action::OpenBeside), "other changes do not hasten it");
    }
    greeted(&mut world);
    world.on(ADDED);
    world.next();
    assert_eq!(world.on(Input::BesideFailed(Lost::Unexplained)), Action::CloseBeside { is_news: true });
    world.on(SAME);
    world.on(ADDED);
    assert_eq!(world.next(), (Duration::ZERO, Action::OpenBeside), "it is not the one that was refused");
}

#[test]
fn a_connection_beside_that_never_says_hello_is_given_up() {
    let mut world = World::hub();
    world.on(ADDED);
    world.next();
    assert_eq!(world.next(), (BESIDE_TIMEOUT, Action::Close));
    assert_eq!(world.next(), (secs(0.5), Action::Open));
}

#[test]
fn a_connection_that_is_lost_takes_the_one_beside_with_it() {
    for input in [Input::Bye, Input::OutOfStep, Input::Failed(Lost::Unexplained), Input::Frozen] {
        let mut world = World::hub();
        world.on(ADDED);
        world.next();
        assert_eq!(world.on(input), Action::Close, "{input:?}");
        assert_eq!(world.on(Input::BesideFailed(Lost::Unexplained)), Action::Nothing, "{input:?}");
    }
}

/// The browser would mend the one, and the other would be opened as well.
#[test]
fn a_connection_that_the_browser_would_mend_is_ours_while_another_is_beside_it() {
    let mut world = World::hub();
    world.on(ADDED);
    world.next();
    assert_eq!(world.on(Input::Failed(Lost::BrowserRetries)), Action::Close);
    assert_eq!(world.next(), (secs(0.5), Action::Open));
}

#[test]
fn a_page_that_is_not_ready_for_another_connection_gets_it_when_it_is() {
    let mut world = World::hub();
    world.on(ADDED);
    world.next();
    assert_eq!(world.on(Input::HeldBack), Action::Nothing);
    assert_eq!(world.status(), SseStatus::Open);
    assert_eq!(world.next(), (HOLD, Action::OpenBeside));
}

#[test]
fn a_connection_that_moved_on_to_other_keys_is_as_stable_as_it_was() {
    let mut world = World::hub();
    world.on(ADDED);
    world.now += STABLE;
    world.next();
    greeted(&mut world);
    world.on(SAME);
    assert_eq!(world.on(Input::Failed(Lost::BrowserRetries)), Action::Nothing, "a first drop is left to the browser");
}

/// As after a new login, which may be what the keys were refused for.
#[test]
fn keys_that_were_refused_are_asked_for_again_as_soon_as_a_reconnect_is_open() {
    let mut world = World::hub();
    world.on(ADDED);
    for _ in 0..4 {
        world.next();
        world.on(Input::BesideFailed(Lost::Refused { status: 403, retry_after: None }));
    }
    assert_eq!(world.on(Input::Reconnect), Action::Open);
    assert!(world.machine.is_refused(), "what is served is not risked");
    world.on(ADDED);
    world.on(Input::Opened);
    world.on(Input::Heard);
    world.on(Input::Hello { heartbeat: Some(secs(15.0)), retry: None, whole: true });
    assert_eq!(world.next(), (Duration::ZERO, Action::OpenBeside));
    world.on(Input::BesideFailed(Lost::Refused { status: 403, retry_after: None }));
    assert_eq!(world.next(), (secs(8.0), Action::OpenBeside), "the waits grow on");
}
