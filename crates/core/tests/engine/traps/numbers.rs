use super::*;
use serde::{Deserialize, Serializer, ser::SerializeStruct};
use serde_json::{json, value::RawValue};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Number {
    Whole(i64),
    Float(f64),
}

/// A type that takes both reads another variant otherwise.
#[test]
fn one_is_not_one_point_zero() {
    follow_and_read(&[Number::Whole(1), Number::Float(1.0), Number::Whole(1)]);
    follow_and_read(&[vec![Number::Whole(1), Number::Float(1.0)], vec![Number::Float(1.0), Number::Whole(1)]]);
    follow_and_read(&[Number::Whole(1 << 53), Number::Float(9_007_199_254_740_992.0), Number::Float(1e300)]);
}

#[test]
fn the_largest_and_the_smallest_numbers_survive() {
    follow_and_read(&[0, u64::MAX, u64::MAX - 1, 1 << 53, (1 << 53) + 1]);
    follow_and_read(&[0, i64::MAX, i64::MIN, i64::MIN + 1, -1]);
    follow_and_read(&[0_u8, u8::MAX]);
    follow_and_read(&[0_i8, i8::MIN]);
    follow_and_read(&[json!(u64::MAX), json!(i64::MAX), json!(i64::MIN), json!(1.844_674_407_370_955_2e19)]);
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Wide {
    signed: Vec<i128>,
    unsigned: u128,
}

#[test]
fn numbers_of_128_bits_survive_within_64() {
    let wide = |signed: i128, unsigned: u128| Wide { signed: vec![signed], unsigned };
    follow_and_read(&[wide(0, 0), wide(i128::from(i64::MIN), 7), wide(i128::from(u64::MAX), u128::from(u64::MAX))]);
}

#[test]
fn a_number_beyond_64_bits_is_refused_by_its_path() {
    let good = Wide { signed: vec![0], unsigned: 0 };
    for signed in [i128::from(u64::MAX) + 1, i128::from(i64::MIN) - 1, i128::MIN] {
        let why = refusal(&good, &Wide { signed: vec![signed], unsigned: 0 });
        assert!(why.contains("/signed/0"), "{why}");
    }
    let why = refusal(&good, &Wide { signed: vec![0], unsigned: u128::MAX });
    assert!(why.contains("/unsigned"), "{why}");
}

#[derive(Serialize)]
struct Raw {
    raw: Box<RawValue>,
}

fn raw(text: &str) -> Raw {
    Raw { raw: RawValue::from_string(text.to_owned()).unwrap() }
}

#[test]
fn a_raw_value_is_what_its_text_says() {
    let texts =
        ["1", "1.0", "-0.0", r#"{ "a" : [1, 2.50, null] }"#, r#"{"a":[1,2.50,true]}"#, r#""\u00e9""#, "null", "[ ]"];
    let patches = follow(&texts.map(raw));
    assert!(patches.iter().all(|patch| !patch.is_empty() && !patch.contains("$serde_json")), "{patches:#?}");
    let equal = follow_strange(&[raw(r#"{"a":1,"b":2}"#), raw(r#"{ "b": 2, "a": 1 }"#)]);
    assert_eq!(equal, Some(json!({ "raw": { "a": 1, "b": 2 } })));
}

/// A number as `serde_json` writes it when any crate of the build turns its feature `arbitrary_precision` on.
struct Precise(&'static str);

const NUMBER: &str = "$serde_json::private::Number";
const RAW_VALUE: &str = "$serde_json::private::RawValue";

impl Serialize for Precise {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut number = serializer.serialize_struct(NUMBER, 1)?;
        number.serialize_field(NUMBER, self.0)?;
        number.end()
    }
}

#[test]
fn a_precise_number_is_a_number() {
    let numbers = [("0", json!(0)), ("-7", json!(-7)), ("1.0", json!(1.0)), ("0.1", json!(0.1)), ("-0.0", json!(-0.0))];
    for (text, number) in numbers {
        assert_eq!(follow_strange(&[vec![Precise("9")], vec![Precise(text)]]), Some(json!([number])), "{text}");
        assert_eq!(Document::of(&Precise(text)).unwrap(), Document::of(&number).unwrap(), "{text}");
    }
}

#[test]
fn a_precise_number_keeps_all_its_digits_on_the_wire() {
    for text in
        ["123456789012345678901234567890", "0.1000000000000000055511151231257827", "-123456789012345678901234567890.5"]
    {
        let mut differ = Differ::new();
        let mut patch = Vec::new();
        differ.advance(&vec![Precise("1")], &mut patch).unwrap();
        patch.clear();
        differ.advance(&vec![Precise(text)], &mut patch).unwrap();
        let patch = String::from_utf8(patch).unwrap();
        assert!(patch.contains(text), "{patch}");
        assert!(!differ.advance(&vec![Precise(text)], &mut Vec::new()).unwrap());
    }
}

/// The text of a number can only be compared with a held number once it is read.
#[test]
fn a_list_of_precise_numbers_that_stay_gives_no_patch() {
    fn stays<T: Serialize>(value: &T) {
        let mut differ = Differ::new();
        assert!(differ.advance(value, &mut Vec::new()).unwrap());
        let mut patch = Vec::new();
        let changed = differ.advance(value, &mut patch).unwrap();
        assert!(!changed, "{}", String::from_utf8_lossy(&patch));
    }
    // Enough of them for an index, and some of them twice.
    let texts = ["3", "3", "1", "0", "0", "0.5", "0", "-7", "1", "123456789012345678901234567890"];
    stays(&texts.map(Precise).as_slice());
    stays(&texts.map(|text| [Precise(text)]).as_slice());
    stays(&texts.map(|text| BTreeMap::from([("a", Some(Precise(text))), ("b", Some(Precise("1")))])).as_slice());
    stays(&texts.map(raw).as_slice());
    stays(&texts.map(|text| raw(&format!(r#"{{"a":[{text}]}}"#))).as_slice());
    stays(&json!([3, 3, 1, 0, 0, 0, 0, 0, 1]));
    stays(&json!([[3], [3], [1], [0], [0.5], [0], [0], [0], [1]]));
}

#[test]
fn a_precise_number_that_goes_elsewhere_is_found_there() {
    fn patch<T: Serialize>(old: &[T], new: &[T]) -> String {
        let mut differ = Differ::new();
        differ.advance(&old, &mut Vec::new()).unwrap();
        let mut patch = Vec::new();
        differ.advance(&new, &mut patch).unwrap();
        String::from_utf8(patch).unwrap()
    }
    let (old, new) = (["1.5", "2.5", "3.5", "4.5"], ["2.5", "3.5", "1.5", "4.5"]);
    let moved = r#"[{"op":"move","from":"/0","path":"/2"}]"#;
    assert_eq!(patch(&old.map(|text| [Precise(text)]), &new.map(|text| [Precise(text)])), moved);
    assert_eq!(patch(&old.map(raw), &new.map(raw)), moved);
    let removed = r#"[{"op":"remove","path":"/0"}]"#;
    assert_eq!(patch(&old.map(Precise), &old.map(Precise)[1..]), removed);
}

/// Only `serde_json` itself may say what is JSON already, but anyone can use its names.
#[test]
fn a_private_name_with_other_content_breaks_no_patch() {
    struct Forged(&'static str, &'static str);
    impl Serialize for Forged {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut forged = serializer.serialize_struct(self.0, 1)?;
            forged.serialize_field(self.0, self.1)?;
            forged.end()
        }
    }
    for text in ["", "1,2", "x", "1}", "1 ", "01", "+1", "1e", ".5", "NaN", "null", r#""a""#, "[1"] {
        follow_strange(&[vec![Forged(NUMBER, "1")], vec![Forged(NUMBER, text)], vec![Forged(RAW_VALUE, text)]]);
    }
}

/// The names are those of structs: a map from a user may have such a key.
#[test]
fn a_map_with_a_private_name_is_a_map() {
    for name in [NUMBER, RAW_VALUE] {
        let map = |text: &str| BTreeMap::from([(name.to_owned(), text.to_owned())]);
        assert_eq!(follow_strange(&[map("1"), map("2")]), Some(json!({ name: "2" })));
        assert_eq!(
            follow_strange(&[vec![map("1")], vec![map("x"), map("1")]]),
            Some(json!([{ name: "x" }, { name: "1" }]))
        );
    }
}
