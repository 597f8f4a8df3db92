//! Reads the objects of a manifest as Helm's `Build` does.

use std::{fmt, vec};

use serde_json::Value;

use crate::Object;
use crate::object::NotAnObject;

use super::split::{Chunk, ManifestError, split_documents};
use super::yaml::{YamlError, read_yaml};
use super::{json, metadata};

/// An object of a manifest and where it stands there.
///
/// ```
/// use helm_release_core::manifest::read_objects;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let manifest = shop.record(2).await?.manifest()?;
/// let found = read_objects(&manifest).collect::<Result<Vec<_>, _>>()?;
/// let last = found.last().ok_or("the shop has objects")?;
/// assert_eq!(last.object.id().to_string(), "Deployment shop");
/// assert_eq!(last.source.as_deref(), Some("shop/templates/deployment.yaml"));
/// assert_eq!(manifest.lines().nth(last.line - 1), Some("# Source: shop/templates/deployment.yaml"));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ManifestObject {
    /// The object.
    pub object: Object,
    /// `chart/path` of the template, as the comment `# Source:` above the document says.
    pub source: Option<String>,
    /// The line of the manifest on which its document begins, from 1.
    pub line: usize,
}

/// All that is wrong with a manifest, in its order.
///
/// ```
/// use helm_release_core::manifest::read_objects;
///
/// let manifest = "kind: Pod\n---\napiVersion: v1\nkind: Service\n---\napiVersion: v1\n";
/// let errors = read_objects(manifest).each(|_| {}).unwrap_err();
/// assert_eq!(errors.errors.len(), 2);
/// assert_eq!(
///     errors.to_string(),
///     "document 1, line 1: apiVersion is missing or not a string; document 3, line 6: kind is missing or not a string"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub struct ManifestErrors {
    /// One for each document that cannot be read; never empty.
    pub errors: Vec<DocumentError>,
}

impl fmt::Display for ManifestErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.errors.iter().enumerate() {
            if at > 0 {
                f.write_str("; ")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

/// A document of a manifest that holds no object that Kubernetes could take.
///
/// ```
/// use helm_release_core::manifest::{DocumentProblem, read_objects};
///
/// let manifest = "---\n# Source: web/a.yaml\n---\n# Source: web/b.yaml\napiVersion: v1\nkind: Service\nport: !!int http\n";
/// let error = read_objects(manifest).find_map(Result::err).unwrap();
/// assert_eq!((error.document, error.line), (Some(2), 7));
/// assert_eq!(error.source.as_deref(), Some("web/b.yaml"));
/// assert!(matches!(error.problem, DocumentProblem::Yaml(_)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub struct DocumentError {
    /// Which document of the manifest, from 1, or none when the manifest could not be split.
    pub document: Option<usize>,
    /// The line of the manifest on which the trouble is, from 1.
    pub line: usize,
    /// `chart/path` of the template, when known.
    pub source: Option<String>,
    /// What is wrong with it.
    #[source]
    pub problem: DocumentProblem,
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.document {
            Some(document) => write!(f, "document {document}")?,
            None => f.write_str("manifest")?,
        }
        if let Some(source) = &self.source {
            write!(f, " ({source})")?;
        }
        write!(f, ", line {}: {}", self.line, self.problem)
    }
}

