//! Edits as the text of a JSON Patch.

use super::edit::{Edit, Edits, Splice};
use crate::document::{Document, Node, utf16_len, write_escaped, write_segment, write_text};

/// How changes within a text are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// RFC 6902: replaces the whole text.
    Plain,
    /// JSON Patch Extended: `str_del` and `str_ins`.
    Extended,
}

/// Appends the patch that makes these edits to a document. Returns whether it is one operation, so that nothing is shorter.
pub fn render(document: &Document, edits: &Edits, dialect: Dialect, out: &mut Vec<u8>) -> bool {
    out.push(b'[');
    let (path, places, start) = (Vec::new(), Vec::new(), out.len());
    let mut writer = Writer { path, places, start, dialect, is_plain: true, out };
    let is_single = match edits.list.as_slice() {
        [edit] if edits.of_root => {
            writer.write_root(document.root(), edit);
            true
        }
        [Edit::Replace { at, node }, around @ ..] if around.iter().all(|edit| matches!(edit, Edit::Within { .. })) => {
            writer.write_single(document.root(), around, *at, node);
            writer.is_plain
        }
        list => {
            writer.write(document.root(), list, 0);
            false
        }
    };
    out.push(b']');
    is_single
}

struct Writer<'o> {
    /// The path of the container, as it stands within quotes.
    path: Vec<u8>,
    /// The places of the edits of this container and those around it, each from the last one on.
    places: Vec<usize>,
    /// Where the operations begin.
    start: usize,
    dialect: Dialect,
    /// Whether no segment of a path takes more than the key does.
    is_plain: bool,
    out: &'o mut Vec<u8>,
}

impl Writer<'_> {
    fn write_root(&mut self, root: &Node, edit: &Edit) {
        match edit {
            Edit::Replace { node, .. } => {
                self.begin(b"{\"op\":\"replace\",\"path\":\"");
                self.value(node);
            }
            Edit::Splice { splice, .. } => self.splice(root, None, splice),
            _ => {}
        }
    }

    /// Writes the only edit that there is: another node, within these containers, of which the last one is the outermost.
    fn write_single(&mut self, root: &Node, around: &[Edit], at: usize, node: &Node) {
        self.begin(b"{\"op\":\"replace\",\"path\":\"");
        let mut container = root;
        for edit in around.iter().rev() {
            if let Edit::Within { at, .. } = edit
                && let Some(inner) = child(container, *at)
            {
                self.place(container, *at);
                container = inner;
            }
        }
        self.place(container, at);
        self.value(node);
    }

    /// Writes the segment of a place.
    fn place(&mut self, container: &Node, at: usize) {
        self.is_plain &= write_place(container, at, self.out);
    }

    /// Writes the edits of a container; `first` is the place of the first one among all edits.
    fn write(&mut self, container: &Node, edits: &[Edit], first: usize) {
        // Where each edit is can only be seen from the end.
        let outer = self.places.len();
        let mut end = edits.len();
        while end > 0 {
            self.places.push(end - 1);
            end = if let Edit::Within { start, .. } = &edits[end - 1] { start - first } else { end - 1 };
        }
        while self.places.len() > outer
            && let Some(place) = self.places.pop()
        {
            self.write_edit(container, edits, place, first);
        }
    }

    fn write_edit(&mut self, container: &Node, edits: &[Edit], place: usize, first: usize) {
        match &edits[place] {
            Edit::Within { at, start } => {
                if let Some(child) = child(container, *at) {
                    let len = self.path.len();
                    write_place(container, *at, &mut self.path);
                    self.write(child, &edits[start - first..place], *start);
                    self.path.truncate(len);
                }
            }
            Edit::Replace { at, node } => {
                self.begin(b"{\"op\":\"replace\",\"path\":\"");
                write_place(container, *at, self.out);
                self.value(node);
            }
            Edit::Splice { at, splice } => {
                if let Some(text) = child(container, *at) {
                    self.splice(text, Some((container, *at)), splice);
                }
            }
            Edit::Remove { at } => {
                self.begin(b"{\"op\":\"remove\",\"path\":\"");
                write_place(container, *at, self.out);
                self.out.extend_from_slice(b"\"}");
            }
            Edit::Move { from, to } => {
                self.begin(b"{\"op\":\"move\",\"from\":\"");
                write_index(*from, self.out);
                self.out.extend_from_slice(b"\",\"path\":\"");
                self.out.extend_from_slice(&self.path);
                write_index(*to, self.out);
                self.out.extend_from_slice(b"\"}");
            }
            Edit::Add { at, node } => {
                self.begin(b"{\"op\":\"add\",\"path\":\"");
                write_index(*at, self.out);
                self.value(node);
            }
            Edit::Insert(member) => {
                self.begin(b"{\"op\":\"add\",\"path\":\"");
                write_segment(&member.0, self.out);
                self.value(&member.1);
            }
        }
    }

    fn begin(&mut self, operation: &[u8]) {
        if self.out.len() > self.start {
            self.out.push(b',');
        }
        self.out.extend_from_slice(operation);
        self.out.extend_from_slice(&self.path);
    }

    fn value(&mut self, node: &Node) {
        self.out.extend_from_slice(b"\",\"value\":");
        node.write(self.out);
        self.out.push(b'}');
    }

    fn splice(&mut self, text: &Node, place: Option<(&Node, usize)>, splice: &Splice) {
        let Node::String(text) = text else { return };
        let (before, rest) = text.split_at(splice.start);
        let (removed, after) = rest.split_at(splice.removed);
        let begin = |writer: &mut Self, operation: &[u8]| {
            writer.begin(operation);
            if let Some((container, at)) = place {
                write_place(container, at, writer.out);
            }
        };
        if self.dialect == Dialect::Plain {
            begin(self, b"{\"op\":\"replace\",\"path\":\"");
            self.out.extend_from_slice(b"\",\"value\":\"");
            [before, &splice.inserted, after].iter().for_each(|part| write_escaped(part, self.out));
            return self.out.extend_from_slice(b"\"}");
        }
        let position = utf16_len(before);
        if !removed.is_empty() {
            begin(self, b"{\"op\":\"str_del\",\"path\":\"");
            self.number(b"\",\"pos\":", position);
            self.number(b",\"len\":", utf16_len(removed));
            self.out.push(b'}');
        }
        if !splice.inserted.is_empty() {
            begin(self, b"{\"op\":\"str_ins\",\"path\":\"");
            self.number(b"\",\"pos\":", position);
            self.out.extend_from_slice(b",\"str\":");
            write_text(&splice.inserted, self.out);
            self.out.push(b'}');
        }
    }

    fn number(&mut self, before: &[u8], number: usize) {
        self.out.extend_from_slice(before);
        self.out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    }
}

fn child(container: &Node, at: usize) -> Option<&Node> {
    match container {
        Node::Array(array) => array.items.get(at),
        Node::Object(object) => object.nodes().get(at),
        _ => None,
    }
}

/// The segment of a place that was there before.
fn write_place(container: &Node, at: usize, out: &mut Vec<u8>) -> bool {
    if let Node::Object(object) = container {
        return object.shape().names().get(at).is_none_or(|name| write_segment(name, out));
    }
    write_index(at, out);
    true
}

fn write_index(index: usize, out: &mut Vec<u8>) {
    out.push(b'/');
    out.extend_from_slice(itoa::Buffer::new().format(index).as_bytes());
}
