//! The implementation of `Rebuild` for a type.

use crate::{
    case::renamed,
    serde_attributes::{Container, Field, StoreKey},
};
use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{format_ident, quote_spanned};
use std::collections::HashSet;
use syn::{
    Data, DeriveInput, Error, Fields, Generics, Ident, Member, Path, Type, ext::IdentExt, parse_quote, spanned::Spanned,
};

/// Quotes code whose local names are its own, so that they hide no name of the user's.
macro_rules! code {
    ($($code:tt)*) => { quote_spanned!(Span::mixed_site()=> $($code)*) };
}

/// The implementation of `Rebuild`, with what it needs, where no name meets another's.
pub(crate) fn rebuild(input: &DeriveInput) -> Result<TokenStream, Error> {
    let container = Container::of(&input.attrs)?;
    let items = items(input, &container)?;
    Ok(in_private(&container.krate, &items))
}

fn items(input: &DeriveInput, container: &Container) -> Result<TokenStream, Error> {
    let data = match &input.data {
        Data::Struct(data) => data,
        Data::Enum(_) => return Ok(whole(input)),
        Data::Union(_) => return Err(Error::new(input.ident.span(), "a union cannot be rebuilt")),
    };
    let fields = data.fields.iter().zip(data.fields.members()).map(|(field, member)| {
        let says = Field::of(&field.attrs)?;
        Ok(Read { names: names(container, &member, &says), member, says, of: without_self(&field.ty, input)? })
    });
    let fields: Vec<Read> = fields.collect::<Result<_, Error>>()?;
    if container.whole || fields.iter().any(|field| field.says.whole_struct) {
        return Ok(whole(input));
    }
    let is_newtype = matches!(data.fields, Fields::Unnamed(_)) && fields.len() == 1;
    Ok(match &data.fields {
        _ if container.transparent || is_newtype => match &*fields {
            [field] if field.says.is_plain() => inner(input, field),
            _ => whole(input),
        },
        Fields::Named(_) => match named_fields(&fields) {
            Some(names) if !names.is_empty() => named(input, container, &fields, &names),
            _ => whole(input),
        },
        Fields::Unnamed(_) if !fields.iter().any(|field| field.says.skipped) => places(input, &fields),
        Fields::Unnamed(_) | Fields::Unit => whole(input),
    })
}

/// A field, and how it is read.
struct Read {
    member: Member,
    says: Field,
    /// The names it is read by; `None` when a rule is not known.
    names: Option<Vec<String>>,
    of: Type,
}

impl Read {
    /// Whether it is read by its type's `Rebuild`.
    fn is_rebuilt(&self) -> bool {
        !self.says.whole && !self.says.skipped && self.says.with.is_none() && self.says.aliases.is_empty()
    }

    /// Whether it is read as a whole by its type's `Deserialize`.
    fn is_whole(&self) -> bool {
        !self.is_rebuilt() && !self.says.skipped && self.says.with.is_none()
    }
}

fn names(container: &Container, member: &Member, says: &Field) -> Option<Vec<String>> {
    let Member::Named(name) = member else { return Some(Vec::new()) };
    let own = name.unraw().to_string();
    let name = match (&says.rename, &container.rename_all) {
        (Some(name), _) => name.clone(),
        (None, Some(rule)) => renamed(rule, &own)?,
        (None, None) => own,
    };
    Some([name].into_iter().chain(says.aliases.iter().cloned()).collect())
}

/// The names of the fields in their order, each with its field; `None` when two fields share a name.
fn named_fields(fields: &[Read]) -> Option<Vec<(&str, usize)>> {
    let mut named = Vec::new();
    for (number, field) in fields.iter().enumerate().filter(|(_, field)| !field.says.skipped) {
        named.extend(field.names.as_ref()?.iter().map(|name| (&**name, number)));
    }
    let different: HashSet<&str> = named.iter().map(|(name, _)| *name).collect();
    (different.len() == named.len()).then_some(named)
}

/// The type is read as a whole.
fn whole(input: &DeriveInput) -> TokenStream {
    let body = code! {
        type Part = Self;

        fn prepare(&self, touched: __leptos_sse::__private::Touched<'_>) -> ::core::result::Result<Self, __leptos_sse::Error> {
            touched.read()
        }

        fn rebuild(&mut self, part: Self) {
            *self = part;
        }
    };
    implementation(input, &with_bounds(input, &[]), &body)
}

