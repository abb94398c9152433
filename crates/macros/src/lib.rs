//! The derive macro of `leptos_sse`, which re-exports it: use it from there.

mod case;
mod expand;
mod serde_attributes;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Derives `Rebuild`, beside serde's `Deserialize`: a signal of the type rebuilds only what the server changed.
///
/// A struct is rebuilt field by field. Each field's type has `Rebuild` too, or the field says `#[rebuild(whole)]`, and is
/// read as a whole when anything in it was touched. An enum, and a type that says `#[rebuild(whole)]` itself, is read as a
/// whole.
///
/// Serde's attributes are honoured: names, renames, fields that are skipped and those with functions of their own. A struct with
/// one that changes its JSON in another way, such as `flatten`, `from` or `try_from`, is read as a whole. A `Deserialize` that
/// is written by hand cannot be seen from here: such a type says `#[rebuild(whole)]`.
///
/// For stores, it reads the `#[store(key: … = …)]` of the derive macro `Store` of `reactive_stores`: an item of such a list is
/// told of by its key.
#[proc_macro_derive(Rebuild, attributes(rebuild, serde, store))]
pub fn derive_rebuild(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::rebuild(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}
