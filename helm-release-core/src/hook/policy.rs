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
    OutputLogPolicy {
        /// When all hooks of the event have succeeded.
        HookSucceeded = "hook-succeeded",
        /// When the hook failed.
        HookFailed = "hook-failed",
    }
}
