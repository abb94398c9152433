use super::*;
use serde::Deserialize;
use serde_json::json;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum External {
    Unit,
    Other,
    Newtype(u8),
    Tuple(u8, String),
    Struct { a: u8, b: Option<u8> },
    Empty {},
    Inner(Box<External>),
}

#[test]
fn an_external_tag_changes_and_comes_back() {
    use External::{Empty, Inner, Newtype, Other, Struct, Tuple, Unit};
    let inner = |inner| Inner(Box::new(inner));
    let values = [
        Unit,
        Other,
        Unit,
        Newtype(1),
        Newtype(2),
        Tuple(2, "a".to_owned()),
        Tuple(2, "b".to_owned()),
        Struct { a: 1, b: None },
        Struct { a: 1, b: Some(1) },
        Empty {},
        inner(Unit),
        inner(inner(Unit)),
        inner(Newtype(1)),
        Newtype(1),
        inner(Newtype(1)),
        Unit,
    ];
    follow_and_read(&values);
    follow_and_read(&values.clone().map(|value| (7, vec![value.clone(), External::Unit, value], "filler".to_owned())));
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
enum Internal {
    Unit,
    Struct { a: u8 },
    Other { a: u8, b: u8 },
    Map(std::collections::BTreeMap<String, u8>),
}

#[test]
fn an_internal_tag_changes_and_comes_back() {
    let map = |key: &str| Internal::Map([(key.to_owned(), 1)].into());
    let values = [
        Internal::Unit,
        Internal::Struct { a: 1 },
        Internal::Other { a: 1, b: 2 },
        Internal::Struct { a: 1 },
        map("a"),
        map("b"),
        Internal::Other { a: 1, b: 2 },
        Internal::Unit,
    ];
    follow_and_read(&values);
    follow_and_read(&values.clone().map(|value| vec![value.clone(), value]));
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "content")]
enum Adjacent {
    Unit,
    Newtype(Option<u8>),
    Tuple(u8, u8),
    Struct { a: u8 },
}

#[test]
fn an_adjacent_tag_changes_and_comes_back() {
    let values = [
        Adjacent::Unit,
        Adjacent::Newtype(None),
        Adjacent::Newtype(Some(1)),
        Adjacent::Tuple(1, 2),
        Adjacent::Struct { a: 1 },
        Adjacent::Tuple(1, 2),
        Adjacent::Unit,
    ];
    follow_and_read(&values);
    follow_and_read(&values.clone().map(|value| vec![value, Adjacent::Unit]));
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Unit,
    Flag(bool),
    Whole(u8),
    Text(String),
    List(Vec<u8>),
    Map { a: u8 },
}

#[test]
fn an_enum_without_tags_changes_its_kind_and_comes_back() {
    let values = [
        Untagged::Unit,
        Untagged::Flag(false),
        Untagged::Whole(0),
        Untagged::Text(String::new()),
        Untagged::List(vec![]),
        Untagged::Map { a: 0 },
        Untagged::List(vec![0]),
        Untagged::Text("0".to_owned()),
        Untagged::Whole(1),
        Untagged::Unit,
    ];
    follow_and_read(&values);
    follow_and_read(&values.clone().map(|value| vec![value.clone(), value, Untagged::Unit]));
}

/// The two variants write the same fields in the same places.
#[test]
fn a_variant_with_the_same_fields_is_told_by_its_tag() {
    #[derive(Serialize)]
    enum State {
        On { level: u8, since: u32 },
        Off { level: u8, since: u32 },
    }
    let values =
        [State::On { level: 1, since: 2 }, State::Off { level: 1, since: 2 }, State::On { level: 1, since: 2 }];
    follow(&values);
    assert_eq!(Document::of(&values[1]).unwrap().to_value(), json!({ "Off": { "level": 1, "since": 2 } }));
}

/// The content of a variant with fields lies two levels further in.
#[test]
fn variants_may_be_nested_120_levels_deep_and_no_deeper() {
    #[derive(Serialize)]
    enum Deep {
        Tuple(Box<Deep>, u8),
        Struct { inner: Box<Deep>, count: u8 },
        End(Vec<u8>),
    }
    let nested = |times: u8, last: Vec<u8>, count: u8| {
        (0..times).fold(Deep::End(last), |inner, level| {
            let (inner, count) = (Box::new(inner), if level == 0 { count } else { 0 });
            if level % 2 == 0 { Deep::Tuple(inner, count) } else { Deep::Struct { inner, count } }
        })
    };
    // Its end is two levels, too.
    follow(&[nested(59, vec![1], 1), nested(59, vec![1], 2), nested(59, vec![1, 2], 2)]);
    let error = refusal(&nested(59, vec![1], 1), &nested(60, vec![1], 1));
    assert!(error.contains("120 levels"), "{error}");
}
