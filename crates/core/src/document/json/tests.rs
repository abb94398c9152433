use super::super::{Document, node::Object, number::number_of, private::NUMBER};
use super::*;
use serde_json::{Value, json};
use std::sync::Arc;

#[test]
fn siblings_with_the_same_keys_share_them() {
    let text =
        r#"[{"id":1,"by":{"name":"a"}},{"id":2,"by":{"name":"b"}},{"id":3},{"by":{"name":"c"},"id":4},{"id":5}]"#;
    let document = Document::parse(text).unwrap();
    assert_eq!(document.to_string(), text);
    let objects = items(&document).iter().map(object).collect::<Vec<_>>();
    let shapes: Vec<_> = objects.iter().map(|object| Arc::as_ptr(object.shape())).collect();
    assert_eq!(shapes[0], shapes[1]);
    assert_eq!(shapes[2], shapes[4]);
    assert!(shapes[0] != shapes[2] && shapes[0] != shapes[3]);
    let inner =
        [(0, 1), (1, 1), (3, 0)].map(|(item, place)| Arc::as_ptr(object(&objects[item].nodes()[place]).shape()));
    assert!(inner.iter().all(|shape| *shape == inner[0]));
}

#[test]
fn the_keys_of_a_large_map_are_its_own() {
    let map: Value = (0..100).map(|at| (format!("key {at}"), json!(at))).collect::<serde_json::Map<_, _>>().into();
    let document = Document::from(&json!([map, map]));
    let read = Document::parse(&document.to_string()).unwrap();
    assert_eq!(read, document);
    let shapes: Vec<_> = items(&read).iter().map(|item| Arc::as_ptr(object(item).shape())).collect();
    assert_ne!(shapes[0], shapes[1]);
}

#[test]
fn of_a_key_that_comes_twice_the_last_one_counts() {
    let many: String = (0..50).map(|at| format!(r#""{at:02}":{at},"#)).collect();
    let cases = [
        (r#"{"a":1,"a":2}"#.to_owned(), "a", 2),
        (r#"{"a":1,"b":1,"c":1,"b":3}"#.to_owned(), "b", 3),
        (r#"{"a":1,"b":1,"a":3,"b":4,"a":5}"#.to_owned(), "a", 5),
        (format!("{{{many}\"07\":99}}"), "07", 99),
        (format!("{{{many}\"49\":99}}"), "49", 99),
        (format!("{{\"49\":1,{many}\"07\":98}}"), "07", 98),
    ];
    for (text, key, expected) in cases {
        for times in [1, 2] {
            let document = Document::parse(&format!("[{}]", vec![text.as_str(); times].join(","))).unwrap();
            for item in items(&document) {
                let object = object(item);
                assert_eq!(object.get(key), Some(&Node::Unsigned(expected)), "{text}");
                let names: std::collections::HashSet<_> = object.iter().map(|(name, _)| name).collect();
                assert_eq!(names.len(), object.len(), "{text}");
            }
            assert_eq!(document.to_value(), serde_json::from_str::<Value>(&document.to_string()).unwrap());
        }
    }
}

/// Each would have a place among the keys that are known.
#[test]
fn objects_without_end_that_are_all_unlike_are_read() {
    let unlike: Vec<Value> = (0..3_000).map(|at| json!({ "id": at, format!("{at}"): 1, "z": 2 })).collect();
    let value = Value::from(unlike);
    let document = Document::parse(&value.to_string()).unwrap();
    assert_eq!(document.to_value(), value);
}

#[test]
fn numbers_keep_their_kind() {
    let cases = [
        ("0", Node::Unsigned(0)),
        ("18446744073709551615", Node::Unsigned(u64::MAX)),
        ("-1", Node::Negative(-1)),
        ("-9223372036854775808", Node::Negative(i64::MIN)),
        ("1.0", Node::Float(1.0)),
        ("-0", Node::Float(-0.0)),
        ("18446744073709551616", Node::Float(18_446_744_073_709_551_616.0)),
        ("0.1", Node::Float(0.1)),
    ];
    for (text, expected) in cases {
        assert_eq!(Document::parse(text).unwrap().root(), &expected, "{text}");
    }
    for text in ["1e999", "01", "+1", ".5", "NaN", "Infinity", "1.", "-"] {
        assert!(Document::parse(text).unwrap_err().is_malformed(), "{text}");
    }
}

/// Whoever may choose keys and texts does not make a number of them.
#[test]
fn an_object_that_looks_like_a_number_is_one_only_where_serde_json_makes_such() {
    let text = format!(r#"{{"{NUMBER}":"5"}}"#);
    let expected: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(Document::parse(&text).unwrap().to_value(), expected);
}

#[test]
fn the_text_of_a_number_is_kept_where_a_number_has_another() {
    let texts =
        ["1", "-1", "0.1", "1.0", "1e300", "-0", "1.00", "1e2", "1e999", "18446744073709551616", "0.10000000000000001"];
    for text in texts {
        let document = Document::new(number_of(text));
        let shown = document.to_string();
        assert!(
            shown == text || shown.parse::<f64>().unwrap().to_bits() == text.parse::<f64>().unwrap().to_bits(),
            "{text}"
        );
    }
    assert_eq!(number_of("5"), Node::Unsigned(5));
    assert_eq!(number_of("-5"), Node::Negative(-5));
    assert_eq!(number_of("0.1"), Node::Float(0.1));
    assert_eq!(number_of("1.00"), Node::Number("1.00".into()));
    assert_eq!(number_of("18446744073709551616"), Node::Number("18446744073709551616".into()));
}

#[test]
fn a_document_nests_as_deep_as_serde_json_reads() {
    let nested = |levels| "[".repeat(levels) + &"]".repeat(levels);
    Document::parse(&nested(127)).unwrap();
    assert!(Document::parse(&nested(128)).unwrap_err().is_malformed());
}

fn items(document: &Document) -> &[Node] {
    match document.root() {
        Node::Array(array) => &array.items,
        other => panic!("{other:?}"),
    }
}

fn object(node: &Node) -> &Object {
    match node {
        Node::Object(object) => object,
        other => panic!("{other:?}"),
    }
}
