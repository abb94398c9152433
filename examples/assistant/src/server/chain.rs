//! A Markov chain of order two: which word comes next depends on the two before it, as often as it did in the text.

use std::collections::HashMap;

use fastrand::Rng;

/// The end of a paragraph, as a word.
const BREAK: &str = "\n\n";

/// What was learnt from a text.
pub struct Chain {
    /// Each word as it stands in the text, once.
    words: Vec<String>,
    /// The text as numbers of words.
    text: Vec<u32>,
    /// The root of each word, by which a prompt finds it.
    roots: Vec<String>,
    /// The place of each word, by which the next one is chosen.
    places: Vec<u32>,
    /// The number of each place, by its name.
    numbers: HashMap<String, u32>,
    /// The words that came after two places, with how often.
    after_two: HashMap<[u32; 2], Choices>,
    /// The words that came after one place, for where no text has led.
    after_one: HashMap<u32, Choices>,
    /// Where in the text a sentence begins.
    sentences: Vec<usize>,
}

/// Words and their weights.
#[derive(Default)]
struct Choices {
    weights: Vec<(u32, u32)>,
    sum: u32,
}

impl Chain {
    pub fn of(text: &str) -> Self {
        let mut chain = Self {
            words: Vec::new(),
            text: Vec::new(),
            roots: Vec::new(),
            places: Vec::new(),
            numbers: HashMap::new(),
            after_two: HashMap::new(),
            after_one: HashMap::new(),
            sentences: Vec::new(),
        };
        let mut known = HashMap::<String, u32>::new();
        for paragraph in text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
            let words = paragraph.split_whitespace().map(bare).filter(|word| !word.is_empty());
            for word in words.chain([BREAK.to_owned()]) {
                let number = *known.entry(word.clone()).or_insert_with(|| chain.add_word(word));
                chain.text.push(number);
            }
        }
        chain.learn();
        chain
    }

    fn add_word(&mut self, word: String) -> u32 {
        let next = self.numbers.len() as u32;
        self.places.push(*self.numbers.entry(place(&word)).or_insert(next));
        self.roots.push(root(&word));
        self.words.push(word);
        self.words.len() as u32 - 1
    }

    fn learn(&mut self) {
        for at in 0..self.text.len() {
            let next = self.text[at];
            if at >= 1 {
                let before = self.place_at(at - 1);
                self.after_one.entry(before).or_default().add(next);
                if at >= 2 {
                    self.after_two.entry([self.place_at(at - 2), before]).or_default().add(next);
                }
            }
            let begins = at == 0 || self.ends_sentence(self.text[at - 1]);
            if begins && self.word(next) != BREAK {
                self.sentences.push(at);
            }
        }
    }

    fn place_at(&self, at: usize) -> u32 {
        self.places[self.text[at] as usize]
    }

    fn root_at(&self, at: usize) -> &str {
        &self.roots[self.text[at] as usize]
    }

    fn word(&self, number: u32) -> &str {
        &self.words[number as usize]
    }

    fn ends_sentence(&self, number: u32) -> bool {
        ends_sentence(self.word(number))
    }

    /// Where an answer begins: with a sentence in which the rarest word of the prompt stands, or with any.
    fn beginning(&self, prompt: &str, random: &mut Rng) -> usize {
        let count = |root: &String| (0..self.text.len()).filter(|at| self.root_at(*at) == root).count();
        let asked = prompt.split_whitespace().map(root).map(|root| (count(&root), root));
        let rarest = asked.filter(|(count, _)| *count > 0).min();
        let about: Vec<_> = match rarest {
            Some((_, root)) => (0..self.sentences.len()).filter(|index| self.has(*index, &root)).collect(),
            None => Vec::new(),
        };
        let index =
            if about.is_empty() { random.usize(..self.sentences.len()) } else { about[random.usize(..about.len())] };
        self.sentences[index]
    }

    fn has(&self, sentence: usize, root: &str) -> bool {
        let end = self.sentences.get(sentence + 1).copied().unwrap_or(self.text.len());
        (self.sentences[sentence]..end).any(|at| self.root_at(at) == root)
    }
}

impl Choices {
    fn add(&mut self, word: u32) {
        self.sum += 1;
        match self.weights.iter_mut().find(|(known, _)| *known == word) {
            Some((_, weight)) => *weight += 1,
            None => self.weights.push((word, 1)),
        }
    }

