//! The engine beneath a signal: from one value to the next as a patch, and from a patch to the same document.

mod applier;
mod checks;
mod choices;
mod ensure;
mod every;
mod json;
mod pair;
mod properties;
mod protocol;
mod rebuild;
mod reference;
mod texts;
mod traps;
mod written;
