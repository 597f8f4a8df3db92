//! What a check says: an ailment or a note, and what a repair would do about it.

use std::fmt;

use serde::Serialize;

use crate::ports::{NoteKey, RecordKey};
use crate::release::Status;
use crate::{ObjectId, Revision};

/// How much a finding weighs.
///
/// ```
/// use helm_release_core::fsck::{Ailment, Class, Gravity};
///
/// let gap = Ailment::note(Class::NumberGap, "revision 4 is missing though older ones are there", "it was deleted by hand");
/// let several = Ailment::serious(Class::SeveralDeployed, "revisions 2, 3 are all deployed", "one of them stays for ever");
/// assert_eq!([gap.gravity, several.gravity].iter().max(), Some(&Gravity::Ailment), "the weightiest is the greatest");
/// assert_eq!(gap.gravity.to_string(), "note");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Gravity {
    /// Good to know; the release is in order.
    Note,
    /// Something is wrong.
    Ailment,
}

impl fmt::Display for Gravity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Ailment => "ailment",
        })
    }
}

macro_rules! classes {
    ($($(#[$meta:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// What kind of ailment; `docs/fsck.md` has a section for each.
        ///
        /// ```
        /// use helm_release_core::fsck::{Class, check, examine};
        /// # use helm_release_core::ports::Storage as _;
        /// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
        ///
        /// # examples::run(async {
        /// # let shop = examples::Shop::open().await?;
        /// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
        /// // Somebody has deleted the record of revision 2, the deployed one.
        /// # let head = shop.storage.get(&shop.key(2)?).await?.head;
        /// # shop.storage.delete(&head.key, &head.version).await?;
        /// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
        /// let ailments = check(&found, "2026-11-27T03:00:00Z".parse()?);
        /// assert_eq!(ailments.iter().map(|ailment| ailment.class).collect::<Vec<_>>(), [Class::NoneDeployed]);
        /// # Ok(()) });
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum Class {
            $($(#[$meta])* $name),+
        }

        impl Class {
            /// Every class.
            ///
            /// ```
            /// use helm_release_core::fsck::Class;
            ///
            /// // Classes that somebody does not want to hear of, as they stand in a configuration.
            /// let quiet = "number-gap,leftover-hook,stale-loc";
            /// let (known, unknown): (Vec<&str>, Vec<&str>) =
            ///     quiet.split(',').partition(|word| Class::ALL.iter().any(|class| class.as_str() == *word));
            /// assert_eq!((known.len(), unknown), (2, vec!["stale-loc"]));
            /// ```
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The id, such as `several-deployed`.
            ///
            /// ```
            /// use helm_release_core::fsck::Class;
            ///
            /// assert_eq!(Class::StaleLock.as_str(), "stale-lock");
            /// // The same ids are in the JSON of an ailment.
            /// assert_eq!(serde_json::to_value(Class::ALL)?[0], Class::ALL[0].as_str());
            /// # Ok::<(), serde_json::Error>(())
            /// ```
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text),+
                }
            }
        }
    };
}

classes! {
    /// A payload that is no record.
    UndecodablePayload = "undecodable-payload",
    /// Name, number or namespace in the payload are not those of the labels or the object.
    IdentityMismatch = "identity-mismatch",
    /// Payload and labels agree, and the object has another name.
    WrongObjectName = "wrong-object-name",
    /// The status in the payload is not that of the label.
    StatusMismatch = "status-mismatch",
    /// More than one revision is deployed.
    SeveralDeployed = "several-deployed",
    /// No revision is deployed although one runs.
    NoneDeployed = "none-deployed",
    /// A revision that failed is called superseded.
    LaunderedSuperseded = "laundered-superseded",
    /// An operation has begun and nobody is at work.
    StalePending = "stale-pending",
    /// A lock that has expired.
    StaleLock = "stale-lock",
    /// A journal whose operation has ended.
    StaleJournal = "stale-journal",
    /// Numbers are missing between two revisions.
    NumberGap = "number-gap",
    /// A record that nearly fills its Secret.
    NearSizeLimit = "near-size-limit",
    /// An object of a hook that should have been deleted.
    LeftoverHook = "leftover-hook",
    /// A live object of this release that no revision knows.
    OrphanedObject = "orphaned-object",
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a repair does about an ailment.
///
/// ```
/// use helm_release_core::fsck::{Remedy, check, examine};
/// # use helm_release_core::ports::{NewRecord, Storage as _};
/// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
/// // The label of revision 1 says failed, its payload superseded: the payload is the truth.
/// # let stored = shop.storage.get(&shop.key(1)?).await?;
/// # let mut record = NewRecord { payload: stored.payload, labels: stored.head.labels };
/// # record.labels.insert("status".to_owned(), "failed".to_owned());
/// # shop.storage.replace(&stored.head.key, &stored.head.version, &record).await?;
/// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
/// let ailments = check(&found, "2026-11-27T03:00:00Z".parse()?);
/// assert_eq!(ailments[0].remedies, [Remedy::Labels { record: shop.key(1)? }]);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remedy {
    /// Writes a status into payload and labels.
    Status {
        /// Which record.
        record: RecordKey,
        /// The status.
        status: Status,
    },
    /// Writes what the payload says into the labels.
    Labels {
        /// Which record.
        record: RecordKey,
    },
    /// Stores the record under the name that payload and labels give it.
    Rename {
        /// As it is called.
        record: RecordKey,
        /// As it should be.
        to: RecordKey,
    },
    /// Removes a second copy of a record that is there under its right name.
    RemoveCopy {
        /// The copy.
        record: RecordKey,
    },
    /// Removes a record that cannot be decoded, when that is asked for.
    RemoveUndecodable {
        /// Which record.
        record: RecordKey,
    },
    /// Removes the lock.
    RemoveLock,
    /// Removes a journal.
    RemoveNote(NoteKey),
}

/// One thing that a check found. Texts never hold values of a release.
///
/// ```
/// use helm_release_core::fsck::{Class, check, examine};
/// use helm_release_store::storage::load_memory_data;
/// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
/// load_memory_data(&shop.storage, "[{name: shop, version: 4, info: {status: deployed}}]").await?;
/// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
/// let ailments = check(&found, "2026-11-27T03:00:00Z".parse()?);
/// let [ailment] = &ailments[..] else { panic!("{ailments:?}") };
/// assert_eq!((ailment.class, ailment.revision.map(|revision| revision.get())), (Class::SeveralDeployed, Some(4)));
/// assert_eq!(ailment.what, "revisions 2, 4 are all deployed");
/// assert_eq!(ailment.ways_out, ["fsck --repair leaves the newest, 4, and supersedes the others"]);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Ailment {
    /// What kind.
    pub class: Class,
    /// How much it weighs.
    pub gravity: Gravity,
    /// The revision that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<Revision>,
    /// The live object that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectId>,
    /// What was found, in one sentence without a full stop.
    pub what: String,
    /// Why that matters.
    pub why: String,
    /// What a person can do, the best first.
    pub ways_out: Vec<String>,
    /// What a repair does; nothing where it must not guess.
    #[serde(skip)]
    pub remedies: Vec<Remedy>,
}

