//! Where each signal stands.

use super::*;
use crate::signal_status::SseSignalStatus as Stands;
use support::Status;

struct Watch {
    connection: Arc<Connection>,
    fake: Fake,
    status: Observable<Stands>,
    told: Arc<Mutex<Vec<String>>>,
    _observer: Observer,
    _users: (User, User),
}

/// A connection with one signal and its status, before it is open.
fn watch() -> Watch {
    let (connection, fake) = connection();
    let (_, count) = connection.follow(&key("count"), Count::default).unwrap();
    let (status, user) = status(&connection);
    let told = Arc::<Mutex<Vec<_>>>::default();
    let observer = status.observe({
        let (status, told) = (status.clone(), told.clone());
        move || told.lock().unwrap().push(status.get_untracked().to_string())
    });
    Watch { connection, fake, status, told, _observer: observer, _users: (count, user) }
}

fn status(connection: &Arc<Connection>) -> (Observable<Stands>, User) {
    let (status, user) = connection.follow_as(&key("count"), Status::new).unwrap();
    (status.value().clone(), user)
}

impl Watch {
    /// What it became since the last time.
    fn told(&self) -> Vec<String> {
        std::mem::take(&mut self.told.lock().unwrap())
    }

    fn open(&self) {
        open(&self.connection);
    }

    fn hello(&self, epoch: &str) {
        self.connection.receive("hello", &json!({ "epoch": epoch }).to_string());
    }

    fn snapshot(&self, to: u64) {
        snapshot(&self.connection, "count", to, &json!({ "value": to }));
    }

    /// A connection that is open to a hub, with a value of the server.
    fn live() -> Self {
        let watch = watch();
        watch.open();
        watch.hello("e");
        watch.snapshot(1);
        assert_eq!(watch.told(), ["connecting", "live"]);
        watch
    }

    /// The connection is lost, and the next one is open.
    fn lose(&self) {
        self.connection.handle(Input::Failed(Lost::Ended));
    }

    fn open_again(&self) {
        self.fake.wait(60_000);
        self.connection.handle(Input::Tick);
        self.connection.handle(Input::Opened);
    }
}

#[test]
fn a_lost_connection_makes_it_stale_and_a_hello_that_goes_on_makes_it_live() {
    let watch = Watch::live();
    watch.lose();
    assert_eq!(watch.told(), ["stale"]);
    watch.open_again();
    assert_eq!(watch.told(), [] as [&str; 0], "nothing is known of this connection yet");
    watch.hello("e");
    assert_eq!(watch.told(), ["live"]);
}

#[test]
fn a_server_that_began_anew_leaves_it_stale_until_the_snapshot() {
    let watch = Watch::live();
    watch.lose();
    watch.open_again();
    watch.hello("f");
    assert_eq!(watch.told(), ["stale"]);
    watch.snapshot(1);
    assert_eq!(watch.told(), ["live"]);
}

#[test]
fn a_page_s_value_is_live_with_the_hello_that_goes_on_from_it_and_stale_when_that_is_lost() {
    let watch = watch();
    let value = Document::from(&json!({ "value": 1 }));
    watch.connection.start(&key("count"), &value, &"e.1".parse().unwrap());
    watch.open();
    assert_eq!(watch.told(), ["connecting"]);
    watch.hello("e");
    assert_eq!(watch.told(), ["live"], "nothing was written since the page was");
    watch.lose();
    assert_eq!(watch.told(), ["stale"]);
}

#[test]
fn what_never_had_a_value_is_connecting_until_one_comes() {
    let watch = watch();
    watch.open();
    watch.hello("e");
    watch.lose();
    watch.open_again();
    watch.hello("e");
    assert_eq!(watch.told(), ["connecting"]);
    watch.snapshot(1);
    assert_eq!(watch.told(), ["live"]);
}

#[test]
fn a_stream_without_a_hello_is_live_with_its_first_value() {
    let watch = watch();
    watch.open();
    watch.snapshot(1);
    assert_eq!(watch.told(), ["connecting", "live"]);
    watch.lose();
    watch.open_again();
    watch.snapshot(1);
    assert_eq!(watch.told(), ["stale", "live"]);
}

