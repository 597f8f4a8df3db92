//! Rollbacks of releases that Helm made, over fields that cannot change back.

use e2e::{Chart, Namespace, World};
use serde_json::{Value, json};

use crate::release::{addressed, color, deploy, helm_goes_on, helms, ours, statuses, upgrade, web, without_a_write};

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    pods_of_a_stateful_set_outlive_the_rollback,
    an_immutable_config_map_is_made_anew,
    a_service_keeps_its_address_and_takes_the_rest,
    a_job_that_has_ended_runs_again_and_one_that_runs_is_not_stopped_unasked,
    a_claim_keeps_its_larger_size_and_takes_the_rest,
    a_binding_gets_its_old_role,
    a_selector_costs_the_running_pods_and_has_to_be_accepted,
    what_a_failed_rollback_made_anew_is_put_back,
    a_plan_says_all_of_it_before_anything_is_done,
    in_compat_mode_it_fails_as_helm_does,
];

/// Two revisions with the object in its two forms. Helm cannot change it either, so somebody deletes it before the second.
fn two(ns: &Namespace<'_>, major: u8, old: &str, new: &str, delete: impl Fn(&Namespace<'_>)) {
    deploy(ns, major, &[web("blue").template("own.yaml", old)]);
    delete(ns);
    deploy(ns, major, &[web("red").template("own.yaml", new)]);
}

fn orphan(world: &World, ns: &Namespace<'_>, resource: &str, name: &str) {
    let body = json!({"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Orphan"});
    let _ = world.cluster().request("DELETE", &ns.path(resource, name), Some(&body)).expect("it can be deleted");
    let _ = ns.until(resource, name, |object| object.is_none());
}

fn remove(ns: &Namespace<'_>, resource: &str, name: &str) {
    ns.delete(resource, name);
    let _ = ns.until(resource, name, |object| object.is_none());
}

fn template(labels: &str, more: &str) -> String {
    format!(
        "  selector: {{matchLabels: {{{labels}}}}}
  template:
    metadata: {{labels: {{{labels}}}}}
    spec: {{containers: [{{name: main, image: \"main:1\"}}]{more}}}
"
    )
}

fn stateful_set(service: &str, size: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: db}}\nspec:\n  serviceName: {service}\n  podManagementPolicy: Parallel\n{}  \
         volumeClaimTemplates:\n  - metadata: {{name: data}}\n    spec: {{accessModes: [ReadWriteOnce], storageClassName: {class}, \
         resources: {{requests: {{storage: {size}}}}}}}\n",
        template("app: db", ""),
        class = "nobody",
    )
}

fn uid(ns: &Namespace<'_>, resource: &str, name: &str) -> Value {
    ns.live(resource, name)["metadata"]["uid"].clone()
}

fn pods_of_a_stateful_set_outlive_the_rollback(world: &World) {
    for major in [3, 4] {
        let ns = world.namespace("stateful");
        let (set, pods) = ("apps/v1/statefulsets", "v1/pods");
        two(&ns, major, &stateful_set("a", "1Gi"), &stateful_set("b", "2Gi"), |ns| orphan(world, ns, set, "db"));
        let owned =
            |pod: Option<&Value>, owner: &Value| pod.is_some_and(|pod| &pod["metadata"]["ownerReferences"][0]["uid"] == owner);
        let before = uid(&ns, set, "db");
        let pod = ns.until(pods, "db-0", |pod| owned(pod, &before))["metadata"]["uid"].clone();
        let claim = uid(&ns, "v1/persistentvolumeclaims", "data-db-0");
        // The chart leaves their number to an autoscaler.
        let _ = ns.patch(set, "db", &json!({"spec": {"replicas": 2}}));
        let second = ns.until(pods, "db-1", |pod| owned(pod, &before))["metadata"]["uid"].clone();
        let said = ours(&ns, &["1"]).run();
        assert_eq!(said.code, 0, "{said:?}");
        assert!(said.stderr.contains("caution immutable-field: StatefulSet"), "{}", said.stderr);
        assert!(said.stderr.contains("its pods go on running"), "{}", said.stderr);
        let after = ns.live(set, "db");
        assert_ne!(after["metadata"]["uid"], before);
        assert_eq!(after["spec"]["serviceName"], "a");
        assert_eq!(after["spec"]["volumeClaimTemplates"][0]["spec"]["resources"]["requests"]["storage"], "1Gi");
        let kept = ns.until(pods, "db-0", |pod| owned(pod, &after["metadata"]["uid"]));
        assert_eq!(kept["metadata"]["uid"], pod, "the same pod, taken over");
        assert_eq!(kept["metadata"]["deletionTimestamp"], Value::Null);
        assert_eq!(uid(&ns, "v1/persistentvolumeclaims", "data-db-0"), claim);
        assert_eq!(after["spec"]["replicas"], 2);
        assert_eq!(color(&ns), "blue");
        let _ = upgrade(&ns, major, &web("green").template("own.yaml", &stateful_set("a", "1Gi"))).ok();
        assert_eq!(ns.live(set, "db")["spec"]["replicas"], 2, "the next upgrade leaves it alone too");
        assert_eq!(uid(&ns, pods, "db-1"), second);
        helm_goes_on(&ns, major);
    }
}

fn fixed(color: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: fixed}}\nimmutable: true\ndata: {{color: {color}}}\n")
}

