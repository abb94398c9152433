//! What the tabs tell each other, as text.
//!
//! The first line has words with blanks between them, and what comes after it is data as it is: it needs neither to be
//! escaped nor to be parsed.

use crate::machine::Lost;
use leptos_sse_core::protocol::{Key, SubscribeRequest, event_name};
use std::{fmt::Write, str::Split, time::Duration};

/// One tab's request for a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RequestId {
    /// The tab, by a random number.
    pub(super) tab: u64,
    /// Counts the requests of the tab.
    pub(super) number: u64,
}

/// A request with what is asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TabRequest {
    pub(super) number: u64,
    /// Whether its tab has heard of no stream that serves it.
    pub(super) is_new: bool,
    pub(super) request: SubscribeRequest,
}

/// The time in which one tab leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) tab: u64,
    /// Counts those of the tab.
    pub(super) number: u64,
}

/// What becomes of a stream, or of a request for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamReport<'a> {
    /// The server answers with events.
    Opened,
    /// An event came.
    Event {
        /// The name of the event.
        name: &'a str,
        /// Its data.
        data: &'a str,
    },
    /// There are no events, or no more of them.
    Lost(Lost),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Message {
    /// All requests of a tab, so that the latest message counts, whether the earlier ones arrived or not.
    Requests { tab: u64, follows: Option<Term>, wanted: Vec<TabRequest> },
    /// A tab is gone, and all its requests.
    Gone(u64),
    /// A tab leads from now on: tabs with requests send them to it.
    Leads(Term),
    /// It does not any more.
    Resigns(Term),
    /// The leader has heard of a request.
    Heard(Term, RequestId),
    /// From now on a stream serves these requests, and no other stream does. It may have said `hello`.
    Serves { term: Term, stream: u64, requests: Vec<RequestId>, hello: Option<String> },
    /// A stream has brought an event. `about`: the key that it is about and the seq that it leads to.
    Event { term: Term, stream: u64, name: &'static str, about: About, data: String },
    /// The stream of these requests is lost.
    Lost(Term, Lost, Vec<RequestId>),
}

/// What an event is about, so that nobody needs to read it who does not want it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct About {
    pub(super) key: Option<Key>,
    pub(super) to: Option<u64>,
}

impl Message {
    pub(super) fn write(&self) -> String {
        let mut text = String::new();
        // A `String` takes whatever is written.
        let _ = self.write_to(&mut text);
        text
    }

    fn write_to(&self, text: &mut String) -> std::fmt::Result {
        let term_of = |term: &Term| (term.tab, term.number);
        match self {
            Self::Requests { tab, follows, wanted } => {
                write!(text, "requests {tab}")?;
                if let Some(term) = follows {
                    write!(text, " {} {}", term.tab, term.number)?;
                }
                for TabRequest { number, is_new, request } in wanted {
                    let epoch = request.epoch.as_ref().map_or("-", |epoch| epoch.as_str());
                    let (is_new, edits) = (u8::from(*is_new), u8::from(request.string_edits));
                    write!(text, "\n{number} {is_new} {epoch} {edits} {}", request.keys.len())?;
                    for (key, seq) in &request.keys {
                        text.push('\n');
                        write_seq(text, *seq)?;
                        write!(text, " {key}")?;
                    }
                }
            }
            Self::Gone(tab) => write!(text, "gone {tab}")?,
            Self::Leads(term) => write!(text, "leads {} {}", term.tab, term.number)?,
            Self::Resigns(term) => write!(text, "resigns {} {}", term.tab, term.number)?,
            Self::Heard(term, request) => {
                write!(text, "heard {} {} {} {}", term.tab, term.number, request.tab, request.number)?;
            }
            Self::Serves { term, stream, requests, hello } => {
                let (tab, number) = term_of(term);
                write!(text, "serves {tab} {number} {stream}")?;
                write_requests(text, requests)?;
                if let Some(hello) = hello {
                    write!(text, "\n{hello}")?;
                }
            }
            Self::Event { term, stream, name, about, data } => {
                let (tab, number) = term_of(term);
                write!(text, "event {tab} {number} {stream} {name} ")?;
                write_seq(text, about.to)?;
                if let Some(key) = &about.key {
                    write!(text, " {key}")?;
                }
                write!(text, "\n{data}")?;
            }
            Self::Lost(term, lost, requests) => {
                write!(text, "lost {} {} ", term.tab, term.number)?;
                match lost {
                    Lost::Ended => text.push_str("ended"),
                    Lost::BrowserRetries => text.push_str("retried"),
                    Lost::Unexplained => text.push_str("unexplained"),
                    Lost::NoContent => text.push_str("204"),
                    Lost::Refused { status, retry_after: None } => write!(text, "{status}")?,
                    Lost::Refused { status, retry_after: Some(wait) } => write!(text, "{status}/{}", wait.as_secs())?,
                }
                write_requests(text, requests)?;
            }
        }
        Ok(())
    }

