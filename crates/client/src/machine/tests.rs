use super::{
    pace::{Backoff, LEAST_BOUND},
    *,
};

const BACKOFF: Backoff = Backoff { base: Duration::from_secs(1), max: Duration::from_secs(30) };
const LINGER: Duration = Duration::from_secs(1);

/// A machine with its clock; every random number is one half, so that a wait is half of its bound.
struct World {
    machine: Machine,
    now: Duration,
}

impl World {
    fn new() -> Self {
        Self { machine: Machine::new(Pace { backoff: BACKOFF, ..Pace::default() }), now: Duration::ZERO }
    }

    /// One whose first user came a turn ago.
    fn used() -> Self {
        let mut world = Self::new();
        assert_eq!(world.on(Input::Used), Action::Nothing);
        assert_eq!(world.next(), (Duration::ZERO, Action::Open));
        world
    }

    fn open() -> Self {
        let mut world = Self::used();
        assert_eq!(world.on(Input::Opened), Action::Nothing);
        assert_eq!(world.status(), SseStatus::Open);
        world
    }

    /// One that is open to a hub, which was heard.
    fn hub() -> Self {
        let mut world = Self::open();
        world.on(Input::Heard);
        world.on(Input::Hello { heartbeat: Some(secs(15.0)), retry: None, whole: true });
        world
    }

    fn on(&mut self, input: Input) -> Action {
        self.machine.on(input, self.now, 0.5)
    }

    fn after(&mut self, time: Duration, input: Input) -> Action {
        self.now += time;
        self.on(input)
    }

    /// Lets time pass until the deadline, and says how long that was and what is to be done then.
    fn next(&mut self) -> (Duration, Action) {
        let deadline = self.machine.deadline().expect("a deadline");
        let wait = deadline.saturating_sub(self.now);
        (wait, self.after(wait, Input::Tick))
    }

    fn status(&self) -> SseStatus {
        self.machine.status()
    }
}

fn secs(secs: f64) -> Duration {
    Duration::from_secs_f64(secs)
}

fn reconnecting(attempt: u32, next: Option<f64>) -> SseStatus {
    SseStatus::Reconnecting { attempt, next: next.map(secs) }
}

fn hello(heartbeat: f64, retry: f64) -> Input {
    Input::Hello { heartbeat: Some(secs(heartbeat)), retry: Some(secs(retry)), whole: false }
}

#[test]
fn nothing_is_opened_before_there_is_a_user() {
    let mut world = World::new();
    for input in [Input::Revived, Input::Visible, Input::Frozen, Input::Tick, Input::Bye, Input::OutOfStep] {
        assert_eq!(world.on(input), Action::Nothing, "{input:?}");
    }
    assert_eq!(world.machine.deadline(), None);
    assert_eq!(world.status(), SseStatus::Connecting);
}

#[test]
fn the_first_drop_is_left_to_the_browser_and_its_success_is_open_again() {
    let mut world = World::open();
    world.on(hello(15.0, 2.0));
    assert_eq!(world.after(secs(60.0), Input::Failed(Lost::BrowserRetries)), Action::Nothing);
    assert_eq!(world.status(), reconnecting(1, Some(2.0)));
    assert_eq!(world.after(secs(2.0), Input::Opened), Action::Nothing);
    assert_eq!(world.status(), SseStatus::Open);
}

#[test]
fn a_second_failure_in_a_row_is_ours_with_waits_that_grow_to_their_bound() {
    let mut world = World::open();
    world.on(Input::Failed(Lost::BrowserRetries));
    assert_eq!(world.on(Input::Failed(Lost::BrowserRetries)), Action::Close);
    let mut waits = Vec::new();
    for _ in 0..8 {
        let (wait, action) = world.next();
        assert_eq!(action, Action::Open);
        waits.push(wait.as_secs_f64());
        assert_eq!(world.on(Input::Failed(Lost::BrowserRetries)), Action::Close);
    }
    assert_eq!(waits, [1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0, 15.0]);
    assert_eq!(world.status(), reconnecting(10, Some(15.0)));
}

#[test]
fn a_connection_that_flaps_is_left_to_the_browser_once() {
    let mut world = World::open();
    assert_eq!(world.after(secs(0.1), Input::Failed(Lost::BrowserRetries)), Action::Nothing);
    for wait in [1.0, 2.0, 4.0] {
        world.on(Input::Opened);
        assert_eq!(world.after(secs(0.1), Input::Failed(Lost::BrowserRetries)), Action::Close);
        assert_eq!(world.next(), (secs(wait), Action::Open));
    }
    world.on(Input::Opened);
    assert_eq!(world.after(STABLE, Input::Failed(Lost::BrowserRetries)), Action::Nothing);
    assert!(matches!(world.status(), SseStatus::Reconnecting { attempt: 1, .. }));
}

#[test]
fn waits_of_nothing_are_no_tight_loop() {
    let hasty = Backoff { base: Duration::ZERO, max: Duration::ZERO };
    assert_eq!(hasty.wait(9, 0.5), LEAST_BOUND / 2);
}

