//! Makes the objects of the rows, plans their rollbacks, and lets the server judge.

use std::time::{Duration, Instant};

use futures::StreamExt as _;
use helm_release_core::plan::{Action, Mode, Plan, RollbackOptions, ServerSide, Step, Writing, plan, stamp};
use helm_release_core::ports::{
    Cluster, ClusterError, ClusterErrorKind, ClusterExt as _, Conflicts, DryRun, Location, NewRecord, RecordKey, Request,
    Storage as _, Validation,
};
use helm_release_core::release::{Status, labels_for_create};
use helm_release_core::reverse::{Fate, Loss};
use helm_release_core::survey::survey;
use helm_release_core::{Namespace, Object, Record, ReleaseName, Revision, codec};
use helm_release_store::cluster::KubernetesCluster;
use helm_release_store::storage::MemoryStorage;
use serde_json::{Value, json};

use super::row::{Foretold, Row};

/// How long controllers may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What became of one row.
pub(super) struct Judged {
    pub(super) wrong: Option<String>,
    pub(super) is_made_anew: bool,
}

/// Where rows are judged.
pub(super) struct Bench {
    cluster: KubernetesCluster,
    namespace: Namespace,
}

impl Bench {
    pub(super) fn new(cluster: KubernetesCluster, namespace: &str) -> Self {
        Self { cluster, namespace: namespace.parse().unwrap() }
    }
}

fn release(row: &Row) -> ReleaseName {
    format!("of-{}", row.before["metadata"]["name"].as_str().unwrap()).replace('.', "-").parse().unwrap()
}

