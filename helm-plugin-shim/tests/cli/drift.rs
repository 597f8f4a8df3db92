//! `drift` and the options about it, on releases from a file.

use insta::assert_snapshot;

use super::{on_memory, shown};

fn run(arguments: &[&str]) -> String {
    shown(&mut on_memory("../ailing.yaml", arguments))
}

#[test]
fn a_release_as_it_was_applied_has_not_drifted() {
    assert_snapshot!(run(&["drift", "sound", "--detailed-exitcode"]), @r"
    exit 0
    No drift: every object is as revision 1 applied it.
    ");
    assert_snapshot!(run(&["drift", "sound", "-o", "yaml"]), @r"
    exit 0
    clean: true
    format: helm-rollback-safe/drift/v1
    namespace: default
    objects: []
    release: sound
    revision: 1
    status: deployed
    unseen: []
    ");
}

#[test]
fn an_uninstalled_release_has_not_drifted_since_its_objects_went_on_purpose() {
    for (release, says) in [
        ("cache", "exit 0\nNo drift: revision 2 is uninstalled, and what is gone of it went on purpose.\n"),
        ("going", "exit 0\nNo drift: revision 1 is uninstalling, and what is gone of it went on purpose.\n"),
    ] {
        let text = shown(&mut on_memory("fleet.yaml", &["drift", release, "-n", "shop", "--detailed-exitcode"]));
        assert!(text.starts_with(says), "{text}");
    }
}

#[test]
fn where_nothing_drifted_there_is_nothing_to_adopt() {
    assert_snapshot!(run(&["drift", "sound", "--adopt"]), @r"
    exit 0
    Nothing to adopt: no field differs.
    ");
}

#[test]
fn a_release_that_is_not_there_is_named() {
    assert_snapshot!(run(&["drift", "nothing"]), @r#"
    exit 2
    Error: release "nothing" not found in namespace "default"
    Hint: `helm rollback-safe list -A` shows the releases of all namespaces; choose one with --namespace
    "#);
}

#[test]
fn a_wrong_choice_and_a_wrong_rule_are_refused_with_the_form() {
    assert_snapshot!(run(&["washed", "--drift", "kepe"]), @r#"
    exit 2
    Error: invalid argument "kepe" for "--drift" flag: "kepe" is neither restore, keep nor stop
    Hint: `helm rollback-safe rollback --help` lists the flags
    "#);
    assert_snapshot!(run(&["plan", "washed", "--drift-rule", "ConfigMap/washed"]), @r#"
    exit 2
    Error: invalid argument "ConfigMap/washed" for "--drift-rule" flag: "ConfigMap/washed" is no rule: write OBJECT:FIELD=CHOICE, such as Deployment/web:spec.replicas=keep
    Hint: `helm rollback-safe plan --help` lists the flags
    "#);
}

#[test]
fn compat_takes_no_choice() {
    assert_snapshot!(run(&["washed", "--compat", "--drift", "keep"]), @r"
    exit 2
    Error: --compat and --drift cannot be used together
    Hint: `helm rollback-safe rollback --help` lists the flags
    ");
}
