//! Types that are read as a whole, and types that only wrap another value.

use super::{Rebuild, marks::Marks, touched::Touched};
use crate::{document::Document, error::Error};
use serde::de::DeserializeOwned;
use std::{
    borrow::Cow,
    collections::{BTreeSet, HashSet},
    hash::{BuildHasher, Hash},
    marker::PhantomData,
    num::{
        NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroIsize, NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64,
        NonZeroUsize,
    },
    path::PathBuf,
    rc::Rc,
    sync::Arc,
    time::{Duration, SystemTime},
};

macro_rules! whole {
    ($([$($generics:tt)*] $type:ty;)*) => {$(
        impl<$($generics)*> Rebuild for $type
        where
            Self: DeserializeOwned,
        {
            type Part = Self;

            #[inline]
            fn prepare(&self, touched: Touched<'_>) -> Result<Self, Error> {
                touched.read()
            }

            #[inline]
            fn rebuild(&mut self, part: Self) {
                *self = part;
            }
        }
    )*};
    ($($type:ty),*) => {
        whole! { $([] $type;)* }
    };
}

whole! {
    [T: ?Sized] Arc<T>;
    [T: ?Sized] Rc<T>;
    [T: ?Sized] PhantomData<T>;
    [T] Box<[T]>;
    [T: Eq + Hash, S: BuildHasher] HashSet<T, S>;
    [T: Ord] BTreeSet<T>;
    [T, E] Result<T, E>;
}
whole!(bool, char, (), f32, f64, i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);
whole!(NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroIsize);
whole!(NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64, NonZeroUsize);
whole!(String, Box<str>, Cow<'static, str>, PathBuf, Duration, SystemTime, serde_json::Value, Document);

impl<T: Rebuild> Rebuild for Box<T> {
    /// In a box too, as a type that holds itself would have no end.
    type Part = Box<T::Part>;

    fn prepare(&self, touched: Touched<'_>) -> Result<Self::Part, Error> {
        (**self).prepare(touched).map(Box::new)
    }

    fn rebuild(&mut self, part: Self::Part) {
        (**self).rebuild(*part);
    }

    fn mark<M: Marks>(&self, touched: Option<Touched<'_>>, marks: &mut M) {
        (**self).mark(touched, marks);
    }
}

/// The part that was read of an `Option`.
pub enum OptionPart<T: Rebuild> {
    Whole(Option<T>),
    Inner(T::Part),
}

impl<T: Rebuild> Rebuild for Option<T> {
    type Part = OptionPart<T>;

    fn prepare(&self, touched: Touched<'_>) -> Result<Self::Part, Error> {
        match self {
            Some(inner) if !touched.is_null() => inner.prepare(touched).map(OptionPart::Inner),
            _ => touched.read().map(OptionPart::Whole),
        }
    }

    fn rebuild(&mut self, part: Self::Part) {
        match (self, part) {
            (whole, OptionPart::Whole(value)) => *whole = value,
            (Some(inner), OptionPart::Inner(part)) => inner.rebuild(part),
            (None, OptionPart::Inner(_)) => debug_assert!(false, "only what is there was prepared in part"),
        }
    }

    fn mark<M: Marks>(&self, touched: Option<Touched<'_>>, marks: &mut M) {
        match (self, touched) {
            (Some(inner), Some(touched)) if !touched.is_null() => {
                marks.at(0, |marks| inner.mark(Some(touched), marks));
            }
            (inner, _) => {
                marks.whole();
                marks.anew(0..1, |_, marks| inner.iter().for_each(|inner| inner.mark(None, marks)));
            }
        }
    }
}