/// What is wrong with a document.
///
/// ```
/// use helm_release_core::manifest::{DocumentProblem, read_objects};
///
/// let problem = |text| read_objects(text).find_map(Result::err).unwrap().problem;
/// assert!(matches!(problem("a: 1\n---b\n"), DocumentProblem::Split(_)));
/// assert!(matches!(problem("a: [\n"), DocumentProblem::Yaml(_)));
/// assert!(matches!(problem("kind: Pod\n"), DocumentProblem::NotAnObject(_)));
/// assert_eq!(problem("{apiVersion: a/b/c, kind: Pod}\n"), DocumentProblem::ApiVersion);
/// assert_eq!(problem("{apiVersion: v1, kind: List, items: 3}\n"), DocumentProblem::Items);
/// assert_eq!(problem("{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: List, items: []}]}\n"), DocumentProblem::ListInList);
/// let labelled = problem("{apiVersion: v1, kind: Pod, metadata: {labels: {canary: yes}}}\n");
/// assert_eq!(labelled.to_string(), "metadata.labels.canary is not a string");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentProblem {
    /// The manifest cannot be split.
    #[error(transparent)]
    Split(#[from] ManifestError),
    /// The document is not YAML. Line and column count from the start of the document.
    #[error(transparent)]
    Yaml(#[from] YamlError),
    /// The document is not JSON although it begins like it.
    #[error("invalid JSON at line {line}, column {column} of the document")]
    Json {
        /// Line in the document, from 1.
        line: usize,
        /// Column in that line, from 1.
        column: usize,
    },
    /// The document is no Kubernetes object.
    #[error(transparent)]
    NotAnObject(#[from] NotAnObject),
    /// `apiVersion` has more than one slash.
    #[error("apiVersion is not GROUP/VERSION")]
    ApiVersion,
    /// A field of the metadata has a type that Kubernetes refuses.
    #[error("{path} is not {wanted}")]
    Metadata {
        /// Path of the field.
        path: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// `items` is not a list of mappings.
    #[error("items is not a list of mappings")]
    Items,
    /// An item of a list has `items` itself.
    #[error("an item of the list is a list itself")]
    ListInList,
}

/// Reads the objects of a manifest one after another, in its order.
///
/// Documents that are empty or `null` are left out. A document with `items` is a list, whatever its kind, and its
/// items stand in its place; items without `apiVersion` and `kind` take them from the list
/// (`PodList` of `v1` holds `Pod`s of `v1`). A list among its items is refused, as Helm refuses it.
/// Unlike Helm, the types in the metadata of items are checked too; Helm leaves those to the server.
///
/// A document that cannot be read comes out as an error in its place, and reading goes on behind it, where Helm stops at
/// the first one that is no YAML. An object is a tree of values, which takes many times the memory of its text: what is to
/// be held for longer is better held as a [`PackedObject`](crate::PackedObject).
///
/// # Examples
/// ```
/// use helm_release_core::manifest::read_objects;
///
/// let mut objects = read_objects("---\n# Source: web/a.yaml\napiVersion: v1\nkind: Service\nmetadata: {name: web}\n");
/// let first = objects.next().unwrap()?;
/// assert_eq!(first.object.id().to_string(), "Service web");
/// assert_eq!(first.source.as_deref(), Some("web/a.yaml"));
/// assert!(objects.next().is_none());
/// # Ok::<(), helm_release_core::manifest::DocumentError>(())
/// ```
#[must_use]
pub fn read_objects(text: &str) -> Objects<'_> {
    let (chunks, refusal) = match split_documents(text) {
        Ok(chunks) => (chunks, None),
        Err(problem) => {
            let (ManifestError::Separator { line } | ManifestError::Json { line }) = problem;
            (Vec::new(), Some(DocumentError { document: None, line, source: None, problem: problem.into() }))
        }
    };
    Objects { chunks: chunks.into_iter(), refusal, document: 0, ready: Vec::new().into_iter() }
}

/// The objects of a manifest, each read when it is asked for: what [`read_objects`] gives.
///
/// ```
/// use helm_release_core::manifest::read_objects;
///
/// let mut objects = read_objects("kind: Broken\n---\n{apiVersion: v1, kind: Service, metadata: {name: web}}\n");
/// assert!(objects.next().unwrap().is_err());
/// assert_eq!(objects.next().unwrap()?.object.name(), "web");
/// assert!(objects.next().is_none());
/// # Ok::<(), helm_release_core::manifest::DocumentError>(())
/// ```
#[derive(Debug)]
pub struct Objects<'a> {
    chunks: vec::IntoIter<Chunk<'a>>,
    /// Why the manifest could not be split.
    refusal: Option<DocumentError>,
    /// How many documents have been read.
    document: usize,
    /// Objects of the last document that have not been asked for.
    ready: vec::IntoIter<ManifestObject>,
}

impl Iterator for Objects<'_> {
    type Item = Result<ManifestObject, DocumentError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(object) = self.ready.next() {
                return Some(Ok(object));
            }
            if let Some(refusal) = self.refusal.take() {
                return Some(Err(refusal));
            }
            let chunk = self.chunks.next()?;
            self.document += 1;
            match read_chunk(&chunk) {
                Ok(objects) => self.ready = objects.into_iter(),
                Err(problem) => {
                    let line = chunk.line + problem.line_in_document().saturating_sub(1);
                    let source = chunk.source.map(str::to_owned);
                    return Some(Err(DocumentError { document: Some(self.document), line, source, problem }));
                }
            }
        }
    }
}

