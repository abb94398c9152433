//! The `f64` of a decimal number: exact, and without the tables that make others fast and large.

/// How many digits can matter: a number halfway between two floats has at most 767. What comes behind only counts as more
/// than nothing.
const MAX_DIGITS: usize = 800;
/// The powers of ten up to this one are floats without rounding.
const EXACT_POWER: i64 = 22;
/// The most that one step multiplies or divides by: 10⁹ and its power.
const STEP: (u32, i64) = (1_000_000_000, 9);

/// The float nearest to a number as JSON writes it, the even one of two that are equally near; infinite where it is too large.
pub(crate) fn float(text: &str) -> f64 {
    let (is_negative, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
    let magnitude = Decimal::new(text).magnitude();
    if is_negative { -magnitude } else { magnitude }
}

/// `digits` × 10^`exponent`.
struct Decimal {
    digits: Vec<u8>,
    exponent: i64,
}

impl Decimal {
    fn new(text: &str) -> Self {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        // One that overflows is far beyond all floats, as long as no text is that long.
        let far = if exponent.starts_with('-') { i64::MIN / 2 } else { i64::MAX / 2 };
        let mut number =
            Self { digits: Vec::new(), exponent: exponent.parse().unwrap_or(far).clamp(-far.abs(), far.abs()) };
        for (digit, is_fraction) in
            whole.bytes().map(|digit| (digit, false)).chain(fraction.bytes().map(|digit| (digit, true)))
        {
            number.push(digit - b'0', is_fraction);
        }
        number
    }

    fn push(&mut self, digit: u8, is_fraction: bool) {
        self.exponent -= i64::from(is_fraction);
        if self.digits.is_empty() && digit == 0 {
            return;
        }
        if self.digits.len() < MAX_DIGITS {
            self.digits.push(digit);
        } else {
            self.exponent += 1;
            if let Some(last) = self.digits.last_mut()
                && digit > 0
            {
                *last |= 1;
            }
        }
    }

    fn magnitude(&self) -> f64 {
        let len = i64::try_from(self.digits.len()).unwrap_or(i64::MAX);
        match self.exponent.saturating_add(len) {
            _ if self.digits.is_empty() => 0.0,
            ..-330 => 0.0,
            310.. => f64::INFINITY,
            _ => self.exact().unwrap_or_else(|| self.nearest()),
        }
    }

    /// Where neither the digits nor the power of ten are rounded, one operation rounds once, as it shall.
    fn exact(&self) -> Option<f64> {
        if self.digits.len() > 15 || self.exponent.abs() > EXACT_POWER {
            return None;
        }
        let digits = self.digits.iter().fold(0.0, |number, digit| number * 10.0 + f64::from(*digit));
        let power = (0..self.exponent.abs()).fold(1.0, |power, _| power * 10.0);
        Some(if self.exponent < 0 { digits / power } else { digits * power })
    }

    fn nearest(&self) -> f64 {
        let mut number = Large::default();
        for digits in self.digits.chunks(9) {
            let (base, digits) =
                digits.iter().fold((1, 0), |(base, number), digit| (base * 10, number * 10 + u32::from(*digit)));
            number.multiply_add(base, digits);
        }
        let mut left = self.exponent.abs();
        if self.exponent < 0 {
            // So much larger that 64 bits are left of it: a digit has less than 10/3 bits.
            number.shift_words(usize::try_from(left).unwrap_or_default() * 10 / 3 / 32 + 4);
        }
        while left > 0 {
            let (step, power) = if left >= STEP.1 { STEP } else { (10, 1) };
            if self.exponent < 0 {
                number.divide(step)
            } else {
                number.multiply_add(step, 0)
            }
            left -= power;
        }
        number.to_float()
    }
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
        while self.words.last() == Some(&0) {
            self.words.pop();
        }
    }

    /// Adds words below, so that a division leaves more of it.
    fn shift_words(&mut self, words: usize) {
        self.words.splice(0..0, std::iter::repeat_n(0, words));
        self.exponent -= 32 * words as i64;
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

    #[cfg(not(target_arch = "wasm32"))]
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
