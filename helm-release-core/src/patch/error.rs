//! Why a patch cannot be computed or applied.

use crate::Gvk;

/// A patch that cannot be computed, or that the server would refuse.
///
/// The text names the field and never what it holds.
///
/// ```
/// use helm_release_core::Gvk;
/// use helm_release_core::patch::{PatchError, Schemas, apply};
/// use helm_release_core::ports::PatchBody;
/// use serde_json::json;
///
/// let widget = Gvk::new("example.com/v1", "Widget");
/// let refused = |body| apply(Schemas::built_in(), &widget, &json!({"spec": {}}), &body).unwrap_err();
/// assert_eq!(refused(PatchBody::Strategic(json!({}))).to_string(), "example.com/v1 Widget takes no strategic merge patch");
/// assert_eq!(refused(PatchBody::Json(json!({"op": "remove"}))), PatchError::NotOperations);
/// let operations = json!([{"op": "remove", "path": "/status"}]);
/// assert!(matches!(refused(PatchBody::Json(operations)), PatchError::Operation { index: 0, path, .. } if path == "/status"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatchError {
    /// The kind is a custom resource, or unknown.
    #[error("{gvk} takes no strategic merge patch")]
    NoStrategicMerge {
        /// The kind.
        gvk: Gvk,
    },
    /// Something that must be a mapping is not.
    #[error("{what} is not a mapping")]
    NotAMapping {
        /// What it is.
        what: &'static str,
    },
    /// Something is wrong at one field.
    #[error("{path}: {problem}")]
    Field {
        /// Where, as names joined by dots.
        path: String,
        /// What is wrong.
        problem: PatchProblem,
    },
    /// A JSON patch that is no list of operations.
    #[error("JSON patch is not a list of operations")]
    NotOperations,
    /// An operation of a JSON patch that does not fit the object.
    #[error("operation {index} of the JSON patch at {path}: {problem}")]
    Operation {
        /// Place of the operation in the list, from 0.
        index: usize,
        /// JSON pointer that the operation names.
        path: String,
        /// What is wrong, in the words of the library that applies such patches.
        problem: String,
    },
}

/// What is wrong at a field.
///
/// ```
/// use helm_release_core::Gvk;
/// use helm_release_core::patch::{HelmPatch, PatchError, PatchProblem, helm_patch};
/// use serde_json::{Value, json};
///
/// let gvk = Gvk::new("v1", "Service");
/// let problem = |latest: Value, target: Value| {
///     let inputs = HelmPatch { gvk: &gvk, original: &latest, target: &target, live: &latest };
///     let Err(PatchError::Field { path, problem }) = helm_patch(inputs) else { panic!("Helm cannot merge it") };
///     (path, problem)
/// };
/// let unknown = problem(json!({"spec": {"port": {"http": 80}}}), json!({"spec": {"port": {"http": 81}}}));
/// assert_eq!(unknown, ("spec.port".to_owned(), PatchProblem::UnknownField));
/// let unnamed = problem(json!({"spec": {"ports": [{"port": 80}]}}), json!({"spec": {"ports": [{"name": "http"}]}}));
/// assert_eq!(unnamed, ("spec.ports".to_owned(), PatchProblem::NoMergeKey { key: "port".to_owned() }));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatchProblem {
    /// Helm's compiled-in type has no such field, so it cannot know how to merge it.
    #[error("the kind has no such field")]
    UnknownField,
    /// `$patch` says something else than `delete`, `replace` or `merge`, or something that is not possible here.
    #[error("the $patch directive is unknown or not possible here")]
    Directive,
    /// `$setElementOrder` disagrees with the list that it orders.
    #[error("the $setElementOrder list does not agree with the list")]
    ElementOrder,
    /// `$retainKeys` leaves out a field that the patch sets.
    #[error("the $retainKeys list does not agree with the patch")]
    RetainKeys,
    /// A directive for a list that does not name the list.
    #[error("the directive names no list")]
    DirectiveName,
    /// Something else where the patch needs a list.
    #[error("not a list")]
    NotAList,
    /// An entry of a list of mappings that is no mapping.
    #[error("an entry of the list is not a mapping")]
    NotAMapping,
    /// An entry without the field that tells the entries apart.
    #[error("an entry of the list has no {key}")]
    NoMergeKey {
        /// The merge key.
        key: String,
    },
    /// Entries of different types in one list.
    #[error("the entries of the list are of different types")]
    MixedList,
    /// A list that needs entries to say what it is a list of.
    #[error("the list has no entries")]
    EmptyList,
    /// A list directly in a list.
    #[error("lists of lists cannot be merged")]
    ListOfLists,
    /// A list of mappings for which no merge key is known.
    #[error("the entries of the list cannot be told apart")]
    NotMergeable,
}

/// A problem on its way up to the whole object, gathering the path.
#[derive(Debug)]
pub(super) struct Trouble {
    /// From the inside out.
    path: Vec<String>,
    problem: PatchProblem,
}

impl Trouble {
    /// Says that the problem is in a field of that name.
    pub(super) fn within(mut self, field: &str) -> Self {
        self.path.push(field.to_owned());
        self
    }
}

impl From<PatchProblem> for Trouble {
    fn from(problem: PatchProblem) -> Self {
        Self { path: Vec::new(), problem }
    }
}

impl From<Trouble> for PatchError {
    fn from(Trouble { mut path, problem }: Trouble) -> Self {
        path.reverse();
        let path = if path.is_empty() { "object".to_owned() } else { path.join(".") };
        Self::Field { path, problem }
    }
}