async fn place(cluster: &KubernetesCluster, object: &Object, namespace: &str) -> Location {
    let (until, mut refresh) = (Instant::now() + PATIENCE, false);
    loop {
        // A definition made a moment ago takes its time to be served.
        let kinds = cluster.kinds(refresh).await.unwrap();
        refresh = true;
        if let Some(resource) = kinds.find(&object.gvk()) {
            return resource.locate(object, namespace);
        }
        assert!(Instant::now() < until, "{} is not served", object.gvk());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn make(cluster: &KubernetesCluster, namespace: &str, object: &Value, release: &ReleaseName) -> Result<Location, String> {
    let mut object = Object::new(object.clone()).unwrap();
    stamp(&mut object, release, &namespace.parse().unwrap());
    let at = place(cluster, &object, namespace).await;
    let (manager, conflicts, validation) = ("helm".to_owned(), Conflicts::Refuse, Validation::Strict);
    let request = Request::Apply { at: at.clone(), object, manager, conflicts, validation };
    let until = Instant::now() + PATIENCE;
    loop {
        match cluster.write(&request, DryRun::No).await {
            Ok(_) => return Ok(at),
            Err(error) if error.kind == ClusterErrorKind::NotFound && Instant::now() < until => {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

/// Makes the objects of all rows, and waits until controllers have done their part.
pub(super) async fn make_all(cluster: &KubernetesCluster, namespace: &str, rows: &[Row], at_once: usize) {
    let made = futures::stream::iter(rows).map(|row| make_row(cluster, namespace, row));
    let made: Vec<Result<(), String>> = made.buffer_unordered(at_once).collect().await;
    let failed: Vec<String> = made.into_iter().filter_map(Result::err).collect();
    assert!(failed.is_empty(), "rows that are not possible:\n{}", failed.join("\n"));
}

async fn make_row(cluster: &KubernetesCluster, namespace: &str, row: &Row) -> Result<(), String> {
    let release = release(row);
    for object in &row.around {
        let _ = make(cluster, namespace, object, &release).await?;
    }
    let at = make(cluster, namespace, &row.before, &release).await?;
    for object in &row.beside {
        let _ = make(cluster, namespace, object, &release).await?;
    }
    let until = Instant::now() + PATIENCE;
    loop {
        let live = cluster.get(&at).await.map_err(|error| error.to_string())?;
        if (row.ready)(live.as_value()) {
            return Ok(());
        }
        if Instant::now() > until {
            return Err(format!("{at} is never ready: {}", live.as_value()));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Judges every row.
pub(super) async fn judge_all(bench: &Bench, rows: &[Row], at_once: usize) -> Vec<Judged> {
    let judged = futures::stream::iter(rows).map(|row| async move {
        let result = judge(bench, row).await;
        let is_made_anew = *result.as_ref().unwrap_or(&false);
        let name = &row.before["metadata"]["name"];
        let told = |why| format!("{} {} ({name}, foretold {:?}): {why}", row.kind(), row.path, row.foretold);
        Judged { wrong: result.err().map(told), is_made_anew }
    });
    judged.buffered(at_once).collect().await
}

/// Judges what the plan says of each row, whatever the row itself foretells, by one of both methods. `None` where the target is
/// not valid by itself.
pub(super) async fn judge_pairs(bench: &Bench, rows: &[Row], at_once: usize) -> Vec<Option<Result<(), String>>> {
    let judged = futures::stream::iter(rows.iter().enumerate()).map(|(index, row)| async move {
        if !bench.is_valid(row).await {
            return None;
        }
        let server_side = if index % 2 == 0 { ServerSide::No } else { ServerSide::Yes };
        let plan = bench.plan(row, Mode::Safe, server_side, Writing::Patch).await;
        let step = only(&plan).ok()?;
        let decisive = step.fates.iter().max_by_key(|field| told(step, Some(&field.fate)));
        let path = decisive.map_or_else(|| row.path.clone(), |field| field.path.clone());
        let row = Row { path, foretold: told(step, decisive.map(|field| &field.fate)), ..row.clone() };
        let name = &row.before["metadata"]["name"];
        let result = judge_method(bench, &row, server_side).await;
        Some(result.map_err(|why| format!("{} {} ({name}, foretold {:?}): {why}", row.kind(), row.path, row.foretold)))
    });
    judged.buffered(at_once).collect().await
}

/// Whether the object was made anew for real; an error says what was foretold wrongly.
async fn judge(bench: &Bench, row: &Row) -> Result<bool, String> {
    for server_side in [ServerSide::No, ServerSide::Yes] {
        judge_method(bench, row, server_side).await.map_err(|why| format!("server side {server_side:?}: {why}"))?;
    }
    judge_replacement(bench, row).await.map_err(|why| format!("replaced: {why}"))?;
    if !is_made_anew(row.foretold) {
        return Ok(false);
    }
    let plan = bench.plan(row, Mode::Safe, ServerSide::No, Writing::Patch).await;
    bench.make_anew(row, only(&plan)?).await.map_err(|why| format!("making it anew: {why}"))?;
    Ok(true)
}

fn only(plan: &Plan) -> Result<&Step, String> {
    plan.steps.iter().find(|step| step.object().is_some()).ok_or_else(|| "no step".to_owned())
}

fn is_made_anew(foretold: Foretold) -> bool {
    matches!(foretold, Foretold::Anew | Foretold::AnewWork | Foretold::AnewData)
}

/// The same change by replacing the whole object: what is planned is taken, or the object is made anew as with a patch.
async fn judge_replacement(bench: &Bench, row: &Row) -> Result<(), String> {
    // A replacement is bound to the version that was seen, and a controller may write between.
    for _ in 0..20 {
        match judge_replacement_once(bench, row).await {
            Err(why) if why.contains("the object has been modified") => tokio::time::sleep(Duration::from_millis(200)).await,
            result => return result,
        }
    }
    judge_replacement_once(bench, row).await
}

async fn judge_replacement_once(bench: &Bench, row: &Row) -> Result<(), String> {
    let plan = bench.plan(row, Mode::Safe, ServerSide::No, Writing::Replace).await;
    let step = only(&plan)?;
    if step.action == Action::Recreate {
        let compat = bench.plan(row, Mode::Compat, ServerSide::No, Writing::Replace).await;
        let before = step.seen.as_ref().and_then(|seen| at(seen.as_value(), &row.path));
        return match bench.ask(only(&compat)?, &row.path).await {
            Err(error) => expect_refusal(row, &error),
            Ok(after) if after.as_ref() == before => Ok(()),
            Ok(after) => Err(format!("the server takes it: {after:?}")),
        };
    }
    if is_made_anew(row.foretold) {
        return Err(format!("the step is {}", step.action));
    }
    match (bench.ask(step, &row.path).await, row.foretold) {
        (_, Foretold::Unknown) | (Ok(_), Foretold::InPlace | Foretold::CarriedOver) => Ok(()),
        (Err(error), Foretold::Impossible) => expect_refusal(row, &error),
        (Ok(after), _) => Err(format!("the server takes it: {after:?}")),
        (Err(error), _) => Err(format!("the server refuses it: {error}")),
    }
}

async fn judge_method(bench: &Bench, row: &Row, server_side: ServerSide) -> Result<(), String> {
    let plan = bench.plan(row, Mode::Safe, server_side, Writing::Patch).await;
    let step = only(&plan)?;
    foretold(row, step)?;
    let live = step.seen.as_ref().map(Object::as_value).cloned();
    let live = match live {
        Some(live) => live,
        None => bench.live(row).await,
    };
    // What Helm sends, and what the server says to it.
    let compat = bench.plan(row, Mode::Compat, server_side, Writing::Patch).await;
    let to_helm = bench.ask(only(&compat)?, &row.path).await;
    let before = at(&live, &row.path);
    match row.foretold {
        Foretold::InPlace => {
            let after = bench.ask(step, &row.path).await.map_err(|error| format!("the server refuses it: {error}"))?;
            expect_change(row, before, after.as_ref())
        }
        Foretold::CarriedOver => {
            if let Ok(changed) = &to_helm
                && changed.as_ref() != before
            {
                return Err(format!("the server changes it to {changed:?}"));
            }
            let after =
                bench.ask(step, &row.path).await.map_err(|error| format!("the server refuses what is planned: {error}"))?;
            if after.as_ref() == before { Ok(()) } else { Err(format!("it becomes {after:?} instead of {before:?}")) }
        }
        Foretold::Anew | Foretold::AnewWork | Foretold::AnewData | Foretold::Impossible => match to_helm {
            Err(error) => expect_refusal(row, &error),
            // Some changes are taken and not done.
            Ok(after) if after.as_ref() == before && before.is_some() => Ok(()),
            Ok(after) => Err(format!("the server takes it: {after:?}")),
        },
        Foretold::Unknown => Ok(()),
    }
}

fn expect_change(row: &Row, before: Option<&Value>, after: Option<&Value>) -> Result<(), String> {
    let wanted = at(&row.wanted, &row.path);
    if before == after && !is_same_quantity(row) {
        return Err(format!("it stays {before:?}"));
    }
    match (wanted, after) {
        (Some(Value::String(wanted)), Some(Value::String(after))) if wanted != after && !is_same_quantity(row) => {
            Err(format!("it becomes {after} instead of {wanted}"))
        }
        _ => Ok(()),
    }
}

/// Whether the row says the same in other words.
fn is_same_quantity(row: &Row) -> bool {
    ["1024Mi", "2048Mi", "2000000"].iter().any(|odd| row.wanted.to_string().contains(odd))
}

fn expect_refusal(row: &Row, error: &ClusterError) -> Result<(), String> {
    let is_refusal = matches!(error.kind, ClusterErrorKind::Invalid | ClusterErrorKind::Forbidden);
    let root = row.path.split(['.', '[']).next().unwrap_or_default();
    let names = error.message.contains(root) || error.message.contains("volumeMode") || error.message.contains("nodeAffinity");
    if is_refusal && names {
        Ok(())
    } else {
        Err(format!("the server refuses it for something else ({:?}): {error}", error.kind))
    }
}

/// Whether the plan says of the field what the row says.
fn foretold(row: &Row, step: &Step) -> Result<(), String> {
    let below = |path: &str| {
        let is_below = |long: &str, short: &str| {
            long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        is_below(path, &row.path) || is_below(&row.path, path)
    };
    let field = step.fates.iter().find(|field| below(&field.path));
    let others = step.fates.iter().filter(|field| !below(&field.path)).map(|field| &field.fate);
    let is = told(step, field.map(|field| &field.fate));
    if is != row.foretold {
        let fates: Vec<String> = step.fates.iter().map(|field| format!("{} {}", field.path, field.fate.as_str())).collect();
        return Err(format!("the plan says {is:?} ({fates:?})"));
    }
    let expected = match is {
        Foretold::Anew | Foretold::AnewWork | Foretold::AnewData => Action::Recreate,
        _ => Action::Patch,
    };
    let is_left_alone = step.action == Action::Unchanged && (is == Foretold::CarriedOver || is_same_quantity(row));
    if step.action != expected && !is_left_alone {
        return Err(format!("the step is {} and not {expected}", step.action));
    }
    let strays: Vec<_> = others
        .filter(|fate| Some(std::mem::discriminant(*fate)) != field.map(|field| std::mem::discriminant(&field.fate)))
        .collect();
    if strays.is_empty() { Ok(()) } else { Err(format!("the plan says more: {strays:?}")) }
}

/// What the step says of a field with that fate.
fn told(step: &Step, fate: Option<&Fate>) -> Foretold {
    match fate {
        None => Foretold::InPlace,
        Some(Fate::CarriedOver { .. }) => Foretold::CarriedOver,
        Some(Fate::Recreate(_)) => match step.fates.iter().filter_map(|field| loss(&field.fate)).max() {
            Some(Loss::Data(_)) => Foretold::AnewData,
            Some(Loss::Work(_)) => Foretold::AnewWork,
            _ => Foretold::Anew,
        },
        Some(Fate::Impossible { .. }) => Foretold::Impossible,
        _ => Foretold::Unknown,
    }
}

fn loss(fate: &Fate) -> Option<&Loss> {
    match fate {
        Fate::Recreate(how) => Some(&how.loses),
        _ => None,
    }
}

impl Bench {
    async fn plan(&self, row: &Row, mode: Mode, server_side: ServerSide, writing: Writing) -> Plan {
        let storage = MemoryStorage::new();
        let name = release(row);
        for (number, status, object) in [(1, "superseded", &row.wanted), (2, "deployed", &row.before)] {
            let record = json!({
                "name": name, "namespace": self.namespace, "version": number, "manifest": format!("---\n{object}\n"), "hooks": [],
                "info": {"status": status, "description": "Upgrade complete", "last_deployed": "2026-01-01T00:00:00Z"},
                "chart": {"metadata": {"name": "row", "version": format!("{number}.0.0")}}, "config": {}, "apply_method": "csa",
            });
            let record = Record::parse(record.to_string().as_bytes()).unwrap();
            let key =
                RecordKey { namespace: self.namespace.clone(), name: name.clone(), revision: Revision::new(number).unwrap() };
            let status = Status::from(status.to_owned());
            let labels = labels_for_create(&[].into(), &name, key.revision, &status, jiff::Timestamp::UNIX_EPOCH);
            storage.create(&key, &NewRecord { payload: codec::encode(&record), labels }).await.unwrap();
        }
        let mut options = RollbackOptions::default().with_mode(mode);
        options.server_side = server_side;
        options.writing = writing;
        options.selector = Some("1".parse().unwrap());
        options.conflicts = Conflicts::Force;
        let seen = survey(&storage, &self.cluster, &self.namespace, &name, &options).await.unwrap();
        plan(&seen, &options)
    }

    /// Whether the server would make what the target wants.
    async fn is_valid(&self, row: &Row) -> bool {
        let mut wanted = row.wanted.clone();
        let name = wanted["metadata"]["name"].as_str().unwrap().to_owned();
        // A definition is called as it must be.
        if row.kind() != "CustomResourceDefinition" {
            wanted["metadata"]["name"] = json!(format!("{name}-tried"));
        }
        let object = Object::new(wanted).unwrap();
        let at = place(&self.cluster, &object, self.namespace.as_str()).await;
        let (manager, validation) = ("helm".to_owned(), Validation::Strict);
        let made = self.cluster.write(&Request::Create { at, object, manager, validation }, DryRun::Server).await;
        !made.is_err_and(|error| error.kind == ClusterErrorKind::Invalid)
    }

    async fn live(&self, row: &Row) -> Value {
        let object = Object::new(row.before.clone()).unwrap();
        let at = place(&self.cluster, &object, self.namespace.as_str()).await;
        self.cluster.get(&at).await.unwrap().into_value()
    }

    /// What the field becomes by the step's last request, as the server's dry run has it.
    async fn ask(&self, step: &Step, path: &str) -> Result<Option<Value>, ClusterError> {
        let [preparing @ .., request] = step.requests.as_slice() else {
            return Ok(at(step.seen.as_ref().map_or(&Value::Null, Object::as_value), path).cloned());
        };
        // A dry run would not keep what the last one builds on.
        let dry_run = if preparing.is_empty() { DryRun::Server } else { DryRun::No };
        for request in preparing {
            let _ = self.cluster.write(request, dry_run).await?;
        }
        // A controller may write between.
        for _ in 0..20 {
            match self.cluster.write(request, dry_run).await {
                Err(error) if error.kind == ClusterErrorKind::Conflict => {}
                result => return Ok(result?.and_then(|object| at(object.as_value(), path).cloned())),
            }
        }
        self.cluster.write(request, dry_run).await.map(|_| None)
    }

    /// Deletes the object and makes it anew, as the step says.
    async fn make_anew(&self, row: &Row, step: &Step) -> Result<(), String> {
        let [delete @ Request::Delete { at: place, .. }, create] = step.requests.as_slice() else {
            return Err(format!("it sends {} requests", step.requests.len()));
        };
        let told = |error: ClusterError| error.to_string();
        self.cluster.write(delete, DryRun::No).await.map_err(told)?;
        let uid = step.seen.as_ref().and_then(Object::uid);
        let until = Instant::now() + PATIENCE;
        while self.cluster.find(place).await.map_err(told)?.is_some_and(|live| live.uid() == uid) {
            if Instant::now() > until {
                return Err("it does not go".to_owned());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let made = self.cluster.write(create, DryRun::No).await.map_err(told)?.ok_or("nothing was made")?;
        let (after, wanted) = (at(made.as_value(), &row.path), at(&row.wanted, &row.path));
        match (after, wanted) {
            (Some(Value::String(after)), Some(Value::String(wanted))) if after != wanted => {
                Err(format!("it is {after} and not {wanted}"))
            }
            (None, Some(wanted)) => Err(format!("{wanted} is missing")),
            _ => Ok(()),
        }
    }
}

/// The value at a path such as `spec.ports[port=80].nodePort`.
fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    let mut value = value;
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix('[') {
            let (key, after) = inside.split_once(']')?;
            value = match key.split_once('=') {
                Some((name, wanted)) => {
                    let text = |entry: &Value| {
                        entry.get(name).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                    };
                    value.as_array()?.iter().find(|entry| text(entry).as_deref() == Some(wanted))?
                }
                None => value.get(key.parse::<usize>().ok()?)?,
            };
            rest = after.strip_prefix('.').unwrap_or(after);
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            value = value.get(&rest[..end])?;
            rest = rest[end..].strip_prefix('.').unwrap_or(&rest[end..]);
        }
    }
    Some(value).filter(|value| !value.is_null())
}
