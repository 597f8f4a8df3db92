//! Names that are checked once: releases, namespaces and revision numbers.
//!
//! ```
//! use helm_release_core::ports::RecordKey;
//! use helm_release_core::{InvalidName, Namespace};
//!
//! let key = RecordKey { namespace: "shop".parse()?, name: "web".parse()?, revision: "3".parse()? };
//! assert_eq!(key.to_string(), "shop/sh.helm.release.v1.web.v3");
//! assert_eq!("Shop".parse::<Namespace>(), Err(InvalidName::Namespace("Shop".to_owned())));
//! # Ok::<(), InvalidName>(())
//! ```

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A name that Helm or Kubernetes would refuse.
///
/// ```
/// use helm_release_core::{InvalidName, Namespace, ReleaseName, Revision};
///
/// assert_eq!("web_1".parse::<ReleaseName>(), Err(InvalidName::Release("web_1".to_owned())));
/// assert_eq!("team.shop".parse::<Namespace>(), Err(InvalidName::Namespace("team.shop".to_owned())));
/// let error = "0".parse::<Revision>().unwrap_err();
/// assert_eq!(error, InvalidName::Revision("0".to_owned()));
/// assert_eq!(error.to_string(), "revision \"0\" is invalid: revisions are whole numbers from 1");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidName {
    /// Not a release name by Helm's rule.
    #[error(
        "release name {0:?} is invalid: at most 53 of a-z, 0-9, \"-\" and \".\", beginning and ending with a letter or digit"
    )]
    Release(String),
    /// Not a namespace by Kubernetes' rule.
    #[error("namespace {0:?} is invalid: at most 63 of a-z, 0-9 and \"-\", beginning and ending with a letter or digit")]
    Namespace(String),
    /// Not a revision number.
    #[error("revision {0:?} is invalid: revisions are whole numbers from 1")]
    Revision(String),
}

/// Whether `label` is a DNS label: `[a-z0-9]([-a-z0-9]*[a-z0-9])?`.
fn is_dns_label(label: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let bytes = label.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(first), Some(last)) => *first != b'-' && *last != b'-' && bytes.iter().copied().all(inner),
        _ => false,
    }
}

/// A release name that satisfies Helm's rule (`pkg/chartutil/validate_name.go`).
///
/// ```
/// use helm_release_core::{Namespace, ReleaseName, Revision};
///
/// let (name, namespace) = (ReleaseName::new("web.v2")?, Namespace::new("shop")?);
/// assert_eq!(format!("{namespace}/{name}"), "shop/web.v2");
/// assert!(ReleaseName::new("Web").is_err());
/// assert_eq!(Revision::new(0), None, "revisions count from 1");
/// # Ok::<(), helm_release_core::InvalidName>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReleaseName(String);

impl ReleaseName {
    /// Checks a release name.
    ///
    /// # Errors
    /// [`InvalidName::Release`] when Helm would refuse the name.
    ///
    /// ```
    /// use helm_release_core::ReleaseName;
    ///
    /// assert!(ReleaseName::new("web.v2").is_ok());
    /// assert!(ReleaseName::new("web-").is_err(), "ends with a hyphen");
    /// assert!(ReleaseName::new("x".repeat(53)).is_ok());
    /// assert!(ReleaseName::new("x".repeat(54)).is_err(), "Helm leaves room for what charts put behind it");
    /// ```
    pub fn new(name: impl Into<String>) -> Result<Self, InvalidName> {
        let name = name.into();
        if name.len() <= 53 && name.split('.').all(is_dns_label) { Ok(Self(name)) } else { Err(InvalidName::Release(name)) }
    }

    /// The name as text.
    ///
    /// ```
    /// use helm_release_core::ReleaseName;
    ///
    /// let name: ReleaseName = "shop-web".parse()?;
    /// assert_eq!(name.as_str().strip_prefix("shop-"), Some("web"));
    /// # Ok::<(), helm_release_core::InvalidName>(())
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A namespace that satisfies Kubernetes' rule for DNS labels.
///
/// ```
/// use helm_release_core::Namespace;
///
/// // It is checked when it is read from JSON too.
/// let namespace: Namespace = serde_json::from_str(r#""kube-system""#)?;
/// assert_eq!(namespace.to_string(), "kube-system");
/// assert!(serde_json::from_str::<Namespace>(r#""kube/system""#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Namespace(String);

impl Namespace {
    /// Checks a namespace name.
    ///
    /// # Errors
    /// [`InvalidName::Namespace`] when Kubernetes would refuse the name.
    ///
    /// ```
    /// use helm_release_core::{Namespace, ReleaseName};
    ///
    /// assert!(Namespace::new("shop").is_ok());
    /// // Unlike a release's name it holds no dots.
    /// assert!(Namespace::new("shop.eu").is_err());
    /// assert!(ReleaseName::new("shop.eu").is_ok());
    /// ```
    pub fn new(name: impl Into<String>) -> Result<Self, InvalidName> {
        let name = name.into();
        if name.len() <= 63 && is_dns_label(&name) { Ok(Self(name)) } else { Err(InvalidName::Namespace(name)) }
    }