impl Ailment {
    fn new(class: Class, gravity: Gravity, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            class,
            gravity,
            revision: None,
            object: None,
            what: what.into(),
            why: why.into(),
            ways_out: Vec::new(),
            remedies: Vec::new(),
        }
    }

    /// Something that is wrong.
    ///
    /// ```
    /// use helm_release_core::fsck::{Ailment, Class, Gravity};
    ///
    /// let what = "the lock of rollback shop 2 has expired";
    /// let ailment = Ailment::serious(Class::StaleLock, what, "it tells of an operation that is over");
    /// assert_eq!((ailment.gravity, ailment.what.as_str()), (Gravity::Ailment, what));
    /// assert!(ailment.ways_out.is_empty() && ailment.remedies.is_empty());
    /// ```
    #[must_use]
    pub fn serious(class: Class, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(class, Gravity::Ailment, what, why)
    }

    /// Something that is good to know.
    ///
    /// ```
    /// use helm_release_core::fsck::{Ailment, Class};
    ///
    /// let note = Ailment::note(Class::NearSizeLimit, "its record takes 90 % of the limit", "a larger one cannot be stored");
    /// let json = serde_json::to_value(&note)?;
    /// assert_eq!((&json["class"], &json["gravity"]), (&"near-size-limit".into(), &"note".into()));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn note(class: Class, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(class, Gravity::Note, what, why)
    }

    /// Names the revision.
    ///
    /// ```
    /// use helm_release_core::Revision;
    /// use helm_release_core::fsck::{Ailment, Class};
    ///
    /// let what = "payload says superseded, label status is failed";
    /// let ailment = Ailment::serious(Class::StatusMismatch, what, "Helm goes by both");
    /// assert_eq!(ailment.revision, None);
    /// assert_eq!(ailment.of(Revision::FIRST).revision, Some(Revision::FIRST));
    /// ```
    #[must_use]
    pub fn of(mut self, revision: Revision) -> Self {
        self.revision = Some(revision);
        self
    }

    /// Names the live object.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_core::fsck::{Ailment, Class};
    /// use serde_json::json;
    ///
    /// let metadata = json!({"name": "shop-old", "namespace": "default"});
    /// let live = Object::new(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}))?;
    /// let note = Ailment::note(Class::OrphanedObject, "no revision has it", "nothing removes it").about(live.id());
    /// assert_eq!(note.object.map(|object| object.to_string()).as_deref(), Some("ConfigMap default/shop-old"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn about(mut self, object: ObjectId) -> Self {
        self.object = Some(object);
        self
    }

    /// Adds a way out.
    ///
    /// ```
    /// use helm_release_core::fsck::{Ailment, Class};
    ///
    /// let note = Ailment::note(Class::NearSizeLimit, "its record takes 90 % of the limit", "a larger one cannot be stored")
    ///     .way_out("leave files that templates do not read out of the chart")
    ///     .way_out("split the chart");
    /// assert_eq!(note.ways_out[0], "leave files that templates do not read out of the chart", "the best comes first");
    /// ```
    #[must_use]
    pub fn way_out(mut self, way: impl Into<String>) -> Self {
        self.ways_out.push(way.into());
        self
    }

    /// Adds what a repair does.
    ///
    /// ```
    /// use helm_release_core::Revision;
    /// use helm_release_core::fsck::{Ailment, Class, Remedy, RepairOptions, examine, repair_plan};
    /// use helm_release_core::release::Status;
    /// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
    /// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
    /// // A finding of a check of one's own becomes a step of the repair.
    /// let ailment = Ailment::serious(Class::LaunderedSuperseded, "revision 1 never worked", "a rollback may return to it")
    ///     .of(Revision::FIRST)
    ///     .remedy(Remedy::Status { record: shop.key(1)?, status: Status::Failed });
    /// let plan = repair_plan(&found, &[ailment], RepairOptions::default(), "2026-11-27T03:00:00Z".parse()?);
    /// assert_eq!(plan.steps[0].action.describe(), "mark revision 1 failed");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn remedy(mut self, remedy: Remedy) -> Self {
        self.remedies.push(remedy);
        self
    }

    /// Whether something is wrong.
    ///
    /// ```
    /// use helm_release_core::fsck::{Ailment, Class};
    ///
    /// let gap = Ailment::note(Class::NumberGap, "revision 4 is missing though older ones are there", "it was deleted by hand");
    /// let several = Ailment::serious(Class::SeveralDeployed, "revisions 2, 3 are all deployed", "one of them stays for ever");
    /// let found = [several, gap];
    /// let serious: Vec<Class> = found.iter().filter(|ailment| ailment.is_serious()).map(|ailment| ailment.class).collect();
    /// assert_eq!(serious, [Class::SeveralDeployed]);
    /// ```
    #[must_use]
    pub fn is_serious(&self) -> bool {
        self.gravity == Gravity::Ailment
    }
}
