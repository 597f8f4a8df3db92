//! What a plan says before anything is done: dangers, surprises and reasons.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use super::Verdict;
use crate::ObjectId;
use crate::object::pattern;

/// The name of a kind of finding. Those of this crate are a closed, documented list ([`FindingId::ALL`]);
/// rules of other crates bring their own.
///
/// ```
/// use helm_release_core::plan::FindingId;
///
/// assert_eq!(FindingId::DATA_REMOVED.to_string(), "data-removed");
/// // Whether a word that somebody typed is an id.
/// let is_known = |text: &str| FindingId::ALL.iter().any(|id| id.as_str() == text);
/// assert!(is_known("no-return") && !is_known("friday"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct FindingId(Cow<'static, str>);

macro_rules! finding_ids {
    ($($(#[$meta:meta])* $name:ident = $text:literal;)+) => {
        impl FindingId {
            $(
                $(#[$meta])*
                ///
                /// ```
                /// use helm_release_core::plan::{Acceptance, FindingId};
                ///
                #[doc = concat!(
                    "assert_eq!(Acceptance::parse(", stringify!($text), ").id, FindingId::", stringify!($name), ".as_str());"
                )]
                /// ```
                pub const $name: Self = Self(Cow::Borrowed($text));
            )+

            /// Every id of this crate's own rules.
            ///
            /// ```
            /// use helm_release_core::plan::FindingId;
            ///
            /// // What a completion offers after `--accept data-`.
            /// let offered = FindingId::ALL.iter().map(FindingId::as_str).filter(|id| id.starts_with("data-"));
            /// assert!(offered.eq(["data-touched", "data-removed"]));
            /// ```
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
        }
    };
}

finding_ids! {
    /// A record that cannot be decoded, so that its objects are not known.
    UNDECODABLE_RECORD = "undecodable-record";
    /// A manifest that is no YAML, or holds what is no object.
    INVALID_MANIFEST = "invalid-manifest";
    /// A kind that the server does not serve: its CRD is missing or its API was removed.
    UNKNOWN_KIND = "unknown-kind";
    /// A live object that belongs to another release, or to none.
    FOREIGN_OWNER = "foreign-owner";
    /// A hook of the target that cannot be built when its moment comes.
    UNBUILDABLE_HOOK = "unbuildable-hook";
    /// The new record would be larger than the storage takes.
    RECORD_TOO_LARGE = "record-too-large";
    /// Options that exclude each other on this release.
    OPTION_CLASH = "option-clash";
    /// The latest revision's operation has begun and not ended.
    PENDING_REVISION = "pending-revision";
    /// The target was never deployed, or was uninstalled.
    TARGET_NOT_GOOD = "target-not-good";
    /// A right that the rollback needs is missing.
    NO_RIGHT = "no-right";
    /// The server refuses a write of the plan.
    REFUSED_BY_SERVER = "refused-by-server";
    /// A webhook that sees a write and cannot be asked beforehand.
    BLIND_WEBHOOK = "blind-webhook";
    /// A webhook whose own Service or pods this rollback changes.
    WEBHOOK_IN_ROLLBACK = "webhook-in-rollback";
    /// A quota or a limit that new objects or pods do not fit into.
    QUOTA_EXCEEDED = "quota-exceeded";
    /// A point of no return lies between the target and the current revision.
    NO_RETURN = "no-return";
    /// A migration seems to have run since the target.
    MIGRATION_RAN = "migration-ran";
    /// A program that keeps data changes its image.
    DATA_TOUCHED = "data-touched";
    /// Too few pods of a workload are left on the way.
    DOWNTIME = "downtime";
    /// A change of configuration that no running pod notices.
    UNNOTICED_CONFIG = "unnoticed-config";
    /// An image whose name does not say which build runs.
    MUTABLE_IMAGE = "mutable-image";
    /// An image that nothing of the release uses any more.
    IMAGE_NOT_RUNNING = "image-not-running";
    /// A Job that runs once more.
    JOB_AGAIN = "job-again";
    /// A hook whose name is taken by something else.
    HOOK_CLASH = "hook-clash";
    /// An object in a removed version that is written in the one that took its place.
    CONVERTED_API = "converted-api";
    /// One of the user's own checks says no.
    PROBE_FAILED = "probe-failed";
    /// A definition of custom resources goes back to a form without a version in which objects are stored.
    CRD_STORED_VERSION = "crd-stored-version";
    /// A definition of custom resources goes back to a schema that live objects do not fit.
    CRD_MISFIT = "crd-misfit";
    /// A definition in the folder `crds/` of the target's chart is not what is installed.
    CRD_FILE_DIFFERS = "crd-file-differs";
    /// Another operation holds the release.
    RELEASE_HELD = "release-held";
    /// There is no right to locks, so that the record alone keeps others off.
    NO_LOCK = "no-lock";
    /// The target is what runs already.
    NOTHING_TO_CHANGE = "nothing-to-change";
    /// An object would be removed that holds data.
    DATA_REMOVED = "data-removed";
    /// A custom resource definition would be removed while objects of its kind exist.
    CRD_IN_USE = "crd-in-use";
    /// A field that the server lets nobody change.
    IMMUTABLE_FIELD = "immutable-field";
    /// A field that keeps its live value.
    CARRIED_OVER = "carried-over";
    /// The manifest holds the same object twice.
    DUPLICATE_OBJECT = "duplicate-object";
    /// An annotation `helm.sh/resource-policy` with a word that Helm does not know.
    ODD_RESOURCE_POLICY = "odd-resource-policy";
    /// Fields that somebody changed since the current revision was applied.
    DRIFT = "drift";
    /// Replicas that an autoscaler holds.
    HELD_REPLICAS = "held-replicas";
    /// A Secret's value that was changed, and that the target brings back to an older one.
    ROTATED_SECRET = "rotated-secret";
    /// Another tool keeps the whole release.
    MANAGED_ELSEWHERE = "managed-elsewhere";
}

impl FindingId {
    /// An id of somebody else's rule.
    ///
    /// ```
    /// use helm_release_core::plan::{Acceptance, Finding, FindingId, Severity};
    ///
    /// let id = FindingId::custom("friday");
    /// assert!(!FindingId::ALL.contains(&id));
    /// let finding = Finding::new(id, Severity::Block, "it is Friday", "nobody is here tomorrow");
    /// assert!(Acceptance::parse("friday").covers(&finding));
    /// ```
    #[must_use]
    pub fn custom(id: impl Into<String>) -> Self {
        Self(Cow::Owned(id.into()))
    }

    /// The id as text.
    ///
    /// ```
    /// use helm_release_core::plan::RollbackOptions;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let plan = shop.plan(&RollbackOptions::default()).await?;
    /// let found: Vec<&str> = plan.findings.iter().map(|finding| finding.id.as_str()).collect();
    /// assert_eq!(found, ["image-not-running"]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How much a finding weighs.
///
/// ```
/// use helm_release_core::plan::{RollbackOptions, Severity};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// assert!(Severity::Note < Severity::Caution && Severity::Caution < Severity::Block);
/// let plan = shop.plan(&RollbackOptions::default()).await?;
/// let heaviest = plan.findings.iter().map(|finding| finding.severity).max();
/// assert_eq!(heaviest.map(|severity| severity.to_string()).as_deref(), Some("note"));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Note,
    /// Look at it before you go on.
    Caution,
    /// The run does not start unless this is accepted.
    Block,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Caution => "caution",
            Self::Block => "block",
        })
    }
}