    fn choose(&self, random: &mut Rng) -> u32 {
        let mut left = random.u32(..self.sum);
        for (word, weight) in &self.weights {
            if left < *weight {
                return *word;
            }
            left -= weight;
        }
        unreachable!("the sum is that of all weights")
    }
}

/// An answer that is being made, word by word.
pub struct Writer {
    random: Rng,
    /// The places of the two words before.
    before: [Option<u32>; 2],
    /// The words with which the answer begins; the chain needs two before it can go on.
    opening: Vec<u32>,
    left: u32,
    is_empty: bool,
    ends_well: bool,
}

impl Writer {
    /// Goes on with `text`, which is empty at first, until it has so many words and its sentence ends.
    pub fn new(chain: &Chain, prompt: &str, text: &str, words: u32, seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        let written: Vec<_> = text.split_whitespace().collect();
        let place_of = |word: &&str| chain.numbers.get(&place(word)).copied();
        let before = match written.as_slice() {
            [.., one, two] => [place_of(one), place_of(two)],
            [one] => [None, place_of(one)],
            [] => [None; 2],
        };
        let mut opening = Vec::new();
        if written.is_empty() && !chain.text.is_empty() {
            let start = chain.beginning(prompt, &mut random);
            // From the last on, as from a stack.
            opening.extend(chain.text[start..].iter().take(2).rev());
        }
        Self {
            random,
            before,
            opening,
            left: words.saturating_sub(written.len() as u32),
            is_empty: written.is_empty(),
            ends_well: written.last().is_none_or(|word| ends_sentence(word)),
        }
    }

    /// The next piece of the answer, with the space in front of it; none when the answer is whole.
    pub fn next(&mut self, chain: &Chain) -> Option<String> {
        if self.left == 0 && self.ends_well {
            return None;
        }
        let mut piece = String::new();
        let mut word = self.choose(chain)?;
        if chain.word(word) == BREAK {
            self.step(chain, word);
            piece.push_str(BREAK);
            word = self.choose(chain)?;
        } else if !self.is_empty {
            piece.push(' ');
        }
        self.step(chain, word);
        let word = chain.word(word);
        piece.push_str(word);
        self.is_empty = false;
        self.left = self.left.saturating_sub(1);
        self.ends_well = ends_sentence(word);
        Some(piece)
    }

    fn choose(&mut self, chain: &Chain) -> Option<u32> {
        if let Some(word) = self.opening.pop() {
            return Some(word);
        }
        let [one, two] = self.before;
        let after_two = one.zip(two).and_then(|(one, two)| chain.after_two.get(&[one, two]));
        let after_one = || chain.after_one.get(&two?);
        match after_two.or_else(after_one) {
            Some(choices) => Some(choices.choose(&mut self.random)),
            // The text's own last word, or one that is not in it: another sentence.
            None if chain.sentences.is_empty() => None,
            None => Some(chain.text[chain.beginning("", &mut self.random)]),
        }
    }

    fn step(&mut self, chain: &Chain, word: u32) {
        self.before = [self.before[1], Some(chain.places[word as usize])];
    }
}

/// A word without the marks that come in pairs, as nobody would close what is opened here.
fn bare(word: &str) -> String {
    let mut bare = String::new();
    let mut chars = word.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '"' | '“' | '”' | '‘' | '(' | ')' | '[' | ']' => {}
            // An apostrophe, if a letter comes after it.
            '’' if chars.peek().is_none_or(|next| !next.is_alphanumeric()) => {}
            _ => bare.push(char),
        }
    }
    bare
}

/// A word without its case and marks: "Rabbit," and "rabbit" have the same one. That of the end of a paragraph is empty.
fn root(word: &str) -> String {
    word.trim_matches(|char: char| !char.is_alphanumeric()).to_lowercase()
}

/// Where in a sentence a word leaves it: at its end, at a pause, or in the middle. What can follow depends on that, and on the
/// root.
fn place(word: &str) -> String {
    let root = root(word);
    match word.chars().last() {
        _ if word == BREAK => BREAK.to_owned(),
        Some('.' | '!' | '?') => root + ".",
        Some(last) if !last.is_alphanumeric() => root + ",",
        _ => root,
    }
}