    /// None of what no tab of this version would have written.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (head, data) = text.split_once('\n').map_or((text, None), |(head, data)| (head, Some(data)));
        let mut words = Words(head.split(' '));
        Some(match words.next()? {
            "requests" => {
                let (tab, follows, mut wanted) = (words.number()?, words.term(), Vec::new());
                let mut lines = data.into_iter().flat_map(|data| data.split('\n'));
                while let Some(line) = lines.next() {
                    wanted.push(read_wanted(line, &mut lines)?);
                }
                Self::Requests { tab, follows, wanted }
            }
            "gone" => Self::Gone(words.number()?),
            "leads" => Self::Leads(words.term()?),
            "resigns" => Self::Resigns(words.term()?),
            "heard" => Self::Heard(words.term()?, words.request()?),
            "serves" => {
                let (term, stream) = (words.term()?, words.number()?);
                Self::Serves { term, stream, requests: words.requests()?, hello: data.map(str::to_owned) }
            }
            "event" => {
                let (term, stream) = (words.term()?, words.number()?);
                let name = event_name::known(words.next()?)?;
                let to = read_seq(words.next()?)?;
                // A key may have blanks in it, and comes last.
                let key = head.splitn(7, ' ').nth(6).map(|key| Key::named(key.to_owned())).transpose().ok()?;
                Self::Event { term, stream, name, about: About { key, to }, data: data?.to_owned() }
            }
            "lost" => {
                let term = words.term()?;
                let lost = match words.next()? {
                    "ended" => Lost::Ended,
                    "retried" => Lost::BrowserRetries,
                    "unexplained" => Lost::Unexplained,
                    "204" => Lost::NoContent,
                    refused => {
                        let (status, wait) =
                            refused.split_once('/').map_or((refused, None), |(s, wait)| (s, Some(wait)));
                        let retry_after = wait.map(str::parse).transpose().ok()?.map(Duration::from_secs);
                        Lost::Refused { status: status.parse().ok()?, retry_after }
                    }
                };
                Self::Lost(term, lost, words.requests()?)
            }
            _ => return None,
        })
    }
}

fn write_requests(text: &mut String, requests: &[RequestId]) -> std::fmt::Result {
    requests.iter().try_for_each(|request| write!(text, " {} {}", request.tab, request.number))
}

fn write_seq(text: &mut String, seq: Option<u64>) -> std::fmt::Result {
    match seq {
        Some(seq) => write!(text, "{seq}"),
        None => text.write_str("-"),
    }
}

fn read_seq(text: &str) -> Option<Option<u64>> {
    if text == "-" { Some(None) } else { text.parse().ok().map(Some) }
}

fn read_key(line: &str) -> Option<(Key, Option<u64>)> {
    let (seq, key) = line.split_once(' ')?;
    Some((Key::named(key.to_owned()).ok()?, read_seq(seq)?))
}

fn read_wanted<'t>(head: &'t str, lines: &mut impl Iterator<Item = &'t str>) -> Option<TabRequest> {
    let mut words = Words(head.split(' '));
    let (number, is_new) = (words.number()?, words.next()? == "1");
    let epoch = match words.next()? {
        "-" => None,
        epoch => Some(epoch.parse().ok()?),
    };
    let string_edits = words.next()? == "1";
    let keys = (0..words.number()?).map(|_| read_key(lines.next()?)).collect::<Option<_>>()?;
    Some(TabRequest { number, is_new, request: SubscribeRequest { epoch, keys, string_edits } })
}