impl Objects<'_> {
    /// Hands over every object, each before the next one is read.
    ///
    /// # Errors
    /// [`ManifestErrors`] with everything that is wrong; what was handed over is then not the whole manifest.
    ///
    /// ```
    /// use helm_release_core::PackedObject;
    /// use helm_release_core::manifest::read_objects;
    ///
    /// let manifest = "{apiVersion: v1, kind: Service, metadata: {name: web}}\n---\nkind: Broken\n";
    /// let mut packed = Vec::new();
    /// let errors = read_objects(manifest).each(|found| packed.push(PackedObject::new(&found.object))).unwrap_err();
    /// assert_eq!(errors.errors[0].document, Some(2));
    /// assert_eq!(packed[0].unpack().name(), "web", "what could be read has been handed over all the same");
    /// ```
    pub fn each(self, mut take: impl FnMut(ManifestObject)) -> Result<(), ManifestErrors> {
        let mut errors = Vec::new();
        for object in self {
            match object {
                Ok(object) => take(object),
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(ManifestErrors { errors }) }
    }
}

impl DocumentProblem {
    fn line_in_document(&self) -> usize {
        match self {
            Self::Yaml(error) => error.line,
            Self::Json { line, .. } => *line,
            _ => 1,
        }
    }
}

fn read_chunk(chunk: &Chunk<'_>) -> Result<Vec<ManifestObject>, DocumentProblem> {
    let value = if chunk.is_json {
        json::read(&chunk.text).map_err(|error| DocumentProblem::Json { line: error.line(), column: error.column() })?
    } else {
        read_yaml(&chunk.text)?
    };
    if value.is_null() {
        return Ok(Vec::new());
    }
    let values = if value.get("items").is_none() { vec![value] } else { flatten(value)? };
    let read = |value| Ok(ManifestObject { object: check(value)?, source: chunk.source.map(str::to_owned), line: chunk.line });
    values.into_iter().map(read).collect()
}

fn check(value: Value) -> Result<Object, DocumentProblem> {
    if let Some((path, wanted)) = metadata::find_mistyped(&value) {
        return Err(DocumentProblem::Metadata { path, wanted });
    }
    let object = Object::new(value)?;
    if object.api_version().matches('/').count() > 1 { Err(DocumentProblem::ApiVersion) } else { Ok(object) }
}

/// Takes a list apart.
fn flatten(list: Value) -> Result<Vec<Value>, DocumentProblem> {
    let list = check(list)?;
    let api_version = list.api_version().to_owned();
    let item_kind = list.kind().strip_suffix("List").unwrap_or(list.kind()).to_owned();
    let mut items = take_items(list.into_value())?;
    for item in &mut items {
        fill_in(item, &api_version, &item_kind)?;
    }
    // `meta.ExtractList` knows the items of a list only where it is the document.
    if items.iter().any(|item| item.get("items").is_some_and(Value::is_array)) {
        return Err(DocumentProblem::ListInList);
    }
    Ok(items)
}

fn take_items(mut list: Value) -> Result<Vec<Value>, DocumentProblem> {
    match list.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => Ok(items),
        Some(Value::Null) => Ok(Vec::new()),
        _ => Err(DocumentProblem::Items),
    }
}

fn fill_in(item: &mut Value, api_version: &str, kind: &str) -> Result<(), DocumentProblem> {
    let Value::Object(entries) = item else { return Err(DocumentProblem::Items) };
    let is_empty = |key: &str| entries.get(key).and_then(Value::as_str).unwrap_or_default().is_empty();
    if is_empty("apiVersion") && is_empty("kind") {
        entries.insert("apiVersion".to_owned(), Value::from(api_version));
        entries.insert("kind".to_owned(), Value::from(kind));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
