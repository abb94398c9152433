//! The tables of `benches/README.md`: what was counted, beside what was wanted.

use crate::{
    callgrind::Counts,
    table::{Tally, grouped, head, line},
    workloads::{Bytes, Goal},
};

pub struct Row {
    pub name: &'static str,
    pub goal: Goal,
    pub counts: Counts,
}

/// Prints all tables.
pub fn print(rows: &[Row]) {
    println!("\n### The server\n");
    head(&[
        "one update",
        "older crates",
        "ours",
        "fewer",
        "goal",
        "bytes older",
        "bytes ours",
        "goal",
        "passes",
        "goal",
    ]);
    let mut met = Tally::default();
    for Row { name, goal, counts } in rows {
        let fewer = counts.older / counts.ours;
        let passes = counts.ours / counts.pass;
        line(&[
            (*name).to_owned(),
            grouped(counts.older),
            grouped(counts.ours),
            format!("{fewer:.1}×"),
            met.mark(fewer >= goal.server, format!("≥ {}×", goal.server)),
            grouped(counts.older_bytes),
            grouped(counts.our_bytes),
            bytes(&mut met, goal.bytes, counts),
            format!("{passes:.2}"),
            goal.passes.map_or("–".to_owned(), |goal| met.mark(passes <= goal, format!("≤ {goal}"))),
        ]);
    }
    println!("\n### The client, natively\n");
    head(&["one update", "older crates", "ours", "fewer", "goal"]);
    for Row { name, goal, counts } in rows.iter().filter(|row| row.counts.our_client > 0.0) {
        let fewer = counts.older_client / counts.our_client;
        line(&[
            (*name).to_owned(),
            grouped(counts.older_client),
            grouped(counts.our_client),
            format!("{fewer:.1}×"),
            goal.client.map_or("–".to_owned(), |goal| met.mark(fewer >= goal, format!("≥ {goal}×"))),
        ]);
    }
    println!("\n{met}");
}

fn bytes(met: &mut Tally, goal: Bytes, counts: &Counts) -> String {
    // `[{"op":"replace","path":"","value":` and `}]`.
    let replace = counts.json_bytes + 37.0;
    let share = counts.our_bytes / counts.older_bytes;
    match goal {
        Bytes::Share(goal) => met.mark(share <= goal, format!("{} ≤ {}", percent(share), percent(goal))),
        Bytes::Replace => met.mark(counts.our_bytes <= replace, format!("≤ {} of a replace", grouped(replace))),
        Bytes::Nothing => met.mark(counts.our_bytes == 0.0, "nothing".to_owned()),
    }
}

fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent >= 2.0 { format!("{percent:.0} %") } else { format!("{percent:.2} %") }
}
