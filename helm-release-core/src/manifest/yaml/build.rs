//! Builds the value from events, one frame for each open mapping or sequence.

use std::mem;

use granit_parser::{Event, ScalarStyle, StructureStyle};
use serde_json::{Map, Value};

use super::anchors::{Anchors, Cost, Node};
use super::scalar::{self, Scalar};
use super::scan::Place;
use super::{MAX_DEPTH, YamlError, YamlProblem};

/// The mappings and sequences that are open, and the anchors so far.
pub(super) struct Builder {
    frames: Vec<Frame>,
    anchors: Anchors,
    /// Whether any alias can come, so that anchored nodes have to be kept.
    keeps_anchors: bool,
}

struct Frame {
    collection: Collection,
    anchor: usize,
    before: Cost,
    place: Place,
    /// Whether it is written in brackets or braces, or stands inside such a one.
    is_flow: bool,
}

enum Collection {
    Sequence(Vec<Value>),
    Mapping(Map<String, Value>, Awaiting),
}

/// What a mapping waits for.
enum Awaiting {
    Key,
    Value(String),
    /// The value of a merge key.
    Merge,
}

impl Builder {
    pub(super) fn new(keeps_anchors: bool) -> Self {
        Self { frames: Vec::new(), anchors: Anchors::new(), keeps_anchors }
    }

    /// Takes an event; gives the whole value when the root node is complete.
    pub(super) fn take(&mut self, event: Event<'_>, place: Place) -> Result<Option<Value>, YamlError> {
        let at_place = |problem| place.error(problem);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let before = self.anchors.spent();
                // Go takes such a question mark for an indicator and such a colon for text, the scanner the other way round.
                if self.is_flow()
                    && style == ScalarStyle::Plain
                    && (text.starts_with('?') || text.ends_with(':') || place.has_tight_colon)
                {
                    return Err(at_place(YamlProblem::FlowText));
                }
                if self.awaits_key() && scalar::is_merge(&text, style, tag.as_deref()) {
                    self.keep(anchor, || Node::Scalar(Scalar::Text("<<".into())), before).map_err(at_place)?;
                    self.await_merge();
                    return Ok(None);
                }
                self.anchors.count(text.len());
                let scalar = scalar::resolve(text, style, tag.as_deref()).map_err(at_place)?;
                self.keep(anchor, || Node::Scalar(scalar.clone().into_owned()), before).map_err(at_place)?;
                if self.awaits_key() {
                    self.await_value(scalar.into_key().map_err(at_place)?);
                    return Ok(None);
                }
                let value = scalar.into_value().map_err(at_place)?;
                self.place_value(value, false).map_err(at_place)
            }
            Event::Alias(id) => {
                let node = self.anchors.alias(id).map_err(at_place)?.node.clone();
                if self.awaits_key() {
                    let Node::Scalar(scalar) = node else { return Err(at_place(YamlProblem::Key)) };
                    self.await_value(scalar.into_key().map_err(at_place)?);
                    return Ok(None);
                }
                let value = match node {
                    Node::Scalar(scalar) => scalar.into_value().map_err(at_place)?,
                    Node::Collection(value) => value,
                };
                self.place_value(value, true).map_err(at_place)
            }
            Event::SequenceStart(style, anchor, _) => {
                self.open(Collection::Sequence(Vec::new()), style, anchor, place)?;
                Ok(None)
            }
            Event::MappingStart(style, anchor, _) => {
                self.open(Collection::Mapping(Map::new(), Awaiting::Key), style, anchor, place)?;
                Ok(None)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            _ => Ok(None),
        }
    }

    fn awaits_key(&self) -> bool {
        matches!(self.frames.last(), Some(Frame { collection: Collection::Mapping(_, Awaiting::Key), .. }))
    }

    fn await_value(&mut self, key: String) {
        if let Some(Frame { collection: Collection::Mapping(_, awaiting), .. }) = self.frames.last_mut() {
            *awaiting = Awaiting::Value(key);
        }
    }

    fn await_merge(&mut self) {
        if let Some(Frame { collection: Collection::Mapping(_, awaiting), .. }) = self.frames.last_mut() {
            *awaiting = Awaiting::Merge;
        }
    }

    fn is_flow(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.is_flow)
    }

    fn open(&mut self, collection: Collection, style: StructureStyle, anchor: usize, place: Place) -> Result<(), YamlError> {
        if self.awaits_key() {
            return Err(place.error(YamlProblem::Key));
        }
        if self.frames.len() >= MAX_DEPTH {
            return Err(place.error(YamlProblem::Depth));
        }
        let before = self.anchors.spent();
        self.anchors.count(0);
        let is_flow = self.is_flow() || style == StructureStyle::Flow;
        self.frames.push(Frame { collection, anchor, before, place, is_flow });
        Ok(())
    }

    fn close(&mut self) -> Result<Option<Value>, YamlError> {
        let Some(Frame { collection, anchor, before, place, .. }) = self.frames.pop() else { return Ok(None) };
        let at_place = |problem| place.error(problem);
        let value = match collection {
            Collection::Sequence(items) => Value::Array(items),
            Collection::Mapping(entries, _) => Value::Object(entries),
        };
        self.keep(anchor, || Node::Collection(value.clone()), before).map_err(at_place)?;
        self.place_value(value, false).map_err(at_place)
    }

    fn keep(&mut self, anchor: usize, node: impl FnOnce() -> Node, before: Cost) -> Result<(), YamlProblem> {
        if anchor != 0 && self.keeps_anchors { self.anchors.keep(anchor, node, before) } else { Ok(()) }
    }

    /// Puts a complete value where the innermost open collection wants it.
    fn place_value(&mut self, value: Value, is_alias: bool) -> Result<Option<Value>, YamlProblem> {
        let Some(frame) = self.frames.last_mut() else { return Ok(Some(value)) };
        match &mut frame.collection {
            Collection::Sequence(items) => items.push(value),
            Collection::Mapping(entries, awaiting) => match mem::replace(awaiting, Awaiting::Key) {
                Awaiting::Value(key) => {
                    entries.insert(key, value);
                }
                Awaiting::Merge => {
                    if value.is_array() {
                        self.anchors.uncount();
                    }
                    merge(entries, value, is_alias)?;
                }
                Awaiting::Key => return Err(YamlProblem::Key),
            },
        }
        Ok(None)
    }
}

/// Merges as Go does: in place, so that it overrides the keys before it; of several mappings the first wins.
fn merge(entries: &mut Map<String, Value>, value: Value, is_alias: bool) -> Result<(), YamlProblem> {
    match value {
        Value::Object(merged) => entries.extend(merged),
        Value::Array(items) if !is_alias => {
            for item in items.into_iter().rev() {
                let Value::Object(merged) = item else { return Err(YamlProblem::Merge) };
                entries.extend(merged);
            }
        }
        _ => return Err(YamlProblem::Merge),
    }
    Ok(())
}
