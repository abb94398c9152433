//! The `f64` of a decimal number: exact, and without the tables that make others fast and large.
//!
//! It buys size in the page: `str::parse` in its place makes a page's WebAssembly 14.8 kB larger (12.6 kB gzipped; a module that
//! reads a document, a patch and a struct, built with `opt-level = "z"`). It costs time: a price with two decimals takes 352
//! instructions (208 with `str::parse`), a number of 17 digits 1,010 (298). A server parses no documents, and a native
//! client has the time, so that one reader serves all targets.

/// How many digits can matter: a number halfway between two floats has at most 767. The digits after
/// those only count as more than zero.
const MAX_DIGITS: usize = 800;
/// How many digits are a number of 64 bits.
const FEW_DIGITS: usize = 19;
/// The powers of ten up to this one are floats without rounding.
const EXACT_POWER: i64 = 22;

/// The float nearest to a number as JSON writes it, the even one of two that are equally near; infinite where it is too large.
pub fn float(text: &str) -> f64 {
    let (is_negative, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
    let magnitude = Decimal::new(text).magnitude();
    if is_negative { -magnitude } else { magnitude }
}

/// The number that readers get for an `f32`: the `f64` of its shortest text, if that is the same `f32` again. A few are not,
/// as they are rounded twice on the way.
pub fn widened(number: f32) -> f64 {
    #[expect(clippy::cast_possible_truncation, reason = "this is how a reader gets an `f32`")]
    let survives = |wide: &f64| (*wide as f32).to_bits() == number.to_bits();
    let read = float(zmij::Buffer::new().format_finite(number));
    Some(read).filter(survives).unwrap_or_else(|| number.into())
}

/// `digits`, which have a point perhaps, as a whole number times 10^`exponent`.
struct Decimal<'t> {
    digits: &'t [u8],
    exponent: i64,
}

impl<'t> Decimal<'t> {
    fn new(text: &'t str) -> Self {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let fraction = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let fraction = i64::try_from(fraction).unwrap_or(i64::MAX);
        // One that has no room is far beyond all floats, as no text is that long.
        let far = if exponent.starts_with('-') { i64::MIN } else { i64::MAX };
        let exponent = exponent.parse().unwrap_or(far).saturating_sub(fraction);
        Self { digits: mantissa.trim_start_matches(['0', '.']).as_bytes(), exponent }
    }

    fn digits(&self) -> impl Iterator<Item = u8> {
        self.digits.iter().filter(|byte| **byte != b'.').map(|byte| byte - b'0')
    }

    fn magnitude(&self) -> f64 {
        let (mut len, mut few) = (0, 0);
        for digit in self.digits() {
            if len < FEW_DIGITS {
                few = few * 10 + u64::from(digit);
            }
            len += 1;
        }
        match self.exponent.saturating_add(i64::try_from(len).unwrap_or(i64::MAX)) {
            _ if len == 0 => 0.0,
            ..-330 => 0.0,
            310.. => f64::INFINITY,
            _ if len > FEW_DIGITS => self.nearest(len),
            _ => exact(few, self.exponent).unwrap_or_else(|| nearest(few, self.exponent)),
        }
    }

    fn nearest(&self, len: usize) -> f64 {
        let mut number = Large::default();
        for digit in self.digits().take(MAX_DIGITS) {
            number.multiply_add(10, digit.into());
        }
        number.has_more = self.digits().skip(MAX_DIGITS).any(|digit| digit > 0);
        let dropped = i64::try_from(len.saturating_sub(MAX_DIGITS)).unwrap_or(i64::MAX);
        number.scale(self.exponent.saturating_add(dropped));
        number.to_float()
    }
}

/// Neither the digits nor the power of ten are rounded here, so that the one operation rounds once, which is correct.
#[expect(clippy::cast_precision_loss, reason = "it is checked")]
fn exact(digits: u64, exponent: i64) -> Option<f64> {
    if digits > 1 << 53 || exponent.abs() > EXACT_POWER {
        return None;
    }
    let power = (0..exponent.abs()).fold(1.0, |power, _| power * 10.0);
    Some(if exponent < 0 { digits as f64 / power } else { digits as f64 * power })
}

fn nearest(digits: u64, exponent: i64) -> f64 {
    #[expect(clippy::cast_possible_truncation, reason = "it is cut into words")]
    let mut number = Large { words: vec![digits as u32, (digits >> 32) as u32], ..Large::default() };
    number.scale(exponent);
    number.to_float()
}

/// A large number: words, the lowest first, times 2^`exponent`, and perhaps a little more.
#[derive(Default)]
struct Large {
    words: Vec<u32>,
    exponent: i64,
    has_more: bool,
}

#[expect(clippy::cast_possible_truncation, reason = "a large number is cut into words")]
impl Large {
    fn multiply_add(&mut self, factor: u32, summand: u32) {
        let mut carry = u64::from(summand);
        for word in &mut self.words {
            carry += u64::from(*word) * u64::from(factor);
            *word = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.words.push(carry as u32);
        }
    }

    fn divide(&mut self, divisor: u32) {
        let mut rest = 0;
        for word in self.words.iter_mut().rev() {
            let part = rest << 32 | u64::from(*word);
            *word = (part / u64::from(divisor)) as u32;
            rest = part % u64::from(divisor);
        }
        self.has_more |= rest > 0;
    }

    /// Multiplies by a power of ten. Of what is divided, 64 bits at least are left.
    fn scale(&mut self, exponent: i64) {
        if exponent < 0 {
            // A digit has less than 10/3 bits.
            let bits = 64 + exponent.unsigned_abs() as usize * 10 / 3;
            let words = bits.div_ceil(32);
            self.words.splice(0..0, std::iter::repeat_n(0, words));
            self.exponent -= 32 * words as i64;
        }
        let mut left = exponent.unsigned_abs();
        while left > 0 {
            let step = left.min(9) as u32;
            if exponent < 0 {
                self.divide(10_u32.pow(step))
            } else {
                self.multiply_add(10_u32.pow(step), 0)
            }
            left -= u64::from(step);
        }
        while self.words.last() == Some(&0) {
            self.words.pop();
        }
    }

