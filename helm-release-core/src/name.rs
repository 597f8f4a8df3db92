//! Names that are checked once: releases, namespaces and revision numbers.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A name that Helm or Kubernetes would refuse.
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
    pub fn new(name: impl Into<String>) -> Result<Self, InvalidName> {
        let name = name.into();
        if name.len() <= 53 && name.split('.').all(is_dns_label) { Ok(Self(name)) } else { Err(InvalidName::Release(name)) }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A namespace that satisfies Kubernetes' rule for DNS labels.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Namespace(String);

impl Namespace {
    /// Checks a namespace name.
    ///
    /// # Errors
    /// [`InvalidName::Namespace`] when Kubernetes would refuse the name.
    pub fn new(name: impl Into<String>) -> Result<Self, InvalidName> {
        let name = name.into();
        if name.len() <= 63 && is_dns_label(&name) { Ok(Self(name)) } else { Err(InvalidName::Namespace(name)) }
    }

    /// The name as text.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(NonZeroU32);

impl Revision {
    /// The first revision of every release.
    pub const FIRST: Self = Self(NonZeroU32::MIN);

    /// The revision of that number, unless it is 0.
    #[must_use]
    pub fn new(number: u32) -> Option<Self> {
        NonZeroU32::new(number).map(Self)
    }

    /// The number, from 1.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0.get()
    }

    /// The number that the next revision takes.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The number before, unless this is the first.
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
