use super::*;
use serde::{Deserialize, Serializer};
use serde_json::json;
use std::{borrow::Cow, collections::BTreeMap, rc::Rc, sync::Arc};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Skipping {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first: Option<u8>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    list: Vec<u8>,
    always: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<Box<Skipping>>,
}

#[test]
fn a_field_that_is_skipped_comes_and_goes() {
    let some = |first, list: &[u8], last: Option<Skipping>| Skipping {
        first,
        list: list.to_vec(),
        always: 1,
        last: last.map(Box::new),
    };
    let values = [
        some(None, &[], None),
        some(Some(1), &[], None),
        some(Some(1), &[1], None),
        some(None, &[1, 2], Some(some(None, &[], None))),
        some(Some(2), &[], Some(some(Some(1), &[], None))),
        some(None, &[], Some(some(None, &[1], Some(some(None, &[], None))))),
        some(None, &[], None),
    ];
    follow_and_read(&values);
    follow_and_read(&values.clone().map(|value| vec![value.clone(), Skipping::default(), value]));
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Unit;

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Empty {}

#[test]
fn what_has_no_content_is_null_or_empty() {
    assert_eq!(follow_and_read(&[(), ()])[1], "");
    assert_eq!(follow_and_read(&[Unit, Unit])[0], r#"[{"op":"replace","path":"","value":null}]"#);
    assert_eq!(follow_and_read(&[Empty {}, Empty {}])[0], r#"[{"op":"replace","path":"","value":{}}]"#);
    follow_and_read(&[vec![Unit], vec![], vec![Unit, Unit]]);
    follow(&[Some(Unit), None]);
}

/// JSON cannot tell the second from the third.
#[test]
fn an_option_of_an_option_is_null_or_its_content() {
    assert_eq!(texts(&follow(&[Some(Some(1)), Some(None), None, Some(Some(2))]))[2], "");
}

#[test]
fn bytes_are_a_list_of_numbers() {
    struct Bytes(Vec<u8>);
    impl Serialize for Bytes {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(&self.0)
        }
    }
    let long: Vec<u8> = (0..=255).collect();
    let values = [vec![], vec![0], vec![0, 255], long.clone(), [&long[..], &[7]].concat(), long[1..].to_vec(), vec![]];
    let patches = follow(&values.map(Bytes));
    assert!(patches[4].len() < 100, "one more is sent as {}", patches[4]);
    follow(&[Some(Bytes(vec![1])), None, Some(Bytes(vec![]))]);
}

#[test]
fn a_char_is_a_text() {
    follow_and_read(&['a', '"', '\\', '\0', '\u{7f}', 'é', '\u{ffff}', '\u{10ffff}']);
    follow_and_read(&[vec!['a', 'b'], vec!['b', 'a']]);
}

#[test]
fn what_is_empty_gets_full_and_empty_again() {
    follow_and_read(&[vec![], vec![1], vec![1, 2, 3], vec![]]);
    follow_and_read(&[String::new(), "a".to_owned(), String::new()]);
    let map = |keys: &[&str]| keys.iter().map(|key| ((*key).to_owned(), vec![1])).collect::<BTreeMap<_, _>>();
    follow_and_read(&[map(&[]), map(&["a"]), map(&["a", "b"]), map(&[])]);
    follow(&[
        json!({ "a": [] }),
        json!({ "a": [{}] }),
        json!({ "a": [{ "b": [] }] }),
        json!({ "a": [[]] }),
        json!({ "a": {} }),
    ]);
}

#[test]
fn a_container_becomes_another_kind_and_comes_back() {
    let kinds =
        [json!(null), json!([]), json!({}), json!([null]), json!({ "0": null }), json!(0), json!("0"), json!(false)];
    for from in &kinds {
        for to in &kinds {
            follow(&[from, to, from]);
            let wraps: [fn(&Value) -> Value; 3] = [
                |value| json!({ "a": value, "filler": "so that a part is shorter than the whole" }),
                |value| json!([value, "filler", value, "so that a part is shorter than the whole"]),
                |value| json!([{ "id": 1, "a": value }, { "id": 2, "a": [value] }]),
            ];
            for wrap in wraps {
                follow(&[wrap(from), wrap(to), wrap(from)]);
            }
        }
    }
}

#[test]
fn arrays_and_tuples_of_a_fixed_length_change_in_place() {
    follow_and_read(&[[1, 2, 3], [1, 2, 4], [3, 2, 1], [2, 3, 1]]);
    follow_and_read(&[(1, "a".to_owned(), None), (1, "b".to_owned(), Some([1.5, 2.5])), (2, String::new(), None)]);
    follow_and_read(&[[[0; 3]; 3], [[0, 1, 0], [0; 3], [0; 3]], [[0; 3], [0, 1, 0], [0; 3]]]);
}

#[test]
fn a_matrix_changes_in_its_cells_and_rows() {
    let matrix: Vec<Vec<u32>> = (0..6).map(|row| (0..6).map(|column| row * 10 + column).collect()).collect();
    let mut values = vec![matrix.clone()];
    let mut change = |change: fn(&mut Vec<Vec<u32>>)| {
        let mut next = values.last().unwrap().clone();
        change(&mut next);
        values.push(next);
    };
    change(|matrix| matrix[2][3] = 7);
    change(|matrix| matrix.swap(0, 5));
    change(|matrix| matrix[1].clear());
    change(|matrix| matrix.insert(1, vec![]));
    change(|matrix| matrix.iter_mut().for_each(|row| row.push(9)));
    change(|matrix| matrix.iter_mut().for_each(|row| row.reverse()));
    change(|matrix| drop(matrix.drain(1..4)));
    follow_and_read(&values);
}

#[test]
fn what_points_to_a_value_is_that_value() {
    let (boxed, counted, shared) = (Box::new(vec![1]), Rc::new(vec![1]), Arc::new(vec![1]));
    let borrowed = Cow::Borrowed(&[1][..]);
    let documents = [Document::of(&boxed), Document::of(&*counted), Document::of(&*shared), Document::of(&borrowed)];
    assert!(documents.iter().all(|document| *document == Document::of(&[1])));
    // Without a size.
    let mut differ: Differ<str> = Differ::new();
    assert!(differ.advance("a", &mut Vec::new()).unwrap());
    let mut differ: Differ<[u8]> = Differ::new();
    assert!(differ.advance(&[1], &mut Vec::new()).unwrap());
    assert!(!differ.advance(&[1], &mut Vec::new()).unwrap());
}

/// Lists in lists, as deep as it says.
struct Nested(usize);

impl Serialize for Nested {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 == 0 { serializer.serialize_unit() } else { serializer.collect_seq([Nested(self.0 - 1)]) }
    }
}

/// The same as maps, structs and variants by turns.
struct Mixed(usize);

impl Serialize for Mixed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::{SerializeStruct, SerializeTupleStruct};
        match self.0 % 4 {
            _ if self.0 == 0 => serializer.serialize_bool(true),
            0 => serializer.collect_map([("a", Mixed(self.0 - 1))]),
            1 => serializer.serialize_newtype_variant("Mixed", 0, "Variant", &Mixed(self.0 - 1)),
            2 => {
                let mut fields = serializer.serialize_struct("Mixed", 1)?;
                fields.serialize_field("field", &Mixed(self.0 - 1))?;
                fields.end()
            }
            _ => {
                let mut fields = serializer.serialize_tuple_struct("Mixed", 1)?;
                fields.serialize_field(&Mixed(self.0 - 1))?;
                fields.end()
            }
        }
    }
}

#[test]
fn a_value_may_be_nested_120_levels_deep() {
    follow(&[Nested(1), Nested(119), Nested(120), Nested(60), Nested(0)]);
    follow(&[Mixed(1), Mixed(119), Mixed(120), Mixed(60), Mixed(0)]);
}

#[test]
fn a_value_that_is_nested_too_deep_is_refused_before_the_stack_ends() {
    for depth in [121, 128, 1_000, usize::MAX] {
        for held in [0, 1, 60, 120] {
            let why = refusal(&Nested(held), &Nested(depth));
            assert!(why.contains("120"), "{why}");
            refusal(&Mixed(held), &Mixed(depth));
        }
    }
}
