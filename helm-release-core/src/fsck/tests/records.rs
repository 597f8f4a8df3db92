//! What ails records.

use serde_json::json;

use super::world::*;
use crate::fsck::{Class, Gravity, Remedy};
use crate::release::Status;

const FAILED: &str = "Upgrade \"web\" failed: boom";

#[test]
fn a_sound_release_has_nothing() {
    assert_eq!(found(&examined(&[good(1, "superseded"), record(2, "failed", FAILED), good(3, "deployed")])), []);
    assert_eq!(found(&examined(&[record(1, "failed", "Release \"web\" failed: boom")])), [], "it never worked");
    assert_eq!(found(&examined(&[good(1, "superseded"), record(2, "uninstalled", "Uninstallation complete")])), []);
}

#[test]
fn a_payload_that_is_no_record_is_removed_on_request_only() {
    let ailment = only(&examined(&[good(1, "superseded").holding(b"%%%"), good(2, "deployed")]));
    assert_eq!((ailment.class, ailment.revision), (Class::UndecodablePayload, Some(revision(1))));
    assert!(ailment.what.contains("payload is not base64"), "{}", ailment.what);
    assert_eq!(ailment.remedies, [Remedy::RemoveUndecodable { record: key("web", 1) }]);
    let newest = only(&examined(&[good(1, "deployed"), good(2, "superseded").holding(b"")]));
    assert!(newest.why.contains("every upgrade and rollback fails"), "{}", newest.why);
}

#[test]
fn an_object_without_payload_is_told_and_left() {
    let mut examination = examined(&[good(1, "deployed"), good(2, "failed")]);
    examination.records[1].payload = None;
    examination.records[1].content = Err("it has no data.release".to_owned());
    let ailment = only(&examination);
    assert_eq!((ailment.class, ailment.remedies), (Class::UndecodablePayload, vec![]));
}

#[test]
fn a_label_that_differs_from_payload_and_object_is_put_right() {
    for (label, value) in [("name", "shop"), ("version", "7")] {
        let ailment = only(&examined(&[good(1, "deployed").labelled(label, value)]));
        assert_eq!(ailment.class, Class::IdentityMismatch);
        assert!(ailment.what.starts_with(&format!("label {label} is {value}, not ")), "{}", ailment.what);
        assert_eq!(ailment.remedies, [Remedy::Labels { record: key("web", 1) }]);
    }
}

#[test]
fn a_payload_that_differs_from_label_and_object_is_left_to_people() {
    for (member, value) in [("name", json!("shop")), ("version", json!(7)), ("namespace", json!("prod"))] {
        let ailment = only(&examined(&[good(1, "deployed").saying(member, value)]));
        assert_eq!((ailment.class, ailment.remedies.as_slice()), (Class::IdentityMismatch, &[][..]), "{member}");
        assert!(ailment.what.starts_with("payload says "), "{}", ailment.what);
    }
    assert_eq!(found(&examined(&[good(1, "deployed").saying("namespace", json!(""))])), [], "an absent member claims nothing");
}

#[test]
fn an_object_under_a_wrong_name_gets_its_right_one() {
    let ailment = only(&examined(&[good(2, "deployed").called("web", 9), good(1, "superseded")]));
    assert_eq!((ailment.class, ailment.revision), (Class::WrongObjectName, Some(revision(2))));
    assert_eq!(ailment.remedies, [Remedy::Rename { record: key("web", 9), to: key("web", 2) }]);
    let other = only(&examined(&[good(1, "deployed").called("shop", 1)]));
    assert_eq!(other.remedies, [Remedy::Rename { record: key("shop", 1), to: key("web", 1) }]);
}

#[test]
fn a_copy_under_a_wrong_name_is_removed_and_another_record_is_not() {
    let copy = only(&examined(&[good(1, "superseded"), good(1, "superseded").called("web", 9), good(2, "deployed")]));
    assert_eq!(copy.remedies, [Remedy::RemoveCopy { record: key("web", 9) }]);
    let other = good(1, "superseded").called("web", 9).saying("config", json!({"a": 1}));
    let clash = only(&examined(&[good(1, "superseded"), other, good(2, "deployed")]));
    assert_eq!((clash.class, clash.remedies.len()), (Class::WrongObjectName, 0));
}

#[test]
fn an_object_that_is_called_like_no_record_is_named() {
    let mut examination = examined(&[good(1, "deployed")]);
    examination.misnamed.push("Secret before-the-migration".to_owned());
    let ailment = only(&examination);
    assert_eq!((ailment.class, ailment.remedies.len()), (Class::WrongObjectName, 0));
    assert!(ailment.what.starts_with("Secret before-the-migration carries"), "{}", ailment.what);
}

#[test]
fn a_status_label_follows_the_payload() {
    let ailment = only(&examined(&[good(1, "superseded").labelled("status", "deployed"), good(2, "deployed")]));
    assert_eq!(ailment.what, "payload says superseded, label status is deployed");
    assert_eq!(ailment.remedies, [Remedy::Labels { record: key("web", 1) }]);
    let unsaid = good(1, "deployed").saying("info", json!({"description": "x"})).labelled("status", "");
    assert_eq!(found(&examined(&[unsaid, good(2, "deployed")])), [], "a payload without status has an empty label");
}

