//! Random choices that are read from bytes, so that whoever makes the bytes, proptest or a fuzzer, can also shrink them.

pub struct Choices<'a> {
    bytes: &'a [u8],
}

impl<'a> Choices<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// Whether from now on each choice is the first one.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// What is left to choose from.
    pub fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    /// A number below `end`, at most 256 of them.
    pub fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end.max(1)
    }

    /// True so often in 256 times.
    pub fn chance(&mut self, often: u8) -> bool {
        // The last bytes count, so that where there are none left the answer is no.
        self.byte() > u8::MAX - often
    }

    pub fn pick<'c, T>(&mut self, from: &'c [T]) -> &'c T {
        &from[self.below(from.len())]
    }

    pub fn bits(&mut self) -> u64 {
        (0..8).fold(0, |bits, _| bits << 8 | u64::from(self.byte()))
    }

    fn byte(&mut self) -> u8 {
        match self.bytes.split_first() {
            Some((byte, rest)) => {
                self.bytes = rest;
                *byte
            }
            None => 0,
        }
    }
}
