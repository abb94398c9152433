use super::*;
use serde::{Deserialize, Serializer, ser::SerializeMap};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Colour {
    Red,
    #[serde(rename = "dark/green~")]
    Green,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Name(String);

fn one_after_the_other<K: Ord + Clone + Serialize + DeserializeOwned + Debug>(keys: impl IntoIterator<Item = K>) {
    let keys: Vec<_> = keys.into_iter().collect();
    let mut values = vec![BTreeMap::new()];
    for (number, key) in keys.iter().enumerate() {
        let mut map = values[number].clone();
        map.insert(key.clone(), number);
        values.push(map);
    }
    let more = values.iter().rev().map(|map| map.iter().map(|(key, number)| (key.clone(), number + 1)).collect());
    let values: Vec<BTreeMap<K, usize>> = values.iter().cloned().chain(more).collect();
    follow_and_read(&values);
}

#[test]
fn keys_of_all_kinds_are_texts() {
    one_after_the_other([0, 1, -1, i64::MIN, i64::MAX]);
    one_after_the_other([0, u64::MAX]);
    one_after_the_other([0, i8::MIN]);
    one_after_the_other([true, false]);
    one_after_the_other(['a', '/', '~', '"', '\0', '\u{1f44d}']);
    one_after_the_other([Colour::Red, Colour::Green]);
    one_after_the_other([Name("a".to_owned()), Name("/".to_owned())]);
}

/// A map of what no `BTreeMap` has as its key.
struct Entry<K>(K, u8);

impl<K: Serialize> Serialize for Entry<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(&self.0, &self.1)?;
        map.end()
    }
}

#[test]
fn floats_can_be_keys_as_far_as_they_are_numbers() {
    for float in [0.5, -0.0, 1e300, 0.1] {
        follow(&[Entry(float, 1), Entry(float, 2)]);
    }
    follow(&[Entry(0.5_f32, 1), Entry(0.25_f32, 1)]);
    for float in [f64::NAN, f64::INFINITY] {
        refusal(&Entry(0.5, 1), &Entry(float, 1));
    }
}

#[test]
fn a_key_that_cannot_be_a_text_is_refused_by_the_path_of_its_map() {
    #[derive(Serialize)]
    struct Grid {
        cells: HashMap<(u8, u8), u8>,
    }
    let why = refusal(&Grid { cells: HashMap::new() }, &Grid { cells: [((1, 2), 3)].into() });
    assert!(why.contains("/cells"), "{why}");
    let why = refusal(&vec![], &vec![Entry(vec![1], 1)]);
    assert!(why.contains("/0"), "{why}");
    refusal(&None, &Some(Entry(json!({}), 1)));
}

const STRANGE: [&str; 22] = [
    "", "/", "//", "~", "~0", "~1", "~01", "a/b", "a~b", "0", "01", "-", "-1", "\"", "\\", "\\u0041", "\n", "\0",
    "\u{7f}", "é", "👍", "\u{2028}",
];

#[test]
fn a_key_that_a_path_has_to_escape_is_found_again() {
    one_after_the_other(STRANGE.map(str::to_owned));
    for key in STRANGE {
        let values = [json!(1), json!({ "x": [1, { key: "a" }], "filler": "so that a whole is longer" })];
        let nested = |value: &Value| json!({ key: { key: [0, { key: value }] }, "filler": "so that a whole is longer than a part" });
        let patches = patches_after_the_first(&values.clone().map(|value| nested(&value)));
        assert!(patches[0].contains(r#""path":"/"#), "{patches:?}");
        follow(&[json!({ key: 1 }), json!({}), json!({ key: {} }), json!({ key: { key: 1 } }), json!({ key: [] })]);
    }
}

#[derive(Clone, Serialize)]
struct Flat {
    a: u8,
    b: u8,
    #[serde(flatten)]
    rest: BTreeMap<String, u8>,
}

fn flat(a: u8, rest: &[(&str, u8)]) -> Flat {
    Flat { a, b: 9, rest: rest.iter().map(|(key, number)| ((*key).to_owned(), *number)).collect() }
}

#[test]
fn of_a_key_that_comes_twice_the_last_one_counts() {
    let values = [
        flat(1, &[("a", 2)]),
        flat(1, &[("a", 3)]),
        flat(1, &[]),
        flat(1, &[("a", 1)]),
        flat(2, &[("b", 8), ("a", 2)]),
    ];
    follow(&values);
    assert_eq!(Document::of(&values[0]).unwrap().to_value(), json!({ "a": 2, "b": 9 }));
}

#[test]
fn a_key_that_comes_twice_and_is_the_same_at_last_sends_nothing() {
    let patches = patches_after_the_first(&[flat(1, &[("a", 2)]), flat(1, &[("a", 2)]), flat(7, &[("a", 2)])]);
    assert_eq!(texts(&patches), ["", ""]);
}

#[test]
fn a_struct_that_writes_a_field_twice_has_it_once() {
    use serde::ser::SerializeStruct;
    struct Twice(u8, u8);
    impl Serialize for Twice {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut fields = serializer.serialize_struct("Twice", 3)?;
            fields.serialize_field("a", &self.0)?;
            fields.serialize_field("b", "filler that makes a part shorter than the whole")?;
            fields.serialize_field("a", &self.1)?;
            fields.end()
        }
    }
    let patches = patches_after_the_first(&[Twice(1, 2), Twice(3, 2), Twice(3, 4), Twice(4, 4)]);
    assert_eq!(texts(&patches), ["", r#"[{"op":"replace","path":"/a","value":4}]"#, ""]);
}

#[test]
fn a_map_that_is_made_anew_in_another_order_sends_nothing() {
    // Each map has a hasher of its own.
    let maps: Vec<_> = (0..20).map(|_| (0..50).map(|n| (format!("key {n}"), n)).collect::<HashMap<_, _>>()).collect();
    assert!(patches_after_the_first(&maps).iter().all(String::is_empty));
    let mut changed = maps[1].clone();
    changed.insert("key 7".to_owned(), 700);
    let patches = patches_after_the_first(&[maps[0].clone(), changed]);
    assert_eq!(texts(&patches), [r#"[{"op":"replace","path":"/key 7","value":700}]"#]);
}

#[test]
fn fields_in_another_order_send_nothing() {
    struct Ordered(Vec<&'static str>);
    impl Serialize for Ordered {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            use serde::ser::SerializeStruct;
            let mut fields = serializer.serialize_struct("Ordered", self.0.len())?;
            self.0.iter().try_for_each(|name| fields.serialize_field(name, name))?;
            fields.end()
        }
    }
    let orders = [vec!["a", "b", "c"], vec!["c", "a", "b"], vec!["b", "a", "c"]];
    assert_eq!(texts(&patches_after_the_first(&orders.map(Ordered))), ["", ""]);
    let orders = [vec!["a", "b", "c"], vec!["d", "c", "b", "a"], vec!["a"], vec!["c", "a"]];
    follow(&orders.map(Ordered));
}

#[test]
fn a_map_of_many_keys_follows_each_of_them() {
    let mut map: BTreeMap<_, _> = (0..500).map(|n| (format!("key {n}"), n)).collect();
    let mut values = vec![map.clone()];
    for n in (0..500).step_by(50) {
        map.remove(&format!("key {n}"));
        map.insert(format!("new {n}"), n);
        map.insert(format!("key {}", n + 1), 0);
        values.push(map.clone());
    }
    let patches = patches_after_the_first(&values);
    assert!(patches.iter().all(|patch| patch.len() < 300), "{patches:?}");
}