/// One thing that a rule found. Texts never hold values of Secrets.
///
/// ```
/// use helm_release_core::plan::{FindingId, RollbackOptions};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let plan = shop.plan(&RollbackOptions::default()).await?;
/// let finding = &plan.findings[0];
/// assert_eq!(finding.id, FindingId::IMAGE_NOT_RUNNING);
/// assert_eq!(finding.what, "image registry.example/shop:1.1 runs nowhere in the release now");
/// assert_eq!(finding.why, "a node that has dropped it pulls it anew, which fails when the registry has it no more");
/// assert_eq!(finding.ways_out, ["look whether the registry still has it"]);
/// assert!(finding.acceptable && !finding.accepted);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Finding {
    /// What kind of finding.
    pub id: FindingId,
    /// How much it weighs.
    pub severity: Severity,
    /// The object it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectId>,
    /// The field it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What was found, in one sentence without a full stop.
    pub what: String,
    /// Why that matters.
    pub why: String,
    /// What can be done, the best first.
    pub ways_out: Vec<String>,
    /// Whether it can be accepted; some things stay impossible whatever is accepted.
    pub acceptable: bool,
    /// Whether the user accepted it.
    pub accepted: bool,
    /// What the plan's verdict becomes because of this.
    pub leads_to: Verdict,
}

