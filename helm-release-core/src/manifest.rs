//! Reads manifests as Helm and the API machinery do: splitting, YAML, objects, kind order, resource policy.
//!
//! A manifest that is read differently is a different object applied on rollback. So every rule here
//! is the rule of the Go code that Helm runs: `sigs.k8s.io/yaml` with its YAML 1.1 scalars for
//! [`read_yaml`], the API machinery's line splitter for [`split_documents`] and [`read_objects`],
//! Helm's own regular expressions for [`split_helm`], and Helm's tables for the order of kinds.
//!
//! ```
//! use helm_release_core::HelmLine;
//! use helm_release_core::manifest::{read_objects, sort_for_install};
//!
//! let manifest = "
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: web}
//! ---
//! apiVersion: v1
//! kind: Secret
//! metadata: {name: web}
//! ";
//! let mut objects = Vec::new();
//! read_objects(manifest).each(|found| objects.push(found.object))?;
//! sort_for_install(&mut objects, HelmLine::V4, |object| object.kind());
//! assert_eq!(objects[0].id().to_string(), "Secret web");
//! # Ok::<(), helm_release_core::manifest::ManifestErrors>(())
//! ```

mod helm_split;
mod json;
mod kind_order;
mod metadata;
mod objects;
mod resource_policy;
mod split;
mod yaml;

pub use helm_split::split_helm;
pub use kind_order::{install_rank, sort_for_install, sort_for_uninstall, uninstall_rank};
pub use objects::{DocumentError, DocumentProblem, ManifestErrors, ManifestObject, Objects, read_objects};
pub use resource_policy::{RESOURCE_POLICY_ANNOTATION, RemovalPolicy, StoredPolicy, removal_policy, stored_policy};
pub use split::{Chunk, ManifestError, split_documents};
pub use yaml::{MAX_COPIED_BYTES, MAX_DEPTH, YamlError, YamlProblem, read_yaml};