/// The type is read as its only field.
fn inner(input: &DeriveInput, field: &Read) -> TokenStream {
    let generics = with_bounds(input, std::slice::from_ref(field));
    let (parameters, arguments, bounds) = generics.split_for_impl();
    let (name, member, of) = (&input.ident, &field.member, &field.of);
    let part = format_ident!("__LeptosSsePart");
    let of_part = part_of(of);
    let touched = code!(touched.map(|touched| {
        ::core::iter::once((::core::option::Option::Some(0), ::core::option::Option::Some(touched)))
    }));
    let mark = mark(std::slice::from_ref(field), &touched, &[0]);
    let body = code! {
        type Part = #part #arguments;

        fn prepare(&self, touched: __leptos_sse::__private::Touched<'_>) -> ::core::result::Result<Self::Part, __leptos_sse::Error> {
            ::core::result::Result::Ok(#part(
                __leptos_sse::Rebuild::prepare(&self.#member, touched)?,
                ::core::marker::PhantomData,
            ))
        }

        fn rebuild(&mut self, part: Self::Part) {
            __leptos_sse::Rebuild::rebuild(&mut self.#member, part.0);
        }

        #mark
    };
    let implementation = implementation(input, &generics, &body);
    code! {
        pub struct #part #parameters(
            #of_part,
            ::core::marker::PhantomData<fn() -> #name #arguments>,
        ) #bounds;

        #implementation
    }
}

