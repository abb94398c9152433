//! The names of fields under `#[serde(rename_all = "…")]`, as serde makes them.

/// The name of a field by a rule; `None` when the rule is not known.
pub(crate) fn renamed(rule: &str, field: &str) -> Option<String> {
    Some(match rule {
        "lowercase" | "snake_case" => field.to_owned(),
        "UPPERCASE" | "SCREAMING_SNAKE_CASE" => field.to_ascii_uppercase(),
        "PascalCase" => pascal(field),
        "camelCase" => camel(field),
        "kebab-case" => field.replace('_', "-"),
        "SCREAMING-KEBAB-CASE" => field.to_ascii_uppercase().replace('_', "-"),
        _ => return None,
    })
}

fn pascal(field: &str) -> String {
    let mut capital = true;
    let mut name = String::new();
    for char in field.chars() {
        if char == '_' {
            capital = true;
        } else {
            name.push(if capital { char.to_ascii_uppercase() } else { char });
            capital = false;
        }
    }
    name
}

fn camel(field: &str) -> String {
    let mut name = pascal(field);
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_serde() {
        let cases = [
            ("lowercase", "outcome", "very_tasty"),
            ("UPPERCASE", "OUTCOME", "VERY_TASTY"),
            ("PascalCase", "Outcome", "VeryTasty"),
            ("camelCase", "outcome", "veryTasty"),
            ("snake_case", "outcome", "very_tasty"),
            ("SCREAMING_SNAKE_CASE", "OUTCOME", "VERY_TASTY"),
            ("kebab-case", "outcome", "very-tasty"),
            ("SCREAMING-KEBAB-CASE", "OUTCOME", "VERY-TASTY"),
        ];
        for (rule, outcome, very_tasty) in cases {
            assert_eq!(renamed(rule, "outcome").as_deref(), Some(outcome), "{rule}");
            assert_eq!(renamed(rule, "very_tasty").as_deref(), Some(very_tasty), "{rule}");
        }
        assert_eq!(renamed("Train-Case", "outcome"), None);
    }
}
