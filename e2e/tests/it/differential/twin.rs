//! One of the two namespaces in which the same things happen.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use e2e::audit::Mark;
use e2e::{Namespace, Output, Tool, World};
use serde_json::Value;

use super::generate::{Maker, Rollback, Step};
use super::parts::PARTS;

/// Reading the server's schemas takes Helm longer than all the rest, and the server checks every object anyway.
const UNCHECKED: &str = "--disable-openapi-validation";

/// Who rolls back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Helm,
    Ours,
}

/// A namespace with a release, and who rolls it back.
pub(super) struct Twin<'a> {
    pub(super) ns: Namespace<'a>,
    who: Who,
    maker: Maker,
    discovered: PathBuf,
}

/// How a step ended, as far as both sides must agree.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) succeeded: bool,
    pub(super) output: Option<Output>,
}

impl<'a> Twin<'a> {
    pub(super) fn new(world: &'a World, who: Who, maker: Maker) -> Self {
        let prefix = if who == Who::Helm { "diff-helm" } else { "diff-ours" };
        Self { ns: world.namespace(prefix), who, maker, discovered: world.cluster().dir().join("differential-discovery") }
    }

    pub(super) fn helm(&self) -> Tool {
        let tool = match self.maker {
            Maker::Helm3 => self.ns.helm3(),
            Maker::Helm4ClientSide | Maker::Helm4ServerSide => self.ns.helm4(),
        };
        // Helm asks each server for its kinds once; all histories have the same server.
        tool.env("KUBECACHEDIR", &self.discovered)
    }

    /// Does one thing; the chart, where the step has one, was written to that folder.
    pub(super) fn take(&self, step: &Step, chart: Option<&Path>) -> Ended {
        let output = match step {
            Step::Install { args, .. } => self.helm().args(["install", "web", UNCHECKED]).args(chart).args(args).run(),
            Step::Upgrade { args, .. } => self.helm().args(["upgrade", "web", UNCHECKED]).args(chart).args(args).run(),
            Step::Rollback(rollback) => self.roll_back(rollback),
            Step::Edit { part } => {
                let part = &PARTS[*part];
                if self.ns.get(part.resource, part.name).is_some() {
                    let patch = serde_json::from_str(part.edit).expect("the edit is JSON");
                    let _ = self.ns.patch(part.resource, part.name, &patch);
                }
                return Ended { succeeded: true, output: None };
            }
            Step::Delete { part } => {
                let part = &PARTS[*part];
                if self.ns.get(part.resource, part.name).is_some() {
                    self.ns.delete(part.resource, part.name);
                }
                self.settle();
                return Ended { succeeded: true, output: None };
            }
        };
        self.settle();
        Ended { succeeded: output.code == 0, output: Some(output) }
    }

    fn roll_back(&self, rollback: &Rollback) -> Output {
        let tool = match self.who {
            Who::Helm => self.helm().args(["rollback", "web"]),
            Who::Ours => self.ns.plugin().args(["rollback", "web", "--compat"]),
        };
        // In Helm 3 a wait is what Helm 4 calls a legacy one.
        let waiting = match (self.maker, self.who) {
            (Maker::Helm3, Who::Ours) => "--wait=legacy",
            _ => "--wait",
        };
        tool.args(rollback.to.map(|to| to.to_string())).args(&rollback.args).args(rollback.waits.then_some(waiting)).run()
    }

    /// Waits until nothing is on its way out, so that the next step meets the same on both sides.
    fn settle(&self) {
        let until = Instant::now() + Duration::from_secs(60);
        let is_leaving = |object: &Value| !object["metadata"]["deletionTimestamp"].is_null();
        while ["v1/persistentvolumeclaims", "batch/v1/jobs"].iter().any(|kind| self.ns.list(kind).iter().any(is_leaving)) {
            assert!(Instant::now() < until, "objects of namespace {} do not go away", self.ns.name());
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// What happened to the objects of hooks since then, in order: how, and to which.
    pub(super) fn hook_writes(&self, since: Mark) -> Vec<(&'static str, String)> {
        let requests = self.ns.requests_since(since).into_iter().filter(|request| request.is_write() && request.code < 300);
        let writes = requests.filter_map(|request| {
            let posted = request.body["metadata"]["name"].as_str().unwrap_or_default();
            let name = if request.name.is_empty() { posted.to_owned() } else { request.name };
            let verb = match request.verb.as_str() {
                "delete" => "deleted",
                _ => "written",
            };
            name.starts_with("hook-").then(|| (verb, format!("{}/{name}", request.resource)))
        });
        writes.collect()
    }
}
