//! One stream of a connection, from its request to its end.

use crate::attempt::{Answer, Attempt, AttemptFailure};
use bytes::Bytes;
use leptos_sse_client::machine::Lost;
use leptos_sse_core::protocol::EventStream;
use std::{
    future::Future,
    pin::{Pin, pin},
    task::{Context, Poll},
};

/// How much is read before it is looked whether somebody has too much to read.
const SLICE: usize = 16 << 10;

pub(super) struct NativeStream {
    pub(super) number: u64,
    /// Whether an event of it was told.
    pub(super) has_told: bool,
    pub(super) events: EventStream,
    /// What was received and not yet read.
    rest: Bytes,
    phase: Phase,
}

enum Phase {
    Opening(Pin<Box<dyn Future<Output = Result<Answer, AttemptFailure>> + Send>>),
    Open(Answer),
}

/// What becomes of a stream.
pub(super) enum Report {
    /// The server answers with events.
    Opened,
    /// What comes next of it.
    Bytes(Bytes),
    Lost(Lost),
}

impl NativeStream {
    pub(super) fn new(number: u64, attempt: Attempt, request: http::Request<Bytes>) -> Self {
        Self {
            number,
            has_told: false,
            events: EventStream::default(),
            rest: Bytes::new(),
            phase: Phase::Opening(Box::pin(async move { attempt.open(request).await })),
        }
    }

    /// In slices, when somebody might have too much to read in the middle of what has come.
    pub(super) fn poll(&mut self, in_slices: bool, cx: &mut Context<'_>) -> Poll<Report> {
        if self.rest.is_empty() {
            let answer = match &mut self.phase {
                Phase::Open(answer) => answer,
                Phase::Opening(opening) => {
                    return opening.as_mut().poll(cx).map(|answer| match answer {
                        Ok(answer) => {
                            self.phase = Phase::Open(answer);
                            Report::Opened
                        }
                        Err(failure) => Report::Lost(lost(&failure)),
                    });
                }
            };
            match std::task::ready!(pin!(answer.next()).poll(cx)) {
                Some(Ok(bytes)) => self.rest = bytes,
                Some(Err(failure)) => return Poll::Ready(Report::Lost(lost(&failure))),
                None => return Poll::Ready(Report::Lost(Lost::Ended)),
            }
        }
        let len = if in_slices { self.rest.len().min(SLICE) } else { self.rest.len() };
        Poll::Ready(Report::Bytes(self.rest.split_to(len)))
    }
}

fn lost(failure: &AttemptFailure) -> Lost {
    match failure {
        AttemptFailure::Network(_) => {
            tracing::debug!("leptos_sse: {failure}");
            Lost::Ended
        }
        AttemptFailure::NoContent => Lost::NoContent,
        AttemptFailure::Refused { status, retry_after } => Lost::Refused { status: *status, retry_after: *retry_after },
    }
}
