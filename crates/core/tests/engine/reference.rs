//! Patches as another library applies them, with the two operations within texts as `json-joy` defines them.

use json_patch::PatchOperation;
use serde_json::Value;

/// Applies a patch, operation by operation.
pub fn apply(document: &mut Value, patch: &str) -> Result<(), String> {
    let operations: Vec<Value> = serde_json::from_str(patch).map_err(|error| format!("{error}: {patch}"))?;
    operations.iter().try_for_each(|operation| {
        apply_one(document, operation).ok_or_else(|| format!("{operation} does not fit {document} in {patch}"))
    })
}

fn apply_one(document: &mut Value, operation: &Value) -> Option<()> {
    let op = operation["op"].as_str()?;
    if op != "str_ins" && op != "str_del" {
        let operation: PatchOperation = serde_json::from_value(operation.clone()).ok()?;
        return json_patch::patch(document, &[operation]).ok();
    }
    let text = document.pointer_mut(operation["path"].as_str()?)?;
    let mut units: Vec<_> = text.as_str()?.encode_utf16().collect();
    let number = |name: &str| operation[name].as_u64().and_then(|number| usize::try_from(number).ok());
    let start = number("pos").filter(|start| *start <= units.len())?;
    let (end, new) = match op {
        "str_ins" => (start, operation["str"].as_str()?),
        _ => (start + number("len")?, ""),
    };
    // A pair that was split is no text any more.
    String::from_utf16(&units[..start]).ok()?;
    String::from_utf16(units.get(end..)?).ok()?;
    units.splice(start..end, new.encode_utf16());
    *text = String::from_utf16(&units).ok()?.into();
    Some(())
}
