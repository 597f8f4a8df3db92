//! Reading: get, list, selectors, discovery, watches.

use futures::StreamExt as _;
use helm_release_core::ports::{ClusterErrorKind, ListOptions, PatchBody, TableOf, WatchEvent};
use serde_json::json;

use super::bench::Bench;
use super::objects::{config_map, definition};
use crate::conformance::Deviation;

async fn names(bench: &Bench<'_>, options: ListOptions) -> Result<Vec<String>, Deviation> {
    let resource = bench.resource("v1", "ConfigMap").await?;
    let listing = bench.did(bench.cluster.list(&resource, &options).await)?;
    let names = listing.items.iter().map(|object| object.name().to_owned());
    Ok(names.filter(|name| name.starts_with("pick-")).collect())
}

async fn next(bench: &Bench<'_>, watch: &mut helm_release_core::ports::WatchStream) -> Result<WatchEvent, Deviation> {
    let event = tokio::time::timeout(std::time::Duration::from_secs(30), watch.next()).await;
    let event = event.map_err(|_| bench.deviation("the watch said nothing for 30 s"))?;
    bench.did(event.ok_or_else(|| bench.deviation("the watch ended"))?)
}

super::behaviours! {
    an_absent_object_is_not_found(bench) {
        let at = bench.at("v1", "ConfigMap", "absent").await?;
        bench.refused(bench.cluster.get(&at).await, ClusterErrorKind::NotFound, "configmaps \"absent\" not found")?;
        let at = bench.at("apps/v1", "Deployment", "absent").await?;
        bench.refused(bench.cluster.get(&at).await, ClusterErrorKind::NotFound, "deployments.apps \"absent\" not found")?;
    }
    a_list_is_narrowed_by_labels_and_fields(bench) {
        for (name, tier) in [("pick-a", "web"), ("pick-b", "api"), ("pick-c", "web")] {
            let mut object = config_map(name, &json!({}));
            object["metadata"]["labels"] = json!({"tier": tier});
            bench.create(&object).await?;
        }
        let within = || ListOptions::within(Some(bench.namespace));
        for (options, wanted) in [
            (within(), vec!["pick-a", "pick-b", "pick-c"]),
            (within().with_labels("tier=web"), vec!["pick-a", "pick-c"]),
            (within().with_labels("tier notin (web),tier"), vec!["pick-b"]),
            (within().with_labels("!tier"), vec![]),
            (within().with_fields("metadata.name=pick-b"), vec!["pick-b"]),
            (within().with_labels("tier").at_most(2), vec!["pick-a", "pick-b"]),
            (within().with_labels("tier=web").at_most(2), vec!["pick-a", "pick-c"]),
            (within().with_fields("metadata.name!=pick-b").with_labels("tier"), vec!["pick-a", "pick-c"]),
            (ListOptions::within(Some("default")), vec![]),
            (ListOptions::default().with_fields(format!("metadata.namespace={},metadata.name=pick-a", bench.namespace)), vec!["pick-a"]),
        ] {
            let found = names(&bench, options.clone()).await?;
            bench.require(found == wanted, || format!("{options:?} lists {found:?} and not {wanted:?}"))?;
        }
        let resource = bench.resource("v1", "ConfigMap").await?;
        let unknown = bench.cluster.list(&resource, &within().with_fields("data=x")).await;
        bench.refused(unknown, ClusterErrorKind::Invalid, "\"data\" is not a known field selector")?;
    }
    a_table_has_a_row_for_each_object_and_names_it(bench) {
        for name in ["row-a", "row-b"] {
            let mut object = config_map(name, &json!({}));
            object["metadata"]["labels"] = json!({"rows": "yes"});
            bench.create(&object).await?;
        }
        let resource = bench.resource("v1", "ConfigMap").await?;
        let one = TableOf::One(resource.at(bench.namespace, "row-b"));
        let chosen = ListOptions::within(Some(bench.namespace)).with_labels("rows=yes");
        let chosen = TableOf::Chosen(resource.clone(), chosen);
        for (of, wanted) in [(one, vec!["row-b"]), (chosen, vec!["row-a", "row-b"])] {
            let table = bench.did(bench.cluster.table(&of).await)?;
            let first = table.columns.first().map(|column| column.name.as_str());
            bench.require(first == Some("Name"), || format!("the first column is {first:?}"))?;
            let names: Vec<_> = table.rows.iter().filter_map(|cells| cells.first()?.as_str()).collect();
            bench.require(names == wanted, || format!("the table of {of} names {names:?} and not {wanted:?}"))?;
            let is_square = table.rows.iter().all(|cells| cells.len() == table.columns.len());
            bench.require(is_square, || "a row has not a cell for each column".to_owned())?;
        }
        let absent = TableOf::One(resource.at(bench.namespace, "row-c"));
        bench.refused(bench.cluster.table(&absent).await, ClusterErrorKind::NotFound, "configmaps \"row-c\" not found")?;
    }
    events_are_found_by_the_object_they_are_about(bench) {
        let event = json!({
            "apiVersion": "v1", "kind": "Event", "metadata": {"name": "happened"}, "type": "Warning", "reason": "BackOff",
            "involvedObject": {"kind": "Pod", "name": "web-1", "namespace": bench.namespace},
        });
        bench.create(&event).await?;
        let resource = bench.resource("v1", "Event").await?;
        for (fields, wanted) in [("involvedObject.name=web-1,type=Warning", 1), ("involvedObject.name=web-2", 0)] {
            let listing = bench.cluster.list(&resource, &ListOptions::within(Some(bench.namespace)).with_fields(fields)).await;
            let found = bench.did(listing)?.items.len();
            bench.require(found == wanted, || format!("{fields} finds {found} events and not {wanted}"))?;
        }
    }
    a_watch_tells_every_change_after_a_list(bench) {
        let resource = bench.resource("v1", "ConfigMap").await?;
        let options = ListOptions::within(Some(bench.namespace)).with_labels("seen=yes");
        let mut object = config_map("watched", &json!({"a": "1"}));
        object["metadata"]["labels"] = json!({"seen": "yes"});
        let listing = bench.did(bench.cluster.list(&resource, &options).await)?;
        bench.create(&object).await?;
        let mut watch = bench.did(bench.cluster.watch(&resource, &options, &listing.resource_version).await)?;
        let at = bench.place(&object).await?;
        let WatchEvent::Changed(made) = next(&bench, &mut watch).await? else {
            return Err(bench.deviation("a creation is told as a deletion"));
        };
        bench.require(made.name() == "watched", || format!("{made:?} was told"))?;
        bench.did(bench.patch(&at, PatchBody::Merge(json!({"data": {"a": "2"}}))).await)?;
        let WatchEvent::Changed(changed) = next(&bench, &mut watch).await? else {
            return Err(bench.deviation("a change is told as a deletion"));
        };
        bench.equal("data", changed.at(&["data", "a"]), &json!("2"))?;
        bench.did(bench.patch(&at, PatchBody::Merge(json!({"metadata": {"labels": {"seen": "no"}}}))).await)?;
        let left = next(&bench, &mut watch).await?;
        bench.require(matches!(left, WatchEvent::Deleted(_)), || "leaving the selection is not told as a deletion".to_owned())?;
        bench.did(bench.patch(&at, PatchBody::Merge(json!({"metadata": {"labels": {"seen": "yes"}}}))).await)?;
        let back = next(&bench, &mut watch).await?;
        bench.require(matches!(back, WatchEvent::Changed(_)), || "coming back is not told as a change".to_owned())?;
        bench.discard(&at).await?;
        let WatchEvent::Deleted(gone) = next(&bench, &mut watch).await? else {
            return Err(bench.deviation("a deletion is told as a change"));
        };
        let newer = gone.resource_version() != back_version(&back);
        bench.require(newer, || "a deletion has no version of its own".to_owned())?;
    }
    a_definition_adds_a_kind(bench) {
        let group = format!("{}.example.com", bench.namespace);
        let definition = definition(&group);
        let at = bench.place(&definition).await?;
        bench.create(&definition).await?;
        bench.until(&at, "established", |definition| {
            let conditions = definition.at(&["status", "conditions"]).and_then(serde_json::Value::as_array);
            conditions.into_iter().flatten().any(|found| found["type"] == "Established" && found["status"] == "True")
        }).await?;
        // Discovery follows a moment after the definition.
        let gvk = helm_release_core::Gvk { group: group.clone(), version: "v1".to_owned(), kind: "Gadget".to_owned() };
        let mut found = None;
        for _ in 0..100 {
            found = bench.did(bench.cluster.kinds(true).await)?.find(&gvk).cloned();
            if found.is_some() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        let resource = found.ok_or_else(|| bench.deviation("the kind is not discovered"))?;
        bench.require(resource.plural == "gadgets", || format!("its plural is {}", resource.plural))?;
        let gadget = json!({
            "apiVersion": format!("{group}/v1"), "kind": "Gadget", "metadata": {"name": "one"},
            "spec": {"size": 1, "parts": ["a", "b"]},
        });
        let made = bench.create(&gadget).await?;
        bench.equal("generation", made.at(&["metadata", "generation"]), &json!(1))?;
        let gadget_at = resource.at(bench.namespace, "one");
        let merged = bench.did(bench.patch(&gadget_at, PatchBody::Merge(json!({"spec": {"parts": ["c"]}}))).await)?;
        bench.equal("spec", merged.at(&["spec"]), &json!({"size": 1, "parts": ["c"]}))?;
        bench.equal("generation", merged.at(&["metadata", "generation"]), &json!(2))?;
        let strategic = bench.patch(&gadget_at, PatchBody::Strategic(json!({"spec": {"size": 2}}))).await;
        let refused = strategic.is_err();
        bench.require(refused, || "a strategic merge patch of a custom resource was done".to_owned())?;
        let blind = bench.replace(&gadget).await?;
        bench.refused(blind, ClusterErrorKind::Invalid, "metadata.resourceVersion: Invalid value: 0: must be specified for an update")?;
        bench.discard(&at).await?;
        bench.until_gone(&at).await?;
    }
}

fn back_version(event: &WatchEvent) -> Option<&str> {
    match event {
        WatchEvent::Changed(object) | WatchEvent::Deleted(object) => object.resource_version(),
    }
}