    /// The name as text.
    ///
    /// ```
    /// use helm_release_core::Namespace;
    ///
    /// let namespace = Namespace::new("kube-system")?;
    /// let is_system = matches!(namespace.as_str(), "kube-system" | "kube-public" | "kube-node-lease");
    /// assert!(is_system);
    /// # Ok::<(), helm_release_core::InvalidName>(())
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! text_newtype {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl FromStr for $name {
            type Err = InvalidName;
            fn from_str(text: &str) -> Result<Self, InvalidName> {
                Self::new(text)
            }
        }
        impl TryFrom<String> for $name {
            type Error = InvalidName;
            fn try_from(text: String) -> Result<Self, InvalidName> {
                Self::new(text)
            }
        }
        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }
    };
}
text_newtype!(ReleaseName);
text_newtype!(Namespace);

/// The number of a revision, from 1.
///
/// ```
/// use helm_release_core::Revision;
///
/// let mut revisions: Vec<Revision> = ["10", "9", "1"].map(str::parse).into_iter().collect::<Result<_, _>>()?;
/// revisions.sort();
/// assert_eq!(revisions.first(), Some(&Revision::FIRST));
/// assert_eq!(revisions.last().map(Revision::to_string).as_deref(), Some("10"), "numbers, not text");
/// # Ok::<(), helm_release_core::InvalidName>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(NonZeroU32);

impl Revision {
    /// The first revision of every release.
    ///
    /// ```
    /// use helm_release_core::Revision;
    /// use helm_release_core::ports::RecordKey;
    ///
    /// // The record that an install writes.
    /// let key = RecordKey { namespace: "shop".parse()?, name: "web".parse()?, revision: Revision::FIRST };
    /// assert_eq!(key.object_name(), "sh.helm.release.v1.web.v1");
    /// assert_eq!(Revision::FIRST.previous(), None);
    /// # Ok::<(), helm_release_core::InvalidName>(())
    /// ```
    pub const FIRST: Self = Self(NonZeroU32::MIN);

    /// The revision of that number, unless it is 0.
    ///
    /// ```
    /// use helm_release_core::{Record, Revision};
    ///
    /// // A record without `version` counts as 0, which no revision has.
    /// let record = Record::parse(br#"{"name":"web"}"#)?;
    /// assert_eq!(Revision::new(record.version()?), None);
    /// assert_eq!(Revision::new(1), Some(Revision::FIRST));
    /// # Ok::<(), helm_release_core::release::RecordError>(())
    /// ```
    #[must_use]
    pub fn new(number: u32) -> Option<Self> {
        NonZeroU32::new(number).map(Self)
    }

    /// The number, from 1.
    ///
    /// ```
    /// use helm_release_core::Revision;
    ///
    /// let (target, latest): (Revision, Revision) = ("3".parse()?, "7".parse()?);
    /// assert_eq!(latest.get() - target.get(), 4, "revisions that a rollback takes back");
    /// # Ok::<(), helm_release_core::InvalidName>(())
    /// ```
    #[must_use]
    pub fn get(self) -> u32 {
        self.0.get()
    }

    /// The number that the next revision takes.
    ///
    /// ```
    /// use helm_release_core::Revision;
    ///
    /// // A rollback is a new revision.
    /// let latest: Revision = "7".parse()?;
    /// assert_eq!(latest.next().get(), 8);
    /// # Ok::<(), helm_release_core::InvalidName>(())
    /// ```
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The number before, unless this is the first.
    ///
    /// ```
    /// use helm_release_core::Revision;
    ///
    /// let mut walked = Vec::new();
    /// let mut revision = Revision::new(3);
    /// while let Some(current) = revision {
    ///     walked.push(current.get());
    ///     revision = current.previous();
    /// }
    /// assert_eq!(walked, [3, 2, 1]);
    /// ```
    #[must_use]
    pub fn previous(self) -> Option<Self> {
        Self::new(self.get() - 1)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for Revision {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        text.parse().ok().and_then(Self::new).ok_or_else(|| InvalidName::Revision(text.to_owned()))
    }
}

#[cfg(test)]
mod tests;