impl Finding {
    /// A finding without object, path and ways out, that leads to nothing but its severity.
    ///
    /// ```
    /// use helm_release_core::plan::{Finding, FindingId, Severity, Verdict};
    ///
    /// let finding = Finding::new(FindingId::custom("freeze"), Severity::Block, "the shop is frozen", "the sale is on");
    /// assert_eq!((finding.object.as_ref(), finding.ways_out.len()), (None, 0));
    /// assert_eq!(finding.leads_to, Verdict::RollBack);
    /// assert!(finding.blocks());
    /// ```
    #[must_use]
    pub fn new(id: FindingId, severity: Severity, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            id,
            severity,
            object: None,
            path: None,
            what: what.into(),
            why: why.into(),
            ways_out: Vec::new(),
            acceptable: true,
            accepted: false,
            leads_to: Verdict::RollBack,
        }
    }

    /// Names the object.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_core::plan::{Finding, FindingId, Severity};
    /// use serde_json::json;
    ///
    /// let metadata = json!({"name": "web", "namespace": "shop"});
    /// let live = Object::new(json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata}))?;
    /// let sealed = Finding::new(FindingId::custom("sealed"), Severity::Note, "it is sealed", "nobody can read it");
    /// let finding = sealed.about(live.id());
    /// assert_eq!(finding.object.map(|object| object.to_string()).as_deref(), Some("Secret shop/web"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn about(mut self, object: ObjectId) -> Self {
        self.object = Some(object);
        self
    }

    /// Names the field.
    ///
    /// ```
    /// use helm_release_core::plan::{Finding, FindingId, Severity};
    ///
    /// let few = Finding::new(FindingId::custom("few-pods"), Severity::Caution, "one pod is left", "a node may fail");
    /// let finding = few.at("spec.replicas");
    /// assert_eq!(finding.path.as_deref(), Some("spec.replicas"));
    /// ```
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Adds a way out.
    ///
    /// ```
    /// use helm_release_core::plan::{Finding, FindingId, Severity};
    ///
    /// let finding = Finding::new(FindingId::custom("freeze"), Severity::Block, "the shop is frozen", "the sale is on");
    /// let finding = finding.way_out("wait until Monday").way_out("ask the owner of the shop");
    /// assert_eq!(finding.ways_out, ["wait until Monday", "ask the owner of the shop"]);
    /// ```
    #[must_use]
    pub fn way_out(mut self, way: impl Into<String>) -> Self {
        self.ways_out.push(way.into());
        self
    }

    /// Says that no acceptance makes this possible.
    ///
    /// ```
    /// use helm_release_core::plan::{Finding, FindingId, Severity};
    ///
    /// let gone = Finding::new(FindingId::custom("gone"), Severity::Block, "the image is gone", "no pod can start");
    /// let mut finding = gone.impossible();
    /// finding.accepted = true;
    /// assert!(finding.blocks());
    /// ```
    #[must_use]
    pub fn impossible(mut self) -> Self {
        self.acceptable = false;
        self
    }

    /// Sets what the verdict becomes.
    ///
    /// ```
    /// use helm_release_core::plan::{Finding, FindingId, Severity, Verdict};
    ///
    /// let touched = Finding::new(FindingId::custom("orders"), Severity::Caution, "orders are touched", "they exist once");
    /// let findings = [touched.clone(), touched.leading_to(Verdict::BackUpFirst)];
    /// // A plan's verdict is the heaviest.
    /// assert_eq!(findings.iter().map(|finding| finding.leads_to).max(), Some(Verdict::BackUpFirst));
    /// ```
    #[must_use]
    pub fn leading_to(mut self, verdict: Verdict) -> Self {
        self.leads_to = verdict;
        self
    }

    /// Whether this stops the run.
    ///
    /// ```
    /// use helm_release_core::plan::{Finding, FindingId, Severity};
    ///
    /// let mut finding = Finding::new(FindingId::custom("freeze"), Severity::Block, "the shop is frozen", "the sale is on");
    /// assert!(finding.blocks());
    /// finding.accepted = true;
    /// assert!(!finding.blocks());
    /// (finding.accepted, finding.severity) = (false, Severity::Caution);
    /// assert!(!finding.blocks());
    /// ```
    #[must_use]
    pub fn blocks(&self) -> bool {
        self.severity == Severity::Block && !(self.accepted && self.acceptable)
    }
}

