use super::{
    triggers::{order_of, prefixes},
    upstream::this_of,
};
use leptos::prelude::{Track, untrack};
use reactive_stores::{KeyedAccess, KeyedSubfield, StoreField, StoreFieldKeyedIter, StorePath};
use std::{fmt::Debug, hash::Hash};

/// The items of a keyed list of a store, followed for their order alone.
///
/// `<For each=move || store.rows() …>` works, and runs its `each` again with every change of any row: whoever iterates a keyed
/// field of `reactive_stores` follows all below it. `store.rows().by_key()` gives the same items and follows only which there
/// are, and in which order. So a change within a row costs that row, and not a look at all of them:
///
/// ```
/// use leptos::prelude::*;
/// use leptos_sse::{Rebuild, store::ByKey, use_sse};
/// use reactive_stores::Store;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Default, Serialize, Deserialize, Store, Rebuild)]
/// struct Table {
///     #[store(key: u64 = |row| row.id)]
///     rows: Vec<Row>,
/// }
///
/// #[derive(Clone, Default, Serialize, Deserialize, Store, Rebuild)]
/// struct Row {
///     id: u64,
///     price: u32,
/// }
///
/// #[component]
/// fn Prices() -> impl IntoView {
///     let table = use_sse::<Table>().store();
///     view! {
///         <For each=move || table.rows().by_key() key=|row| row.key() let:row>
///             <p>{move || row.price().get()}</p>
///         </For>
///     }
/// }
/// ```
pub trait ByKey {
    /// What gives the items.
    type Items: Iterator;

    /// The items in their order, each a field of the store. Who follows it is told when an item comes, goes or moves, and not
    /// when one changes.
    #[track_caller]
    fn by_key(self) -> Self::Items;
}

impl<Inner, Prev, K, T> ByKey for KeyedSubfield<Inner, Prev, K, T>
where
    Self: Clone,
    for<'a> &'a T: IntoIterator,
    Inner: Clone + StoreField<Value = Prev> + 'static,
    Prev: 'static,
    K: Clone + Debug + Send + Sync + Eq + Hash + 'static,
    T: KeyedAccess<K> + 'static,
    T::Value: Sized,
{
    type Items = StoreFieldKeyedIter<Inner, Prev, K, T>;

    fn by_key(self) -> Self::Items {
        let path: StorePath = self.path().into_iter().collect();
        let paths = std::iter::once(order_of(path.clone())).chain(prefixes(&path));
        // Whoever replaces the list, or what holds it, has told so at its own place.
        paths.filter_map(|path| this_of(&self, path)).for_each(|trigger| trigger.track());
        untrack(|| self.into_iter())
    }
}