fn an_immutable_config_map_is_made_anew(world: &World) {
    for major in [3, 4] {
        let ns = world.namespace("immutable");
        two(&ns, major, &fixed("blue"), &fixed("red"), |ns| remove(ns, "v1/configmaps", "fixed"));
        let before = uid(&ns, "v1/configmaps", "fixed");
        let _ = ns.patch("v1/configmaps", "fixed", &json!({"metadata": {"labels": {"team": "shop"}}}));
        let said = ours(&ns, &["1"]).run();
        assert_eq!(said.code, 0, "{said:?}");
        assert!(said.stderr.contains("1 to recreate"), "{}", said.stderr);
        let after = ns.live("v1/configmaps", "fixed");
        assert_eq!((&after["data"], &after["immutable"]), (&json!({"color": "blue"}), &json!(true)));
        assert_ne!(after["metadata"]["uid"], before);
        assert_eq!(after["metadata"]["labels"]["team"], "shop", "what others put on it stays");
        assert_eq!(statuses(&ns, major), ["superseded", "superseded", "deployed"]);
        let _ = upgrade(&ns, major, &web("green").template("own.yaml", &fixed("blue"))).ok();
        let upgraded = ns.live("v1/configmaps", "fixed");
        assert_eq!(upgraded["metadata"]["labels"]["team"], "shop", "and is not taken for Helm's");
        assert_eq!(upgraded["metadata"]["uid"], after["metadata"]["uid"]);
        helm_goes_on(&ns, major);
    }
}

fn a_service_keeps_its_address_and_takes_the_rest(world: &World) {
    let service = |more: &str, port: u16| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {{selector: {{app: web}}{more}, ports: [{{port: {port}}}]}}\n"
        )
    };
    for (major, flags) in [(3, [].as_slice()), (4, &[]), (4, &["--force-replace", "--server-side=false"])] {
        let ns = world.namespace("address");
        two(&ns, major, &service(", clusterIP: 10.0.0.88", 80), &service("", 81), |ns| remove(ns, "v1/services", "web"));
        let address = ns.live("v1/services", "web")["spec"]["clusterIP"].clone();
        assert_ne!(address, "10.0.0.88");
        let said = ours(&ns, &[&["1"], flags].concat()).run();
        assert_eq!(said.code, 0, "{said:?}");
        assert!(
            said.stderr.contains("spec.clusterIP keeps its live value, though the target names another one"),
            "{}",
            said.stderr
        );
        let after = ns.live("v1/services", "web");
        assert_eq!((&after["spec"]["clusterIP"], &after["spec"]["ports"][0]["port"]), (&address, &json!(80)));
    }
}

