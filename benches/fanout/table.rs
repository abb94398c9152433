//! Tables as they stand in `docs/performance.md`.

/// Prints a table's head.
pub fn head(title: &str, columns: &[&str]) {
    println!("\n### {title}\n\n| {} |", columns.join(" | "));
    println!("|{}", " --: |".repeat(columns.len()));
}

/// Prints a row at once, so that one sees how far it is.
pub fn row(cells: &[String]) {
    println!("| {} |", cells.join(" | "));
}

/// A number with a comma between thousands.
pub fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
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
