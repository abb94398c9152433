//! The tables of `benches/README.md`: what was counted, beside what was wanted.

use crate::{
    callgrind::Count,
    table::{Tally, grouped, head, line},
    workloads::{Bytes, Goal},
};

pub struct Row {
    pub name: &'static str,
    pub goal: Goal,
    pub pass: Count,
    pub ours: Count,
    pub older: Count,
    pub our_client: Count,
    pub in_place: Count,
    pub older_client: Count,
}

/// Prints all tables.
pub fn print(rows: &[Row]) {
    let mut met = Tally::default();
    println!("\n### The server, in instructions\n");
    head(&["one update", "older crates", "ours", "fewer", "goal", "passes", "goal"]);
    for Row { name, goal, pass, ours, older, .. } in rows {
        let fewer = older.instructions / ours.instructions;
        let passes = ours.instructions / pass.instructions;
        line(&[
            (*name).to_owned(),
            grouped(older.instructions),
            grouped(ours.instructions),
            format!("{fewer:.1}×"),
            met.mark(fewer >= goal.server, format!("≥ {}×", goal.server)),
            format!("{passes:.2}"),
            goal.passes.map_or("–".to_owned(), |goal| met.mark(passes <= goal, format!("≤ {goal}"))),
        ]);
    }
    println!("\n### The patch, in bytes\n");
    head(&["one update", "value", "older crates", "ours", "share", "goal"]);
    for row in rows {
        line(&[
            row.name.to_owned(),
            grouped(row.pass.bytes),
            grouped(row.older.bytes),
            grouped(row.ours.bytes),
            percent(row.ours.bytes / row.older.bytes),
            bytes(&mut met, row),
        ]);
    }
    println!("\n### The client, in instructions, natively\n");
    head(&["one update", "older crates", "ours", "fewer", "goal", "ours in place", "fewer", "goal"]);
    for Row { name, goal, our_client, in_place, older_client, .. } in rows.iter().filter(|row| row.ours.bytes > 0.0) {
        let [whole, in_place_fewer] =
            [our_client, in_place].map(|count| older_client.instructions / count.instructions);
        let mut mark = |fewer: f64, goal: Option<f64>| {
            goal.map_or("–".to_owned(), |goal| met.mark(fewer >= goal, format!("≥ {goal}×")))
        };
        line(&[
            (*name).to_owned(),
            grouped(older_client.instructions),
            grouped(our_client.instructions),
            format!("{whole:.1}×"),
            mark(whole, goal.client),
            grouped(in_place.instructions),
            format!("{in_place_fewer:.1}×"),
            mark(in_place_fewer, goal.rebuild),
        ]);
    }
    println!("\n{met}");
}

fn bytes(met: &mut Tally, Row { goal, pass, ours, older, .. }: &Row) -> String {
    match goal.bytes {
        Bytes::Share(goal) => met.mark(ours.bytes <= older.bytes * goal, format!("≤ {}", percent(goal))),
        Bytes::Replace => {
            let replace = pass.bytes + REPLACE.len() as f64;
            met.mark(ours.bytes <= replace, format!("≤ {}, a replace", grouped(replace)))
        }
        Bytes::Nothing => met.mark(ours.bytes == 0.0, "nothing".to_owned()),
    }
}

/// What stands around a value that replaces the whole document.
const REPLACE: &str = r#"[{"op":"replace","path":"","value":}]"#;

fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent >= 2.0 { format!("{percent:.0} %") } else { format!("{percent:.2} %") }
}
