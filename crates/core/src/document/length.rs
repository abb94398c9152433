//! How long a document is as JSON, without writing it.

use super::node::Node;

impl Node {
    /// About how many bytes the node takes as JSON; counting ends soon after `enough`. A text counts without its escapes, and
    /// a number with a fraction as it mostly is.
    pub(crate) fn length(&self, enough: usize) -> usize {
        self.count::<false>(enough).0
    }

    /// How many bytes the node takes as JSON at least; counting ends soon after `enough`.
    pub(crate) fn least_length(&self, enough: usize) -> usize {
        self.count::<true>(enough).1
    }

    /// The least bytes that the parts of a container take, without looking at them.
    #[inline]
    pub(crate) fn parts(&self) -> usize {
        match self {
            // A comma, and a digit.
            Self::Array(array) => 2 * array.items.len(),
            // With two quotes and a colon.
            Self::Object(object) => 5 * object.len(),
            _ => 0,
        }
    }

    /// Both of these, of all of it.
    #[inline]
    pub(crate) fn lengths(&self) -> (usize, usize) {
        self.count::<false>(usize::MAX)
    }

    /// About how many bytes the node takes, and how many at least, which is what is counted up to `enough` where that is
    /// `AT_LEAST`.
    fn count<const AT_LEAST: bool>(&self, enough: usize) -> (usize, usize) {
        let exactly = |len| (len, len);
        match self {
            Self::Null | Self::Bool(true) => exactly(4),
            Self::Bool(false) => exactly(5),
            Self::Unsigned(number) => exactly(digits(*number)),
            Self::Negative(number) => exactly(1 + digits(number.unsigned_abs())),
            Self::Float(number) => (likely_float(*number), LEAST_FLOAT),
            Self::Single(number) => (likely_float(f64::from(*number)), LEAST_FLOAT),
            Self::Number(text) => exactly(text.len()),
            Self::String(text) => exactly(2 + text.len()),
            Self::Array(array) => {
                let around = exactly(2 + array.items.len().saturating_sub(1));
                sum::<AT_LEAST>(around, array.items.iter().map(|item| (0, item)), enough)
            }
            Self::Object(object) => {
                let around = exactly(2 + object.len().saturating_sub(1));
                // Two quotes and a colon.
                sum::<AT_LEAST>(around, object.iter().map(|(name, node)| (name.len() + 3, node)), enough)
            }
        }
    }
}

fn sum<'n, const AT_LEAST: bool>(
    (mut length, mut least): (usize, usize),
    parts: impl Iterator<Item = (usize, &'n Node)>,
    enough: usize,
) -> (usize, usize) {
    for (key, node) in parts {
        let so_far = if AT_LEAST { least } else { length };
        if so_far > enough {
            break;
        }
        let (node_length, node_least) = node.count::<AT_LEAST>(enough - so_far);
        length += key + node_length;
        least += key + node_least;
    }
    (length, least)
}

/// `0.0`
const LEAST_FLOAT: usize = 3;

/// The decimal digits of a number, or one less: its logarithm, by that of two.
#[inline]
pub fn digits(number: u64) -> usize {
    let bits = 63 - (number | 1).leading_zeros() as usize;
    1 + decimals(bits)
}

/// How many decimal digits there are for so many binary ones, rounded down.
#[inline]
fn decimals(bits: usize) -> usize {
    // log 2 is 0.30103, and this is 0.30102.
    (bits * 1_233) >> 12
}

/// The bytes that a number with a fraction most likely takes: few decimals, or all of them.
fn likely_float(number: f64) -> usize {
    let scaled = number.abs() * 1_000.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "it is an estimate")]
    let is_short = (scaled - (scaled + 0.5) as i64 as f64).abs() < 1e-6;
    if !is_short {
        return 18;
    }
    // The exponent of two is that of the whole part.
    let exponent = (number.to_bits() >> 52 & 0x7ff) as usize;
    usize::from(number < 0.0) + 4 + decimals(exponent.saturating_sub(1_023))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_least_length_is_never_more_than_the_length() {
        let numbers = [0, 1, 9, 10, 99, 100, 1_023, 1_024, 999_999, 1 << 33, u64::MAX, u64::MAX / 10];
        for number in numbers {
            let (digits, text) = (digits(number), number.to_string().len());
            assert!(digits <= text && text <= digits + 1, "{number}: {digits}");
        }
        let value = json!({ "a": [1, -1, 1.5, 1e300, -0.1, null, true, false, [], {}, "a\n"], "": "", "b": numbers });
        let node = Node::from(&value);
        let (length, least) = node.lengths();
        assert!(least <= value.to_string().len() && length.abs_diff(value.to_string().len()) < 40, "{length}, {least}");
        assert!(node.least_length(20) > 20 && node.length(20) > 20);
    }
}
