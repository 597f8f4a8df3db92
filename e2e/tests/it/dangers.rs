//! Histories full of dangers: a plan foretells all that its rollback does, and names each danger.

use e2e::{Namespace, World};
use helm_release_core::codec::{self, DecodeOptions};
use serde_json::{Value, json};

use crate::foretold::carry_out;
use crate::release::{WEB, color, deploy, ours, upgrade, web, without_a_write};

/// Makes one named test per number, and lists the others beside them.
macro_rules! dangers {
    ($($number:literal)*) => {
        &[
            ("a_removed_api_is_written_as_its_successor", a_removed_api_is_written_as_its_successor),
            ("a_point_of_no_return_is_not_crossed", a_point_of_no_return_is_not_crossed),
            ("a_probe_that_says_no_stops_the_rollback", a_probe_that_says_no_stops_the_rollback),
            ("a_hook_with_the_name_of_an_object_is_named", a_hook_with_the_name_of_an_object_is_named),
            $((concat!("history_", stringify!($number), "_is_foretold"), history::<$number>)),*
        ]
    };
}

pub(crate) const TESTS: &[crate::Test] = dangers![
    0 1 2 3 4 5 6 7 8 9
    10 11 12 13 14 15 16 17 18 19
    20 21 22 23 24 25 26 27 28 29
    30 31 32 33 34 35 36 37 38 39
    40 41 42 43 44 45 46 47 48 49
    50 51 52 53 54 55 56 57 58 59
];

