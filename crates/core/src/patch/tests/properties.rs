//! Random documents and random operations, against `json_patch` and a text's UTF-16 units.

use crate::document::Document;
use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::{Value, json};

proptest! {
    /// All of a patch is applied as others apply it, or none of it; and then the members have their order, too.
    #[test]
    fn a_patch_is_applied_as_others_do_or_not_at_all(text in document(), drafts in vec(draft(), 0..8)) {
        let mut expected: Value = serde_json::from_str(&text).unwrap();
        let mut operations = Vec::new();
        let mut is_applied = true;
        for draft in drafts {
            let operation = draft.operation(&expected);
            is_applied = apply_by_others(&mut expected, &operation);
            operations.push(operation);
            if !is_applied {
                break;
            }
        }
        let mut document = Document::parse(&text).unwrap();
        let before = document.to_string();
        let patch = Value::from(operations).to_string();
        let applied = document.apply(&patch);
        prop_assert_eq!(applied.is_ok(), is_applied, "{} on {}: {:?}", patch, before, applied);
        if is_applied {
            prop_assert_eq!(document.to_value(), expected, "{} on {}", patch, before);
        } else {
            prop_assert!(applied.unwrap_err().is_out_of_step());
            prop_assert_eq!(document.to_string(), before, "{}", patch);
        }
    }

    #[test]
    fn a_document_is_read_as_it_was_written(text in document()) {
        let document = Document::parse(&text).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&document, &Document::from(&value));
        prop_assert_eq!(document.to_value(), value);
        prop_assert_eq!(Document::parse(&document.to_string()).unwrap(), document);
    }

    #[test]
    fn a_document_of_any_characters_is_none_or_what_others_read(text in "[\\[\\]{}\",:0-9a\\\\eu.+ -]{0,24}") {
        let ours = Document::parse(&text).map(|document| document.to_value());
        prop_assert_eq!(ours.ok(), serde_json::from_str(&text).ok());
    }
}

/// An operation of which the places are not known yet: they lie in a document, as a rule.
#[derive(Clone, Debug)]
struct Draft {
    op: &'static str,
    path: Place,
    from: Place,
    value: String,
    position: Index,
    len: usize,
    text: String,
}

type Place = (Index, &'static str);

impl Draft {
    fn operation(&self, document: &Value) -> Value {
        let mut places = Vec::new();
        pointers(document, String::new(), &mut places);
        let place = |(index, more): &Place| format!("{}{more}", index.get(&places));
        let path = place(&self.path);
        let units = document.pointer(&path).and_then(Value::as_str).map_or(0, |text| text.encode_utf16().count());
        let value: Value = serde_json::from_str(&self.value).unwrap();
        json!({
            "op": self.op, "path": path, "from": place(&self.from), "value": value,
            "pos": self.position.index(units + 2), "str": self.text, "len": self.len,
        })
        .as_object()
        .unwrap()
        .iter()
        // Either tells how much is deleted.
        .filter(|(name, _)| self.op != "str_del" || *name != "str")
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
    }
}

fn draft() -> impl Strategy<Value = Draft> {
    let op = prop_oneof![
        Just("add"),
        Just("remove"),
        Just("replace"),
        Just("move"),
        Just("copy"),
        Just("test"),
        Just("str_ins"),
        Just("str_del")
    ];
    let more = || prop_oneof![6 => Just(""), 1 => Just("/-"), 1 => Just("/0"), 1 => Just("/a"), 1 => Just("/01"), 1 => Just("/~1")];
    let place = || (any::<Index>(), more());
    (op, place(), place(), document(), any::<Index>(), 0..4_usize, words())
        .prop_map(|(op, path, from, value, position, len, text)| Draft { op, path, from, value, position, len, text })
}

/// All places in a document.
fn pointers(value: &Value, place: String, places: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| pointers(item, format!("{place}/{at}"), places));
        }
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            let name = name.replace('~', "~0").replace('/', "~1");
            pointers(value, format!("{place}/{name}"), places);
        }),
        _ => {}
    }
    places.push(place);
}

/// The text of a document, whose members are in no order.
fn document() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|bool| bool.to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        (0..3_u64).prop_map(|number| number.to_string()),
        any::<f64>().prop_filter_map("finite", |number| Some(serde_json::Number::from_f64(number)?.to_string())),
        words().prop_map(|text| Value::from(text).to_string()),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        let name = prop_oneof![Just("a"), Just("b"), Just("c"), Just("d"), Just(""), Just("/"), Just("~1"), Just("é")];
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(|items| format!("[{}]", items.join(","))),
            vec((name, inner), 0..6).prop_map(|members| {
                let members = members.iter().map(|(name, text)| format!("{}:{text}", Value::from(*name)));
                format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
            }),
        ]
    })
}

/// Texts with characters of one and two units, and such as belong together.
fn words() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("a"),
        Just("bc"),
        Just("é"),
        Just("e\u{301}"),
        Just("🙂"),
        Just("\u{1F469}\u{200D}\u{1F680}"),
        Just("日"),
        Just("\n\"")
    ];
    vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

/// Whether an operation fits; the document may be anything where it does not.
fn apply_by_others(document: &mut Value, operation: &Value) -> bool {
    if !operation["op"].as_str().unwrap().starts_with("str_") {
        let patch: json_patch::Patch = serde_json::from_value(json!([operation])).unwrap();
        return json_patch::patch_unsafe(document, &patch.0).is_ok();
    }
    let number = |name: &str| usize::try_from(operation[name].as_u64().unwrap()).unwrap();
    let Some(Value::String(text)) = document.pointer_mut(operation["path"].as_str().unwrap()) else { return false };
    let mut units: Vec<u16> = text.encode_utf16().collect();
    let position = number("pos");
    if position > units.len() || String::from_utf16(&units[..position]).is_err() {
        return false;
    }
    if operation["op"] == "str_ins" {
        let inserted = operation["str"].as_str().unwrap().encode_utf16();
        units.splice(position..position, inserted);
    } else {
        let end = position + number("len");
        if end > units.len() || String::from_utf16(&units[position..end]).is_err() {
            return false;
        }
        units.drain(position..end);
    }
    *text = String::from_utf16(&units).unwrap();
    true
}
