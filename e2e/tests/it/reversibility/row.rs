//! One row of the table: an object, how the target wants it, and what is foretold of one field.

use serde_json::{Map, Value};

/// What is foretold of a field. Of several fields the last one decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Foretold {
    /// The server changes it.
    InPlace,
    /// It keeps the live value.
    CarriedOver,
    /// The object is made anew, and nothing is lost.
    Anew,
    /// The object is made anew, and what runs is stopped.
    AnewWork,
    /// The object is made anew, and data is lost.
    AnewData,
    /// There is no way.
    Impossible,
    /// It cannot be told.
    Unknown,
}

/// What the controllers must have done before the change is judged.
pub(super) type Ready = fn(&Value) -> bool;

/// One row. `ROW` in an object stands for a name that no other row has.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) path: String,
    pub(super) foretold: Foretold,
    /// What must be there first.
    pub(super) around: Vec<Value>,
    /// What must be there as well, made afterwards.
    pub(super) beside: Vec<Value>,
    /// The object of the current revision.
    pub(super) before: Value,
    /// The object of the target.
    pub(super) wanted: Value,
    pub(super) ready: Ready,
    /// What makes the one of the other.
    pub(super) then: Value,
}

/// A row: the object `base` with `first` merged into it is live, and with `then` merged into that it is wanted.
pub(super) fn row(base: &Value, first: &Value, then: &Value, path: &'static str, foretold: Foretold) -> Row {
    let before = merged(base, first);
    let wanted = merged(&before, then);
    Row {
        path: path.to_owned(),
        foretold,
        around: Vec::new(),
        beside: Vec::new(),
        before,
        wanted,
        ready: |_| true,
        then: then.clone(),
    }
}

impl Row {
    pub(super) fn among(mut self, around: Value) -> Self {
        self.around.push(around);
        self
    }

    pub(super) fn with(mut self, beside: Value) -> Self {
        self.beside.push(beside);
        self
    }

    pub(super) fn once(self, ready: Ready) -> Self {
        Self { ready, ..self }
    }

    /// The same with its own name in the place of `ROW`.
    pub(super) fn named(self, name: &str) -> Self {
        let own = |value: &Value| serde_json::from_str(&value.to_string().replace("ROW", name)).unwrap();
        let around = self.around.iter().map(own).collect();
        let beside = self.beside.iter().map(own).collect();
        Self { around, beside, before: own(&self.before), wanted: own(&self.wanted), ..self }
    }

    /// Both changes at once; `None` where they have not the same object, or one undoes the other.
    pub(super) fn together(&self, other: &Self) -> Option<Self> {
        let is_same = self.before == other.before && self.around == other.around && self.beside == other.beside;
        let wanted = merged(&self.wanted, &other.then);
        let is_apart = merged(&other.wanted, &self.then) == wanted && merged(&wanted, &self.then) == wanted;
        let known = [self, other].iter().all(|row| !matches!(row.foretold, Foretold::Unknown | Foretold::Impossible));
        let decisive = if self.foretold >= other.foretold { self } else { other };
        (is_same && is_apart && known).then(|| Self { wanted, ..decisive.clone() })
    }

    pub(super) fn kind(&self) -> String {
        self.before["kind"].as_str().unwrap().to_owned()
    }
}

/// A JSON merge patch, done.
pub(super) fn merged(base: &Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut map: Map<String, Value> = base.as_object().cloned().unwrap_or_default();
    for (name, value) in patch {
        if value.is_null() {
            map.remove(name);
        } else {
            let below = merged(map.get(name).unwrap_or(&Value::Null), value);
            map.insert(name.clone(), below);
        }
    }
    Value::Object(map)
}