/// As one of `ServerSentEvents`, which brings what it has, whatever it is asked for.
#[test]
fn a_key_that_comes_later_to_a_stream_of_its_own_is_live_with_what_that_brings() {
    let (connection, _) = connection();
    let _other = connection.follow(&key("other"), Count::default).unwrap();
    open(&connection);
    connection.receive("hello", r#"{"epoch":"e","name":"count"}"#);
    let (status, _user) = status(&connection);
    assert_eq!(status.get_untracked(), Stands::Connecting);
    snapshot(&connection, "count", 1, &json!({ "value": 1 }));
    assert_eq!(status.get_untracked(), Stands::Live);
}

#[test]
fn a_patch_that_does_not_fit_makes_it_stale() {
    let watch = Watch::live();
    change(&watch.connection, "count", 1, "/nowhere/at/all", &json!(2));
    assert_eq!(watch.told(), ["stale"]);
    watch.open_again();
    watch.hello("e");
    assert_eq!(watch.told(), [] as [&str; 0], "the value held is not the server's");
    watch.snapshot(1);
    assert_eq!(watch.told(), ["live"]);
}

#[test]
fn a_value_that_cannot_be_read_is_stale_until_one_that_can() {
    let watch = Watch::live();
    change(&watch.connection, "count", 1, "/value", &json!("many"));
    assert_eq!(watch.told(), ["stale"]);
    change(&watch.connection, "count", 2, "/value", &json!(3));
    assert_eq!(watch.told(), ["live"]);
}

#[test]
fn a_refusal_stays_through_a_lost_connection_until_a_value_comes() {
    let watch = Watch::live();
    let refused = r#"{"name":"count","reason":"forbidden"}"#;
    watch.connection.receive("refused", refused);
    assert_eq!(watch.told(), ["refused: forbidden"]);
    watch.lose();
    watch.open_again();
    assert!(watch.fake.calls().last().unwrap().ends_with("s=count"), "the whole is asked for");
    watch.hello("e");
    watch.connection.receive("refused", refused);
    watch.connection.receive("hb", "e.1");
    assert_eq!(watch.told(), [] as [&str; 0]);
    watch.lose();
    watch.open_again();
    watch.hello("e");
    watch.snapshot(1);
    assert_eq!(watch.told(), ["live"], "the same one as was held, which says that it is given again");
}

#[test]
fn a_refusal_of_an_earlier_connection_ends_with_a_heartbeat_of_one_without_it() {
    let watch = Watch::live();
    watch.connection.receive("refused", r#"{"name":"count","reason":"forbidden"}"#);
    // The browser repeats its query, which had a seq.
    watch.connection.handle(Input::Failed(Lost::BrowserRetries));
    watch.connection.handle(Input::Opened);
    watch.hello("e");
    assert_eq!(watch.told(), ["refused: forbidden"]);
    watch.connection.receive("hb", "e.1");
    assert_eq!(watch.told(), ["live"]);
}

#[test]
fn what_is_removed_is_so_until_it_comes_again() {
    let watch = Watch::live();
    watch.connection.receive("removed", r#"{"name":"count","to":2}"#);
    assert_eq!(watch.told(), ["removed"]);
    watch.lose();
    watch.open_again();
    watch.hello("f");
    assert_eq!(watch.told(), [] as [&str; 0]);
    watch.snapshot(1);
    assert_eq!(watch.told(), ["live"]);
}

#[test]
fn a_stream_beside_that_takes_over_does_not_make_it_flicker() {
    let watch = Watch::live();
    let _other = watch.connection.follow(&key("other"), Count::default).unwrap();
    watch.fake.wait(100);
    watch.connection.handle(Input::Tick);
    watch.connection.receive_beside("hello", r#"{"epoch":"e"}"#);
    assert!(watch.fake.calls().contains(&"settle".to_owned()));
    assert_eq!(watch.told(), [] as [&str; 0]);
}

#[test]
fn a_server_without_content_leaves_what_is_shown_stale() {
    let watch = Watch::live();
    watch.lose();
    watch.fake.wait(60_000);
    watch.connection.handle(Input::Tick);
    watch.connection.handle(Input::Failed(Lost::Unexplained));
    watch.fake.wait(60_000);
    watch.connection.handle(Input::Tick);
    watch.connection.handle(Input::Probed(Err(Lost::NoContent)));
    assert!(matches!(watch.connection.status(), SseStatus::Closed(_)));
    assert_eq!(watch.told(), ["stale"]);
}

#[test]
fn who_asks_late_has_the_status_of_now_and_nobody_who_asks_costs_nothing() {
    let (connection, _) = connection();
    let _count = connection.follow(&key("count"), Count::default).unwrap();
    open(&connection);
    snapshot(&connection, "count", 1, &json!({ "value": 1 }));
    assert!(connection.state().status_changes(None).is_empty());
    let (late, user) = status(&connection);
    assert_eq!(late.get_untracked(), Stands::Live);
    assert_eq!(connection.state().status_changes(None).len(), 1);
    drop(user);
    assert!(connection.state().status_changes(None).is_empty());
}

#[test]
fn a_status_alone_follows_its_key() {
    let (connection, fake) = connection();
    let (status, _user) = status(&connection);
    open(&connection);
    assert_eq!(fake.calls(), ["open s=count"]);
    snapshot(&connection, "count", 1, &json!({ "value": 1 }));
    assert_eq!(status.get_untracked(), Stands::Live);
}

#[test]
fn a_status_is_that_of_its_key_alone() {
    let watch = Watch::live();
    snapshot(&watch.connection, "other", 1, &json!(1));
    watch.connection.receive("refused", r#"{"name":"other","reason":"forbidden"}"#);
    watch.connection.receive("removed", r#"{"name":"third","to":9}"#);
    assert_eq!((watch.told(), watch.status.get_untracked()), (vec![], Stands::Live));
}
