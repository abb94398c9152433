//! What the events of an answer cost, without any user interface.

/// The events of one answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples {
    /// The latest event that brought a word, in bytes.
    pub last: usize,
    /// All events.
    pub sum: usize,
    /// What they would be if each had brought the whole text.
    pub sum_of_texts: usize,
    /// The text so far.
    pub text: usize,
    /// Text and event for each word, as they were; thinned out when there are many.
    curve: Vec<(usize, usize)>,
    /// Every so many words are kept.
    every: usize,
    count: usize,
}

impl Samples {
    /// More points than this would be closer together than a screen can show.
    const MOST: usize = 256;

    pub fn record(&mut self, text: usize, event: usize, is_word: bool) {
        if text < self.text {
            // Another answer.
            *self = Self::default();
        }
        self.sum += event;
        self.sum_of_texts += text;
        self.text = text;
        if !is_word {
            return;
        }
        self.last = event;
        if self.count.is_multiple_of(self.every.max(1)) {
            self.curve.push((text, event));
        }
        self.count += 1;
        if self.curve.len() > Self::MOST {
            let mut place = 0;
            self.curve.retain(|_| {
                place += 1;
                place % 2 == 1
            });
            self.every = self.every.max(1) * 2;
        }
    }

    /// The length of the text as a line in a drawing of 100 by 100, from the first event to the latest.
    pub fn text_line(&self) -> String {
        self.line(|(text, _)| *text)
    }

    /// The size of the events as a line in the same drawing, at the same scale.
    pub fn event_line(&self) -> String {
        self.line(|(_, event)| *event)
    }

    fn line(&self, of: impl Fn(&(usize, usize)) -> usize) -> String {
        let scale = self.curve.iter().map(|(text, event)| *text.max(event)).max().unwrap_or(1).max(1);
        let (first, last) = (self.curve.first(), self.curve.last());
        let width = first.zip(last).map_or(1, |(first, last)| (last.0 - first.0).max(1));
        let mut path = String::new();
        for sample in &self.curve {
            let x = (sample.0 - self.curve[0].0) * 100 / width;
            // In tenths, so that a small size next to a large one is not nothing.
            let y = 1_000 - of(sample) * 1_000 / scale;
            let command = if path.is_empty() { 'M' } else { 'L' };
            path.push_str(&format!("{command}{x} {}.{}", y / 10, y % 10));
        }
        path
    }
}

/// Bytes for people.
pub fn bytes(count: usize) -> String {
    match count {
        0..10_000 => format!("{count} B"),
        10_000..1_000_000 => format!("{} kB", (count + 500) / 1_000),
        _ => format!("{}.{} MB", count / 1_000_000, count % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_line_below_a_growing_one() {
        let mut samples = Samples::default();
        for words in 1..=4 {
            samples.record(words * 250, 100, true);
        }
        assert_eq!((samples.last, samples.sum, samples.sum_of_texts), (100, 400, 2_500));
        assert_eq!(samples.text_line(), "M0 75.0L33 50.0L66 25.0L100 0.0");
        assert_eq!(samples.event_line(), "M0 90.0L33 90.0L66 90.0L100 90.0");
        let (line, text) = (samples.event_line(), samples.text);
        samples.record(text, 5_000, false);
        assert_eq!(
            (samples.last, samples.sum, samples.event_line()),
            (100, 5_400, line),
            "what is no word is in the sum"
        );
    }

    #[test]
    fn a_shorter_text_is_another_answer() {
        let mut samples = Samples::default();
        samples.record(500, 100, true);
        samples.record(5, 120, true);
        assert_eq!((samples.sum, samples.text), (120, 5));
    }

    #[test]
    fn a_curve_of_many_points_is_thinned_out() {
        let mut samples = Samples::default();
        for words in 0..10_000 {
            samples.record(words, 1, true);
        }
        assert!(samples.curve.len() <= Samples::MOST + 1 && samples.curve.len() > Samples::MOST / 4);
        assert_eq!(samples.sum, 10_000);
    }

    #[test]
    fn bytes_are_told_in_the_unit_that_fits() {
        assert_eq!([0, 9_999, 12_345, 2_340_000].map(bytes), ["0 B", "9999 B", "12 kB", "2.3 MB"]);
    }
}
