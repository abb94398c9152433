//! Why a value did not become a document, and where.

use std::fmt;

/// Why the walk over a value ends.
#[derive(Debug)]
pub enum Fault {
    /// The value cannot be written as JSON.
    Failed(Box<Failure>),
    /// No failure: the differ takes this part as a whole.
    Whole,
    /// No failure: the differ takes this part as a whole, and compares it then.
    Rebuild,
    /// No failure: the differ was looking for another item.
    AnotherItem,
}

/// The failure of a value, and its place.
#[derive(Debug)]
pub struct Failure {
    why: String,
    /// From the place outwards.
    path: Vec<String>,
}

impl Fault {
    #[cold]
    pub fn new(why: impl fmt::Display) -> Self {
        Self::Failed(Box::new(Failure { why: why.to_string(), path: Vec::new() }))
    }

    #[cold]
    pub fn not_finite(number: f64) -> Self {
        Self::new(format_args!("JSON has no number for `{number}`; within an `Option` it is written as null"))
    }

    #[cold]
    pub fn out_of_range(number: impl fmt::Display) -> Self {
        Self::new(format_args!("`{number}` takes more than 64 bits, which few readers of JSON take; write it as text"))
    }

    #[cold]
    pub fn too_deep(max: usize) -> Self {
        Self::new(format_args!("it is nested deeper than {max} levels"))
    }

    #[cold]
    pub fn key(kind: &str) -> Self {
        Self::new(format_args!("the key of a map is {kind}, and JSON has texts only"))
    }

    /// The same, one level further out.
    #[cold]
    pub fn within(mut self, place: impl fmt::Display) -> Self {
        if let Self::Failed(failure) = &mut self {
            failure.path.push(place.to_string());
        }
        self
    }
}

impl serde::ser::Error for Fault {
    fn custom<T: fmt::Display>(why: T) -> Self {
        Self::new(why)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Failed(failure) = self else { return f.write_str("it is looked at in another way") };
        if !failure.path.is_empty() {
            f.write_str("at `")?;
            for segment in failure.path.iter().rev() {
                write!(f, "/{}", segment.replace('~', "~0").replace('/', "~1"))?;
            }
            f.write_str("`: ")?;
        }
        f.write_str(&failure.why)
    }
}

impl std::error::Error for Fault {}