#[test]
fn of_several_deployed_the_newest_stays() {
    let ailment = only(&examined(&[good(1, "deployed"), good(2, "superseded"), good(3, "deployed"), good(4, "deployed")]));
    assert_eq!(ailment.what, "revisions 1, 3, 4 are all deployed");
    let superseded = |number| Remedy::Status { record: key("web", number), status: Status::Superseded };
    assert_eq!(ailment.remedies, [superseded(1), superseded(3)]);
}

#[test]
fn an_unreadable_revision_takes_nobodys_place() {
    let broken = good(3, "deployed").holding(b"%%%");
    assert_eq!(only(&examined(&[good(1, "superseded"), good(2, "deployed"), broken])).class, Class::UndecodablePayload);
}

/// Revision 2 ran, and a rollback that failed to apply has called it superseded.
fn none_deployed() -> [Stored; 3] {
    let old = good(1, "superseded").objects(&[config_map("web", "blue"), config_map("old", "blue")]);
    [old, good(2, "superseded"), record(3, "failed", "Rollback \"web\" failed: boom")]
}

#[test]
fn the_revision_that_runs_unchanged_is_marked_deployed() {
    let mut examination = examined(&none_deployed());
    seen(&mut examination, own(&config_map("web", "red")));
    let ailment = only(&examination);
    assert_eq!(ailment.what, "no revision is deployed, though every object of revision 2 is live and as it says");
    assert_eq!(ailment.remedies, [Remedy::Status { record: key("web", 2), status: Status::Deployed }]);
    // An older one that runs as it says wins over a newer one that does not.
    seen(&mut examination, own(&config_map("web", "blue")));
    seen(&mut examination, own(&config_map("old", "blue")));
    assert_eq!(only(&examination).revision, Some(revision(1)));
}

#[test]
fn edited_objects_are_evidence_when_they_are_the_releases_own() {
    let mut examination = examined(&none_deployed());
    seen(&mut examination, own(&config_map("web", "green")));
    let ailment = only(&examination);
    assert_eq!(ailment.revision, Some(revision(2)));
    assert!(ailment.what.ends_with("live and the release's own (1 edited since)"), "{}", ailment.what);

    let mut foreign = own(&config_map("web", "red"));
    foreign.set_annotation("meta.helm.sh/release-name", "shop");
    seen(&mut examination, foreign);
    assert_eq!(only(&examination).remedies, [], "what is another release's is no evidence");
}

#[test]
fn where_nothing_runs_as_a_whole_nobody_is_called_deployed() {
    let ailment = only(&examined(&none_deployed()));
    assert_eq!((ailment.class, ailment.what.as_str()), (Class::NoneDeployed, "no revision is deployed"));
    assert_eq!(ailment.remedies, []);
}

#[test]
fn a_failed_revision_that_is_called_superseded_is_failed_again() {
    let ailment = only(&examined(&[good(1, "superseded"), record(2, "superseded", FAILED), good(3, "deployed")]));
    assert_eq!((ailment.class, ailment.revision), (Class::LaunderedSuperseded, Some(revision(2))));
    assert_eq!(ailment.remedies, [Remedy::Status { record: key("web", 2), status: Status::Failed }]);
}

#[test]
fn a_gap_that_pruning_leaves_is_none() {
    let gaps = |records: &[Stored]| found(&examined(records));
    // Revision 1 was deployed while 2 and 3 were pruned.
    assert_eq!(gaps(&[good(1, "superseded"), good(4, "deployed")]), []);
    assert_eq!(gaps(&[good(4, "superseded"), good(5, "deployed")]), []);
    let pinned = good(1, "superseded").labelled("rollback-safe/pinned", "yes");
    assert_eq!(gaps(&[pinned, good(3, "superseded"), good(6, "deployed")]), []);
    let note = (Class::NumberGap, Gravity::Note, Some(4));
    assert_eq!(gaps(&[good(1, "superseded"), good(2, "superseded"), good(4, "deployed")]), [note]);
    assert_eq!(gaps(&[record(1, "failed", FAILED), good(4, "deployed")]), [note], "a limit takes what failed first");
}

#[test]
fn what_fills_a_large_record_is_said() {
    let mut noise = 1_u32;
    let file: String = std::iter::repeat_with(|| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from_digit(noise >> 28, 16).unwrap()
    })
    .take(1_300_000)
    .collect();
    let chart = json!({"metadata": {"name": "web"}, "files": [{"name": "big", "data": file}], "templates": []});
    let ailment = only(&examined(&[good(1, "deployed").saying("chart", chart)]));
    assert_eq!((ailment.class, ailment.gravity), (Class::NearSizeLimit, Gravity::Note));
    assert!(ailment.what.contains(": chart files "), "{}", ailment.what);
}
