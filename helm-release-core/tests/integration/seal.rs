//! Whatever a plan rests on is changed between seal and comparison, and named; what it does not rest on is not.

use helm_release_core::inquiry::inquire;
use helm_release_core::plan::{
    Acceptance, Finding, FindingId, Keepers, Mode, Plan, RollbackOptions, Rule, ServerSide, Severity, Step, Survey, plan,
    plan_with, rules,
};
use helm_release_core::ports::{
    Cluster as _, DryRun, Head, HeadQuery, Location, NewRecord, PatchBody, Preconditions, Propagation, RecordKey, Request,
    Storage as _, Validation,
};
use helm_release_core::seal::{Place, Seal};
use helm_release_core::survey::{SurveyError, survey};
use helm_release_core::{Gvk, Namespace, Object, ReleaseName, Revision};
use helm_release_store::cluster::{MemoryCluster, seed};
use helm_release_store::storage::{MemoryStorage, load_memory_data};
use serde_json::{Value, json};

const RELEASES: &str = r#"
- name: web
  version: 1
  info: {status: superseded, description: Install complete}
  manifest: |
    ---
    {apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: blue}}
    ---
    {apiVersion: v1, kind: ConfigMap, metadata: {name: same}, data: {color: grey}}
    ---
    {apiVersion: v1, kind: ConfigMap, metadata: {name: old}, data: {color: blue}}
    ---
    {apiVersion: v1, kind: Secret, metadata: {name: pin}, stringData: {pin: "1234"}}
    ---
    {apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 1, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "web:1"}]}}}}
- name: web
  version: 2
  info: {status: deployed, description: Upgrade complete}
  manifest: |
    ---
    {apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: red}}
    ---
    {apiVersion: v1, kind: ConfigMap, metadata: {name: same}, data: {color: grey}}
    ---
    {apiVersion: v1, kind: ConfigMap, metadata: {name: new}, data: {color: red}}
    ---
    {apiVersion: v1, kind: Secret, metadata: {name: pin}, stringData: {pin: "5678"}}
    ---
    {apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 2, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "web:2"}]}}}}
- name: other
  version: 1
  info: {status: deployed, description: Install complete}
  manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: other}, data: {color: pink}}"
"#;

const TOOL: &str = "1.0.0";

struct Stage {
    storage: MemoryStorage,
    cluster: MemoryCluster,
}

impl Stage {
    async fn new() -> Self {
        let stage = Self { storage: MemoryStorage::new(), cluster: MemoryCluster::new() };
        load_memory_data(&stage.storage, RELEASES).await.unwrap();
        seed(&stage.cluster, &stage.storage).await.unwrap();
        stage
    }

    async fn look(&self, options: &RollbackOptions) -> Result<(Survey, Plan), SurveyError> {
        let seen = survey(&self.storage, &self.cluster, &namespace(), &name(), options).await?;
        let planned = plan(&seen, options);
        Ok((seen, planned))
    }

    /// Seals a plan and reads it back from its file.
    async fn seal(&self, options: &RollbackOptions) -> Seal {
        let (seen, planned) = self.look(options).await.unwrap();
        let place = Place { tool: TOOL.to_owned(), records: self.storage.to_string(), cluster: None };
        let now = "2026-01-02T03:04:05Z".parse().unwrap();
        Seal::from_json(&Seal::of(&seen, &planned, place, "salt", now).to_json().to_string()).unwrap()
    }

    async fn moved(&self, seal: &Seal) -> Vec<String> {
        let (seen, planned) = self.look(&seal.options).await.unwrap();
        told(&seal.moved(&seen, &planned, TOOL))
    }

    async fn at(&self, api_version: &str, kind: &str, name: &str) -> Location {
        self.cluster.kinds(false).await.unwrap().find(&Gvk::new(api_version, kind)).unwrap().at("default", name)
    }

    async fn patch(&self, at: Location, patch: Value) {
        let (patch, manager) = (PatchBody::Merge(patch), "somebody".to_owned());
        let request = Request::Patch { at, patch, manager, validation: Validation::Ignore };
        self.cluster.write(&request, DryRun::No).await.unwrap();
    }

    async fn edit(&self, name: &str, patch: Value) {
        self.patch(self.at("v1", "ConfigMap", name).await, patch).await;
    }

    async fn delete(&self, name: &str) {
        let at = self.at("v1", "ConfigMap", name).await;
        let (propagation, preconditions) = (Propagation::Background, Preconditions::default());
        self.cluster.write(&Request::Delete { at, propagation, preconditions }, DryRun::No).await.unwrap();
    }

