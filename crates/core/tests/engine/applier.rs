//! Any patch on any document: applied as another library does it, or not at all.

use crate::{choices::Choices, ensure::ensure, json, reference, texts};
use leptos_sse_core::Document;
use serde_json::{Value, json};

/// A document, and a patch that may fit it.
pub fn apply_any(choices: &mut Choices) -> Result<(), String> {
    let document = json::value(choices, 0);
    let mut places = vec![String::new()];
    collect_places(&document, "", &mut places);
    let operations: Vec<_> = (0..=choices.below(5)).map(|_| operation(choices, &places)).collect();
    let patch = json!(operations).to_string();
    let is_applied = check(&document.to_string(), &patch)?;
    let mut expected = document.clone();
    // What the other one takes is taken, too, unless it grows beyond bounds, which these do not.
    let fits = reference::apply(&mut expected, &patch).is_ok();
    ensure(is_applied || !fits, || format!("{patch} fits {document}"))
}

/// The lines of a text: the first is a document, the others are patches.
pub fn apply_text(text: &str) -> Result<(), String> {
    let Some((document, patches)) = text.split_once('\n') else { return Ok(()) };
    patches.lines().try_for_each(|patch| check(document, patch).map(drop))
}

/// Whether the patch was applied.
fn check(document: &str, patch: &str) -> Result<bool, String> {
    let Ok(mut changed) = Document::parse(document) else { return Ok(false) };
    let before = changed.clone();
    let before_as_value = before.to_value();
    let mut by_another: Result<Value, _> = serde_json::from_str(document).map_err(|error| error.to_string());
    let unlike = |why: &str| format!("{why}\n{document}\n{patch}");
    if let Err(error) = changed.apply(patch) {
        ensure(error.is_malformed() || error.is_out_of_step(), || unlike(&error.to_string()))?;
        ensure(changed == before, || unlike("a patch that does not fit leaves another document"))?;
        ensure(is_same(&changed.to_value(), &before_as_value), || unlike("the document changes although it is equal"))?;
        return Ok(false);
    }
    ensure(is_same(&before.to_value(), &before_as_value), || unlike("a document changes that was shared"))?;
    if let Ok(value) = &mut by_another
        && reference::apply(value, patch).is_ok()
    {
        let ours = changed.to_value();
        ensure(is_same(&ours, value), || unlike(&format!("{ours} is not {value}")))?;
    }
    Ok(true)
}

fn is_same(one: &Value, other: &Value) -> bool {
    // As texts, zero is not minus zero.
    let (one, other) = (one.to_string(), other.to_string());
    one == other
}

fn collect_places(value: &Value, path: &str, places: &mut Vec<String>) {
    let below: Vec<(String, &Value)> = match value {
        Value::Array(items) => items.iter().enumerate().map(|(place, item)| (place.to_string(), item)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.replace('~', "~0").replace('/', "~1"), value)).collect()
        }
        _ => return,
    };
    for (segment, value) in below {
        let path = format!("{path}/{segment}");
        collect_places(value, &path, places);
        places.push(path);
    }
}

fn operation(choices: &mut Choices, places: &[String]) -> Value {
    let (path, from) = (place(choices, places), place(choices, places));
    match choices.below(12) {
        0 | 1 => json!({ "op": "add", "path": path, "value": json::value(choices, 2) }),
        2 => json!({ "op": "remove", "path": path }),
        3 | 4 => json!({ "op": "replace", "path": path, "value": json::value(choices, 2) }),
        5 | 6 => json!({ "op": "move", "from": from, "path": path }),
        7 | 8 => json!({ "op": "copy", "from": from, "path": path }),
        9 => json!({ "op": "test", "path": path, "value": json::value(choices, 3) }),
        10 => json!({ "op": "str_ins", "path": path, "pos": choices.below(4), "str": texts::short(choices) }),
        _ => json!({ "op": "str_del", "path": path, "pos": choices.below(4), "len": choices.below(4) }),
    }
}

/// One that is there, one beside it, or one that is no place.
fn place(choices: &mut Choices, places: &[String]) -> String {
    let place = choices.pick(places).clone();
    match choices.below(8) {
        0 => place + "/-",
        1 => place + "/" + &choices.below(4).to_string(),
        2 => place + *choices.pick(&["/a", "/", "/01", "/-1", "/+0", "/~1", "/~", "x", "/99999999999999999999", "/é"]),
        _ => place,
    }
}
