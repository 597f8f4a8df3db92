//! Releases before a rollback, and what is asked of the rollback: every kind of change, hook, past and Helm.

use e2e::{Chart, Namespace};
use serde_json::json;

use super::objects::{
    chart, config_map, deployment, fixed, job, job_hook, pod_hook, refused, secret, service, slow_pod, stateful_set, widget,
};

/// Which Helm made the release, and how it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Maker {
    Helm3,
    Helm4ClientSide,
    Helm4ServerSide,
}

impl Maker {
    pub(super) fn major(self) -> u8 {
        if self == Self::Helm3 { 3 } else { 4 }
    }
}

/// One thing in a release's past.
pub(super) enum Step {
    Deploys(Chart),
    Fails(Chart),
    Edits(fn(&Namespace<'_>)),
}

/// A release, and a rollback of it.
pub(super) struct Scenario {
    pub(super) name: &'static str,
    pub(super) maker: Maker,
    pub(super) past: Vec<Step>,
    /// What happens in each copy just before the rollback.
    pub(super) before: fn(&Namespace<'_>),
    pub(super) args: &'static [&'static str],
    /// The hooks that the rollback runs.
    pub(super) hooks: &'static [&'static str],
}

impl Scenario {
    /// A chart that an upgrade takes afterwards.
    pub(super) fn after(&self) -> Chart {
        let first = self.past.iter().find_map(|step| if let Step::Deploys(chart) = step { Some(chart.clone()) } else { None });
        first.unwrap_or_else(|| chart(&config("white", &[]))).template("zz-after.yaml", &config_map("after", "white"))
    }
}

pub(super) fn nothing(_: &Namespace<'_>) {}

fn config(color: &str, own: &[&str]) -> Vec<String> {
    let mut documents: Vec<String> = ["one", "two", "three"].iter().map(|name| config_map(name, color)).collect();
    documents.push(secret("word", color));
    documents.extend(own.iter().map(|name| config_map(name, color)));
    documents.push(secret(&format!("word-{color}"), color));
    documents
}

fn workload(image: &str, port: u16, replicas: u32, own: &str) -> Vec<String> {
    vec![
        config_map("settings", image),
        config_map("shared", image),
        secret("word", image),
        deployment("web", replicas, image, ""),
        deployment("work", 0, image, ""),
        service("web", port),
        service(&format!("side-{own}"), port),
        job(&format!("load-{own}"), image),
    ]
}

fn edit(ns: &Namespace<'_>) {
    let _ = ns.patch("v1/configmaps", "one", &json!({"data": {"color": "hand", "more": "by hand"}}));
    ns.delete("v1/configmaps", "two");
}

/// Helm cannot change these either: somebody deletes them before the upgrade.
fn deletes_what_is_fixed(ns: &Namespace<'_>) {
    for (resource, name) in [("v1/configmaps", "fixed"), ("apps/v1/statefulsets", "db"), ("batch/v1/jobs", "load")] {
        ns.delete(resource, name);
        let _ = ns.until(resource, name, |object| object.is_none());
    }
}

fn what_is_fixed(color: &str) -> Vec<String> {
    vec![fixed("fixed", color), stateful_set("db", color), job("load", &format!("main:{color}"))]
}

/// The Pod is on its way out when the rollback begins.
fn pod_leaves(ns: &Namespace<'_>) {
    let _ = ns.until("v1/pods", "slow", |pod| pod.is_some_and(|pod| pod["status"]["phase"] == "Running"));
    ns.delete("v1/pods", "slow");
}

fn with(mut documents: Vec<String>, more: &[String]) -> Vec<String> {
    documents.extend_from_slice(more);
    documents
}

fn widgets(size: u32, own: &str) -> Vec<String> {
    vec![widget("gear", size), widget("wheel", size), widget(own, size)]
}

fn deploys(documents: &[String]) -> Step {
    Step::Deploys(chart(documents))
}

fn fails(documents: &[String]) -> Step {
    Step::Fails(refused(&chart(documents)))
}

const BACK: &[&str] = &["1"];

/// All of them.
#[expect(clippy::too_many_lines, reason = "a table, one entry per scenario")]
pub(super) fn all() -> Vec<Scenario> {
    let plain = |name, maker, past| Scenario { name, maker, past, before: nothing, args: BACK, hooks: &[] };
    let configs = || vec![deploys(&config("red", &["old", "older"])), deploys(&config("blue", &["new", "newer"]))];
    let workloads =
        |replicas| vec![deploys(&workload("main:1", 80, replicas, "a")), deploys(&workload("main:2", 81, replicas, "b"))];
    let failing = || {
        vec![
            deploys(&with(config("red", &["old"]), &[pod_hook("before", "pre-rollback", 0, "hook-succeeded")])),
            deploys(&config("blue", &["new"])),
            fails(&with(config("green", &["orphan"]), &[service("stray", 90)])),
            fails(&with(config("black", &["waif"]), &[deployment("stray", 0, "main:9", "")])),
        ]
    };
    vec![
        plain("config_of_helm3", Maker::Helm3, configs()),
        Scenario {
            before: pod_leaves,
            ..plain(
                "edits_by_hand_and_a_pod_on_its_way_out_of_helm4_client_side",
                Maker::Helm4ClientSide,
                vec![
                    deploys(&with(config("red", &["old"]), &[slow_pod("slow")])),
                    deploys(&with(config("blue", &["new"]), &[slow_pod("slow")])),
                    Step::Edits(edit),
                ],
            )
        },
        plain(
            "custom_resources_of_helm4_server_side",
            Maker::Helm4ServerSide,
            vec![deploys(&with(widgets(1, "old"), &config("red", &[]))), deploys(&with(widgets(2, "new"), &config("blue", &[])))],
        ),
        plain("workloads_of_helm3", Maker::Helm3, workloads(0)),
        plain("workloads_of_helm4_server_side", Maker::Helm4ServerSide, workloads(0)),
        Scenario {
            args: &["1", "--wait"],
            ..plain("waiting_workloads_of_helm4_client_side", Maker::Helm4ClientSide, workloads(1))
        },
        Scenario {
            args: &["1", "--hooks", "both"],
            hooks: &["before", "leave", "after"],
            ..plain(
                "job_hooks_of_helm3",
                Maker::Helm3,
                vec![
                    deploys(&with(
                        config("red", &["old"]),
                        &[
                            job_hook("before", "pre-rollback,pre-upgrade", 0, ""),
                            job_hook("after", "post-rollback", 0, "hook-succeeded"),
                        ],
                    )),
                    deploys(&with(
                        config("blue", &["new"]),
                        &[
                            job_hook("before", "pre-rollback,pre-upgrade", 0, ""),
                            job_hook("leave", "pre-rollback", 1, "hook-succeeded"),
                        ],
                    )),
                ],
            )
        },
        Scenario {
            hooks: &["first", "second", "third", "fourth"],
            ..plain(
                "pod_hooks_of_helm4_server_side",
                Maker::Helm4ServerSide,
                vec![
                    deploys(&with(
                        config("red", &[]),
                        &[
                            pod_hook("first", "pre-rollback", -1, "hook-succeeded"),
                            pod_hook("second", "pre-rollback", 1, "before-hook-creation"),
                            pod_hook("third", "post-rollback", 0, "before-hook-creation,hook-succeeded,hook-failed"),
                            pod_hook("fourth", "post-rollback", 1, "hook-failed"),
                        ],
                    )),
                    deploys(&config("blue", &[])),
                ],
            )
        },
        Scenario {
            args: &["2"],
            ..plain(
                "objects_made_anew_of_helm4_server_side",
                Maker::Helm4ServerSide,
                vec![
                    deploys(&config("white", &[])),
                    deploys(&with(config("red", &["old"]), &what_is_fixed("red"))),
                    Step::Edits(deletes_what_is_fixed),
                    deploys(&with(config("blue", &["new"]), &what_is_fixed("blue"))),
                ],
            )
        },
        Scenario { hooks: &["before"], ..plain("failed_revisions_of_helm4_client_side", Maker::Helm4ClientSide, failing()) },
        Scenario { hooks: &["before"], ..plain("failed_revisions_of_helm4_server_side", Maker::Helm4ServerSide, failing()) },
        Scenario {
            args: &["2", "--history-max", "3", "--keep-good", "1"],
            ..plain(
                "pruning_and_custom_resources_of_helm3",
                Maker::Helm3,
                vec![
                    deploys(&config("white", &[])),
                    deploys(&with(widgets(1, "old"), &config("red", &["old"]))),
                    deploys(&with(widgets(2, "new"), &config("blue", &["new"]))),
                    fails(&with(widgets(3, "orphan"), &config("green", &["orphan"]))),
                ],
            )
        },
        Scenario {
            args: &["2", "--history-max", "3", "--keep-good", "1", "--wait"],
            before: pod_leaves,
            hooks: &["before", "after"],
            ..plain(
                "everything_of_helm4_server_side",
                Maker::Helm4ServerSide,
                vec![
                    deploys(&[config_map("first", "white")]),
                    deploys(&with(
                        with(workload("main:1", 80, 1, "a"), &widgets(1, "old")),
                        &[
                            slow_pod("slow"),
                            job_hook("before", "pre-rollback", 0, ""),
                            pod_hook("after", "post-rollback", 0, "hook-succeeded,hook-failed"),
                        ],
                    )),
                    deploys(&with(with(workload("main:2", 81, 1, "b"), &widgets(2, "new")), &[slow_pod("slow")])),
                    fails(&with(workload("main:3", 82, 1, "c"), &[slow_pod("slow")])),
                ],
            )
        },
    ]
}