struct Words<'t>(Split<'t, char>);

impl<'t> Words<'t> {
    fn next(&mut self) -> Option<&'t str> {
        self.0.next()
    }

    fn number(&mut self) -> Option<u64> {
        self.next()?.parse().ok()
    }

    fn request(&mut self) -> Option<RequestId> {
        Some(RequestId { tab: self.number()?, number: self.number()? })
    }

    fn term(&mut self) -> Option<Term> {
        Some(Term { tab: self.number()?, number: self.number()? })
    }

    fn requests(&mut self) -> Option<Vec<RequestId>> {
        let mut requests = Vec::new();
        while let Some(tab) = self.next() {
            requests.push(RequestId { tab: tab.parse().ok()?, number: self.number()? });
        }
        Some(requests)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &'static str) -> Key {
        Key::named(name).unwrap()
    }

    #[test]
    fn what_is_written_can_be_read() {
        let (request, term) = (RequestId { tab: u64::MAX, number: 7 }, Term { tab: 3, number: 1 });
        let requests = vec![request, RequestId { tab: 1, number: 2 }];
        let keys = vec![(key("a"), Some(41)), (key("Vec<(u8, u8)> of\u{a0}é~7"), None)];
        let subscribe_request = SubscribeRequest { epoch: Some("9f3c".parse().unwrap()), keys, string_edits: true };
        let wanted = |number, request| TabRequest { number, is_new: number == 2, request };
        let about = |key: Option<&'static str>, to| About { key: key.map(self::key), to };
        let event = |name, about, data: &str| Message::Event { term, stream: 9, name, about, data: data.to_owned() };
        let serves = |requests, hello: Option<&str>| Message::Serves {
            term,
            stream: 9,
            requests,
            hello: hello.map(str::to_owned),
        };
        let mut messages = vec![
            Message::Requests { tab: 7, follows: None, wanted: vec![] },
            Message::Requests {
                tab: 7,
                follows: Some(Term { tab: 8, number: 9 }),
                wanted: vec![
                    wanted(1, subscribe_request.clone()),
                    wanted(2, SubscribeRequest::default()),
                    wanted(3, subscribe_request),
                ],
            },
            Message::Gone(5),
            Message::Leads(term),
            Message::Resigns(term),
            Message::Heard(term, request),
            serves(requests.clone(), Some("{\"epoch\":\n\n\"a\"}")),
            serves(vec![], None),
            serves(vec![request], Some("")),
            event("message", about(Some("a b  c"), Some(u64::MAX)), "{}\n\n"),
            event("hb", about(None, None), "9f3c.7"),
            event("bye", about(None, None), ""),
            event("refused", about(Some("a"), None), "ask 1 2"),
        ];
        let refused = |status, retry_after: Option<u64>| Lost::Refused {
            status,
            retry_after: retry_after.map(Duration::from_secs),
        };
        for lost in [
            Lost::Ended,
            Lost::BrowserRetries,
            Lost::Unexplained,
            Lost::NoContent,
            refused(403, None),
            refused(503, Some(7)),
        ] {
            messages.push(Message::Lost(term, lost, requests.clone()));
        }
        messages.push(Message::Lost(term, Lost::Ended, vec![]));
        for message in messages {
            let text = message.write();
            assert_eq!(Message::read(&text), Some(message), "{text}");
        }
    }

    #[test]
    fn what_no_tab_would_have_written_is_passed_over() {
        let bad = [
            "",
            "later 1 2",
            "requests",
            "requests 1\n",
            "requests 1\n2 0 - 1",
            "requests 1\n2 0 - 1 1",
            "requests 1\n2 0 - 1 1\n7",
            "requests 1\n2 0 - 1 1\nx a",
            "requests 1\n2 0 - 1 99999999999999999999",
            "requests 1\n2 0 . 1 0",
            "gone -1",
            "serves 1 2 3 4",
            "serves 1 2",
            "event 1 2 3 hello -",
            "event 1 2 3 surprise -\n",
            "event 1 2 3 message x a\n",
            "lost 1 2 often",
            "lost 1 2 70000",
        ];
        for text in bad {
            assert_eq!(Message::read(text), None, "{text:?}");
        }
    }
}
