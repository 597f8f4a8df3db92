//! Whose an object is: Helm's ownership metadata (`pkg/action/validate.go`).

use crate::{Namespace, Object, ReleaseName};

const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
const RELEASE_NAME: &str = "meta.helm.sh/release-name";
const RELEASE_NAMESPACE: &str = "meta.helm.sh/release-namespace";

/// Whose an object says it is.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::plan::{Owner, owner_of};
/// use serde_json::json;
///
/// let metadata = json!({
///     "name": "web",
///     "labels": {"app.kubernetes.io/managed-by": "Helm"},
///     "annotations": {"meta.helm.sh/release-name": "web"},
/// });
/// let object = Object::new(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}))?;
/// let missing = "annotation meta.helm.sh/release-namespace is missing, must be shop".to_owned();
/// assert_eq!(owner_of(&object, &"web".parse()?, &"shop".parse()?), Owner::Unclear(missing));
/// assert_eq!(owner_of(&object, &"other".parse()?, &"shop".parse()?), Owner::Release("?/web".to_owned()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// This release's.
    Ours,
    /// Another release's, `namespace/name`.
    Release(String),
    /// Nobody's, or not completely: what is missing, in Helm's words.
    Unclear(String),
}

/// Reads whose an object is.
///
/// ```
/// use helm_release_core::plan::{Owner, owner_of, stamp};
/// use helm_release_core::{Namespace, Object, ReleaseName};
/// use serde_json::json;
///
/// let (web, other, shop) = (ReleaseName::new("web")?, ReleaseName::new("other")?, Namespace::new("shop")?);
/// let mut object = Object::new(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}})).unwrap();
/// assert!(matches!(owner_of(&object, &web, &shop), Owner::Unclear(_)));
/// stamp(&mut object, &web, &shop);
/// assert_eq!(owner_of(&object, &web, &shop), Owner::Ours);
/// assert_eq!(owner_of(&object, &other, &shop), Owner::Release("shop/web".to_owned()));
/// # Ok::<(), helm_release_core::InvalidName>(())
/// ```
#[must_use]
pub fn owner_of(object: &Object, name: &ReleaseName, namespace: &Namespace) -> Owner {
    let found = (object.label(MANAGED_BY), object.annotation(RELEASE_NAME), object.annotation(RELEASE_NAMESPACE));
    match found {
        (Some("Helm"), Some(owner), Some(at)) if owner == name.as_str() && at == namespace.as_str() => Owner::Ours,
        (_, Some(owner), at) if owner != name.as_str() || at.is_some_and(|at| at != namespace.as_str()) => {
            Owner::Release(format!("{}/{owner}", at.unwrap_or("?")))
        }
        (managed_by, owner, at) => {
            let wanted = [
                ("label", MANAGED_BY, managed_by, "Helm"),
                ("annotation", RELEASE_NAME, owner, name.as_str()),
                ("annotation", RELEASE_NAMESPACE, at, namespace.as_str()),
            ];
            let missing = wanted.iter().filter(|(_, _, found, expected)| *found != Some(*expected));
            let texts: Vec<_> = missing
                .map(|(place, key, found, expected)| match found {
                    None => format!("{place} {key} is missing, must be {expected}"),
                    Some(found) => format!("{place} {key} is {found}, must be {expected}"),
                })
                .collect();
            Owner::Unclear(texts.join("; "))
        }
    }
}

/// Writes this release's ownership onto an object, over whatever it says.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::plan::stamp;
/// use serde_json::json;
///
/// let metadata = json!({"name": "web", "annotations": {"meta.helm.sh/release-name": "other", "team": "shop"}});
/// let mut object = Object::new(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}))?;
/// stamp(&mut object, &"web".parse()?, &"shop".parse()?);
/// assert_eq!(object.label("app.kubernetes.io/managed-by"), Some("Helm"));
/// assert_eq!(object.annotation("meta.helm.sh/release-name"), Some("web"));
/// assert_eq!(object.annotation("team"), Some("shop"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn stamp(object: &mut Object, name: &ReleaseName, namespace: &Namespace) {
    object.set_label(MANAGED_BY, "Helm");
    object.set_annotation(RELEASE_NAME, name.as_str());
    object.set_annotation(RELEASE_NAMESPACE, namespace.as_str());
}
