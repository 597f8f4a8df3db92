//! Rows of what keeps data: claims, volumes and their classes.

use serde_json::{Value, json};

use super::row::Foretold::{Anew, AnewData, CarriedOver, Impossible, InPlace, Unknown};
use super::row::{Row, merged, row};

fn claim(class: &Value, size: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "ROW"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}, "storageClassName": class},
    })
}

fn volume(class: &str, size: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "ROW"},
        "spec": {
            "capacity": {"storage": size}, "accessModes": ["ReadWriteOnce"], "storageClassName": class,
            "persistentVolumeReclaimPolicy": "Retain", "hostPath": {"path": "/tmp/ROW"},
        },
    })
}

fn class(may_grow: bool) -> Value {
    json!({
        "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "ROW"},
        "provisioner": "example.com/none", "allowVolumeExpansion": may_grow,
    })
}

fn is_bound(live: &Value) -> bool {
    live["status"]["phase"] == "Bound" && live["status"]["capacity"]["storage"].is_string()
}

fn claims() -> Vec<Row> {
    let nothing = json!({});
    let own = json!("ROW");
    let size = "spec.resources.requests.storage";
    let sized = |size: &str| json!({"spec": {"resources": {"requests": {"storage": size}}}});
    let set = |field: &str, value: Value| json!({"spec": {field: value}});
    // Bound to a volume of 5 Gi that has the class's name.
    let bound = |then: &Value, path, foretold| {
        row(&claim(&own, "2Gi"), &nothing, then, path, foretold).among(volume("ROW", "5Gi")).once(is_bound)
    };
    let pending = |then: &Value, path, foretold| row(&claim(&own, "2Gi"), &nothing, then, path, foretold);
    vec![
        bound(&sized("1Gi"), size, CarriedOver),
        bound(&sized("2048Mi"), size, InPlace),
        bound(&sized("3Gi"), size, CarriedOver).among(class(false)),
        bound(&sized("3Gi"), size, InPlace).among(class(true)),
        bound(&sized("3Gi"), size, Unknown),
        bound(&set("accessModes", json!(["ReadWriteMany"])), "spec.accessModes[0]", AnewData),
        bound(&set("storageClassName", json!("other")), "spec.storageClassName", AnewData),
        bound(&json!({"spec": {"storageClassName": null}}), "spec.storageClassName", CarriedOver),
        bound(&set("volumeMode", json!("Block")), "spec.volumeMode", AnewData),
        bound(&set("selector", json!({"matchLabels": {"a": "b"}})), "spec.selector.matchLabels", AnewData),
        bound(&set("volumeName", json!("other")), "spec.volumeName", AnewData),
        bound(&json!({"metadata": {"labels": {"a": "b"}}}), "metadata.labels.a", InPlace),
        pending(&sized("1Gi"), size, Anew),
        pending(&sized("3Gi"), size, Anew),
        pending(&set("accessModes", json!(["ReadWriteMany"])), "spec.accessModes[0]", Anew),
        pending(&set("storageClassName", json!("other")), "spec.storageClassName", Anew),
        pending(&json!({"metadata": {"annotations": {"a": "b"}}}), "metadata.annotations.a", InPlace),
        row(&claim(&Value::Null, "2Gi"), &nothing, &set("storageClassName", json!("ROW")), "spec.storageClassName", InPlace),
        row(
            &claim(&own, "2Gi"),
            &set("volumeName", json!("ROW-none")),
            &json!({"spec": {"volumeName": null}}),
            "spec.volumeName",
            CarriedOver,
        ),
    ]
}