/// An acceptance: `id`, or `id=object` for one object alone.
///
/// ```
/// use helm_release_core::plan::Acceptance;
///
/// let acceptance = Acceptance::parse("foreign-owner=ConfigMap/web");
/// assert_eq!((acceptance.id.as_str(), acceptance.object.as_deref()), ("foreign-owner", Some("ConfigMap/web")));
/// assert_eq!(acceptance.to_string(), "foreign-owner=ConfigMap/web");
/// assert_eq!(Acceptance::parse("drift").object, None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// The finding's id.
    pub id: String,
    /// The object as the finding prints it (`ConfigMap default/web`), the same without a blank (`ConfigMap/default/web`),
    /// `Kind/name`, or its bare name; the kind in capital or small letters, and `*` stands for any signs. `None` accepts every
    /// finding of that id.
    pub object: Option<String>,
}

/// As [`Acceptance::parse`] reads it.
impl fmt::Display for Acceptance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.object {
            Some(object) => write!(f, "{}={object}", self.id),
            None => f.write_str(&self.id),
        }
    }
}

impl Acceptance {
    /// Reads `id` or `id=object`.
    ///
    /// ```
    /// use helm_release_core::ObjectId;
    /// use helm_release_core::plan::{Acceptance, Finding, FindingId, Severity};
    ///
    /// let object = ObjectId {
    ///     group: String::new(),
    ///     kind: "ConfigMap".to_owned(),
    ///     namespace: Some("shop".to_owned()),
    ///     name: "web".to_owned(),
    /// };
    /// let foreign = Finding::new(FindingId::FOREIGN_OWNER, Severity::Block, "it belongs to release shop/other", "");
    /// let finding = foreign.about(object);
    /// assert!(Acceptance::parse("foreign-owner=ConfigMap shop/web").covers(&finding));
    /// assert!(Acceptance::parse("foreign-owner=ConfigMap/web").covers(&finding));
    /// assert!(Acceptance::parse("foreign-owner=configmap/*").covers(&finding));
    /// assert!(!Acceptance::parse("foreign-owner=Secret/web").covers(&finding));
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.split_once('=') {
            Some((id, object)) => Self { id: id.to_owned(), object: Some(object.to_owned()) },
            None => Self { id: text.to_owned(), object: None },
        }
    }

    /// Whether it covers that finding.
    ///
    /// ```
    /// use helm_release_core::plan::{Acceptance, Finding, FindingId, Severity};
    ///
    /// let finding = Finding::new(FindingId::custom("freeze"), Severity::Block, "the shop is frozen", "the sale is on");
    /// assert!(Acceptance::parse("freeze").covers(&finding));
    /// assert!(!Acceptance::parse("drift").covers(&finding));
    /// // It is about no object, so none can be named.
    /// assert!(!Acceptance::parse("freeze=web").covers(&finding));
    /// ```
    #[must_use]
    pub fn covers(&self, finding: &Finding) -> bool {
        if self.id != finding.id.as_str() {
            return false;
        }
        match (&self.object, &finding.object) {
            (None, _) => true,
            (Some(named), Some(object)) => pattern::names(named, object) || *named == object.name,
            (Some(_), None) => false,
        }
    }
}
