//! The shapes that were made last, so that objects with the same keys share one.

use super::{
    node::{Node, Object},
    shape::{MAX_SHARED, Name, Shape},
};
use std::sync::Arc;

/// Shapes of a few keys, the latest first.
#[derive(Debug, Default)]
pub struct Shapes(Vec<Arc<Shape>>);

/// How many are kept.
const KEPT: usize = 16;

impl Shapes {
    /// Takes the keys of an object that is there already, for those to come that are like it.
    pub fn learn(&mut self, like: &Node) {
        if let Node::Object(object) = like
            && (1..=MAX_SHARED).contains(&object.len())
            && !self.0.iter().any(|known| Arc::ptr_eq(known, object.shape()))
        {
            self.remember(object.shape().clone());
        }
    }

    fn remember(&mut self, shape: Arc<Shape>) {
        self.0.truncate(KEPT - 1);
        self.0.insert(0, shape);
    }

    /// A shape that begins with these keys, and goes on with this one.
    fn that_goes_on(&self, before: &[Name], name: &str) -> Option<Arc<Shape>> {
        let fits = |shape: &&Arc<Shape>| shape.is_at(before.len(), name) && shape.names()[..before.len()] == *before;
        self.0.iter().find(fits).cloned()
    }

    fn share(&mut self, shape: Shape) -> Arc<Shape> {
        if let Some(known) = self.0.iter().find(|known| known.names() == shape.names()) {
            return known.clone();
        }
        let shape = Arc::new(shape);
        if (1..=MAX_SHARED).contains(&shape.len()) {
            self.remember(shape.clone());
        }
        shape
    }
}

/// An object that is being made, key by key. Of a key that comes twice, the last one counts.
#[derive(Debug, Default)]
pub struct ObjectBuilder {
    nodes: Vec<Node>,
    names: Names,
}

#[derive(Debug)]
enum Names {
    /// So far they are the first ones of this shape.
    Known(Arc<Shape>),
    Own(Shape),
}

impl Default for Names {
    fn default() -> Self {
        Self::Own(Shape::default())
    }
}

impl ObjectBuilder {
    pub fn with_capacity(len: usize) -> Self {
        Self { nodes: Vec::with_capacity(len), names: Names::default() }
    }

    pub fn insert<N: AsRef<str> + Into<Name>>(&mut self, shapes: &Shapes, name: N, node: Node) {
        let (len, text) = (self.nodes.len(), name.as_ref());
        match &mut self.names {
            Names::Known(shape) if shape.is_at(len, text) => return self.nodes.push(node),
            Names::Known(shape) => {
                if let Some(place) = shape.names()[..len].iter().position(|held| held == text) {
                    self.nodes[place] = node;
                    return;
                }
                if let Some(other) = shapes.that_goes_on(&shape.names()[..len], text) {
                    self.names = Names::Known(other);
                    return self.nodes.push(node);
                }
                let mut own = Shape::new(shape.names()[..len].to_vec());
                own.push(name.into());
                self.names = Names::Own(own);
            }
            Names::Own(own) => {
                if len == 0
                    && let Some(shape) = shapes.that_goes_on(&[], text)
                {
                    self.names = Names::Known(shape);
                    return self.nodes.push(node);
                }
                if let Some(place) = own.find(text) {
                    self.nodes[place] = node;
                    return;
                }
                own.push(name.into());
            }
        }
        self.nodes.push(node);
    }

    /// The members, in the order in which they came.
    pub fn into_members(self) -> impl Iterator<Item = (Name, Node)> {
        let names = match self.names {
            Names::Known(shape) => shape.names()[..self.nodes.len()].to_vec(),
            Names::Own(shape) => shape.names().to_vec(),
        };
        names.into_iter().zip(self.nodes)
    }

    pub fn finish(self, shapes: &mut Shapes) -> Object {
        let shape = match self.names {
            Names::Known(shape) if shape.len() == self.nodes.len() => shape,
            Names::Known(shape) => shapes.share(Shape::new(shape.names()[..self.nodes.len()].to_vec())),
            Names::Own(shape) => shapes.share(shape),
        };
        Object::new(shape, self.nodes)
    }
}
