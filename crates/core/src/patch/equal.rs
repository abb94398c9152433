//! Whether two nodes are equal, as `test` sees them.

use crate::document::Node;

/// "numbers: are considered equal if their values are numerically equal", so that `1` is `1.0`; all else is as nodes are.
pub(super) fn is_equal(a: &Node, b: &Node) -> bool {
    match (a, b) {
        (Node::Array(a), Node::Array(b)) => {
            a.items.len() == b.items.len() && a.items.iter().zip(&b.items).all(|(a, b)| is_equal(a, b))
        }
        (Node::Object(a), Node::Object(b)) => {
            let is_held = |name: &str, node| b.get(name).is_some_and(|other| is_equal(node, other));
            a.len() == b.len() && a.iter().all(|(name, node)| is_held(name, node))
        }
        (a, b) => a == b || is_number(a) && is_number(b) && decimal(a) == decimal(b),
    }
}

fn is_number(node: &Node) -> bool {
    matches!(node, Node::Unsigned(_) | Node::Negative(_) | Node::Float(_) | Node::Single(_) | Node::Number(_))
}

/// The value of a number: whether it is negative, its digits without zeros at either end, and the place of the point behind
/// the first one. None is a number that no digits can have.
fn decimal(node: &Node) -> Option<(bool, String, i64)> {
    let text = node.number_text()?;
    let (is_negative, text) = text.strip_prefix('-').map_or((false, &*text), |text| (true, text));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = whole.to_owned() + fraction;
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        return Some((false, String::new(), 0));
    }
    let zeros = i64::try_from(digits.len() - significant.len()).ok()?;
    let point = i64::try_from(whole.len()).ok()? - zeros;
    let exponent: i64 = exponent.parse().ok()?;
    Some((is_negative, significant.trim_end_matches('0').to_owned(), exponent.checked_add(point)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_equal_by_their_values() {
        let equal = ["1", "1.0", "10e-1", "0.1e1", "1.000", "100e-2"];
        let other = ["-1", "1.1", "10", "0.1", "1e1", "2", "0", "\"1\"", "true", "[1]", "18446744073709551617"];
        for a in equal {
            equal.iter().for_each(|b| assert!(check(a, b), "{a} {b}"));
            other.iter().for_each(|b| assert!(!check(a, b) && !check(b, a), "{a} {b}"));
        }
        for (a, b) in
            [("0", "-0.0"), ("0", "0e5"), ("-5", "-5.0"), ("1e20", "100000000000000000000"), ("1.5e3", "1500")]
        {
            assert!(check(a, b), "{a} {b}");
        }
        assert!(check(r#"{"a":[1,{"b":2}],"c":null}"#, r#"{"c":null,"a":[1.0,{"b":20e-1}]}"#));
        assert!(!check(r#"{"a":1}"#, r#"{"b":1}"#) && !check("[1]", "[1,1]"));
        // Each is some f64, and none is the other one.
        assert!(!check("9007199254740993", "9007199254740992.0"));
        assert!(is_equal(&Node::Single(0.1), &Node::Float(0.1)));
        assert!(is_equal(&Node::Number("1e400".into()), &Node::Number("10e399".into())));
    }

    fn check(a: &str, b: &str) -> bool {
        let read = |text| serde_json::from_str::<Node>(text).unwrap();
        is_equal(&read(a), &read(b))
    }
}
