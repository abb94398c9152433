//! What the command line asks for.

use crate::child::Kind;
use std::str::FromStr;

/// What is to be measured, and how thoroughly.
#[derive(Clone, Debug)]
pub struct Options {
    pub quick: bool,
    pub connections: Vec<usize>,
    pub servers: Vec<Kind>,
    pub only: Option<Part>,
    pub rounds: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Fanout,
    Set,
    Latency,
    Heap,
    CatchUp,
}

impl Options {
    pub fn parse(arguments: &[String]) -> Result<Self, String> {
        let quick = arguments.iter().any(|argument| argument == "--quick");
        let mut options = Self {
            quick,
            connections: if quick { vec![1, 100, 1_000] } else { vec![1, 100, 1_000, 8_000] },
            servers: vec![Kind::Axum, Kind::Actix],
            only: None,
            rounds: if quick { 5 } else { 15 },
        };
        let mut arguments = arguments.iter();
        while let Some(name) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{name} needs a value"));
            match name.as_str() {
                "--bench" | "--quick" => {}
                "--connections" => options.connections = value()?.split(',').map(number).collect::<Result<_, _>>()?,
                "--server" => options.servers = vec![value()?.parse()?],
                "--only" => options.only = Some(value()?.parse()?),
                "--rounds" => options.rounds = number(value()?)?.max(1),
                _ => return Err(format!("{name} is no option; see the top of benches/fanout/main.rs")),
            }
        }
        Ok(options)
    }
}

impl FromStr for Part {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Ok(match name {
            "fanout" => Self::Fanout,
            "set" => Self::Set,
            "latency" => Self::Latency,
            "heap" => Self::Heap,
            "catch-up" => Self::CatchUp,
            _ => return Err(format!("{name} is nothing that is measured")),
        })
    }
}

fn number(text: &str) -> Result<usize, String> {
    text.replace('_', "").parse().map_err(|_| format!("{text} is no number"))
}