fn ends_sentence(word: &str) -> bool {
    word == BREAK || word.ends_with(['.', '!', '?'])
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "The cat sat on the mat. The cat saw the dog, and the dog saw the cat.\n\nThe \"dog\" ran to the mat!";

    fn answer(chain: &Chain, prompt: &str, text: &str, words: u32, seed: u64) -> String {
        let mut writer = Writer::new(chain, prompt, text, words, seed);
        let mut answer = text.to_owned();
        while let Some(piece) = writer.next(chain) {
            answer.push_str(&piece);
        }
        answer
    }

    #[test]
    fn the_same_seed_makes_the_same_answer_and_another_one_another() {
        let chain = Chain::of(TEXT);
        let [one, two] = [1, 1].map(|seed| answer(&chain, "dog", "", 40, seed));
        assert_eq!(one, two);
        assert!((2..20).any(|seed| answer(&chain, "dog", "", 40, seed) != one));
    }

    #[test]
    fn each_word_follows_the_two_before_it_as_in_the_text() {
        let chain = Chain::of(TEXT);
        for seed in 0..50 {
            let text = answer(&chain, "", "", 60, seed);
            let spaced = text.replace(BREAK, " \u{b6} ");
            let words: Vec<_> =
                spaced.split(' ').map(|word| if word == "\u{b6}" { BREAK } else { word }).map(place).collect();
            for three in words.windows(3) {
                let [one, two, next] = [&three[0], &three[1], &three[2]].map(|word| chain.numbers[word]);
                // After the text's own last paragraph comes any beginning.
                let Some(choices) = chain.after_two.get(&[one, two]) else { continue };
                assert!(
                    choices.weights.iter().any(|(word, _)| chain.places[*word as usize] == next),
                    "{three:?} in {text:?}"
                );
            }
        }
    }

    #[test]
    fn a_word_comes_as_often_as_it_did_in_the_text() {
        let mut choices = Choices::default();
        for word in [7, 8, 7, 7] {
            choices.add(word);
        }
        let mut random = Rng::with_seed(3);
        let sevens = (0..4_000).filter(|_| choices.choose(&mut random) == 7).count();
        assert!((2_800..3_200).contains(&sevens), "{sevens} of 4,000 and not about 3,000");
    }

    #[test]
    fn an_answer_is_as_long_as_asked_for_and_ends_with_a_sentence() {
        let chain = Chain::of(TEXT);
        for words in [1, 5, 30, 200] {
            let text = answer(&chain, "", "", words, u64::from(words));
            let count = text.split_whitespace().count() as u32;
            assert!(count >= words && count < words + 40, "{count} words for {words}");
            assert!(text.ends_with(['.', '!']), "{text:?}");
        }
        assert_eq!(answer(&chain, "", "", 0, 1), "");
    }

    #[test]
    fn an_answer_begins_with_a_sentence_about_the_prompts_rarest_word() {
        let chain = Chain::of(TEXT);
        for seed in 0..20 {
            let text = answer(&chain, "Who RAN, the dog?", "", 10, seed);
            assert!(text.starts_with("The dog "), "{text:?}");
        }
    }

    #[test]
    fn a_text_that_was_broken_off_is_gone_on_with() {
        let chain = Chain::of(TEXT);
        let text = answer(&chain, "", "The cat", 20, 5);
        assert!(
            text.starts_with("The cat sat") || text.starts_with("The cat saw") || text.starts_with("The cat\n\n"),
            "{text:?}"
        );
        assert!(text.split_whitespace().count() >= 20);
        // Also with words that are not in the book.
        assert!(answer(&chain, "", "Quantum chromodynamics", 20, 5).split_whitespace().count() >= 20);
    }

    #[test]
    fn marks_that_come_in_pairs_stay_out() {
        let chain = Chain::of(TEXT);
        assert!(chain.words.iter().all(|word| !word.contains('"')));
        let words = ["“(Don’t", "say", "‘sleep’!”"].map(bare);
        assert_eq!(words, ["Don’t", "say", "sleep!"]);
    }

    #[test]
    fn a_text_of_nothing_says_nothing() {
        assert_eq!(answer(&Chain::of(" \n\n "), "hello", "", 10, 1), "");
    }
}
