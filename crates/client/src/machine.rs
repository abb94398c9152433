//! When to connect, to wait and to give up: the life of one connection as a pure state machine.
//!
//! It owns no socket and no clock. Whoever drives it tells it what happened and when, does what it answers, and asks it
//! for the time of its next [`deadline`](Machine::deadline).

mod input;
mod pace;

use super::status::{SseClosed, SseStatus};
pub use input::{Action, Input, KeyChange, Lost};
use leptos_sse_core::protocol::answer::MAX_RETRY_AFTER;
pub use pace::Pace;
use std::time::Duration;

/// How long an attempt may take before it counts as failed.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a stream beside the open one may take to say hello: browsers open but a few connections to one server, and
/// what hangs for want of one shall not hold the page up.
pub const BESIDE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection must have been open for the waits to start from their least again.
const STABLE: Duration = Duration::from_secs(10);
/// How long an attempt is held back before it is tried again.
const HOLD: Duration = Duration::from_millis(10);
/// How long a page may have been out of sight before a connection without heartbeats counts as lost.
const LONG_SLEEP: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nobody has used it yet.
    Unstarted,
    /// Until all of the page's keys are known, and the page is ready.
    HeldBack,
    /// An `EventSource` of ours is connecting.
    Connecting,
    Open {
        since: Duration,
    },
    /// The browser reconnects by itself.
    BrowserRetries,
    /// Until the deadline. `probe`: the browser gave up last time, so learn why before it is asked again.
    Waiting {
        wait: Duration,
        probe: bool,
    },
    Probing,
    /// The page is in the browser's cache of pages.
    Frozen,
    Closed(SseClosed),
}

/// The state of one connection: [`on`](Self::on) takes what happened, and returns what to do.
#[derive(Debug)]
pub struct Machine {
    pace: Pace,
    phase: Phase,
    /// Attempts since the connection was last stable; 0 while all is well.
    attempt: u32,
    /// When the server was last heard.
    heard: Duration,
    /// Whether anything was heard since the connection is open.
    greeted: bool,
    heartbeat: Option<Duration>,
    retry: Option<Duration>,
    /// The end of the phase, where it has one of its own.
    due: Option<Duration>,
    /// The status that the last attempt was refused with.
    refused: Option<u16>,
    /// Since when the page cannot be seen.
    hidden: Option<Duration>,
    /// When to close for want of users.
    linger: Option<Duration>,
    /// Whether a hello spoke for the whole of the open connection: then it is one of a hub, which is opened anew for keys.
    whole: bool,
    /// How the keys differ, and since when.
    change: Option<(KeyChange, Duration)>,
    /// The end of the attempt beside the open connection, while there is one.
    beside: Option<Duration>,
    /// How many attempts beside failed since the keys were last those asked for, and when the next one may be.
    beside_failures: u32,
    not_before: Duration,
    /// Whether one of them was refused.
    is_refused: bool,
}

impl Machine {
    /// A machine that nobody has used yet.
    pub fn new(pace: Pace) -> Self {
        Self {
            pace,
            phase: Phase::Unstarted,
            attempt: 0,
            heard: Duration::ZERO,
            greeted: false,
            heartbeat: None,
            retry: None,
            due: None,
            refused: None,
            hidden: None,
            linger: None,
            whole: false,
            change: None,
            beside: None,
            beside_failures: 0,
            not_before: Duration::ZERO,
            is_refused: false,
        }
    }

    /// Whether the server gives no stream for the current keys, but for those that it serves.
    pub fn is_refused(&self) -> bool {
        self.is_refused
    }

    /// Attempts since the connection was last stable.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The status that the machine is in.
    pub fn status(&self) -> SseStatus {
        match self.phase {
            Phase::Open { .. } => SseStatus::Open,
            Phase::Closed(why) => SseStatus::Closed(why),
            Phase::Waiting { wait, .. } => self.trying(Some(wait)),
            Phase::BrowserRetries => SseStatus::Reconnecting { attempt: self.attempt, next: self.retry },
            _ if self.attempt > 0 => self.trying(None),
            _ => SseStatus::Connecting,
        }
    }

    fn trying(&self, next: Option<Duration>) -> SseStatus {
        match self.refused {
            Some(status) => SseStatus::Refused { status, next },
            None => SseStatus::Reconnecting { attempt: self.attempt, next },
        }
    }

