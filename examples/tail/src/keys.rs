//! What the user types.

use crate::screen::Order;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use std::thread;
use tokio::sync::mpsc;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Quit,
    Reconnect,
    Order(Order),
    /// Nothing to do but to draw anew, as when the window has another size.
    Other,
}

/// Listens on a thread of its own, as a terminal has no other way to wait for a key. It ends with the program.
pub fn listen() -> mpsc::UnboundedReceiver<Key> {
    let (sender, receiver) = mpsc::unbounded_channel();
    thread::spawn(move || {
        while let Ok(event) = event::read() {
            if let Some(key) = key(&event)
                && sender.send(key).is_err()
            {
                return;
            }
        }
    });
    receiver
}

fn key(event: &Event) -> Option<Key> {
    match event {
        Event::Key(key) if key.kind == KeyEventKind::Press => match key.code {
            KeyCode::Char('q') | KeyCode::Esc => Some(Key::Quit),
            // In raw mode it is a key as others are.
            KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => Some(Key::Quit),
            KeyCode::Char('c') => Some(Key::Order(Order::Processor)),
            KeyCode::Char('m') => Some(Key::Order(Order::Memory)),
            KeyCode::Char('r') => Some(Key::Reconnect),
            _ => None,
        },
        Event::Resize(..) => Some(Key::Other),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::crossterm::event::KeyEvent;

    #[test]
    fn ctrl_c_is_no_order() {
        let pressed = |code, modifiers| key(&Event::Key(KeyEvent::new(code, modifiers)));
        assert_eq!(pressed(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Key::Quit));
        assert_eq!(pressed(KeyCode::Char('c'), KeyModifiers::NONE), Some(Key::Order(Order::Processor)));
        assert_eq!(pressed(KeyCode::Char('q'), KeyModifiers::NONE), Some(Key::Quit));
        assert_eq!(pressed(KeyCode::Char('x'), KeyModifiers::NONE), None);
    }
}