    fn create(&self, name: &str) {
        let object =
            Object::new(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "default"}}));
        self.cluster.insert(&object.unwrap(), "default", "somebody").unwrap();
    }

    async fn heads(&self) -> Vec<Head> {
        self.storage.heads(&HeadQuery::release(&namespace(), &name())).await.unwrap()
    }

    /// Writes the record of a revision again, with a label more.
    async fn rewrite(&self, revision: u32) {
        let stored = self.storage.get(&key(revision)).await.unwrap();
        let mut labels = stored.head.labels.clone();
        labels.insert("team".to_owned(), "shop".to_owned());
        let record = NewRecord { payload: stored.payload, labels };
        self.storage.replace(&key(revision), &stored.head.version, &record).await.unwrap();
    }

    async fn forget(&self, revision: u32) {
        let version = self.storage.get(&key(revision)).await.unwrap().head.version;
        self.storage.delete(&key(revision), &version).await.unwrap();
    }
}

fn told(moved: &[helm_release_core::seal::Moved]) -> Vec<String> {
    moved.iter().map(ToString::to_string).collect()
}

fn namespace() -> Namespace {
    "default".parse().unwrap()
}

fn name() -> ReleaseName {
    "web".parse().unwrap()
}

fn key(revision: u32) -> RecordKey {
    RecordKey { namespace: namespace(), name: name(), revision: Revision::new(revision).unwrap() }
}

/// In every way of writing, for each makes other requests.
fn ways() -> Vec<RollbackOptions> {
    let mut ssa = RollbackOptions::default();
    ssa.server_side = ServerSide::Yes;
    let mut csa = RollbackOptions::default();
    csa.server_side = ServerSide::No;
    let mut replace = RollbackOptions::default();
    replace.writing = helm_release_core::plan::Writing::Replace;
    vec![ssa, csa, replace, RollbackOptions::default().with_mode(Mode::Compat)]
}

#[tokio::test]
async fn nothing_moves_by_looking_again_nor_by_what_does_not_matter() {
    for options in ways() {
        let stage = Stage::new().await;
        let seal = stage.seal(&options).await;
        assert_eq!(stage.moved(&seal).await, [""; 0], "{options:?}");

        stage.edit("other", json!({"data": {"color": "edited"}})).await;
        if options.server_side == ServerSide::No {
            stage.edit("same", json!({"metadata": {"labels": {"team": "shop"}}})).await;
        }
        stage.create("newcomer");
        let deployment = stage.at("apps/v1", "Deployment", "web").await;
        stage.cluster.set_status(&deployment, json!({"replicas": 2, "readyReplicas": 1}), "kube-controller-manager").unwrap();
        assert_eq!(stage.moved(&seal).await, [""; 0], "{options:?}");
    }
}

#[tokio::test]
async fn a_touched_object_that_moved_is_named_with_the_field() {
    for options in ways() {
        let stage = Stage::new().await;
        let seal = stage.seal(&options).await;
        stage.edit("web", json!({"data": {"more": "edited"}})).await;
        let moved = stage.moved(&seal).await;
        let (line, others) = moved.split_first().unwrap();
        assert!(line.starts_with("object ConfigMap default/web: data.more was changed"), "{line}");
        // A replacement would overwrite it, which is a finding too.
        assert!(
            others.iter().all(|other| other.starts_with("finding drift of ConfigMap default/web, data.more: ")),
            "{others:?}"
        );
    }
    let stage = Stage::new().await;
    let seal = stage.seal(&RollbackOptions::default()).await;
    stage.delete("web").await;
    assert_eq!(stage.moved(&seal).await, ["object ConfigMap default/web: it was there when the plan was sealed, and is absent"]);
    stage.create("web");
    let moved = stage.moved(&seal).await;
    assert!(moved.contains(&"object ConfigMap default/web: another one of that name took its place".to_owned()), "{moved:?}");
}

#[tokio::test]
async fn an_object_that_is_to_be_deleted_or_made_is_bound_too() {
    let stage = Stage::new().await;
    let seal = stage.seal(&RollbackOptions::default()).await;
    stage.edit("new", json!({"metadata": {"labels": {"team": "shop"}}})).await;
    stage.create("old");
    let moved = stage.moved(&seal).await;
    let starts = |start: &str| moved.iter().any(|line| line.starts_with(start));
    assert!(starts("object ConfigMap default/new: metadata.labels.team was changed"), "{moved:?}");
    assert!(starts("object ConfigMap default/old: it was absent when the plan was sealed, and is there"), "{moved:?}");
    assert!(starts("finding foreign-owner of ConfigMap default/old: it is block"), "{moved:?}");
}

#[tokio::test]
async fn a_secret_is_bound_by_its_version_and_no_value_is_in_the_file() {
    let stage = Stage::new().await;
    let seal = stage.seal(&RollbackOptions::default()).await;
    let file = seal.to_json().to_string();
    for secret in ["1234", "5678", "MTIzNA==", "NTY3OA=="] {
        assert!(!file.contains(&format!("\"{secret}\"")), "{secret} is in {file}");
    }
    let at = stage.at("v1", "Secret", "pin").await;
    // A value of the same length: its version alone tells.
    stage.patch(at, json!({"data": {"pin": "OTk5OQ=="}})).await;
    let moved = stage.moved(&seal).await;
    assert!(moved[0].starts_with("object Secret default/pin: "), "{moved:?}");
}