/// One danger: a template of revision 1, one of revision 2, and what happens to the live objects.
struct Danger {
    name: &'static str,
    /// Of the revision to return to.
    old: &'static str,
    /// Of the revision that runs.
    new: &'static str,
    /// An object that is deleted before the upgrade, which makes it anew: resource and name.
    remade: Option<(&'static str, &'static str)>,
    /// A live object that somebody patches after the upgrade: resource, name, patch.
    edited: Option<(&'static str, &'static str, &'static str)>,
    /// A live object that somebody deletes after the upgrade.
    deleted: Option<(&'static str, &'static str)>,
    /// What the plan says of it; empty when nothing needs to be said.
    finding: &'static str,
}

const NONE: Danger = Danger { name: "", old: "", new: "", remade: None, edited: None, deleted: None, finding: "" };

const DANGERS: [Danger; 12] = [
    Danger {
        name: "a ConfigMap becomes immutable",
        old: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: fixed}\ndata: {a: red}\n",
        new: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: fixed}\ndata: {a: blue}\nimmutable: true\n",
        finding: "immutable-field",
        ..NONE
    },
    Danger {
        name: "a StatefulSet has another service",
        old: "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec:\n  serviceName: old\n  replicas: 1\n  selector: {matchLabels: {app: db}}\n  template:\n    metadata: {labels: {app: db}}\n    spec: {containers: [{name: db, image: \"db:1\"}]}\n",
        new: "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec:\n  serviceName: new\n  replicas: 1\n  selector: {matchLabels: {app: db}}\n  template:\n    metadata: {labels: {app: db}}\n    spec: {containers: [{name: db, image: \"db:1\"}]}\n",
        remade: Some(("apps/v1/statefulsets", "db")),
        finding: "immutable-field",
        ..NONE
    },
    Danger {
        name: "a claim goes",
        new: "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: disk}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n",
        finding: "data-removed",
        ..NONE
    },
    Danger {
        name: "configuration that no pod notices",
        old: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: red}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: reader}\nspec:\n  selector: {matchLabels: {app: reader}}\n  template:\n    metadata: {labels: {app: reader}}\n    spec: {containers: [{name: reader, image: \"reader:1\", envFrom: [{configMapRef: {name: settings}}]}]}\n",
        new: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: blue}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: reader}\nspec:\n  selector: {matchLabels: {app: reader}}\n  template:\n    metadata: {labels: {app: reader}}\n    spec: {containers: [{name: reader, image: \"reader:1\", envFrom: [{configMapRef: {name: settings}}]}]}\n",
        finding: "unnoticed-config",
        ..NONE
    },
    Danger {
        name: "a Deployment that stops before it starts",
        old: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: stop}\nspec:\n  replicas: 2\n  strategy: {type: Recreate}\n  selector: {matchLabels: {app: stop}}\n  template:\n    metadata: {labels: {app: stop}}\n    spec: {containers: [{name: stop, image: \"stop:1\"}]}\n",
        new: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: stop}\nspec:\n  replicas: 2\n  strategy: {type: Recreate}\n  selector: {matchLabels: {app: stop}}\n  template:\n    metadata: {labels: {app: stop}}\n    spec: {containers: [{name: stop, image: \"stop:2\"}]}\n",
        finding: "downtime",
        ..NONE
    },
    Danger {
        name: "an edit by hand beside what Helm owns",
        old: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: edited}\ndata: {a: red}\n",
        new: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: edited}\ndata: {a: blue}\n",
        edited: Some(("v1/configmaps", "edited", r#"{"data": {"more": "by hand"}}"#)),
        ..NONE
    },
    Danger {
        name: "an object that somebody deleted",
        old: "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: robot}\n",
        new: "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: robot, labels: {team: shop}}\n",
        deleted: Some(("v1/serviceaccounts", "robot")),
        ..NONE
    },
    Danger {
        name: "a hook",
        old: "apiVersion: v1\nkind: Pod\nmetadata:\n  name: hook-check\n  labels: {test/kubelet: ok}\n  annotations: {helm.sh/hook: \"pre-rollback,post-rollback\", helm.sh/hook-delete-policy: \"before-hook-creation,hook-succeeded\"}\nspec: {restartPolicy: Never, containers: [{name: hook, image: hook}]}\n",
        ..NONE
    },
    Danger {
        name: "an object that is kept",
        new: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept, annotations: {helm.sh/resource-policy: keep}}\ndata: {a: blue}\n",
        ..NONE
    },
    Danger {
        name: "an image without a build, and more pods",
        old: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: loose}\nspec:\n  replicas: 3\n  selector: {matchLabels: {app: loose}}\n  template:\n    metadata: {labels: {app: loose}}\n    spec: {containers: [{name: loose, image: loose}]}\n",
        new: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: loose}\nspec:\n  replicas: 1\n  selector: {matchLabels: {app: loose}}\n  template:\n    metadata: {labels: {app: loose}}\n    spec: {containers: [{name: loose, image: \"loose:2\"}]}\n",
        finding: "mutable-image",
        ..NONE
    },
    Danger {
        name: "a Service that keeps its address",
        old: "apiVersion: v1\nkind: Service\nmetadata: {name: front}\nspec: {selector: {app: front}, ports: [{port: 80, name: http}]}\n",
        new: "apiVersion: v1\nkind: Service\nmetadata: {name: front}\nspec: {selector: {app: front}, ports: [{port: 81, name: http}]}\n",
        ..NONE
    },
    Danger {
        name: "a program with a claim changes its image",
        old: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: store}\nspec:\n  replicas: 0\n  selector: {matchLabels: {app: store}}\n  template:\n    metadata: {labels: {app: store}}\n    spec:\n      containers: [{name: store, image: \"store:1\"}]\n      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]\n",
        new: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: store}\nspec:\n  replicas: 0\n  selector: {matchLabels: {app: store}}\n  template:\n    metadata: {labels: {app: store}}\n    spec:\n      containers: [{name: store, image: \"store:2\"}]\n      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]\n",
        finding: "data-touched",
        ..NONE
    },
];

/// Which dangers a history holds: at least three, each number others.
fn chosen(number: usize) -> Vec<&'static Danger> {
    // Steps that meet no danger twice.
    let step = [1, 5, 7, 11][number % 4];
    (0..3 + number % 3).map(|index| &DANGERS[(number + index * step) % DANGERS.len()]).collect()
}

fn history<const NUMBER: usize>(world: &World) {
    let ns = world.namespace("danger");
    let major = if NUMBER.is_multiple_of(2) { 4 } else { 3 };
    let dangers = chosen(NUMBER);
    let told = format!("helm {major}: {}", dangers.iter().map(|danger| danger.name).collect::<Vec<_>>().join("; "));
    let chart = |color: &str, text: fn(&Danger) -> &'static str| {
        let filled = dangers.iter().enumerate().filter(|(_, danger)| !text(danger).is_empty());
        filled.fold(web(color), |chart, (index, danger)| chart.template(&format!("danger-{index}.yaml"), text(danger)))
    };
    deploy(&ns, major, &[chart("blue", |danger| danger.old)]);
    for (resource, name) in dangers.iter().filter_map(|danger| danger.remade) {
        ns.delete(resource, name);
        let _ = ns.until(resource, name, |live| live.is_none());
    }
    let _ = upgrade(&ns, major, &chart("red", |danger| danger.new)).ok();
    for danger in &dangers {
        if let Some((resource, name, patch)) = danger.edited {
            let _ = ns.patch(resource, name, &serde_json::from_str(patch).expect("the edit is JSON"));
        }
        if let Some((resource, name)) = danger.deleted {
            ns.delete(resource, name);
        }
    }
    let plan = plan(&ns, &[]);
    let findings = plan["findings"].as_array().expect("a plan has findings");
    for expected in dangers.iter().map(|danger| danger.finding).filter(|finding| !finding.is_empty()) {
        assert!(findings.iter().any(|finding| finding["id"] == expected), "{told}: no {expected} in {findings:#?}");
    }
    let blocking: Vec<&str> =
        findings.iter().filter(|finding| finding["severity"] == "block").filter_map(|finding| finding["id"].as_str()).collect();
    let accept: Vec<&str> = blocking.iter().flat_map(|id| ["--accept", id]).collect();
    carry_out(&ns, &plan, &accept, &told);
    assert_eq!(color(&ns), "blue", "{told}");
    let _ = upgrade(&ns, major, &web("after")).ok();
}

/// The plan of a rollback to revision 1.
fn plan(ns: &Namespace<'_>, args: &[&str]) -> Value {
    let output = ns.plugin().args(["plan", WEB, "1", "-o", "json"]).args(args).run();
    assert!([0, 3].contains(&output.code), "{output:?}");
    serde_json::from_str(&output.stdout).expect("a plan is JSON")
}

fn a_removed_api_is_written_as_its_successor(world: &World) {
    let ns = world.namespace("removed");
    let budget = |minimum: u32| {
        format!(
            "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: most}}\nspec: {{minAvailable: {minimum}, selector: {{matchLabels: {{app: web}}}}}}\n"
        )
    };
    deploy(&ns, 4, &[web("blue").template("most.yaml", &budget(1)), web("red").template("most.yaml", &budget(2))]);
    // As a chart of old times has it; no server of today takes that from Helm.
    let name = "sh.helm.release.v1.web.v1";
    let secret = ns.live("v1/secrets", name);
    let outer = secret["data"]["release"].as_str().expect("the Secret holds a record");
    let inner = codec::decode_json(outer.as_bytes(), DecodeOptions::default()).expect("the API writes base64");
    let json = codec::decode_json(&inner, DecodeOptions::default()).expect("Helm writes records");
    let old =
        String::from_utf8(json).expect("records are text").replace("apiVersion: policy/v1\\n", "apiVersion: policy/v1beta1\\n");
    let record = helm_release_core::Record::parse(old.as_bytes()).expect("it is a record still");
    let payload = String::from_utf8(codec::encode(&record).0).expect("base64 is text");
    let _ = ns.patch("v1/secrets", name, &json!({"stringData": {"release": payload}}));

    let helm = ns.helm(4).args(["rollback", WEB, "1"]).run();
    assert_ne!(helm.code, 0, "Helm cannot go back to a removed API");
    // It has left its record behind.
    let output = ours(&ns, &["1", "--accept", "pending-revision"]).ok();
    assert_eq!(output, "Rollback was a success! Happy Helming!\n");
    assert_eq!(
        (color(&ns), ns.live("policy/v1/poddisruptionbudgets", "most")["spec"]["minAvailable"].clone()),
        ("blue".to_owned(), json!(1))
    );
    let manifest = ns.helm(4).args(["get", "manifest", WEB]).ok();
    assert!(manifest.contains("policy/v1beta1"), "the record keeps the original: {manifest}");
}

fn a_point_of_no_return_is_not_crossed(world: &World) {
    let ns = world.namespace("point");
    let marked = |color: &str| {
        let text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: schema\n  annotations: {rollback-safe/no-return: \"orders-2: column price was dropped\"}\n";
        web(color).template("schema.yaml", text)
    };
    deploy(&ns, 4, &[web("blue"), marked("red"), marked("green")]);
    let said = without_a_write(&ns, || ours(&ns, &["1"]).fails(3));
    assert!(said.stderr.starts_with("Verdict: fix forward"), "{}", said.stderr);
    assert!(said.stderr.contains("orders-2: column price was dropped; revision 1 lies before it"), "{}", said.stderr);
    assert!(said.stderr.contains("return to revision 2, the nearest that lies beyond it"), "{}", said.stderr);
    let _ = ours(&ns, &["2"]).ok();
    assert_eq!(color(&ns), "red");
}

fn a_probe_that_says_no_stops_the_rollback(world: &World) {
    let ns = world.namespace("probe");
    let state =
        |schema: u32| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: state}}\ndata: {{schema: \"{schema}\"}}\n");
    let chart = |color: &str| web(color).template("state.yaml", &state(5));
    deploy(&ns, 4, &[chart("blue"), chart("red")]);
    for probe in ["ConfigMap/state:data.schema=4", "test $ROLLBACK_TO = 2", "http://127.0.0.1:1/"] {
        let said = without_a_write(&ns, || ours(&ns, &["1", "--probe", probe]).fails(3));
        assert!(said.stderr.contains("block (probe-failed)"), "{}", said.stderr);
    }
    let _ = ours(&ns, &["1", "--probe", "ConfigMap/state:data.schema=5", "--probe", "test $ROLLBACK_TO = 1"]).ok();
    assert_eq!(color(&ns), "blue");
}

fn a_hook_with_the_name_of_an_object_is_named(world: &World) {
    let ns = world.namespace("clash");
    let hook = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: taken, annotations: {helm.sh/hook: pre-rollback}}\n";
    deploy(&ns, 4, &[web("blue").template("hook.yaml", hook), web("red")]);
    let precious = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "taken"}, "data": {"precious": "yes"}});
    let _ = ns.create("v1/configmaps", &precious);
    let said = without_a_write(&ns, || ours(&ns, &["1"]).fails(3));
    assert!(
        said.stderr.contains("block (hook-clash)") && said.stderr.contains("an object that no hook has made"),
        "{}",
        said.stderr
    );
    assert_eq!(ns.live("v1/configmaps", "taken")["data"]["precious"], "yes");
}