#[test]
fn an_attempt_held_back_by_the_page_is_made_when_it_is_ready() {
    let mut world = World::used();
    assert_eq!(world.on(Input::HeldBack), Action::Nothing);
    assert_eq!(world.status(), SseStatus::Connecting);
    assert_eq!(world.on(Input::Revived), Action::Nothing);
    assert_eq!(world.next(), (HOLD, Action::Open));
}

#[test]
fn the_waits_have_full_jitter_and_survive_any_number_of_attempts() {
    assert_eq!(BACKOFF.wait(3, 0.0), Duration::ZERO);
    assert_eq!(BACKOFF.wait(3, 0.25), secs(1.0));
    assert_eq!(BACKOFF.wait(u32::MAX, 0.999_999_9).as_secs(), 29);
    let endless = Backoff { base: Duration::MAX, max: Duration::MAX };
    assert_eq!(endless.wait(u32::MAX, 1.0), Duration::MAX);
}

#[test]
fn a_response_that_the_browser_gave_up_on_is_probed_for_its_status() {
    let mut world = World::used();
    assert_eq!(world.on(Input::Failed(Lost::Unexplained)), Action::Close);
    assert_eq!(world.status(), reconnecting(1, Some(0.5)));
    assert_eq!(world.next(), (secs(0.5), Action::Probe));
    assert_eq!(world.status(), reconnecting(1, None));
    assert_eq!(world.on(Input::Probed(Err(Lost::Refused { status: 503, retry_after: None }))), Action::Close);
    assert_eq!(world.next(), (secs(1.0), Action::Probe));
    assert_eq!(world.on(Input::Probed(Err(Lost::Ended))), Action::Close);
    assert_eq!(world.next(), (secs(2.0), Action::Probe));
    assert_eq!(world.on(Input::Probed(Ok(()))), Action::Open);
    world.on(Input::Opened);
    assert_eq!(world.status(), SseStatus::Open);
}

#[test]
fn no_content_alone_stops_for_good() {
    let mut world = World::used();
    world.on(Input::Failed(Lost::Unexplained));
    world.next();
    assert_eq!(world.on(Input::Probed(Err(Lost::NoContent))), Action::Close);
    assert_eq!(world.status(), SseStatus::Closed(SseClosed::NoContent));
    let inputs = [Input::Revived, Input::Visible, Input::Unused, Input::Tick, Input::Used];
    for input in inputs.into_iter().chain([Input::Failed(Lost::BrowserRetries)]) {
        assert_eq!(world.after(secs(60.0), input), Action::Nothing, "{input:?}");
        assert_eq!(world.machine.deadline(), None, "{input:?}");
    }
    assert_eq!(world.status(), SseStatus::Closed(SseClosed::NoContent));
}

#[test]
fn two_and_a_half_heartbeats_of_silence_are_a_lost_connection() {
    let mut world = World::open();
    world.on(hello(2.0, 3.0));
    assert_eq!(world.after(secs(4.9), Input::Heard), Action::Nothing);
    assert_eq!(world.after(secs(4.9), Input::Tick), Action::Nothing);
    assert_eq!(world.after(secs(0.1), Input::Tick), Action::Close);
    assert_eq!(world.next(), (secs(0.5), Action::Open));
}

#[test]
fn times_without_measure_are_waited_for_without_a_panic() {
    let mut world = World::open();
    world.on(Input::Hello { heartbeat: Some(Duration::MAX), retry: Some(Duration::MAX), whole: false });
    assert_eq!(world.after(secs(60.0), Input::Tick), Action::Nothing);
    world.on(Input::Failed(Lost::BrowserRetries));
    assert_eq!(world.machine.deadline(), Some(Duration::MAX));
}

#[test]
fn an_event_of_a_source_that_was_closed_changes_nothing() {
    let mut world = World::open();
    world.on(Input::Bye);
    assert_eq!(world.on(Input::Opened), Action::Nothing);
    assert!(matches!(world.status(), SseStatus::Reconnecting { .. }));
}

#[test]
fn an_open_connection_that_brings_nothing_is_given_up() {
    let mut world = World::open();
    assert_eq!(world.next(), (CONNECT_TIMEOUT, Action::Close));
}

#[test]
fn without_a_hello_there_is_no_heartbeat_to_wait_for() {
    let mut world = World::open();
    world.on(Input::Heard);
    assert_eq!(world.machine.deadline(), None);
}

#[test]
fn of_merged_streams_the_slowest_heartbeat_counts_and_a_new_connection_begins_anew() {
    let mut world = World::open();
    world.on(hello(15.0, 1.0));
    world.on(hello(1.0, 1.0));
    assert_eq!(world.machine.deadline(), Some(secs(37.5)));
    world.on(Input::Opened);
    world.on(hello(1.0, 1.0));
    assert_eq!(world.machine.deadline(), Some(secs(2.5)));
}

