//! The words of Helm's hook annotations.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Declares an enum of words that keeps a word that it does not know.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)+
            /// A word that Helm does not know; it matches nothing.
            Other(String),
        }

        impl $name {
            /// The word as Helm writes it.
            ///
            /// ```
            #[doc = concat!("use helm_release_core::hook::", stringify!($name), ";")]
            ///
            $(#[doc = concat!(
                "assert_eq!(", stringify!($name), "::", stringify!($variant), ".as_str(), ", stringify!($text), ");"
            )])+
            #[doc = concat!("assert_eq!(", stringify!($name), "::from(\"later\".to_owned()).as_str(), \"later\");")]
            /// ```
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl From<String> for $name {
            fn from(word: String) -> Self {
                match word.as_str() {
                    $($text => Self::$variant,)+
                    _ => Self::Other(word),
                }
            }
        }

        impl From<$name> for String {
            fn from(word: $name) -> Self {
                word.as_str().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// A moment of a release's life at which hooks run.
    ///
    /// ```
    /// use helm_release_core::Record;
    /// use helm_release_core::hook::Event;
    ///
    /// let record = Record::parse(br#"{"hooks": [{"name": "check", "events": ["pre-rollback", "crd-install"]}]}"#)?;
    /// let hooks = record.hooks()?;
    /// assert_eq!(hooks[0].events, [Event::PreRollback, Event::Other("crd-install".to_owned())]);
    /// assert_eq!(hooks[0].events[0].to_string(), "pre-rollback");
    /// # Ok::<(), helm_release_core::release::RecordError>(())
    /// ```
    Event {
        /// Before the objects of an install.
        PreInstall = "pre-install",
        /// After the objects of an install.
        PostInstall = "post-install",
        /// Before an uninstall deletes objects.
        PreDelete = "pre-delete",
        /// After an uninstall deleted objects.
        PostDelete = "post-delete",
        /// Before an upgrade changes objects.
        PreUpgrade = "pre-upgrade",
        /// After an upgrade changed objects.
        PostUpgrade = "post-upgrade",
        /// Before a rollback changes objects.
        PreRollback = "pre-rollback",
        /// After a rollback changed objects.
        PostRollback = "post-rollback",
        /// When somebody runs `helm test`.
        Test = "test",
    }
}

words! {
    /// When a hook's object is deleted.
    ///
    /// ```
    /// use helm_release_core::hook::{DeletePolicy, Event, schedule};
    /// use helm_release_core::{HelmLine, Record};
    ///
    /// let record = Record::parse(br#"{"hooks": [
    ///     {"name": "check", "kind": "Job", "events": ["test"], "delete_policies": ["hook-failed", "never"]}
    /// ]}"#)?;
    /// let hooks = record.hooks()?;
    /// assert_eq!(hooks[0].delete_policies, [DeletePolicy::HookFailed, DeletePolicy::Other("never".to_owned())]);
    /// let schedule = schedule(&hooks, &Event::Test, HelmLine::V4);
    /// assert!(schedule.entries[0].deleted_on_failure);
    /// assert!(!schedule.entries[0].deleted_before, "there is a policy, so the default does not apply");
    /// # Ok::<(), helm_release_core::release::RecordError>(())
    /// ```
    DeletePolicy {
        /// Before the hook is created anew; what a hook without any policy gets.
        BeforeHookCreation = "before-hook-creation",
        /// When all hooks of the event have succeeded.
        HookSucceeded = "hook-succeeded",
        /// When the hook failed.
        HookFailed = "hook-failed",
    }
}

words! {
    /// When a hook's logs are shown.
    ///
    /// ```
    /// use helm_release_core::hook::{Event, LogSource, OutputLogPolicy, schedule};
    /// use helm_release_core::{HelmLine, Record};
    ///
    /// let record = Record::parse(br#"{"hooks": [
    ///     {"name": "check", "kind": "Job", "events": ["test"], "output_log_policies": ["hook-failed"]}
    /// ]}"#)?;
    /// let hooks = record.hooks()?;
    /// assert_eq!(hooks[0].output_log_policies, [OutputLogPolicy::HookFailed]);
    /// let schedule = schedule(&hooks, &Event::Test, HelmLine::V4);
    /// assert_eq!(schedule.entries[0].logs_on_failure, Some(LogSource::Labels("job-name=check".to_owned())));
    /// assert_eq!(schedule.entries[0].logs_on_success, None);
    /// # Ok::<(), helm_release_core::release::RecordError>(())
    /// ```
    OutputLogPolicy {
        /// When all hooks of the event have succeeded.
        HookSucceeded = "hook-succeeded",
        /// When the hook failed.
        HookFailed = "hook-failed",
    }
}
