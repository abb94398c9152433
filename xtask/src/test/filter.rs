//! Single tests: how many ran, since a filter that fits no test must not look like a success.

use crate::task::Task;
use anyhow::{Result, bail};

/// Runs tests, and fails also when none of them ran.
pub fn run_any(task: &Task) -> Result<()> {
    let mut count = 0;
    task.read_lines(|line| {
        println!("{line}");
        count += passed(line).unwrap_or_default();
    })?;
    if count == 0 {
        bail!("no test has that name");
    }
    Ok(())
}

/// The number of passed tests that a line of libtest, wasm-bindgen-test or `node --test` tells.
fn passed(line: &str) -> Option<u32> {
    if let Some(result) = line.strip_prefix("test result: ok. ") {
        return result.split_whitespace().next()?.parse().ok();
    }
    line.strip_prefix("ℹ pass ").or_else(|| line.strip_prefix("# pass "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_of_each_runner_are_read() {
        assert_eq!(passed("test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 9 filtered out"), Some(3));
        assert_eq!(passed("test result: FAILED. 3 passed; 1 failed; 0 ignored"), None);
        assert_eq!(passed("ℹ pass 12"), Some(12));
        assert_eq!(passed("# pass 12"), Some(12));
        assert_eq!(passed("running 3 tests"), None);
    }

    #[test]
    fn no_test_at_all_is_a_failure() {
        let error = run_any(&Task::new("rustc --version")).unwrap_err();
        assert!(error.to_string().contains("no test has that name"));
    }
}