    /// When [`Input::Tick`] has something to do, if ever.
    pub fn deadline(&self) -> Option<Duration> {
        let due = match self.phase {
            Phase::Open { .. } => self.open_until(),
            _ => self.due,
        };
        [due, self.linger, self.hidden_due(), self.change_due()].into_iter().flatten().min()
    }

    /// Takes what happened `now`, a time that never goes back; `random` is in 0..1.
    pub fn on(&mut self, input: Input, now: Duration, random: f64) -> Action {
        match input {
            Input::Used => self.used(now),
            Input::Unused => {
                match self.phase {
                    // Who sees the page again may find nobody who wants it.
                    Phase::Closed(SseClosed::Hidden) => self.phase = Phase::Closed(SseClosed::Unused),
                    Phase::Closed(_) => {}
                    _ => self.linger = Some(now.saturating_add(self.pace.linger)),
                }
                Action::Nothing
            }
            Input::HeldBack => self.held_back(now),
            Input::Opened => self.opened(now),
            Input::Heard => {
                self.heard = now;
                self.greeted = true;
                Action::Nothing
            }
            Input::Hello { heartbeat, retry, whole } => {
                self.whole |= whole;
                // Merged streams each say hello: the slowest heartbeat is one that all of them keep.
                self.heartbeat = self.heartbeat.max(heartbeat);
                self.retry = retry.or(self.retry);
                Action::Nothing
            }
            Input::Keys(change) => {
                if change.is_none() {
                    self.forget_beside_failures();
                }
                // The time of the first change counts, so that changes without an end do not put it off for good.
                if self.change.map(|(kind, _)| kind) != change {
                    self.change = change.map(|kind| (kind, now));
                }
                Action::Nothing
            }
            Input::BesideGreeted => match self.beside.take() {
                Some(_) => {
                    self.greet(now);
                    self.forget_beside_failures();
                    // What differs from the new one's keys is told next: it is dated from now on.
                    self.change = None;
                    Action::Settle
                }
                None => Action::Nothing,
            },
            Input::BesideFailed(lost) => match self.beside {
                Some(_) => self.beside_failed(lost.is_refusal(), now, random),
                None => Action::Nothing,
            },
            Input::Bye | Input::OutOfStep => match self.phase {
                Phase::Open { .. } | Phase::Connecting => self.wait(now, random, false),
                _ => Action::Nothing,
            },
            Input::Failed(lost) => self.failed(lost, now, random),
            Input::Probed(probe) => match (self.phase, probe) {
                (Phase::Probing, Ok(())) => {
                    self.refused = None;
                    self.connect(now)
                }
                (Phase::Probing, Err(lost)) => self.lost(lost, now, random, true),
                _ => Action::Nothing,
            },
            Input::Revived => match self.phase {
                Phase::Unstarted | Phase::HeldBack | Phase::Closed(_) => Action::Nothing,
                Phase::Open { .. } => self.reconnect(now),
                _ => self.connect(now),
            },
            Input::Visible => {
                self.hidden = None;
                self.seen(now)
            }
            Input::Hidden => {
                self.hidden = self.hidden.or(Some(now));
                Action::Nothing
            }
            Input::Reconnect => match self.phase {
                // It is about to be opened, or nobody wants it now.
                Phase::Unstarted | Phase::HeldBack | Phase::Frozen => Action::Nothing,
                Phase::Closed(SseClosed::Unused | SseClosed::Hidden) => Action::Nothing,
                _ => {
                    self.attempt = 0;
                    self.refused = None;
                    // What was refused beside is asked for again, too, once what is served is open.
                    self.not_before = Duration::ZERO;
                    self.connect(now)
                }
            },
            Input::Frozen => match self.phase {
                Phase::Unstarted | Phase::Closed(_) => Action::Nothing,
                _ => {
                    self.forget_attempts_if_stable(now);
                    self.enter(Phase::Frozen, None, Action::Close)
                }
            },
            Input::Tick => self.tick(now, random),
        }
    }

    fn used(&mut self, now: Duration) -> Action {
        self.linger = None;
        match self.phase {
            // The others of this turn of the browser's event loop come with it.
            Phase::Unstarted | Phase::HeldBack | Phase::Closed(SseClosed::Unused) => {
                self.attempt = 0;
                let due = self.due.unwrap_or(now);
                self.enter(Phase::HeldBack, Some(due), Action::Nothing)
            }
            _ => Action::Nothing,
        }
    }