#[tokio::test]
async fn an_object_left_alone_that_would_be_written_is_told_by_its_step() {
    let stage = Stage::new().await;
    let seal = stage.seal(&RollbackOptions::default()).await;
    stage.edit("same", json!({"data": {"color": "edited"}})).await;
    assert_eq!(
        stage.moved(&seal).await,
        [
            "finding drift of ConfigMap default/same, data.color: it is caution, and was not there when the plan was sealed",
            "step ConfigMap default/same: the sealed plan says unchanged, and one made anew says patch",
        ]
    );
}

#[tokio::test]
async fn a_record_that_was_written_added_or_deleted_is_named() {
    let stage = Stage::new().await;
    let seal = stage.seal(&RollbackOptions::default()).await;
    stage.rewrite(1).await;
    assert_eq!(stage.moved(&seal).await, ["record of revision 1: it was written since the plan was sealed"]);

    let stage = Stage::new().await;
    let seal = stage.seal(&RollbackOptions::default()).await;
    let stored = stage.storage.get(&key(2)).await.unwrap();
    let record = NewRecord { payload: stored.payload, labels: stored.head.labels };
    stage.storage.create(&key(3), &record).await.unwrap();
    let moved = stage.moved(&seal).await;
    assert_eq!(moved, ["record of revision 3: it is deployed, and was not there when the plan was sealed"]);

    let stage = Stage::new().await;
    let seal = stage.seal(&RollbackOptions::default()).await;
    stage.forget(1).await;
    assert!(matches!(stage.look(&seal.options).await, Err(SurveyError::NoTarget(_))), "there is no plan any more");
    assert_eq!(
        told(&seal.moved_records(&stage.heads().await)),
        ["record of revision 1: it was superseded when the plan was sealed, and is no more"]
    );
}

#[tokio::test]
async fn a_plan_for_which_no_right_was_asked_is_not_the_same() {
    let stage = Stage::new().await;
    let options = RollbackOptions::default();
    let (seen, planned) = stage.look(&options).await.unwrap();
    let answers = inquire(&stage.cluster, &seen, &options, &Keepers::default()).await;
    let asked = seen.clone().with_answers(answers);
    let rights = asked.answers.asked.rights;
    let place = Place { tool: TOOL.to_owned(), records: "memory".to_owned(), cluster: None };
    let seal = Seal::of(&asked, &plan(&asked, &options), place, "salt", "2026-01-02T03:04:05Z".parse().unwrap());
    assert_eq!(told(&seal.moved(&asked, &plan(&asked, &options), TOOL)), [""; 0]);
    assert_eq!(
        told(&seal.moved(&seen, &planned, TOOL)),
        [format!("right that the plan needs ({rights} in all): it was asked for when the plan was sealed, and is not asked for")]
    );
}

#[tokio::test]
async fn another_program_and_another_finding_are_named() {
    #[derive(Debug)]
    struct Friday(Severity);
    impl Rule for Friday {
        fn look(&self, _survey: &Survey, _options: &RollbackOptions, _steps: &[Step]) -> Vec<Finding> {
            vec![Finding::new(FindingId::custom("friday"), self.0, "it is Friday", "nobody is here tomorrow")]
        }
    }
    let stage = Stage::new().await;
    let options = RollbackOptions::default().with_accepted([Acceptance::parse("friday")]);
    let (seen, planned) = stage.look(&options).await.unwrap();
    let place = Place { tool: TOOL.to_owned(), records: "memory".to_owned(), cluster: None };
    let seal = Seal::of(&seen, &planned, place, "salt", "2026-01-02T03:04:05Z".parse().unwrap());
    assert_eq!(
        told(&seal.moved(&seen, &planned, "1.0.1")),
        ["rule the version of this program: it was 1.0.0 when the plan was sealed, and is 1.0.1"]
    );
    let with = |severity| {
        let mut rules = rules::all();
        rules.push(Box::new(Friday(severity)));
        plan_with(&seen, &options, &rules)
    };
    assert_eq!(
        told(&seal.moved(&seen, &with(Severity::Block), TOOL)),
        ["finding friday: it is block, accepted, and was not there when the plan was sealed"]
    );
    let noted = Seal::of(&seen, &with(Severity::Note), seal.place.clone(), "salt", seal.sealed_at);
    assert_eq!(
        told(&noted.moved(&seen, &with(Severity::Caution), TOOL)),
        ["finding friday: it is caution, accepted, and was not there when the plan was sealed"],
        "a note binds nothing"
    );
}
