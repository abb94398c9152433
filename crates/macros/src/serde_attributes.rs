//! The attributes of serde, and our own, that decide how a type is read.

use quote::quote;
use syn::{
    Attribute, Error, ExprClosure, ExprPath, Ident, LitStr, Meta, Path, Token, Type,
    meta::ParseNestedMeta,
    parse::{Parse, ParseStream},
    parse_quote,
    punctuated::Punctuated,
};

/// How a type is read.
pub(crate) struct Container {
    /// The crate that has the trait: `::leptos_sse`, unless `#[rebuild(crate = "..")]` names another.
    pub(crate) krate: Path,
    /// In a way that cannot be followed field by field.
    pub(crate) whole: bool,
    pub(crate) transparent: bool,
    pub(crate) denies_unknown_fields: bool,
    pub(crate) rename_all: Option<String>,
}

/// How a field is read.
#[derive(Default)]
pub(crate) struct Field {
    /// In a way that the whole struct is to be read for.
    pub(crate) whole_struct: bool,
    /// Without a look into it.
    pub(crate) whole: bool,
    pub(crate) skipped: bool,
    pub(crate) rename: Option<String>,
    pub(crate) aliases: Vec<String>,
    /// By this function.
    pub(crate) with: Option<Path>,
    /// The key of the items for a store, if the field is a keyed list.
    pub(crate) key: Option<StoreKey>,
}

/// `key: u64 = |item| item.id`, as the derive macro of `reactive_stores` reads it.
pub(crate) struct StoreKey {
    pub(crate) of: Type,
    pub(crate) read: ExprClosure,
}

impl Container {
    pub(crate) fn of(attributes: &[Attribute]) -> Result<Self, Error> {
        let own = Own::of(attributes)?;
        let mut container = Self {
            krate: own.krate.unwrap_or_else(|| parse_quote!(::leptos_sse)),
            whole: own.whole,
            transparent: false,
            denies_unknown_fields: false,
            rename_all: None,
        };
        each_of_serde(attributes, |meta| {
            match name_of(&meta.path).as_str() {
                "transparent" => container.transparent = true,
                "deny_unknown_fields" => container.denies_unknown_fields = true,
                "rename_all" => container.rename_all = name(&meta)?.or(container.rename_all.take()),
                "rename" | "default" | "bound" | "crate" | "expecting" | "into" => skip(&meta)?,
                _ => {
                    container.whole = true;
                    skip(&meta)?;
                }
            }
            Ok(())
        })?;
        Ok(container)
    }
}

impl Field {
    pub(crate) fn of(attributes: &[Attribute]) -> Result<Self, Error> {
        let own = Own::of(attributes)?;
        if let Some(krate) = own.krate {
            return Err(Error::new_spanned(krate, "`#[rebuild(crate = \"..\")]` stands above the type"));
        }
        let mut field = Self { whole: own.whole, key: store_key(attributes), ..Self::default() };
        each_of_serde(attributes, |meta| {
            match name_of(&meta.path).as_str() {
                "skip" | "skip_deserializing" => field.skipped = true,
                "rename" => field.rename = name(&meta)?.or(field.rename.take()),
                "alias" => field.aliases.push(meta.value()?.parse::<LitStr>()?.value()),
                "with" => {
                    let module: ExprPath = meta.value()?.parse::<LitStr>()?.parse()?;
                    field.with = Some(syn::parse2(quote!(#module::deserialize)).map(|path: ExprPath| path.path)?);
                    field.whole_struct |= module.qself.is_some();
                }
                "deserialize_with" => {
                    let function: ExprPath = meta.value()?.parse::<LitStr>()?.parse()?;
                    field.whole_struct |= function.qself.is_some();
                    field.with = Some(function.path);
                }
                "default" | "bound" | "borrow" | "skip_serializing" | "skip_serializing_if" | "serialize_with" => {
                    skip(&meta)?;
                }
                _ => {
                    field.whole_struct = true;
                    skip(&meta)?;
                }
            }
            Ok(())
        })?;
        Ok(field)
    }

    /// Whether nothing is said about it.
    pub(crate) fn is_plain(&self) -> bool {
        !self.whole_struct && !self.whole && !self.skipped && self.with.is_none()
    }
}

/// The content of `#[rebuild(..)]`.
#[derive(Default)]
struct Own {
    whole: bool,
    krate: Option<Path>,
}

impl Own {
    fn of(attributes: &[Attribute]) -> Result<Self, Error> {
        let mut own = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("rebuild")) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("whole") {
                    own.whole = true;
                } else if meta.path.is_ident("crate") {
                    own.krate = Some(meta.value()?.parse::<LitStr>()?.parse()?);
                } else {
                    return Err(meta.error("expected `#[rebuild(whole)]` or `#[rebuild(crate = \"..\")]`"));
                }
                Ok(())
            })?;
        }
        Ok(own)
    }
}

/// The key of `#[store(key: …)]`. The macro that owns the attribute reports mistakes in it.
fn store_key(attributes: &[Attribute]) -> Option<StoreKey> {
    let attribute = attributes.iter().find(|attribute| attribute.path().is_ident("store"))?;
    attribute.parse_args::<StoreKey>().ok()
}

impl Parse for StoreKey {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        let mode: Ident = input.parse()?;
        if mode != "key" {
            return Err(input.error("no key"));
        }
        input.parse::<Token![:]>()?;
        let of = input.parse()?;
        input.parse::<Token![=]>()?;
        let read = input.parse()?;
        input.parse::<Option<Token![,]>>()?;
        Ok(Self { of, read })
    }
}

fn each_of_serde(
    attributes: &[Attribute],
    mut each: impl FnMut(ParseNestedMeta<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        if matches!(attribute.meta, Meta::List(_)) {
            attribute.parse_nested_meta(&mut each)?;
        }
    }
    Ok(())
}

fn name_of(path: &Path) -> String {
    path.get_ident().map(ToString::to_string).unwrap_or_default()
}

/// The name for reading, of `rename = "…"` or `rename(deserialize = "…")`.
fn name(meta: &ParseNestedMeta<'_>) -> Result<Option<String>, Error> {
    if meta.input.peek(Token![=]) {
        return Ok(Some(meta.value()?.parse::<LitStr>()?.value()));
    }
    let mut name = None;
    meta.parse_nested_meta(|side| {
        let text = side.value()?.parse::<LitStr>()?.value();
        if side.path.is_ident("deserialize") {
            name = Some(text);
        }
        Ok(())
    })?;
    Ok(name)
}

/// Skips the value of an attribute that has no meaning here.
fn skip(meta: &ParseNestedMeta<'_>) -> Result<(), Error> {
    if meta.input.peek(Token![=]) {
        meta.value()?.parse::<syn::Expr>()?;
    } else if meta.input.peek(syn::token::Paren) {
        let content;
        syn::parenthesized!(content in meta.input);
        Punctuated::<Meta, Token![,]>::parse_terminated(&content)?;
    }
    Ok(())
}
