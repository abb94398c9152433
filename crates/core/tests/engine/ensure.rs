//! What an assertion is where a failure is handed on: to proptest, which makes it smaller.

/// Fails with a reason unless something holds.
pub fn ensure(holds: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why()) }
}
