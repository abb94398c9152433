//! How long a document is as JSON, without writing it.

use super::Node;

impl Node {
    /// About how many bytes the node takes as JSON; counting ends soon after `enough`. A text counts without its escapes, and
    /// a number with a fraction as it mostly is.
    pub(crate) fn length(&self, enough: usize) -> usize {
        self.count(enough, likely_float)
    }

    /// About how many bytes the node takes as JSON, and how many at least.
    pub(crate) fn lengths(&self) -> (usize, usize) {
        match self {
            Self::Unsigned(number) => {
                let len = digits(*number);
                (len, len)
            }
            Self::String(text) => (2 + text.len(), 2 + text.len()),
            Self::Float(number) => (likely_float(*number), LEAST_FLOAT),
            _ => (self.length(usize::MAX), self.least_length(usize::MAX)),
        }
    }

    /// How many bytes the node takes as JSON at least; counting ends soon after `enough`.
    pub(crate) fn least_length(&self, enough: usize) -> usize {
        self.count(enough, |_| LEAST_FLOAT)
    }

    fn count(&self, enough: usize, float: fn(f64) -> usize) -> usize {
        match self {
            Self::Null | Self::Bool(true) => 4,
            Self::Bool(false) => 5,
            Self::Unsigned(number) => digits(*number),
            Self::Negative(number) => 1 + digits(number.unsigned_abs()),
            Self::Float(number) => float(*number),
            Self::Single(number) => float(f64::from(*number)),
            Self::Number(text) => text.len(),
            Self::String(text) => 2 + text.len(),
            Self::Array(array) => {
                let mut sum = 2 + array.items.len().saturating_sub(1);
                for item in &array.items {
                    if sum > enough {
                        break;
                    }
                    sum += item.count(enough - sum, float);
                }
                sum
            }
            Self::Object(object) => {
                let mut sum = 2 + object.len().saturating_sub(1);
                for (name, node) in object.iter() {
                    if sum > enough {
                        break;
                    }
                    // Two quotes and a colon.
                    sum += 3 + name.len();
                    sum += node.count(enough.saturating_sub(sum), float);
                }
                sum
            }
        }
    }
}

/// `0.0`
const LEAST_FLOAT: usize = 3;

/// The decimal digits of a number.
pub(crate) fn digits(number: u64) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}

/// What a number with a fraction mostly takes: few decimals, or all of them.
fn likely_float(number: f64) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "it is an estimate")]
    let (thousandths, is_short) = {
        let scaled = number * 1_000.0;
        (scaled as i64, (scaled - (scaled + 0.5_f64.copysign(scaled)) as i64 as f64).abs() < 1e-6)
    };
    if is_short { usize::from(number < 0.0) + digits(thousandths.unsigned_abs() / 1_000) + 3 } else { 18 }
}
