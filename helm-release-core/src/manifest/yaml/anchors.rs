//! Anchored nodes, and the limits on what aliases may make of them.

use std::collections::HashMap;
use std::mem::size_of;

use serde_json::Value;

use super::scalar::Scalar;
use super::{MAX_COPIED_BYTES, YamlProblem};

/// A node that an anchor names, complete.
#[derive(Debug)]
pub(super) struct Anchored {
    pub(super) node: Node,
    cost: Cost,
}

/// A scalar keeps its kind, because as a key it is written differently than as a value.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Scalar(Scalar<'static>),
    Collection(Value),
}

/// What decoding a node costs: Go's decode operations, and bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cost {
    operations: u64,
    bytes: usize,
}

/// Counts what is decoded and copied, and keeps the anchored nodes.
#[derive(Debug)]
pub(super) struct Anchors {
    kept: HashMap<usize, Anchored>,
    spent: Cost,
    alias_operations: u64,
    copied_bytes: usize,
}

impl Anchors {
    pub(super) fn new() -> Self {
        // The document itself is Go's first decode operation.
        let spent = Cost { operations: 1, bytes: 0 };
        Self { kept: HashMap::new(), spent, alias_operations: 0, copied_bytes: 0 }
    }

    /// Counts a node of the text itself.
    pub(super) fn count(&mut self, bytes: usize) {
        self.spent.operations += 1;
        self.spent.bytes += size_of::<Value>() + bytes;
    }

    /// Takes a node out of the count that Go does not decode by itself.
    pub(super) fn uncount(&mut self) {
        self.spent.operations = self.spent.operations.saturating_sub(1);
    }

    pub(super) fn spent(&self) -> Cost {
        self.spent
    }

    /// Keeps a node for later aliases; `before` is what had been spent when it began.
    pub(super) fn keep(&mut self, id: usize, node: impl FnOnce() -> Node, before: Cost) -> Result<(), YamlProblem> {
        let cost =
            Cost { operations: self.spent.operations.saturating_sub(before.operations), bytes: self.spent.bytes - before.bytes };
        self.copy(cost.bytes)?;
        self.kept.insert(id, Anchored { node: node(), cost });
        Ok(())
    }

    /// The node that an alias stands for. An anchor that is not kept is still being read.
    pub(super) fn alias(&mut self, id: usize) -> Result<&Anchored, YamlProblem> {
        let cost = self.kept.get(&id).ok_or(YamlProblem::Recursive)?.cost;
        self.spent.operations += 1 + cost.operations;
        self.spent.bytes += cost.bytes;
        self.alias_operations += cost.operations;
        if is_excessive(self.alias_operations, self.spent.operations) {
            return Err(YamlProblem::Aliasing);
        }
        self.copy(cost.bytes)?;
        self.kept.get(&id).ok_or(YamlProblem::Recursive)
    }

    fn copy(&mut self, bytes: usize) -> Result<(), YamlProblem> {
        self.copied_bytes = self.copied_bytes.saturating_add(bytes);
        if self.copied_bytes > MAX_COPIED_BYTES { Err(YamlProblem::Aliasing) } else { Ok(()) }
    }
}

/// Go's limit (`decode.go` of go-yaml v2): the part of the operations that may come from aliases
/// shrinks from 99 % for up to 400,000 operations to 10 % from 4,000,000 on.
fn is_excessive(from_aliases: u64, all: u64) -> bool {
    const LOW: u64 = 400_000;
    const HIGH: u64 = 4_000_000;
    if from_aliases <= 100 || all <= 1_000 {
        return false;
    }
    // Compared in units of one part in 100 * (HIGH - LOW), so that no rounding decides.
    let span = u128::from(HIGH - LOW);
    let beyond = u128::from(all.clamp(LOW, HIGH) - LOW);
    u128::from(from_aliases) * 100 * span > u128::from(all) * (99 * span - 89 * beyond)
}
