//! Strategic merge patches, as Kubernetes' `apimachinery/pkg/util/strategicpatch` defines them.

use serde_json::{Map, Value};

use super::error::{PatchProblem, Trouble};
use super::schema::Node;

mod diff;
mod list;
mod merge;
mod order;

const DIRECTIVE: &str = "$patch";
const RETAIN_KEYS: &str = "$retainKeys";
const ELEMENT_ORDER: &str = "$setElementOrder";
const DELETE_FROM_LIST: &str = "$deleteFromPrimitiveList";

/// What happens at fields that the schema does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UnknownFields {
    /// The patch fails, as Helm does.
    Refuse,
    /// Mappings are merged, lists replaced.
    Merge,
}

/// Computes and applies strategic merge patches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Strategic {
    unknown_fields: UnknownFields,
}

/// What is known of a field; `None` where the schema knows nothing.
type Known<'a> = Option<Node<'a>>;

impl Strategic {
    /// Fails at fields that the schema does not know, where Kubernetes' own library fails.
    pub(super) fn strict() -> Self {
        Self { unknown_fields: UnknownFields::Refuse }
    }

    /// Merges what the schema does not know as a JSON merge would.
    pub(super) fn lenient() -> Self {
        Self { unknown_fields: UnknownFields::Merge }
    }

    /// Applies `patch` to `live` as the server does.
    pub(super) fn apply(
        self,
        live: Map<String, Value>,
        patch: Map<String, Value>,
        node: Known<'_>,
    ) -> Result<Map<String, Value>, Trouble> {
        self.merge(live, patch, node, merge::Into::Object)
    }

    fn field<'a>(self, node: Known<'a>, name: &str) -> Result<Known<'a>, Trouble> {
        let known = match self.unknown_fields {
            UnknownFields::Refuse => node.and_then(|node| node.declared_field(name)),
            UnknownFields::Merge => node.and_then(|node| node.declared_field(name).or_else(|| node.field(name))),
        };
        if known.is_none() && self.unknown_fields == UnknownFields::Refuse {
            return Err(Trouble::from(PatchProblem::UnknownField).within(name));
        }
        Ok(known)
    }
}
