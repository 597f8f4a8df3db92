//! The objects that belong to another one and decide with it.

use crate::readiness::Selector;
use crate::{Gvk, Object};

/// Objects to list before another object can be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Need {
    /// Their kind.
    pub gvk: Gvk,
    /// Their namespace, which is that of the object.
    pub namespace: Option<String>,
    /// Which of them.
    pub selector: Selector,
}

impl Need {
    pub(super) fn new(api_version: &str, kind: &str, object: &Object, selector: Selector) -> Self {
        Self { gvk: Gvk::new(api_version, kind), namespace: object.namespace().map(str::to_owned), selector }
    }

    fn is_met_by(&self, object: &Object) -> bool {
        object.gvk() == self.gvk && object.namespace() == self.namespace.as_deref() && self.selector.matches(object)
    }
}

/// Candidates among which an object finds those that belong to it.
///
/// May hold more than needed, such as every pod of a namespace.
#[derive(Debug, Clone, Default)]
pub struct Related<'a> {
    objects: Vec<&'a Object>,
}

impl<'a> Related<'a> {
    /// No objects, for kinds that are judged alone.
    #[must_use]
    pub const fn none() -> Self {
        Self { objects: Vec::new() }
    }

    pub(super) fn meeting(&self, need: &Need) -> impl Iterator<Item = &'a Object> {
        self.objects.iter().copied().filter(|object| need.is_met_by(object))
    }
}

impl<'a> FromIterator<&'a Object> for Related<'a> {
    fn from_iter<I: IntoIterator<Item = &'a Object>>(objects: I) -> Self {
        Self { objects: objects.into_iter().collect() }
    }
}
