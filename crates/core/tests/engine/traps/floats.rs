use super::*;
use serde_json::json;

/// Any bits, from a generator that is the same in each run.
fn random_bits() -> impl Iterator<Item = u64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    std::iter::from_fn(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        Some(state)
    })
}

/// What a client reads, after it has held something else.
fn sent<T: Serialize + DeserializeOwned + Default>(value: &T) -> T {
    let mut differ = Differ::new();
    let mut client = Document::parse("null").unwrap();
    for value in [&T::default(), value] {
        let mut patch = Vec::new();
        if differ.advance(value, &mut patch).unwrap() {
            client.apply(std::str::from_utf8(&patch).unwrap()).unwrap();
        }
    }
    client.read().unwrap()
}

/// `serde_json` reads them with another last bit when its feature `float_roundtrip` is off.
#[test]
fn a_float_that_text_would_round_survives() {
    let known =
        [0.1 + 0.2, 1.0e23, 5e-324, f64::MIN_POSITIVE, f64::MAX, 2.225_073_858_507_201e-308, 123_456_789.123_456_79];
    let random = random_bits().map(f64::from_bits).filter(|float| float.is_finite()).take(50_000);
    let floats: Vec<f64> = known.into_iter().chain(random).collect();
    let read = sent(&floats);
    assert!(floats.iter().zip(&read).all(|(float, read)| float.to_bits() == read.to_bits()));
    assert_eq!(floats.len(), read.len());
}

/// The last one is another `f32` when its shortest text is read as an `f64` first.
#[test]
fn a_float_of_32_bits_survives_the_way_through_64() {
    let known = [0.1, f32::MIN_POSITIVE, f32::MAX, f32::MIN, 1e-45, -0.0, 16_777_216.0, 7.038_531e-26];
    #[allow(clippy::cast_possible_truncation)]
    let random = random_bits().map(|bits| f32::from_bits(bits as u32)).filter(|float| float.is_finite()).take(50_000);
    let floats: Vec<f32> = known.into_iter().chain(random).collect();
    let read = sent(&floats);
    for (float, read) in floats.iter().zip(&read) {
        assert_eq!(float.to_bits(), read.to_bits(), "{float}");
    }
    assert_eq!(floats.len(), read.len());
    let parsed = Document::parse(&serde_json::to_string(&Document::of(&floats).unwrap()).unwrap()).unwrap();
    let read: Vec<f32> = parsed.read().unwrap();
    assert!(floats.iter().zip(&read).all(|(float, read)| float.to_bits() == read.to_bits()));
}

#[test]
fn a_float_of_32_bits_is_as_short_as_it_can_be() {
    let mut patch = Vec::new();
    Differ::new().advance(&[0.1_f32, 2.5, 7.038_531e-26], &mut patch).unwrap();
    let patch = String::from_utf8(patch).unwrap();
    assert_eq!(patch, r#"[{"op":"replace","path":"","value":[0.1,2.5,7.038530691851209e-26]}]"#);
}

#[test]
fn minus_zero_is_not_zero() {
    for (zero, minus) in
        [(json!(0.0), json!(-0.0)), (json!([0.0]), json!([-0.0])), (json!({ "a": 0.0 }), json!({ "a": -0.0 }))]
    {
        assert!(patches_after_the_first(&[zero.clone(), minus.clone(), zero]).iter().all(|patch| !patch.is_empty()));
    }
    assert!(sent(&vec![-0.0_f64])[0].is_sign_negative());
    assert!(sent(&vec![-0.0_f32])[0].is_sign_negative());
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
struct Prices {
    prices: Vec<f64>,
    by_name: std::collections::BTreeMap<String, Vec<f32>>,
}

#[test]
fn what_is_no_number_is_refused_by_its_path() {
    for float in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let good = Prices { prices: vec![1.0; 4], ..Prices::default() };
        let bad = Prices { prices: vec![1.0, 2.0, 3.0, float], ..Prices::default() };
        let why = refusal(&good, &bad);
        assert!(why.contains("/prices/3"), "{why}");
        #[allow(clippy::cast_possible_truncation)]
        let by_name = [("a/b~c".to_owned(), vec![0.5, float as f32])].into();
        let why = refusal(&good, &Prices { prices: vec![1.0; 4], by_name });
        assert!(why.contains("/by_name/a~1b~0c/1"), "{why}");
    }
}

#[test]
fn what_is_no_number_is_null_where_null_can_be_read() {
    let values = [vec![Some(1.0), None], vec![Some(f64::NAN), Some(2.0)], vec![Some(f64::INFINITY), None]];
    let mut differ = Differ::new();
    let mut client = Document::parse("null").unwrap();
    for (value, expected) in values.iter().zip([json!([1.0, null]), json!([null, 2.0]), json!([null, null])]) {
        let mut patch = Vec::new();
        differ.advance(value, &mut patch).unwrap();
        client.apply(std::str::from_utf8(&patch).unwrap()).unwrap();
        assert_eq!(client.to_value(), expected);
    }
    assert!(!differ.advance(&vec![Some(f64::NAN), None], &mut Vec::new()).unwrap());
    assert_eq!(Document::of(&Some(f32::NAN)).unwrap().to_value(), json!(null));
}

/// The `Option` is not around the number itself.
#[test]
fn what_is_no_number_in_a_list_is_refused_although_the_list_may_be_missing() {
    let why = refusal(&Some(vec![1.0]), &Some(vec![f64::NAN]));
    assert!(why.contains("/0"), "{why}");
}
