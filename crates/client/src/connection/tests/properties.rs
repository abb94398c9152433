use super::*;
use leptos_sse_core::{
    Differ,
    protocol::{Cursor, Epoch, write_update},
};
use proptest::prelude::*;

/// A server of one signal, and the wire to its one browser.
struct Server {
    epoch: Epoch,
    seq: u64,
    differ: Differ<Value>,
    value: Value,
}

impl Server {
    fn start(life: u64, value: Value) -> Self {
        Self { epoch: Epoch::from_random(life), seq: 0, differ: Differ::new().string_edits(true), value }
    }

    fn hello(&self) -> (&'static str, String) {
        ("hello", json!({ "epoch": self.epoch, "name": "signal", "heartbeat": 1000 }).to_string())
    }

    fn write(&mut self) -> Option<(&'static str, String)> {
        let mut patch = Vec::new();
        self.differ.advance(&self.value, &mut patch).unwrap().then_some(())?;
        let from = (self.seq > 0).then_some(self.seq);
        self.seq += 1;
        Some(("message", write_update(&key("signal"), from, self.seq, |data| data.append(&mut patch)).unwrap()))
    }

    fn heartbeat(&self) -> (&'static str, String) {
        ("hb", Cursor { epoch: self.epoch.clone(), seq: self.seq }.to_string())
    }
}

/// What the network does to an event.
#[derive(Clone, Debug)]
enum Mishap {
    None,
    Lost,
    Twice,
    Garbled(usize),
    /// The connection is cut before it, and the browser reconnects by itself.
    Cut,
}

fn mishap() -> impl Strategy<Value = Mishap> {
    prop_oneof![
        6 => Just(Mishap::None),
        1 => Just(Mishap::Lost),
        1 => Just(Mishap::Twice),
        1 => (0..200_usize).prop_map(Mishap::Garbled),
        1 => Just(Mishap::Cut),
    ]
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-c/~é\"\\\\\n]{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-c/~]{0,2}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

struct World {
    connection: Arc<Connection>,
    fake: Fake,
    server: Server,
    lives: u64,
}

impl World {
    /// A new stream, whose hello may have a mishap as well.
    fn connect(&mut self, mishap: &Mishap) {
        self.lives += 1;
        self.server = Server::start(self.lives, self.server.value.clone());
        self.connection.handle(Input::Opened);
        self.deliver(self.server.hello(), mishap);
    }

    /// The connection is cut, and the browser or the client makes another one.
    fn cut(&mut self, mishap: &Mishap) {
        self.connection.handle(Input::Failed(Lost::BrowserRetries));
        if !self.reconnects() {
            self.connect(mishap);
        }
    }

    /// Lets the client reconnect by itself, if it wants to.
    fn reconnects(&mut self) -> bool {
        let wants = self.fake.calls().iter().any(|call| call == "close");
        if wants {
            self.fake.0.millis.fetch_add(60_000, Ordering::Relaxed);
            self.connection.handle(Input::Tick);
            assert_eq!(self.fake.calls(), ["open s=signal"]);
            self.connect(&Mishap::None);
            self.write(&Mishap::None);
        }
        wants
    }

    fn deliver(&mut self, event: (&'static str, String), mishap: &Mishap) {
        let (name, data) = event;
        match mishap {
            Mishap::None | Mishap::Cut => self.connection.receive(name, &data),
            Mishap::Lost => {}
            Mishap::Twice => {
                self.connection.receive(name, &data);
                self.connection.receive(name, &data);
            }
            Mishap::Garbled(at) => {
                let mut end = (*at).min(data.len());
                while !data.is_char_boundary(end) {
                    end -= 1;
                }
                self.connection.receive(name, &data[..end]);
            }
        }
        self.reconnects();
    }

    fn write(&mut self, mishap: &Mishap) {
        if let Some(event) = self.server.write() {
            self.deliver(event, mishap);
        }
    }
}

proptest! {
    /// The promise: whatever happens to the events on their way, one heartbeat after things go quiet the signal equals the
    /// server's value.
    #[test]
    fn one_heartbeat_after_quiet_the_signal_equals_the_servers_value(
        steps in proptest::collection::vec((json_value(), mishap(), mishap()), 1..20),
    ) {
        let (connection, fake) = connection();
        let (signal, _user) = connection.follow(&key("signal"), Value::default).unwrap();
        connection.handle(Input::Tick);
        fake.calls();
        let server = Server::start(0, Value::Null);
        let mut world = World { connection, fake, server, lives: 0 };
        world.connect(&Mishap::None);
        for (value, mishap, hello) in steps {
            world.server.value = value;
            if matches!(mishap, Mishap::Cut) {
                world.cut(&hello);
            }
            world.write(&mishap);
        }
        world.deliver(world.server.heartbeat(), &Mishap::None);
        prop_assert_eq!(signal.get_untracked(), world.server.value);
    }

    /// No bytes whatever make the client panic, or change a value that they do not name.
    #[test]
    fn no_event_makes_the_client_panic(
        events in proptest::collection::vec((
            prop_oneof![Just("message"), Just("hello"), Just("hb"), Just("bye"), Just("other")],
            prop_oneof![
                ".{0,40}",
                json_value().prop_map(|value| value.to_string()),
                (0..3_u8, 0..3_u8, patch()).prop_map(|(from, to, patch)| {
                    json!({ "name": "signal", "from": from, "to": from + to, "patch": patch }).to_string()
                }),
            ],
        ), 0..20),
    ) {
        let (connection, _) = connection();
        let (other, _other) = connection.follow(&key("other"), Count::default).unwrap();
        let (_signal, _user) = connection.follow(&key("signal"), Count::default).unwrap();
        open(&connection);
        snapshot(&connection, "other", 1, &json!({ "value": 1 }));
        snapshot(&connection, "signal", 1, &json!({ "value": 1, "a": [{ "b": {} }] }));
        for (name, data) in events {
            connection.receive(name, &data);
        }
        prop_assert_eq!(other.get_untracked(), Count { value: 1 });
    }

    /// A patch is applied as `json_patch` says where that can be, or not at all; never by half, and never with a panic.
    #[test]
    fn a_patch_is_applied_whole_or_not_at_all(before in json_value(), patch in patch()) {
        let text = patch.to_string();
        let Ok(patch) = serde_json::from_value::<json_patch::Patch>(patch) else { return Ok(()) };
        let mut document = Document::from(&before);
        let applied = document.apply(&text);
        let mut expected = before.clone();
        match json_patch::patch_unsafe(&mut expected, &patch.0) {
            Ok(()) => prop_assert!(applied.is_ok()),
            Err(_) => { prop_assert!(applied.is_err()); expected = before; }
        }
        prop_assert_eq!(document.to_value(), expected);
    }
}

/// Operations of every kind, on paths that are often there and often not.
fn patch() -> impl Strategy<Value = Value> {
    let path = || {
        prop_oneof![
            Just(""),
            Just("/value"),
            Just("/0"),
            Just("/-"),
            Just("/a/0/b"),
            Just("/a/0"),
            Just("/a"),
            Just("/~"),
            Just("no")
        ]
    };
    let operation = (
        prop_oneof![Just("add"), Just("remove"), Just("replace"), Just("move"), Just("copy"), Just("test"), Just("x")],
        path(),
        path(),
        json_value(),
    );
    proptest::collection::vec(operation, 0..4).prop_map(|operations| {
        let operations = operations.into_iter();
        operations
            .map(|(op, path, from, value)| json!({ "op": op, "path": path, "from": from, "value": value }))
            .collect()
    })
}
