//! Numbers as people read them, always three digits.

use std::fmt;

/// A number and its unit, apart so that a page can set them in two sizes.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    pub number: String,
    pub unit: &'static str,
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A no-break space: a number and its unit stay on one line.
        write!(f, "{}\u{a0}{}", self.number, self.unit)
    }
}

/// Memory and disks, in powers of 1024.
pub fn bytes(bytes: u64) -> Quantity {
    scaled(bytes as f64, 1024.0, &["B", "KiB", "MiB", "GiB", "TiB", "PiB"])
}

/// Network rates, in powers of 1000.
pub fn rate(bytes_per_second: u64) -> Quantity {
    scaled(bytes_per_second as f64, 1000.0, &["B/s", "kB/s", "MB/s", "GB/s", "TB/s"])
}

fn scaled(mut value: f64, step: f64, units: &[&'static str]) -> Quantity {
    let mut index = 0;
    while value >= 999.5 && index + 1 < units.len() {
        value /= step;
        index += 1;
    }
    Quantity {
        // Nobody has half a byte.
        number: if index == 0 { format!("{value:.0}") } else { three_digits(value) },
        unit: units[index],
    }
}

fn three_digits(value: f64) -> String {
    if value < 9.995 {
        format!("{value:.2}")
    } else if value < 99.95 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    }
}

/// A percentage without its sign: one decimal, and none at a full 100.
pub fn percent(value: f64) -> String {
    if value < 99.95 { format!("{value:.1}") } else { format!("{value:.0}") }
}

/// A span of time by its two largest parts.
pub fn duration(minutes: u64) -> String {
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes} min"),
        (0, _) => format!("{hours} h {minutes} min"),
        (1, _) => format!("1 day {hours} h"),
        _ => format!("{days} days {hours} h"),
    }
}

pub fn cores(count: usize) -> String {
    match count {
        1 => "1 core".into(),
        count => format!("{count} cores"),
    }
}

/// A number with spaces between its thousands.
pub fn count(value: usize) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 * 2);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(quantity: Quantity, expected: &str) {
        assert_eq!(quantity.to_string().replace('\u{a0}', " "), expected);
    }

    #[test]
    fn bytes_have_three_digits() {
        check(bytes(0), "0 B");
        check(bytes(999), "999 B");
        check(bytes(1000), "0.98 KiB");
        check(bytes(10 * 1024), "10.0 KiB");
        check(bytes(999 * 1024 * 1024), "999 MiB");
        check(bytes(1023 * 1024 * 1024), "1.00 GiB");
        check(bytes(6_654_263_296), "6.20 GiB");
        check(bytes(u64::MAX), "16384 PiB");
    }

    #[test]
    fn rates_count_in_thousands() {
        check(rate(0), "0 B/s");
        check(rate(1_000), "1.00 kB/s");
        check(rate(999_499), "999 kB/s");
        check(rate(999_500), "1.00 MB/s");
        check(rate(12_340_000), "12.3 MB/s");
    }

    #[test]
    fn percentages_never_grow_past_four_characters() {
        assert_eq!(percent(0.0), "0.0");
        assert_eq!(percent(99.94), "99.9");
        assert_eq!(percent(99.96), "100");
        assert_eq!(percent(812.0), "812");
    }

    #[test]
    fn durations_name_their_two_largest_parts() {
        assert_eq!(duration(0), "0 min");
        assert_eq!(duration(61), "1 h 1 min");
        assert_eq!(duration(1440), "1 day 0 h");
        assert_eq!(duration(3 * 1440 + 125), "3 days 2 h");
    }

    #[test]
    fn one_core_is_no_cores() {
        assert_eq!(cores(1), "1 core");
        assert_eq!(cores(2), "2 cores");
    }

    #[test]
    fn counts_have_spaced_thousands() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
    }
}