fn volumes() -> Vec<Row> {
    let nothing = json!({});
    let base = volume("ROW", "5Gi");
    let affinity = |zone: &str| {
        let expressions = json!([{"key": "zone", "operator": "In", "values": [zone]}]);
        json!({"spec": {"nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": expressions}]}}}})
    };
    let deletes = json!({"spec": {"persistentVolumeReclaimPolicy": "Delete"}});
    let path = json!({"spec": {"hostPath": {"path": "/tmp/other"}}});
    let available = |live: &Value| live["status"]["phase"] == "Available";
    let bound = |live: &Value| live["status"]["phase"] == "Bound";
    let row = |first: &Value, then: &Value, path, foretold| row(&base, first, then, path, foretold);
    let affinity_path = "spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values[0]";
    vec![
        row(&nothing, &path, "spec.hostPath.path", Anew).once(available),
        row(&deletes, &path, "spec.hostPath.path", AnewData).once(available),
        row(&nothing, &path, "spec.hostPath.path", Impossible).among(claim(&json!("ROW"), "1Gi")).once(bound),
        row(&nothing, &json!({"spec": {"capacity": {"storage": "6Gi"}}}), "spec.capacity.storage", InPlace).once(available),
        row(&nothing, &deletes, "spec.persistentVolumeReclaimPolicy", InPlace).once(available),
        row(&nothing, &json!({"spec": {"accessModes": ["ReadWriteMany"]}}), "spec.accessModes", InPlace).once(available),
        row(&nothing, &json!({"spec": {"volumeMode": "Block"}}), "spec.volumeMode", Anew).once(available),
        row(&nothing, &affinity("a"), "spec.nodeAffinity", InPlace).once(available),
        row(&affinity("a"), &affinity("b"), affinity_path, Anew).once(available),
        row(&nothing, &json!({"spec": {"mountOptions": ["ro"]}}), "spec.mountOptions", InPlace).once(available),
    ]
}

fn classes() -> Vec<Row> {
    let nothing = json!({});
    let class = class(false);
    let attributes = json!({
        "apiVersion": "storage.k8s.io/v1", "kind": "VolumeAttributesClass", "metadata": {"name": "ROW"},
        "driverName": "example.com", "parameters": {"a": "b"},
    });
    let driver = json!({"apiVersion": "storage.k8s.io/v1", "kind": "CSIDriver", "metadata": {"name": "ROW"}, "spec": {}});
    let capacity = json!({
        "apiVersion": "storage.k8s.io/v1", "kind": "CSIStorageCapacity", "metadata": {"name": "ROW"},
        "storageClassName": "a", "capacity": "1Gi",
    });
    let with = |more: &Value| merged(&nothing, more);
    vec![
        row(&class, &nothing, &json!({"provisioner": "example.com/other"}), "provisioner", Anew),
        row(&class, &nothing, &json!({"parameters": {"a": "b"}}), "parameters", Anew),
        row(&class, &nothing, &json!({"reclaimPolicy": "Retain"}), "reclaimPolicy", Anew),
        row(&class, &with(&json!({"reclaimPolicy": "Retain"})), &json!({"reclaimPolicy": null}), "reclaimPolicy", Anew),
        row(&class, &nothing, &json!({"volumeBindingMode": "WaitForFirstConsumer"}), "volumeBindingMode", Anew),
        row(&class, &nothing, &json!({"allowVolumeExpansion": true}), "allowVolumeExpansion", InPlace),
        row(&class, &nothing, &json!({"mountOptions": ["ro"]}), "mountOptions", InPlace),
        row(&attributes, &nothing, &json!({"parameters": {"a": "c"}}), "parameters.a", Anew),
        row(&attributes, &nothing, &json!({"driverName": "other.example.com"}), "driverName", Anew),
        row(&driver, &nothing, &json!({"spec": {"attachRequired": false}}), "spec.attachRequired", Anew),
        row(&driver, &nothing, &json!({"spec": {"volumeLifecycleModes": ["Ephemeral"]}}), "spec.volumeLifecycleModes", Anew),
        row(&driver, &nothing, &json!({"spec": {"podInfoOnMount": true}}), "spec.podInfoOnMount", InPlace),
        row(&driver, &nothing, &json!({"spec": {"requiresRepublish": true}}), "spec.requiresRepublish", InPlace),
        row(&capacity, &nothing, &json!({"storageClassName": "b"}), "storageClassName", Anew),
        row(&capacity, &nothing, &json!({"nodeTopology": {"matchLabels": {"a": "b"}}}), "nodeTopology", Anew),
        row(&capacity, &nothing, &json!({"capacity": "2Gi"}), "capacity", InPlace),
    ]
}

pub(super) fn rows() -> Vec<Row> {
    [claims(), volumes(), classes()].concat()
}
