//! Event streams as servers write them, in the parts in which they come.

use bytes::Bytes;

/// One stream.
pub struct Workload {
    pub name: &'static str,
    pub parts: Vec<Bytes>,
    pub len: usize,
    pub events: usize,
}

pub type Make = fn() -> Workload;

/// A packet of a network without jumbo frames.
const PACKET: usize = 1_460;
const KIB: usize = 1_024;

/// The streams, each made when it is asked for.
pub const WORKLOADS: [(&str, Make); 8] = [
    ("small events, packets", || cut("small events, packets", &small("\n"), PACKET)),
    ("small events, 16 KiB", || cut("small events, 16 KiB", &small("\n"), 16 * KIB)),
    ("small events with CRLF, packets", || cut("small events with CRLF, packets", &small("\r\n"), PACKET)),
    ("small events among comments, packets", || cut("small events among comments, packets", &commented(), PACKET)),
    ("events of 1 MiB, 16 KiB", || cut("events of 1 MiB, 16 KiB", &large(), 16 * KIB)),
    ("events of 1 MiB, 64 KiB", || cut("events of 1 MiB, 64 KiB", &large(), 64 * KIB)),
    ("events of 1 MiB in 8,192 lines, 16 KiB", || cut("events of 1 MiB in 8,192 lines, 16 KiB", &lines(), 16 * KIB)),
    ("events of 1 MiB, two thirds Cyrillic, 16 KiB", || {
        cut("events of 1 MiB, two thirds Cyrillic, 16 KiB", &cyrillic(), 16 * KIB)
    }),
];

/// The workload of this name.
pub fn named(name: &str) -> Option<Workload> {
    WORKLOADS.iter().find(|(known, _)| *known == name).map(|(_, make)| make())
}

fn cut(name: &'static str, (text, events): &(String, usize), len: usize) -> Workload {
    let bytes = Bytes::copy_from_slice(text.as_bytes());
    let parts = (0..bytes.len()).step_by(len).map(|at| bytes.slice(at..bytes.len().min(at + len))).collect();
    Workload { name, parts, len: bytes.len(), events: *events }
}

fn small(end: &str) -> (String, usize) {
    const EVENTS: usize = 10_000;
    let event = |n: usize| {
        let price = n * 7_919 % 100_000;
        format!(
            "id: 9f3c.{n}{end}event: quote{end}data: {{\"symbol\":\"ACME\",\"bid\":{price}.25,\"ask\":{price}.75,\"volume\":{volume}}}{end}{end}",
            volume = n * 31 % 1_000_000,
        )
    };
    ((0..EVENTS).map(event).collect(), EVENTS)
}

fn commented() -> (String, usize) {
    const EVENTS: usize = 5_000;
    let event =
        |n: usize| format!(": nothing to say for the last 15 seconds\n\n:\n\nid: {n}\ndata: {{\"value\":{n}}}\n\n");
    ((0..EVENTS).map(event).collect(), EVENTS)
}

/// How many large events a stream has, and how large they are.
const LARGE: usize = 4;
const MIB: usize = 1 << 20;

fn large() -> (String, usize) {
    repeated("{\"name\":\"a name\",\"price\":12.5,\"text\":\"It goes on.\"},")
}

fn cyrillic() -> (String, usize) {
    repeated("{\"имя\":\"название\",\"price\":12.5,\"текст\":\"Так и продолжается.\"},")
}

fn repeated(item: &str) -> (String, usize) {
    let data = item.repeat(MIB / item.len());
    let event = |n: usize| format!("id: {n}\nevent: table\ndata: [{data}0]\n\n");
    ((0..LARGE).map(event).collect(), LARGE)
}

fn lines() -> (String, usize) {
    let line = format!("data: {}\n", "It goes on, a line of 128 bytes. ".repeat(4).get(..121).unwrap_or_default());
    let event = |n: usize| format!("id: {n}\n{}\n", line.repeat(8_192));
    ((0..LARGE).map(event).collect(), LARGE)
}
