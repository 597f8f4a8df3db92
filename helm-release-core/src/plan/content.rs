//! A revision with everything inside it read, placed on the server's kinds.

use crate::api;
use crate::hook::Hook;
use crate::manifest::{ManifestObject, read_objects};
use crate::ports::{Head, Kinds, Location};
use crate::release::{ApplyMethod, ChartMetadata, Info, RecordError};
use crate::{Gvk, Namespace, PackedObject, Record, Revision};

/// An object of a manifest, and where it lies in the cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// The object, with a namespace when its kind has one.
    pub object: PackedObject,
    /// Where it lies.
    pub location: Location,
    /// The template that it came from.
    pub source: Option<String>,
    /// The removed version in which the revision has it, when it is written in the one that took its place.
    pub converted_from: Option<Gvk>,
}

/// What becomes of objects in versions that were removed from Kubernetes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RemovedApis {
    /// They are written in the version that took its place, where that is possible.
    Convert,
    /// They have no place, as with Helm.
    #[default]
    Leave,
}

/// An object whose kind the server does not serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unplaced {
    /// Its kind.
    pub gvk: Gvk,
    /// Its name.
    pub name: String,
    /// The template that it came from.
    pub source: Option<String>,
    /// Why it has no counterpart that is served, when its version is a removed one.
    pub why: Option<String>,
}

/// A text that was to hold objects, read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contents {
    /// Objects with a place, in the text's order.
    pub placed: Vec<Placed>,
    /// Objects without one.
    pub unplaced: Vec<Unplaced>,
    /// What could not be read, one complaint per document.
    pub unreadable: Vec<String>,
}

impl Contents {
    /// Reads a manifest. A namespace that an object leaves out is the release's.
    #[must_use]
    pub fn read(manifest: &str, kinds: &Kinds, namespace: &Namespace) -> Self {
        Self::read_with(manifest, kinds, namespace, RemovedApis::Leave)
    }

    /// Reads a manifest, and says what becomes of objects in removed versions.
    #[must_use]
    pub fn read_with(manifest: &str, kinds: &Kinds, namespace: &Namespace, removed: RemovedApis) -> Self {
        let mut contents = Self::default();
        // One after another: a single object is a tree at a time.
        match read_objects(manifest).each(|found| contents.place(found, kinds, namespace, removed)) {
            Ok(()) => contents,
            Err(errors) => Self { unreadable: errors.errors.iter().map(ToString::to_string).collect(), ..Self::default() },
        }
    }

    fn place(&mut self, found: ManifestObject, kinds: &Kinds, namespace: &Namespace, removed: RemovedApis) {
        let ManifestObject { mut object, source, line } = found;
        let gvk = object.gvk();
        let mut converted_from = None;
        let resource = match (kinds.find(&gvk), removed, api::removed(&gvk)) {
            (Some(resource), ..) => resource.clone(),
            (None, RemovedApis::Convert, Some(_)) => match api::successor(&object, kinds) {
                Ok(converted) => {
                    object = converted.object;
                    converted_from = Some(gvk);
                    converted.resource
                }
                Err(why) => {
                    self.unplaced.push(Unplaced { gvk, name: object.name().to_owned(), source, why: Some(why) });
                    return;
                }
            },
            (None, ..) => {
                self.unplaced.push(Unplaced { gvk, name: object.name().to_owned(), source, why: None });
                return;
            }
        };
        if object.name().is_empty() {
            self.unreadable.push(format!("the {} in line {line} has no name", object.kind()));
            return;
        }
        let location = resource.locate(&object, namespace.as_str());
        if let (Some(namespace), None) = (&location.namespace, object.namespace()) {
            object.set_namespace(namespace);
        }
        self.placed.push(Placed { object: PackedObject::new(&object), location, source, converted_from });
    }
}

/// A hook of a revision, its manifest read.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadHook {
    /// The hook as stored.
    pub hook: Hook,
    /// Its place among the record's hooks.
    pub index: usize,
    /// What its manifest holds.
    pub contents: Contents,
}

/// A revision of the release, read.
#[derive(Debug, Clone)]
pub struct RevisionContent {
    /// What the storage says of it.
    pub head: Head,
    /// The record.
    pub record: Record,
    /// Times, status, description, notes.
    pub info: Info,
    /// The chart's metadata.
    pub chart: Option<ChartMetadata>,
    /// Length of the stored payload in bytes.
    pub payload_bytes: usize,
    /// How its objects were written.
    pub apply_method: ApplyMethod,
    /// The objects of its manifest.
    pub contents: Contents,
    /// Its hooks, in stored order.
    pub hooks: Vec<ReadHook>,
}

impl RevisionContent {
    /// Reads everything that a plan needs of a record.
    ///
    /// # Errors
    /// [`RecordError`] when a member has not Helm's form.
    pub fn read(head: Head, payload_bytes: usize, record: Record, kinds: &Kinds) -> Result<Self, RecordError> {
        Self::read_with(head, payload_bytes, record, kinds, RemovedApis::Leave)
    }

    /// The same, and says what becomes of objects in removed versions.
    ///
    /// # Errors
    /// As of [`RevisionContent::read`].
    pub fn read_with(
        head: Head,
        payload_bytes: usize,
        record: Record,
        kinds: &Kinds,
        removed: RemovedApis,
    ) -> Result<Self, RecordError> {
        let namespace = head.key.namespace.clone();
        let hooks = record.hooks()?.into_iter().enumerate().map(|(index, hook)| {
            let contents = Contents::read_with(&hook.manifest, kinds, &namespace, removed);
            ReadHook { hook, index, contents }
        });
        Ok(Self {
            info: record.info()?,
            chart: record.chart()?,
            payload_bytes,
            apply_method: record.apply_method()?,
            contents: Contents::read_with(&record.manifest()?, kinds, &namespace, removed),
            hooks: hooks.collect(),
            head,
            record,
        })
    }

    /// Its number.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.head.key.revision
    }

    /// The object of that group, kind, namespace and name, whatever its version; the last one when there are several.
    #[must_use]
    pub fn find(&self, location: &Location) -> Option<&Placed> {
        self.contents.placed.iter().rev().find(|placed| placed.location.is_same_object(location))
    }
}