fn job(image: &str, story: &str) -> String {
    format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: load}}\nspec:\n  template:\n    metadata: {{labels: {{test/kubelet: \"{story}\"}}}}\n    \
         spec: {{restartPolicy: Never, containers: [{{name: main, image: \"{image}\"}}]}}\n"
    )
}

fn a_job_that_has_ended_runs_again_and_one_that_runs_is_not_stopped_unasked(world: &World) {
    let jobs = "batch/v1/jobs";
    let image = |ns: &Namespace<'_>| ns.live(jobs, "load")["spec"]["template"]["spec"]["containers"][0]["image"].clone();
    let ended = world.namespace("ended");
    two(&ended, 4, &job("load:1", ""), &job("load:2", ""), |ns| remove(ns, jobs, "load"));
    let _ = ended.until(jobs, "load", |job| job.is_some_and(|job| job["status"]["succeeded"] == 1));
    let before = uid(&ended, jobs, "load");
    let said = ours(&ended, &["1"]).run();
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.stderr.contains("it runs again"), "{}", said.stderr);
    assert_eq!(image(&ended), "load:1");
    assert_ne!(uid(&ended, jobs, "load"), before);

    let running = world.namespace("running");
    two(&running, 3, &job("load:1", "hang"), &job("load:2", "hang"), |ns| remove(ns, jobs, "load"));
    let _ = running.until(jobs, "load", |job| job.is_some_and(|job| job["status"]["active"] == 1));
    let said = without_a_write(&running, || ours(&running, &["1"]).fails(3));
    assert!(said.stderr.contains("it has not ended: it is stopped where it is"), "{}", said.stderr);
    assert_eq!(image(&running), "load:2");
    let _ = ours(&running, &["1", "--accept", &format!("immutable-field=Job {}/load", running.name())]).ok();
    assert_eq!(image(&running), "load:1");
    helm_goes_on(&running, 3);
}

fn a_claim_keeps_its_larger_size_and_takes_the_rest(world: &World) {
    let ns = world.namespace("claim");
    let claims = "v1/persistentvolumeclaims";
    let class = json!({
        "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": ns.name()},
        "provisioner": "example.com/none", "allowVolumeExpansion": true,
    });
    let volume = json!({
        "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": ns.name()},
        "spec": {
            "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": ns.name(), "hostPath": {"path": "/tmp/x"},
        },
    });
    let _ = world.cluster().request("POST", "/apis/storage.k8s.io/v1/storageclasses", Some(&class)).expect("a class can be made");
    let _ = world.cluster().request("POST", "/api/v1/persistentvolumes", Some(&volume)).expect("a volume can be made");
    let claim = |size: &str, tier: &str| {
        format!(
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: db, labels: {{tier: {tier}}}}}\n\
             spec: {{accessModes: [ReadWriteOnce], storageClassName: {}, resources: {{requests: {{storage: {size}}}}}}}\n",
            ns.name()
        )
    };
    deploy(&ns, 4, &[web("blue").template("own.yaml", &claim("1Gi", "old"))]);
    let _ = ns.until(claims, "db", |claim| claim.is_some_and(|claim| claim["status"]["phase"] == "Bound"));
    deploy(&ns, 4, &[web("red").template("own.yaml", &claim("2Gi", "new"))]);
    let before = uid(&ns, claims, "db");
    let said = ours(&ns, &["1"]).run();
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.stderr.contains("a claim never shrinks: the larger size stays"), "{}", said.stderr);
    let after = ns.live(claims, "db");
    assert_eq!((&after["metadata"]["uid"], &after["metadata"]["labels"]["tier"]), (&before, &json!("old")));
    assert_eq!(after["spec"]["resources"]["requests"]["storage"], "2Gi");

    // Another class would cost the data.
    let other = claim("1Gi", "old").replace(&format!("storageClassName: {}", ns.name()), "storageClassName: other");
    let fixed = world.namespace("claim");
    let record = |text: &str| web("blue").template("own.yaml", text);
    deploy(&fixed, 4, &[record(&other)]);
    remove(&fixed, claims, "db");
    let mine = volume_of(world, &fixed);
    deploy(&fixed, 4, &[record(&claim("1Gi", "old").replace(ns.name(), &mine))]);
    let _ = fixed.until(claims, "db", |claim| claim.is_some_and(|claim| claim["status"]["phase"] == "Bound"));
    let said = without_a_write(&fixed, || ours(&fixed, &["1"]).fails(3));
    assert!(said.stderr.contains("Verdict: back up first, then roll back"), "{}", said.stderr);
    assert!(said.stderr.contains("block immutable-field: PersistentVolumeClaim"), "{}", said.stderr);
}

/// A volume and the name of its class, both the namespace's own.
fn volume_of(world: &World, ns: &Namespace<'_>) -> String {
    let volume = json!({
        "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": ns.name()},
        "spec": {
            "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": ns.name(), "hostPath": {"path": "/tmp/x"},
        },
    });
    let _ = world.cluster().request("POST", "/api/v1/persistentvolumes", Some(&volume)).expect("a volume can be made");
    ns.name().to_owned()
}

fn a_binding_gets_its_old_role(world: &World) {
    let ns = world.namespace("binding");
    let bindings = "rbac.authorization.k8s.io/v1/rolebindings";
    let binding = |role: &str| {
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{name: web}}\n\
             roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {role}}}\n\
             subjects: [{{kind: ServiceAccount, name: default, namespace: default}}]\n"
        )
    };
    two(&ns, 4, &binding("view"), &binding("edit"), |ns| remove(ns, bindings, "web"));
    let _ = ours(&ns, &["1"]).ok();
    assert_eq!(ns.live(bindings, "web")["roleRef"]["name"], "view");
    helm_goes_on(&ns, 4);
}

fn deployment(labels: &str) -> String {
    format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  replicas: 1\n{}", template(labels, ""))
}

fn selectors(ns: &Namespace<'_>, major: u8) {
    two(ns, major, &deployment("app: web"), &deployment("app: web, track: new"), |ns| remove(ns, "apps/v1/deployments", "web"));
}

