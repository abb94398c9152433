//! The client's rules, as data: the browser's tests run the same cases.

mod client_rule;
mod feed_rule;
mod messages;

#[test]
fn the_client_keeps_its_rule() {
    client_rule::check_all();
}

#[test]
fn the_client_keeps_its_rule_for_feeds() {
    feed_rule::check_all();
}
