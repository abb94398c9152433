//! A person's first letter, in a colour that is always theirs.

use leptos::prelude::*;

#[component]
pub fn Avatar(name: String) -> impl IntoView {
    let first = name.chars().next().map(|first| first.to_uppercase().to_string());
    view! {
        <span class="avatar" aria-hidden="true" style=("--hue", hue(&name).to_string())>
            {first}
        </span>
    }
}

/// A colour's angle; the factor, about the golden angle, sets names apart that differ by little.
pub fn hue(name: &str) -> u32 {
    name.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into())) % 360 * 137 % 360
}

#[cfg(test)]
mod tests {
    use super::hue;

    #[test]
    fn a_name_keeps_its_colour() {
        assert_eq!(hue("ada"), hue("ada"));
        assert_ne!(hue("ada"), hue("grace"));
        assert!(hue("a-name-of-20-letters") < 360);
    }
}