fn a_selector_costs_the_running_pods_and_has_to_be_accepted(world: &World) {
    for major in [3, 4] {
        let ns = world.namespace("selector");
        selectors(&ns, major);
        let said = without_a_write(&ns, || ours(&ns, &["1"]).fails(3));
        let accept = format!("--accept 'immutable-field=Deployment {}/web'", ns.name());
        assert!(said.stderr.contains(&accept), "{}", said.stderr);
        let _ = ours(&ns, &["1", "--accept", "immutable-field=Deployment/web", "--wait"]).ok();
        let after = ns.live("apps/v1/deployments", "web");
        assert_eq!(after["spec"]["selector"]["matchLabels"], json!({"app": "web"}));
        assert_eq!(after["status"]["readyReplicas"], 1);
        helm_goes_on(&ns, major);
    }
}

fn what_a_failed_rollback_made_anew_is_put_back(world: &World) {
    for major in [3, 4] {
        let ns = world.namespace("put-back");
        let address = format!("10.0.0.10{major}");
        let late = addressed("late", &address);
        deploy(&ns, major, &[web("blue").template("own.yaml", &fixed("blue")).template("late.yaml", &late)]);
        remove(&ns, "v1/configmaps", "fixed");
        deploy(&ns, major, &[web("red").template("own.yaml", &fixed("red"))]);
        // Somebody takes the address, so that the Service, which comes after the ConfigMaps, cannot be made.
        let spec = json!({"clusterIP": address, "ports": [{"port": 80}]});
        let _ = ns
            .create("v1/services", &json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "thief"}, "spec": spec}));
        let before = ns.live("v1/configmaps", "fixed");
        let said = ours(&ns, &["1"]).fails(6);
        assert!(said.stderr.contains("ConfigMap"), "{}", said.stderr);
        let after = ns.live("v1/configmaps", "fixed");
        assert_ne!(after["metadata"]["uid"], before["metadata"]["uid"], "it had been made anew");
        let same = |object: &Value| {
            let metadata = &object["metadata"];
            (object["data"].clone(), object["immutable"].clone(), metadata["labels"].clone(), metadata["annotations"].clone())
        };
        assert_eq!(same(&after), same(&before));
        assert_eq!(color(&ns), "red");
        assert_eq!(statuses(&ns, major), ["superseded", "deployed", "failed"]);
        helm_goes_on(&ns, major);
    }
}

fn a_plan_says_all_of_it_before_anything_is_done(world: &World) {
    let ns = world.namespace("plan");
    let both = |service: &str, color: &str| {
        Chart::new("web", "1.0.0").template("a.yaml", &fixed(color)).template("b.yaml", &stateful_set(service, "1Gi"))
    };
    deploy(&ns, 4, &[both("a", "blue")]);
    remove(&ns, "v1/configmaps", "fixed");
    orphan(world, &ns, "apps/v1/statefulsets", "db");
    deploy(&ns, 4, &[both("b", "red")]);
    let text = without_a_write(&ns, || ns.plugin().args(["plan", "web", "1", "-o", "json", "--dry-run=server"]).ok());
    let plan: Value = serde_json::from_str(&text).unwrap();
    let steps = plan["steps"].as_array().unwrap();
    let set = steps.iter().find(|step| step["object"]["kind"] == "StatefulSet").unwrap();
    assert_eq!(set["action"], "recreate");
    assert_eq!(set["fates"][0]["path"], "spec.serviceName");
    assert_eq!((&set["fates"][0]["fate"], &set["fates"][0]["loses"]), (&json!("recreate"), &json!("nothing")));
    let verbs: Vec<&str> = set["requests"].as_array().unwrap().iter().map(|request| request["verb"].as_str().unwrap()).collect();
    assert_eq!(verbs, ["delete", "apply"]);
    assert_eq!(set["requests"][0]["propagation"], "Orphan");
    assert_eq!(set["requests"][0]["preconditions"]["uid"], uid(&ns, "apps/v1/statefulsets", "db"));
    let map = steps.iter().find(|step| step["object"]["kind"] == "ConfigMap").unwrap();
    assert_eq!(
        map["fates"],
        json!([{
            "path": "data", "fate": "recreate", "loses": "nothing", "why": "it says of itself that it is immutable",
            "what": "pods that read it when they started keep the old content until they are started anew",
        }])
    );
}

fn in_compat_mode_it_fails_as_helm_does(world: &World) {
    let ns = world.namespace("compat");
    selectors(&ns, 4);
    let said = ours(&ns, &["1", "--compat"]).run();
    assert_ne!(said.code, 0, "{said:?}");
    assert!(said.stderr.contains("caution immutable-field: Deployment"), "{}", said.stderr);
    let words = "spec.selector: Invalid value";
    assert!(said.stderr.contains(words), "{}", said.stderr);
    let twin = world.namespace("compat");
    selectors(&twin, 4);
    let helm = helms(&twin, 4, &["1"]).run();
    assert!(helm.code != 0 && helm.stderr.contains(words), "{helm:?}");
    assert_eq!(statuses(&ns, 4), statuses(&twin, 4));
    let _ = upgrade(&ns, 4, &web("after")).ok();
}
