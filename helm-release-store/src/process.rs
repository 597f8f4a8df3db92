//! Who this process is: what others read in a lock, and texts that no other process makes.
//!
//! ```
//! use std::time::Duration;
//!
//! use helm_release_core::lock::acquire;
//! use helm_release_core::ports::{LockKey, NoObserver};
//! use helm_release_store::clock::SystemClock;
//! use helm_release_store::lock::LeaseLock;
//! use helm_release_store::process::claim;
//!
//! # examples::run(async {
//! # let shop = examples::Shop::open().await?;
//! let lock = LeaseLock::new(shop.cluster.clone());
//! let key = LockKey { namespace: shop.namespace.clone(), name: shop.name.clone() };
//! let claim = claim("rollback shop 2").with_patience(Duration::from_secs(60));
//! let held = acquire(&lock, &SystemClock, &NoObserver, &key, &claim).await?;
//! assert!(held.holder.to_string().starts_with(&format!("rollback shop 2 by {}", claim.who)));
//! # Ok(()) });
//! ```

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use helm_release_core::lock::Claim;

/// A claim of this process on a release: its user and host, its number, and an id of its own for each call.
///
/// User and host are what the environment says (`USER`, `LOGNAME`; `/proc/sys/kernel/hostname`, `HOSTNAME`), or `unknown`.
///
/// ```
/// use helm_release_store::process::claim;
///
/// let (first, second) = (claim("rollback web 3"), claim("rollback web 3"));
/// assert_eq!(first.process, std::process::id());
/// assert!(first.who.contains('@'));
/// assert_ne!(first.id, second.id, "two operations of one process keep each other off too");
/// ```
#[must_use]
pub fn claim(command: impl Into<String>) -> Claim {
    Claim::new(random_id(), who(), std::process::id(), command)
}

/// Sixteen hexadecimal digits that are different in every call: the standard library seeds each of its hashers anew. For ids
/// and salts, not for keys.
///
/// ```
/// use helm_release_store::process::random_id;
///
/// let id = random_id();
/// assert_eq!(id.len(), 16);
/// assert_ne!(id, random_id());
/// ```
#[must_use]
pub fn random_id() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

/// `user@host`, as far as the environment tells.
fn who() -> String {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let user = variable("USER").or_else(|| variable("LOGNAME")).unwrap_or_else(|| "unknown".to_owned());
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let host = host.map(|host| host.trim().to_owned()).filter(|host| !host.is_empty()).or_else(|| variable("HOSTNAME"));
    format!("{user}@{}", host.unwrap_or_else(|| "unknown".to_owned()))
}