#[test]
fn an_attempt_that_never_ends_is_given_up() {
    let mut world = World::used();
    assert_eq!(world.next(), (CONNECT_TIMEOUT, Action::Close));
    assert_eq!(world.next(), (secs(0.5), Action::Open));
}

#[test]
fn a_probe_that_never_ends_is_given_up() {
    let mut world = World::used();
    world.on(Input::Failed(Lost::Unexplained));
    assert_eq!(world.next().1, Action::Probe);
    assert_eq!(world.next(), (CONNECT_TIMEOUT, Action::Close));
    // What it brings afterwards belongs to nothing.
    assert_eq!(world.on(Input::Probed(Err(Lost::NoContent))), Action::Nothing);
}

#[test]
fn a_stable_connection_starts_the_waits_anew_and_a_flapping_one_does_not() {
    let mut world = World::open();
    for (up, attempt) in [(1.0, 1), (1.0, 2), (9.0, 3), (10.0, 1), (1.0, 2)] {
        assert_eq!(world.after(secs(up), Input::Bye), Action::Close);
        assert!(matches!(world.status(), SseStatus::Reconnecting { attempt: now, .. } if now == attempt), "{up}");
        world.next();
        world.on(Input::Opened);
    }
}

#[test]
fn a_signal_out_of_step_gets_a_new_connection_after_a_wait() {
    let mut world = World::open();
    assert_eq!(world.on(Input::OutOfStep), Action::Close);
    assert_eq!(world.on(Input::OutOfStep), Action::Nothing, "one reconnect serves all signals");
    assert_eq!(world.next(), (secs(0.5), Action::Open));
}

#[test]
fn the_last_user_leaves_the_connection_open_for_a_moment() {
    let mut world = World::open();
    world.on(Input::Heard);
    world.on(Input::Unused);
    assert_eq!(world.after(LINGER / 2, Input::Used), Action::Nothing);
    assert_eq!(world.machine.deadline(), None);

    world.on(Input::Unused);
    assert_eq!(world.next(), (LINGER, Action::Close));
    assert_eq!(world.status(), SseStatus::Closed(SseClosed::Unused));
    assert_eq!(world.on(Input::Used), Action::Nothing);
    assert_eq!(world.status(), SseStatus::Connecting);
    assert_eq!(world.next(), (Duration::ZERO, Action::Open));
}

#[test]
fn who_comes_and_goes_within_a_moment_opens_nothing() {
    let mut world = World::new();
    world.on(Input::Used);
    world.on(Input::Unused);
    assert_eq!(world.next(), (Duration::ZERO, Action::Nothing));
    assert_eq!(world.after(LINGER / 2, Input::Used), Action::Nothing);
    assert_eq!(world.next(), (Duration::ZERO, Action::Open), "one who stays does");

    let mut left = World::new();
    left.on(Input::Used);
    left.on(Input::Unused);
    left.next();
    assert_eq!(left.next(), (LINGER, Action::Close));
    assert_eq!(left.status(), SseStatus::Closed(SseClosed::Unused));
}

#[test]
fn a_frozen_page_holds_no_connection_and_a_shown_one_has_it_at_once() {
    let mut world = World::open();
    assert_eq!(world.on(Input::Frozen), Action::Close);
    assert_eq!(world.machine.deadline(), None);
    assert_eq!(world.on(Input::Failed(Lost::Unexplained)), Action::Nothing);
    assert_eq!(world.on(Input::Revived), Action::Open);
    assert_eq!(world.status(), SseStatus::Connecting, "nothing has failed");
}

#[test]
fn a_page_on_line_again_does_not_wait() {
    let mut world = World::open();
    world.on(Input::Failed(Lost::Unexplained));
    assert_eq!(world.on(Input::Revived), Action::Open);
    // An open connection may be one of a network that is gone.
    world.on(Input::Opened);
    assert_eq!(world.after(STABLE, Input::Revived), Action::Open);
    assert_eq!(world.status(), reconnecting(1, None));
}

#[test]
fn a_page_seen_again_reconnects_if_it_heard_nothing_for_long() {
    let mut world = World::open();
    world.on(hello(15.0, 1.0));
    assert_eq!(world.after(secs(37.0), Input::Visible), Action::Nothing);
    assert_eq!(world.after(secs(1.0), Input::Visible), Action::Open);

    let mut silent = World::open();
    silent.on(Input::Heard);
    assert_eq!(silent.after(secs(59.0), Input::Visible), Action::Nothing);
    assert_eq!(silent.after(secs(2.0), Input::Visible), Action::Open);
}

#[test]
fn the_unused_and_the_frozen_do_not_come_back_by_themselves() {
    let mut world = World::open();
    world.on(Input::Unused);
    world.next();
    assert_eq!(world.on(Input::Revived), Action::Nothing);
    assert_eq!(world.on(Input::Visible), Action::Nothing);
}

mod keys;
mod page;