    fn seen(&mut self, now: Duration) -> Action {
        match self.phase {
            Phase::Open { .. } if now.saturating_sub(self.heard) > self.silence_bound().unwrap_or(LONG_SLEEP) => {
                self.reconnect(now)
            }
            Phase::Waiting { .. } | Phase::BrowserRetries => self.connect(now),
            Phase::Closed(SseClosed::Hidden) => {
                self.attempt = 0;
                self.connect(now)
            }
            _ => Action::Nothing,
        }
    }

    fn held_back(&mut self, now: Duration) -> Action {
        let until = now + HOLD;
        if matches!(self.phase, Phase::Open { .. }) {
            // The attempt beside an open connection is one for its keys.
            self.beside = None;
            self.change = self.change.map(|(change, _)| (change, until));
            return Action::Nothing;
        }
        self.enter(Phase::HeldBack, Some(until), Action::Nothing)
    }

    fn opened(&mut self, now: Duration) -> Action {
        match self.phase {
            Phase::Connecting | Phase::BrowserRetries => {
                self.greet(now);
                self.refused = None;
                self.enter(Phase::Open { since: now }, None, Action::Nothing)
            }
            // Another stream has taken its place, without a moment between; the one beside is none of that.
            Phase::Open { .. } => {
                self.greet(now);
                Action::Nothing
            }
            _ => Action::Nothing,
        }
    }

    /// A stream begins: each of its hellos says anew what it keeps.
    fn greet(&mut self, now: Duration) {
        self.heard = now;
        self.greeted = false;
        self.heartbeat = None;
        self.whole = false;
    }

    /// What is open serves its keys, whatever became of an attempt for others: it tells by itself when it is lost.
    fn beside_failed(&mut self, is_refused: bool, now: Duration, random: f64) -> Action {
        self.beside = None;
        self.beside_failures = self.beside_failures.saturating_add(1);
        self.not_before = now.saturating_add(self.pace.backoff.wait(self.beside_failures, random));
        let is_news = is_refused && !self.is_refused;
        self.is_refused |= is_refused;
        Action::CloseBeside { is_news }
    }

    fn forget_beside_failures(&mut self) {
        self.beside_failures = 0;
        self.is_refused = false;
    }

    fn failed(&mut self, lost: Lost, now: Duration, random: f64) -> Action {
        match self.phase {
            // The browser comes back by itself, soon: let it, as it keeps the `EventSource` and its listeners.
            Phase::Open { .. }
                if lost == Lost::BrowserRetries && self.beside.is_none() && self.is_first_failure(now) =>
            {
                self.count_attempt(now);
                let due = now.saturating_add(self.retry.unwrap_or_default()).saturating_add(CONNECT_TIMEOUT);
                self.enter(Phase::BrowserRetries, Some(due), Action::Nothing)
            }
            // Its waits do not grow and have no jitter, so a second failure is ours to handle.
            Phase::Open { .. } | Phase::Connecting | Phase::BrowserRetries => {
                self.lost(lost, now, random, lost == Lost::Unexplained)
            }
            _ => Action::Nothing,
        }
    }

    /// There is no stream any more, or was none. `probe`: only a probe tells what comes of the next attempt.
    fn lost(&mut self, lost: Lost, now: Duration, random: f64, probe: bool) -> Action {
        let least = match lost {
            Lost::NoContent => return self.close(SseClosed::NoContent),
            Lost::Refused { status, retry_after } => {
                self.refused = Some(status);
                retry_after
            }
            // What it is now is not known before the next answer.
            Lost::Unexplained => None,
            Lost::Ended | Lost::BrowserRetries => {
                self.refused = None;
                None
            }
        };
        self.wait_at_least(least.unwrap_or_default().min(MAX_RETRY_AFTER), now, random, probe)
    }

