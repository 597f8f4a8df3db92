//! What is wrong is said with the object, the place and the way out, and exits with a documented code.

use insta::assert_snapshot;

use super::server::{Answer, Server};
use super::{on_memory, program, shown};

#[test]
fn an_unknown_flag_is_named() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["list", "--nope"])), @"");
}

#[test]
fn an_unknown_short_flag_is_named() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["list", "-x"])), @"");
}

#[test]
fn a_flag_that_is_nearly_right_gets_a_suggestion() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["web", "--timeuot", "5m"])), @"");
}

#[test]
fn a_flag_without_its_value_is_named() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["list", "--namespace"])), @"");
}

#[test]
fn a_wrong_output_format_is_refused_in_helms_words() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["list", "-o", "xml"])), @"");
}

#[test]
fn a_timeout_without_a_unit_is_refused() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["web", "--timeout", "5"])), @"");
}

#[test]
fn a_wrong_wait_strategy_is_refused_in_helms_words() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["web", "--wait=forever"])), @"");
}

#[test]
fn a_wrong_dry_run_value_is_refused_in_helms_words() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["web", "--dry-run=maybe"])), @"");
}

#[test]
fn a_wrong_apply_method_is_refused_in_helms_words() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["web", "--server-side", "often"])), @"");
}

#[test]
fn flags_that_exclude_each_other_are_refused() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["web", "--force-replace", "--force-conflicts"])), @"");
}

#[test]
fn a_description_that_is_too_long_is_refused() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["web", "--description", &"x".repeat(257)])), @"");
}

#[test]
fn an_argument_too_many_is_refused() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["list", "extra"])), @"");
}

#[test]
fn a_missing_release_name_is_asked_for() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["history"])), @"");
}

#[test]
fn nothing_at_all_asks_for_a_release() {
    assert_snapshot!(shown(&mut program(&[])), @"");
}

#[test]
fn a_release_name_that_helm_swallowed_is_explained() {
    assert_snapshot!(shown(program(&[]).env("HELM_KUBEINSECURE_SKIP_TLS_VERIFY", "true")), @"");
}

#[test]
fn a_wrong_release_name_is_refused() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["history", "Not_A_Name"])), @"");
}

#[test]
fn a_missing_release_is_named_with_its_namespace() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["status", "missing", "-n", "shop"])), @"");
}

#[test]
fn a_missing_revision_comes_with_those_that_there_are() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["status", "web", "-n", "shop", "--revision", "99"])), @"");
}

#[test]
fn a_wrong_regular_expression_is_refused() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["list", "--filter", "("])), @"");
}

#[test]
fn a_wrong_selector_is_refused() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["list", "-l", "a=("])), @"");
}

#[test]
fn a_wrong_namespace_is_refused() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["list", "-n", "Not_One"])), @"");
}

#[test]
fn a_wrong_color_mode_is_refused_in_helms_words() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["list", "--color", "pink"])), @"");
}

#[test]
fn drivers_that_are_not_there_are_named() {
    assert_snapshot!(shown(program(&["list"]).env("HELM_DRIVER", "sql")), @"");
}

#[test]
fn an_unknown_driver_is_refused() {
    assert_snapshot!(shown(program(&["list"]).env("HELM_DRIVER", "paper")), @"");
}

#[test]
fn the_memory_driver_needs_data() {
    assert_snapshot!(shown(program(&["list"]).env("HELM_DRIVER", "memory")), @"");
}

#[test]
fn memory_data_that_is_not_there_is_named() {
    assert_snapshot!(shown(&mut on_memory("absent.yaml", &["list"])), @"");
}

#[test]
fn memory_data_that_is_no_list_is_named() {
    assert_snapshot!(shown(&mut on_memory("../../plugin.yaml", &["list"])), @"");
}

#[test]
fn a_missing_kubeconfig_is_named() {
    assert_snapshot!(shown(&mut program(&["list", "--kubeconfig", "absent"])), @"");
}

#[test]
fn no_cluster_at_all_is_said() {
    assert_snapshot!(shown(&mut program(&["list"])), @"");
}

#[test]
fn a_malformed_kubeconfig_is_named() {
    assert_snapshot!(shown(&mut program(&["list", "--kubeconfig", "README.md"])), @"");
}

#[test]
fn go_templates_are_refused() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["get", "all", "web", "-n", "shop", "--template", "{{.Release.Name}}"])), @"");
}

#[test]
fn get_alone_asks_for_a_command() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["get"])), @"");
}

#[test]
fn an_unreachable_cluster_is_said() {
    assert_snapshot!(shown(&mut program(&["list", "--kube-apiserver", "http://127.0.0.1:1"])), @"");
}

const FORBIDDEN: &str = r#"{"kind":"Status","status":"Failure","reason":"Forbidden","code":403,
    "message":"secrets is forbidden: User \"eve\" cannot list resource \"secrets\" in API group \"\" in the namespace \"shop\""}"#;

const LIST: &str = r#"{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{},"items":[
    {"metadata":{"name":"sh.helm.release.v1.web.v1","namespace":"shop","resourceVersion":"5","uid":"u",
     "labels":{"name":"web","owner":"helm","status":"deployed","version":"1"}}}]}"#;

/// A Secret whose payload is the base64 (of the base64) of something that is no record.
const CORRUPT: &str = r#"{"kind":"Secret","apiVersion":"v1","type":"helm.sh/release.v1",
    "metadata":{"name":"sh.helm.release.v1.web.v1","namespace":"shop","resourceVersion":"5","uid":"u",
     "labels":{"name":"web","owner":"helm","status":"deployed","version":"1"}},"data":{"release":"SDRzSUFBQUE="}}"#;

fn on_server(answers: Vec<Answer>, arguments: &[&str]) -> String {
    let server = Server::start(answers);
    let url = server.url();
    let mut words = vec!["-n", "shop", "--kube-apiserver", &url];
    words.extend(arguments);
    let text = shown(&mut program(&words)).replace(&url, "http://SERVER");
    let requests = server.requests();
    assert!(requests.iter().all(|request| request.starts_with("GET ")), "{requests:?}");
    text
}

#[test]
fn a_missing_right_names_what_it_is_for() {
    let text = on_server(vec![("/api/v1/namespaces/shop/secrets", 403, FORBIDDEN.to_owned())], &["history", "web"]);
    assert_snapshot!(text, @"");
}

#[test]
fn a_corrupt_record_is_named_and_nothing_else_is_touched() {
    let answers = vec![
        ("/api/v1/namespaces/shop/secrets/sh.helm", 200, CORRUPT.to_owned()),
        ("/api/v1/namespaces/shop/secrets", 200, LIST.to_owned()),
    ];
    assert_snapshot!(on_server(answers, &["status", "web"]), @"");
}

#[test]
fn a_corrupt_record_is_left_out_of_the_history_with_a_warning() {
    let answers = vec![
        ("/api/v1/namespaces/shop/secrets/sh.helm", 200, CORRUPT.to_owned()),
        ("/api/v1/namespaces/shop/secrets", 200, LIST.to_owned()),
    ];
    assert_snapshot!(on_server(answers, &["history", "web"]), @"");
}
