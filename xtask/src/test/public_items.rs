//! How many public items stand at the root of `leptos_sse`, where a reader of its documentation begins.
//!
//! rustdoc's JSON would tell, but only nightly Rust writes it. So the source is read, which needs every name at the root to
//! stand there: a glob is an error.

use crate::paths;
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::fs;
use syn::{Attribute, Item, UseTree, Visibility};

/// A reader can survey so many.
const MOST: usize = 60;

/// Tells how many there are, and fails when they are too many.
pub fn check() -> Result<()> {
    let file = paths::root().join("src/lib.rs");
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let names = names(&text)?;
    let is_type = |name: &&String| name.starts_with(char::is_uppercase);
    let types = names.iter().filter(is_type).count();
    println!("{} public items at the root: {types} types, {} functions and macros", names.len(), names.len() - types);
    if names.len() > MOST {
        let names: Vec<_> = names.into_iter().collect();
        bail!("more than {MOST} public items at the root: {}", names.join(", "));
    }
    Ok(())
}

/// The public names at the root, but for modules: each once, whatever its `cfg` says.
fn names(text: &str) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for item in syn::parse_file(text)?.items {
        let (attributes, visibility, name) = match &item {
            Item::Use(item) => {
                if is_public(&item.vis) && !is_hidden(&item.attrs) {
                    collect(&item.tree, None, &mut names)?;
                }
                continue;
            }
            Item::Const(item) => (&item.attrs, &item.vis, &item.ident),
            Item::Enum(item) => (&item.attrs, &item.vis, &item.ident),
            Item::Fn(item) => (&item.attrs, &item.vis, &item.sig.ident),
            Item::Static(item) => (&item.attrs, &item.vis, &item.ident),
            Item::Struct(item) => (&item.attrs, &item.vis, &item.ident),
            Item::Trait(item) => (&item.attrs, &item.vis, &item.ident),
            Item::Type(item) => (&item.attrs, &item.vis, &item.ident),
            _ => continue,
        };
        if is_public(visibility) && !is_hidden(attributes) {
            names.insert(name.to_string());
        }
    }
    Ok(names)
}

/// `parent` is what stands before the tree.
fn collect(tree: &UseTree, parent: Option<String>, names: &mut BTreeSet<String>) -> Result<()> {
    match tree {
        UseTree::Path(path) => collect(&path.tree, Some(path.ident.to_string()), names)?,
        UseTree::Group(group) => group.items.iter().try_for_each(|tree| collect(tree, parent.clone(), names))?,
        UseTree::Name(name) if is_module(parent.as_deref(), &name.ident.to_string()) => {}
        UseTree::Name(name) => drop(names.insert(name.ident.to_string())),
        UseTree::Rename(rename) if rename.rename != "_" => drop(names.insert(rename.rename.to_string())),
        UseTree::Rename(_) => {}
        UseTree::Glob(_) => bail!("a glob at the root hides what is public: name each item"),
    }
    Ok(())
}

/// Whether it is a module of another crate here, which has a file of that name.
fn is_module(parent: Option<&str>, name: &str) -> bool {
    let Some(of) = parent.and_then(|parent| parent.strip_prefix("leptos_sse_")) else { return false };
    let sources = paths::root().join("crates").join(of).join("src");
    sources.join(name).is_dir() || sources.join(format!("{name}.rs")).is_file()
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn is_hidden(attributes: &[Attribute]) -> bool {
    let is_doc_hidden = |attribute: &Attribute| {
        let mut is_hidden = false;
        // What is no list, as a comment, has nothing to look at.
        _ = attribute.parse_nested_meta(|meta| {
            is_hidden |= meta.path.is_ident("hidden");
            Ok(())
        });
        is_hidden && attribute.path().is_ident("doc")
    };
    attributes.iter().any(is_doc_hidden)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(text: &str) -> Vec<String> {
        names(text).unwrap().into_iter().collect()
    }

    #[test]
    fn names_that_are_public_are_counted_once() {
        let text = "
            //! A crate.
            mod a;
            pub mod b;
            /// Documented.
            #[cfg(feature = \"x\")]
            pub use a::{One, deep::{two, Three as Drei}};
            #[cfg(not(feature = \"x\"))]
            pub use b::One;
            pub use std::fmt::Debug as _;
            pub use leptos_sse_core::document;
            #[doc(hidden)]
            pub use a::Private;
            pub(crate) use a::Inner;
            pub fn four() {}
            fn five() {}
            pub struct Six;
        ";
        assert_eq!(listed(text), ["Drei", "One", "Six", "four", "two"]);
    }

    #[test]
    fn a_glob_is_refused() {
        assert!(names("pub use a::*;").unwrap_err().to_string().contains("glob"));
    }

    #[test]
    fn the_crate_itself_can_be_read() {
        check().unwrap();
        let text = fs::read_to_string(paths::root().join("src/lib.rs")).unwrap();
        assert!(listed(&text).contains(&"provide_sse".to_owned()));
    }
}