    fn tick(&mut self, now: Duration, random: f64) -> Action {
        if self.linger.is_some_and(|linger| now >= linger) {
            return self.close(SseClosed::Unused);
        }
        if self.hidden_due().is_some_and(|due| now >= due) {
            return self.close(SseClosed::Hidden);
        }
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return Action::Nothing;
        }
        match self.phase {
            // Who came has gone within the moment.
            Phase::HeldBack if self.linger.is_some() => self.enter(Phase::HeldBack, None, Action::Nothing),
            Phase::Open { .. } if self.open_until().is_none_or(|until| now < until) => {
                self.beside = Some(now + BESIDE_TIMEOUT);
                Action::OpenBeside
            }
            Phase::HeldBack | Phase::Waiting { probe: false, .. } => self.connect(now),
            Phase::Waiting { probe: true, .. } => {
                self.enter(Phase::Probing, Some(now + CONNECT_TIMEOUT), Action::Probe)
            }
            Phase::Open { .. } | Phase::Connecting | Phase::BrowserRetries => self.wait(now, random, false),
            Phase::Probing => self.wait(now, random, true),
            Phase::Unstarted | Phase::Frozen | Phase::Closed(_) => Action::Nothing,
        }
    }

    fn connect(&mut self, now: Duration) -> Action {
        self.enter(Phase::Connecting, Some(now + CONNECT_TIMEOUT), Action::Open)
    }

    fn reconnect(&mut self, now: Duration) -> Action {
        self.count_attempt(now);
        self.connect(now)
    }

    fn wait(&mut self, now: Duration, random: f64, probe: bool) -> Action {
        self.wait_at_least(Duration::ZERO, now, random, probe)
    }

    fn wait_at_least(&mut self, least: Duration, now: Duration, random: f64, probe: bool) -> Action {
        self.count_attempt(now);
        let wait = least.saturating_add(self.pace.backoff.wait(self.attempt, random));
        self.enter(Phase::Waiting { wait, probe }, Some(now.saturating_add(wait)), Action::Close)
    }

    fn close(&mut self, why: SseClosed) -> Action {
        self.linger = None;
        self.enter(Phase::Closed(why), None, Action::Close)
    }

    fn count_attempt(&mut self, now: Duration) {
        self.forget_attempts_if_stable(now);
        self.attempt = self.attempt.saturating_add(1);
    }

    fn forget_attempts_if_stable(&mut self, now: Duration) {
        if self.is_stable(now) {
            self.attempt = 0;
        }
    }

    fn is_first_failure(&self, now: Duration) -> bool {
        self.attempt == 0 || self.is_stable(now)
    }

    fn is_stable(&self, now: Duration) -> bool {
        matches!(self.phase, Phase::Open { since } if now.saturating_sub(since) >= STABLE)
    }

    fn enter(&mut self, phase: Phase, due: Option<Duration>, action: Action) -> Action {
        self.phase = phase;
        self.due = due;
        self.beside = None;
        action
    }

    /// When the open connection counts as lost: for its silence, or for that of the one beside it.
    fn open_until(&self) -> Option<Duration> {
        let silence = self.silence_bound().map(|bound| self.heard.saturating_add(bound));
        [silence, self.beside].into_iter().flatten().min()
    }

    /// When to close for want of somebody who sees the page. One that nobody uses closes for that.
    fn hidden_due(&self) -> Option<Duration> {
        let due = self.hidden?.saturating_add(self.pace.close_when_hidden?);
        let is_there = !matches!(self.phase, Phase::Unstarted | Phase::Frozen | Phase::Closed(_));
        (is_there && self.linger.is_none()).then_some(due)
    }

    /// When to open a connection for the keys that have changed.
    fn change_due(&self) -> Option<Duration> {
        let (change, since) = self.change?;
        let is_open = self.whole && self.beside.is_none() && matches!(self.phase, Phase::Open { .. });
        let due = match change {
            KeyChange::Additions => since,
            KeyChange::Removals => since.saturating_add(self.pace.linger),
        };
        is_open.then(|| if self.beside_failures > 0 { due.max(self.not_before) } else { due })
    }

    /// How long the server may be silent: some heartbeats. A stream begins at once, so that one without a first event is
    /// held up somewhere on its way.
    fn silence_bound(&self) -> Option<Duration> {
        match self.heartbeat {
            Some(heartbeat) => {
                let bound = heartbeat.as_secs_f64() * self.pace.heartbeat_factor;
                Some(Duration::try_from_secs_f64(bound).unwrap_or(Duration::MAX))
            }
            None => (!self.greeted).then_some(CONNECT_TIMEOUT),
        }
    }
}

#[cfg(test)]
mod tests;
