//! What may happen, as plain data that can be made smaller.

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};

#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) history_len: usize,
    pub(super) history_bytes: usize,
    pub(super) feed_len: usize,
    pub(super) feed_bytes: usize,
    pub(super) chunk_len: usize,
}

#[derive(Clone, Debug)]
pub(super) enum Op {
    Write { signal: usize, value: Value, update: bool },
    Burst { signal: usize, times: u8 },
    Append { signal: usize, times: u8 },
    Push { feed: usize, times: u8 },
    Create { key: usize, value: Value },
    Remove { key: usize },
    Hold { room: usize },
    Release { room: usize },
    Poll { reader: usize, chunks: usize, share: u8, size: usize },
    Cut { reader: usize, share: u8, browser: bool, string_edits: bool },
    Keys { reader: usize, keys: u8, string_edits: bool },
    Bye,
    Restart { keep: bool },
    Wait { seconds: u64 },
    Yield,
}

pub(super) fn options() -> impl Strategy<Value = Options> {
    let many = 1_024;
    (
        select(vec![many, 5, 2, 1, 0]),
        select(vec![256 << 10, 700, 200, 0]),
        select(vec![many, 4, 2, 1, 0]),
        select(vec![1 << 20, 400, 0]),
        select(vec![64 << 10, 600, 150, 1]),
    )
        .prop_map(|(history_len, history_bytes, feed_len, feed_bytes, chunk_len)| Options {
            history_len,
            history_bytes,
            feed_len,
            feed_bytes,
            chunk_len,
        })
}

pub(super) fn ops() -> impl Strategy<Value = Vec<Op>> {
    // Most of a life is not spent waiting for the first signal.
    let begin = (0..5_usize).prop_map(|key| Op::Create { key, value: json!({ "key": key, "long": "y".repeat(900) }) });
    let keys = (0..2_usize, 1..=u8::MAX, any::<bool>());
    let keys = keys.prop_map(|(reader, keys, string_edits)| Op::Keys { reader, keys, string_edits });
    let start = (vec(begin, 0..5), vec(keys, 0..3), vec(op(), 1..50));
    start.prop_map(|(begin, keys, ops)| begin.into_iter().chain(keys).chain(ops).collect())
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => (0..3_usize, value(), prop::bool::weighted(0.8))
            .prop_map(|(signal, value, update)| Op::Write { signal, value, update }),
        6 => (0..3_usize, 2..6_u8).prop_map(|(signal, times)| Op::Burst { signal, times }),
        16 => (0..3_usize, 1..3_u8).prop_map(|(signal, times)| Op::Append { signal, times }),
        6 => (0..2_usize, 1..4_u8).prop_map(|(feed, times)| Op::Push { feed, times }),
        3 => (0..5_usize, value()).prop_map(|(key, value)| Op::Create { key, value }),
        1 => (0..8_usize).prop_map(|key| Op::Remove { key }),
        1 => (0..3_usize).prop_map(|room| Op::Hold { room }),
        1 => (0..3_usize).prop_map(|room| Op::Release { room }),
        14 => (0..2_usize, select(vec![1, 2, 20, 20]), select(vec![255, 255, 128, 10, 0]), 1..64_usize)
            .prop_map(|(reader, chunks, share, size)| Op::Poll { reader, chunks, share, size }),
        8 => (0..2_usize, any::<u8>(), any::<bool>(), any::<bool>())
            .prop_map(|(reader, share, browser, string_edits)| Op::Cut { reader, share, browser, string_edits }),
        2 => (0..2_usize, any::<u8>(), any::<bool>())
            .prop_map(|(reader, keys, string_edits)| Op::Keys { reader, keys, string_edits }),
        1 => Just(Op::Bye),
        1 => any::<bool>().prop_map(|keep| Op::Restart { keep }),
        3 => select(vec![1, 15, 31, 31]).prop_map(|seconds| Op::Wait { seconds }),
        3 => Just(Op::Yield),
    ]
}

/// Small nested values, of which two are often equal, and now and then a long one.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        (0..3_i64).prop_map(Value::from),
        select(vec!["", "a", "/~", "é\"\n"]).prop_map(Value::from),
    ];
    let inner = prop_oneof![
        leaf.clone(),
        vec(leaf.clone(), 0..4).prop_map(Value::from),
        proptest::collection::btree_map(select(vec!["a", "b", "/", "~1"]), leaf, 0..3)
            .prop_map(|map| map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
    ];
    prop_oneof![
        4 => proptest::collection::btree_map(select(vec!["a", "b", "c", "/"]), inner.clone(), 1..4)
            .prop_map(|map| map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        3 => inner,
        1 => (100..300_usize).prop_map(|len| json!({ "long": "x".repeat(len) })),
    ]
}

/// What an update makes of a value: an object takes the fields of another one, anything else is replaced.
pub(super) fn merged(held: &Value, value: &Value) -> Value {
    match (held, value) {
        (Value::Object(held), Value::Object(value)) => held.clone().into_iter().chain(value.clone()).collect(),
        _ => value.clone(),
    }
}