/// The struct is read by the names of its fields.
fn named(input: &DeriveInput, container: &Container, fields: &[Read], names: &[(&str, usize)]) -> TokenStream {
    let arms = names.iter().enumerate().filter_map(|(place, (_, number))| {
        let field = &fields[*number];
        // Two names of one field at once are an error of serde's, which only the whole struct shows.
        field.says.aliases.is_empty().then(|| {
            let read = read(field, *number);
            code!((::core::option::Option::Some(#place), ::core::option::Option::Some(touched)) => #read,)
        })
    });
    let unknown = (!container.denies_unknown_fields).then(|| code!((::core::option::Option::None, _) => continue,));
    let mut sorted: Vec<usize> = (0..names.len()).collect();
    // As `Touched::fields` wants them.
    sorted.sort_by_key(|place| (names[*place].0.len(), names[*place].0));
    let numbers: Vec<usize> = names.iter().map(|(_, number)| *number).collect();
    let names = names.iter().map(|(name, _)| name);
    let touched = code!(touched.fields(&[#(#names),*], &[#(#sorted),*]));
    let mark = mark(fields, &code!(touched.and_then(|touched| #touched)), &numbers);
    by_fields(input, fields, &touched, &code!(#(#arms)* #unknown), &mark)
}

/// The struct is read by the places of its fields.
fn places(input: &DeriveInput, fields: &[Read]) -> TokenStream {
    let arms = fields.iter().enumerate().map(|(number, field)| {
        let read = read(field, number);
        code!((#number, touched) => #read,)
    });
    let len = fields.len();
    let touched = code!(touched.places(#len));
    let each = code!(touched.and_then(|touched| #touched).map(|places| places.map(|(place, touched)| {
        (::core::option::Option::Some(place), ::core::option::Option::Some(touched))
    })));
    let mark = mark(fields, &each, &(0..len).collect::<Vec<_>>());
    by_fields(input, fields, &touched, &code!(#(#arms)*), &mark)
}

/// Reads a field that was touched.
fn read(field: &Read, number: usize) -> TokenStream {
    let (field_enum, variant, member, of) =
        (format_ident!("__LeptosSseField"), variant(number), &field.member, &field.of);
    let read = match &field.says.with {
        Some(function) => code! {
            #function(touched.deserializer()).map_err(|error| touched.unreadable::<#of>(error))?
        },
        None if field.is_rebuilt() => code!(__leptos_sse::Rebuild::prepare(&self.#member, touched)?),
        None => code!(touched.read()?),
    };
    code!(#field_enum::#variant(#read))
}

/// Tells a store which fields were touched. `numbers` are those of the fields that `touched` speaks of, by its own numbers.
fn mark(fields: &[Read], touched: &TokenStream, numbers: &[usize]) -> TokenStream {
    let len = fields.len();
    let arms = fields.iter().enumerate().filter_map(|(number, field)| {
        let (member, of) = (&field.member, &field.of);
        let mark = match (&field.says.key, field.is_rebuilt()) {
            (Some(StoreKey { of: key, read }), true) => {
                quote_spanned!{Span::mixed_site().located_at(of.span())=>
                    <#of as __leptos_sse::__private::Keyed>::mark_keyed::<#key, __M>(&self.#member, touched, marks, #read)
                }
            }
            (Some(StoreKey { of: key, read }), false) => code! {
                __leptos_sse::__private::Marks::keyed_whole::<#of, #key>(marks, &self.#member, #read)
            },
            (None, true) => code!(__leptos_sse::Rebuild::mark(&self.#member, touched, marks)),
            (None, false) => return None,
        };
        Some(code!(#number => #mark,))
    });
    code! {
        fn mark<__M: __leptos_sse::__private::Marks>(
            &self,
            touched: ::core::option::Option<__leptos_sse::__private::Touched<'_>>,
            marks: &mut __M,
        ) {
            __leptos_sse::__private::Marks::fields(marks, #touched, &[#(#numbers),*], #len, &mut |number, touched, marks| match number {
                #(#arms)*
                _ => __leptos_sse::__private::Marks::whole(marks),
            });
        }
    }
}

fn by_fields(
    input: &DeriveInput,
    fields: &[Read],
    touched: &TokenStream,
    arms: &TokenStream,
    mark: &TokenStream,
) -> TokenStream {
    let generics = with_bounds(input, fields);
    let (parameters, arguments, bounds) = generics.split_for_impl();
    let name = &input.ident;
    let (part, field_enum) = (format_ident!("__LeptosSsePart"), format_ident!("__LeptosSseField"));
    let read = fields.iter().enumerate().filter(|(_, field)| !field.says.skipped && field.says.aliases.is_empty());
    let (variants, rebuilds): (Vec<_>, Vec<_>) = read
        .map(|(number, field)| {
            let (variant, member, of) = (variant(number), &field.member, &field.of);
            if field.is_rebuilt() {
                let of_part = part_of(of);
                let rebuild = code!(__leptos_sse::Rebuild::rebuild(&mut self.#member, part));
                (code!(#variant(#of_part),), code!(#field_enum::#variant(part) => #rebuild,))
            } else {
                (code!(#variant(#of),), code!(#field_enum::#variant(part) => self.#member = part,))
            }
        })
        .unzip();
    let body = code! {
        type Part = #part #arguments;

        fn prepare(&self, touched: __leptos_sse::__private::Touched<'_>) -> ::core::result::Result<Self::Part, __leptos_sse::Error> {
            let whole = || {
                let whole = touched.read()?;
                ::core::result::Result::Ok(#part::Whole(::std::boxed::Box::new(whole)))
            };
            let ::core::option::Option::Some(each) = #touched else {
                return whole();
            };
            let mut fields = ::std::vec::Vec::new();
            for each in each {
                let field = match each {
                    #arms
                    _ => return whole(),
                };
                fields.push(field);
            }
            ::core::result::Result::Ok(#part::Fields(fields))
        }

        fn rebuild(&mut self, part: Self::Part) {
            match part {
                #part::Whole(whole) => *self = *whole,
                #part::Fields(fields) => {
                    for field in fields {
                        match field {
                            #(#rebuilds)*
                            #field_enum::Never(never, _) => match never {},
                        }
                    }
                }
            }
        }

        #mark
    };
    let implementation = implementation(input, &generics, &body);
    code! {
        pub enum #part #parameters #bounds {
            Whole(::std::boxed::Box<#name #arguments>),
            Fields(::std::vec::Vec<#field_enum #arguments>),
        }

        pub enum #field_enum #parameters #bounds {
            #(#variants)*
            Never(::core::convert::Infallible, ::core::marker::PhantomData<fn() -> #name #arguments>),
        }

        #implementation
    }
}

fn variant(number: usize) -> Ident {
    format_ident!("Field{number}")
}

/// The part of a field's type, with the span of the field for error messages.
fn part_of(of: &Type) -> TokenStream {
    quote_spanned!(Span::mixed_site().located_at(of.span())=> <#of as __leptos_sse::Rebuild>::Part)
}

/// The items of a type, in a scope of their own in which `__leptos_sse` is the crate that has the trait.
fn in_private(krate: &Path, items: &TokenStream) -> TokenStream {
    code! {
        #[doc(hidden)]
        #[allow(
            dead_code, deprecated, missing_debug_implementations, missing_docs, private_bounds, private_interfaces,
            unreachable_pub, clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction
        )]
        const _: () = {
            use #krate as __leptos_sse;

            #items
        };
    }
}

fn implementation(input: &DeriveInput, generics: &Generics, body: &TokenStream) -> TokenStream {
    let (parameters, arguments, bounds) = generics.split_for_impl();
    let name = &input.ident;
    code! {
        #[automatically_derived]
        impl #parameters __leptos_sse::Rebuild for #name #arguments #bounds {
            #body
        }
    }
}

/// The generics of a type, its parameters bound as the fields need them that are rebuilt. By its parameters and not by the
/// fields' types, which would have no end for a type that holds itself.
fn with_bounds(input: &DeriveInput, fields: &[Read]) -> Generics {
    let mut generics = input.generics.clone();
    let parameters: Vec<Ident> = generics.type_params().map(|parameter| parameter.ident.clone()).collect();
    let has_parameters = !generics.params.is_empty();
    let bounds = generics.make_where_clause();
    let mut bind = |is_meant: fn(&Read) -> bool, bound: TokenStream| {
        let mut names = HashSet::new();
        for field in fields.iter().filter(|field| is_meant(field)) {
            let of = &field.of;
            names_in(code!(#of), &mut names);
        }
        for parameter in parameters.iter().filter(|parameter| names.contains(&parameter.to_string())) {
            bounds.predicates.push(parse_quote!(#parameter: #bound));
        }
    };
    bind(Read::is_rebuilt, code!(__leptos_sse::Rebuild));
    bind(Read::is_whole, code!(__leptos_sse::__private::DeserializeOwned));
    if has_parameters {
        let (_, arguments, _) = input.generics.split_for_impl();
        let name = &input.ident;
        bounds.predicates.push(parse_quote!(#name #arguments: __leptos_sse::__private::DeserializeOwned));
    }
    generics
}

/// The type with its own name in place of `Self`, which would be another type in the items that stand beside it.
fn without_self(of: &Type, input: &DeriveInput) -> Result<Type, Error> {
    fn named(tokens: TokenStream, name: &TokenStream) -> TokenStream {
        let named = tokens.into_iter().map(|token| match token {
            TokenTree::Ident(ident) if ident == "Self" => name.clone(),
            TokenTree::Group(group) => {
                TokenTree::from(Group::new(group.delimiter(), named(group.stream(), name))).into()
            }
            token => token.into(),
        });
        named.collect()
    }

    let (_, arguments, _) = input.generics.split_for_impl();
    let name = &input.ident;
    let tokens = code!(#of);
    let has_self = tokens.to_string().contains("Self");
    if has_self { syn::parse2(named(tokens, &code!(#name #arguments))) } else { Ok(of.clone()) }
}

fn names_in(tokens: TokenStream, names: &mut HashSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                names.insert(ident.to_string());
            }
            TokenTree::Group(group) => names_in(group.stream(), names),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(input: &DeriveInput) -> String {
        rebuild(input).map_or_else(|error| error.to_string(), |tokens| tokens.to_string())
    }

    #[test]
    fn another_crate_is_named_above_the_type_only() {
        let above: DeriveInput = parse_quote!(
            #[rebuild(crate = "other::core")]
            struct Room {
                name: String,
            }
        );
        assert!(message(&above).contains("use other :: core as __leptos_sse"));
        let within: DeriveInput = parse_quote!(
            struct Room {
                #[rebuild(crate = "other")]
                name: String,
            }
        );
        assert_eq!(message(&within), "`#[rebuild(crate = \"..\")]` stands above the type");
        let union: DeriveInput = parse_quote!(union Room { a: u8 });
        assert_eq!(message(&union), "a union cannot be rebuilt");
    }
}