    /// The nearest float.
    fn to_float(&self) -> f64 {
        let (high, mut exponent, mut has_more) = self.high_bits();
        // The power of two of the highest bit, and how many bits a float has from there on: below the normal ones, fewer.
        exponent += 63;
        let bits = 53 - (-1022 - exponent).clamp(0, 54);
        if bits < 0 {
            return 0.0;
        }
        let kept_twice = high >> (63 - bits);
        has_more |= high & ((1 << (63 - bits)) - 1) > 0;
        let (kept, is_half) = (kept_twice >> 1, kept_twice & 1 > 0);
        let rounded = kept + u64::from(is_half && (has_more || kept & 1 > 0));
        match exponent {
            1024.. => f64::INFINITY,
            // The highest bit of the kept ones is not written: it counts as one more of the power. Nor is a carry lost.
            -1022.. => f64::from_bits((((exponent + 1022) as u64) << 52) + rounded),
            _ => f64::from_bits(rounded),
        }
    }

    /// The 64 highest bits, their power of two, and whether there is more below them.
    fn high_bits(&self) -> (u64, i64, bool) {
        let word = |place: usize| self.words.len().checked_sub(place).map_or(0, |place| u64::from(self.words[place]));
        let (first, second, third) = (word(1), word(2), word(3));
        let shift = (first as u32).leading_zeros();
        let high = (first << 32 | second) << shift | third << shift >> 32;
        let has_more = self.has_more
            || third << shift as u64 & u64::from(u32::MAX) > 0
            || self.words.iter().rev().skip(3).any(|word| *word > 0);
        (high, self.exponent + 32 * (self.words.len() as i64 - 2) - i64::from(shift), has_more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) {
        let expected: f64 = text.parse().unwrap();
        assert_eq!(float(text).to_bits(), expected.to_bits(), "{text}: {} for {expected}", float(text));
    }

    #[test]
    fn a_number_is_the_nearest_float() {
        let long = format!("1{}", "0".repeat(400));
        let texts = [
            "0",
            "-0",
            "0.0",
            "-0.0e5",
            "1",
            "-1",
            "0.1",
            "1e22",
            "1e23",
            "123456789012345678",
            "9007199254740993",
            "9007199254740992.999999999999999999999999",
            "9007199254740993.0000000000000000000000001",
            "1.7976931348623157e308",
            "1.7976931348623158e308",
            "1.7976931348623159e308",
            "1e309",
            "-1e999",
            "2.2250738585072014e-308",
            "2.2250738585072011e-308",
            "2.2250738585072012e-308",
            "5e-324",
            "4.9e-324",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324",
            "1e-400",
            "0e999999999999999999999",
            "18446744073709551616",
            "1e99999999999999999999",
            "1e-99999999999999999999",
            "7.2057594037927933e16",
            "6.02214076e23",
            &long,
            "0.000000000000000000000000000000000000000000000000000000000001",
        ];
        texts.into_iter().for_each(check);
        check(&format!("{long}e-400"));
        check(&format!("0.{long}e1"));
    }

    /// Halfway between two floats, and a little beside, with digits up to the last that can matter and beyond.
    #[test]
    fn halfway_between_two_floats_the_even_one_is_taken() {
        for bits in
            [1_u64, 2, 3, 0x000f_ffff_ffff_ffff, 0x0010_0000_0000_0000, 0x3ff0_0000_0000_0001, 0x7fef_ffff_ffff_fffe]
        {
            // Each float is a whole number of times 2^-1074: exact digits of it, and of what is between.
            let (low, high) = (f64::from_bits(bits), f64::from_bits(bits + 1));
            let (low, high) = (format!("{low:.1074}"), format!("{high:.1074}"));
            let half = half_of_sum(&low, &high);
            check(&half);
            check(&format!("{half}{}1", "0".repeat(100)));
            check(&format!("{}4{}", &half[..half.len() - 1], "9".repeat(100)));
        }
    }

    fn half_of_sum(a: &str, b: &str) -> String {
        let width = a.len().max(b.len());
        let digits = |text: &str| format!("{text:0>width$}0").into_bytes();
        let (mut sum, mut carry) = (digits(a), 0);
        for (digit, other) in sum.iter_mut().zip(digits(b)).rev().filter(|(digit, _)| **digit != b'.') {
            let both = *digit - b'0' + other - b'0' + carry;
            (*digit, carry) = (both % 10 + b'0', both / 10);
        }
        let mut rest = carry;
        for digit in sum.iter_mut().filter(|digit| **digit != b'.') {
            let part = rest * 10 + (*digit - b'0');
            (*digit, rest) = (part / 2 + b'0', part % 2);
        }
        String::from_utf8(sum).unwrap()
    }

    mod random {
        use super::check;
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn what_is_written_of_a_float_is_read(bits: u64) {
                let number = f64::from_bits(bits);
                if number.is_finite() {
                    check(&format!("{number:e}"));
                    check(&format!("{number:?}"));
                    check(&format!("{number:.17e}"));
                    check(&format!("{number:.40e}"));
                }
            }

            #[test]
            fn any_digits_are_read(whole in "0|[1-9][0-9]{0,30}", fraction in "([.][0-9]{1,30})?", power in -345..330_i32) {
                check(&format!("{whole}{fraction}e{power}"));
                check(&format!("{whole}{fraction}"));
            }
        }
    }
}
