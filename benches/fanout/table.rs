//! Tables as they stand in `docs/performance.md`.

#[path = "../grouped.rs"]
mod grouped;

pub use grouped::grouped;

/// Prints a table's head.
pub fn head(title: &str, columns: &[&str]) {
    println!("\n### {title}\n\n| {} |", columns.join(" | "));
    println!("|{}", " --: |".repeat(columns.len()));
}

/// Prints a row at once, so that one sees how far it is.
pub fn row(cells: &[String]) {
    println!("| {} |", cells.join(" | "));
}

/// The middle of some numbers, and the quarters beside it.
pub fn quartiles(mut numbers: Vec<f64>) -> [f64; 3] {
    numbers.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| numbers.get(numbers.len() * quarter / 4).copied().unwrap_or_default())
}

/// A quantile of some numbers.
pub fn quantile(numbers: &mut [u64], of: f64) -> u64 {
    numbers.sort_unstable();
    let at = ((numbers.len() as f64 * of) as usize).min(numbers.len().saturating_sub(1));
    numbers.get(at).copied().unwrap_or_default()
}

/// A time in microseconds, for people.
pub fn millis(micros: u64) -> String {
    format!("{}.{:02} ms", micros / 1_000, micros % 1_000 / 10)
}
