use super::*;
use proptest::{collection::vec, prelude::*};

/// The standard, word by word, on a stream that is there as a whole.
fn by_the_letter(bytes: &[u8]) -> (Vec<Event>, Option<Duration>) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text).replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<&str> = text.split('\n').collect();
    // What has no end is no line.
    lines.pop();
    let (mut events, mut retry) = (Vec::new(), None);
    let (mut event, mut data, mut id) = (String::new(), String::new(), String::new());
    for line in lines {
        if line.is_empty() {
            if !data.is_empty() {
                let event = if event.is_empty() { message() } else { event.clone() };
                events.push(Event { event, data: data[..data.len() - 1].to_owned(), id: id.clone() });
            }
            (event, data) = (String::new(), String::new());
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value).to_owned();
        match field {
            "event" => event = value,
            "data" => data = data + &value + "\n",
            "id" if !value.contains('\0') => id = value,
            "retry" if value.chars().all(|char| char.is_ascii_digit()) => {
                retry = value.parse().ok().map(Duration::from_millis).or(retry);
            }
            _ => {}
        }
    }
    (events, retry)
}

fn part() -> impl Strategy<Value = Vec<u8>> {
    let texts = [
        "\n", "\n\n", "\r", "\r\n", "data", "data:", "data: ", "event: ", "id: ", "id", "retry: ", "12", ":", " ", "é",
        "\u{FEFF}", "\0", "x",
    ];
    prop_oneof![
        8 => prop::sample::select(texts.to_vec()).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::sample::select(vec![0xC3, 0xE2, 0x82, 0xF0, 0xFF, 0xEF, 0xBB]).prop_map(|byte: u8| vec![byte]),
    ]
}

proptest! {
    #[test]
    fn any_cuts_give_the_events_of_the_standard(parts in vec(part(), 0..60), cuts in vec(1_usize..9, 1..40)) {
        let bytes = parts.concat();
        let mut rest = bytes.as_slice();
        let mut cut = Vec::new();
        for len in cuts.iter().cycle() {
            if rest.is_empty() { break }
            let (start, end) = rest.split_at(rest.len().min(*len));
            cut.push(start);
            rest = end;
        }
        prop_assert_eq!(read(cut), by_the_letter(&bytes));
    }
}
