//! Each verb of the oracle answers as Go does.

use e2e::World;
use serde_json::{Value, json};

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    yaml_is_read_with_the_scalars_of_yaml_1_1,
    the_two_lines_of_helm_trim_documents_differently,
    lists_are_flattened_into_objects,
    rendered_files_become_hooks_and_manifests_in_kind_order,
    hooks_run_by_weight_then_name,
    a_record_survives_encode_and_decode,
    a_built_in_kind_is_patched_by_strategic_merge,
    a_custom_kind_is_patched_without_a_look_at_the_live_object,
    two_way_and_apply_agree,
    every_readiness_check_answers,
    both_lines_choose_the_same_plugin_command,
    both_lines_run_our_own_program_by_our_plugin_yaml,
    values_and_json_are_written_as_go_writes_them,
    times_are_shown_in_their_own_zone,
    a_wrong_question_is_an_error_with_its_reason,
    many_questions_are_answered_in_order,
];

fn answer(world: &World, verb: &str, payload: Value) -> Value {
    world.oracle().ask(verb, payload).unwrap_or_else(|error| panic!("{verb}: {error}"))
}

fn parsed(text: &Value) -> Value {
    serde_json::from_str(text.as_str().expect("the answer is a text")).expect("the text is JSON")
}

fn yaml_is_read_with_the_scalars_of_yaml_1_1(world: &World) {
    let read = answer(world, "yaml", json!({"text": "mode: 0644\ny: no\n"}));
    assert_eq!(read, r#"{"mode":420,"true":false}"#);
}

fn the_two_lines_of_helm_trim_documents_differently(world: &World) {
    let text = json!({"text": "\na: 1\n\n---\n\n---\nb: 2\n"});
    // Helm 3's separator takes all blanks after it, the line end too that a second separator needs before it.
    assert_eq!(answer(world, "split-helm3", text.clone()), json!(["a: 1", "---\nb: 2"]));
    assert_eq!(answer(world, "split-helm4", text), json!(["a: 1\n\n", "b: 2\n"]));
}

fn lists_are_flattened_into_objects(world: &World) {
    let text = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n---\n# nothing\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: b}\n";
    let objects = answer(world, "split", json!({"text": text}));
    let names: Vec<_> =
        objects.as_array().expect("a list").iter().map(|object| parsed(object)["metadata"]["name"].clone()).collect();
    assert_eq!(names, ["a", "b"]);
}

fn rendered_files_become_hooks_and_manifests_in_kind_order(world: &World) {
    let files = json!({
        "web/a.yaml": "kind: Service\nmetadata: {name: s}\n---\nkind: Secret\nmetadata: {name: t}\n",
        "web/b.yaml": "kind: Job\nmetadata: {name: j, annotations: {helm.sh/hook: pre-rollback, helm.sh/hook-weight: \"-3\"}}\n",
        "web/_c.yaml": "kind: Pod\n",
    });
    for (helm, order, expected) in
        [(3, "install", ["Secret", "Service"]), (4, "install", ["Secret", "Service"]), (4, "uninstall", ["Service", "Secret"])]
    {
        let sorted = answer(world, "sort-manifests", json!({"helm": helm, "order": order, "files": files}));
        let kinds: Vec<_> = sorted["manifests"].as_array().expect("a list").iter().map(|one| one["kind"].clone()).collect();
        assert_eq!(kinds, expected, "helm {helm}");
        assert_eq!(sorted["hooks"][0]["weight"], -3);
        assert_eq!(sorted["hooks"][0]["events"], json!(["pre-rollback"]));
    }
}

fn hooks_run_by_weight_then_name(world: &World) {
    let hooks = json!([
        {"name": "b", "events": ["pre-rollback"], "weight": 1},
        {"name": "a", "events": ["pre-rollback", "post-rollback"], "weight": 1},
        {"name": "c", "events": ["pre-rollback"], "weight": -1},
        {"name": "d", "events": ["post-rollback"]},
    ]);
    for helm in [3, 4] {
        let sorted = answer(world, "sort-hooks", json!({"helm": helm, "event": "pre-rollback", "hooks": hooks}));
        let names: Vec<_> = sorted.as_array().expect("a list").iter().map(|hook| hook["name"].clone()).collect();
        assert_eq!(names, ["c", "a", "b"], "helm {helm}");
    }
}

fn a_record_survives_encode_and_decode(world: &World) {
    for (helm, text) in [
        (
            3,
            r#"{"name":"web","info":{"first_deployed":"2024-05-01T10:00:00.12+02:00","last_deployed":"","deleted":"","status":"deployed"},"version":1}"#,
        ),
        (4, r#"{"name":"web","info":{"status":"deployed","rollback_revision":1},"version":2,"apply_method":"ssa"}"#),
    ] {
        let data = answer(world, "encode", json!({"helm": helm, "text": text}));
        assert_eq!(answer(world, "decode", json!({"helm": helm, "data": data})), text);
    }
}

fn deployment(containers: &Value) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "n"},
        "spec": {"template": {"spec": {"containers": containers}}}})
}

fn a_built_in_kind_is_patched_by_strategic_merge(world: &World) {
    let original = deployment(&json!([{"name": "a", "image": "1"}, {"name": "b", "image": "1"}]));
    let target = deployment(&json!([{"name": "a", "image": "2"}]));
    let live = deployment(&json!([{"name": "a", "image": "1"}, {"name": "b", "image": "1"}, {"name": "injected", "image": "x"}]));
    for helm in [3, 4] {
        let question = json!({"helm": helm, "original": original, "target": target, "live": live});
        let patched = answer(world, "three-way", question);
        assert_eq!(patched["type"], "application/strategic-merge-patch+json");
        let containers = parsed(&patched["result"])["spec"]["template"]["spec"]["containers"].clone();
        assert_eq!(containers, json!([{"name": "a", "image": "2"}, {"name": "injected", "image": "x"}]));
    }
}

fn a_custom_kind_is_patched_without_a_look_at_the_live_object(world: &World) {
    let widget = |spec: Value| json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": spec});
    let question = json!({"original": widget(json!({"a": 1, "b": 1})), "target": widget(json!({"a": 1})), "live": widget(json!({"a": 9, "b": 1}))});
    for (helm, unstructured, expected) in
        [(3, "", r#"{"spec":{"b":null}}"#), (4, "", r#"{"spec":{"b":null}}"#), (4, "three-way", r#"{"spec":{"a":1,"b":null}}"#)]
    {
        let mut question = question.clone();
        question["helm"] = helm.into();
        question["unstructured"] = unstructured.into();
        let patched = answer(world, "three-way", question);
        assert_eq!(patched["type"], "application/merge-patch+json");
        assert_eq!(parsed(&patched["patch"]), parsed(&expected.into()));
    }
}

fn two_way_and_apply_agree(world: &World) {
    let original = deployment(&json!([{"name": "a", "image": "1"}]));
    let modified = deployment(&json!([{"name": "b", "image": "1"}]));
    let patched = answer(world, "two-way", json!({"original": original, "modified": modified}));
    assert_eq!(parsed(&patched["result"]), modified);
    let applied = answer(world, "strategic-apply", json!({"object": original, "patch": parsed(&patched["patch"])}));
    assert_eq!(parsed(&applied), modified);
}

fn every_readiness_check_answers(world: &World) {
    let job = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j", "namespace": "n"},
        "spec": {"backoffLimit": 6, "completions": 1}, "status": {"startTime": "2024-05-01T10:00:00Z", "active": 1}});
    let status = answer(world, "status", json!({"object": job}));
    assert_eq!(status["compute"]["status"], "Current");
    assert_eq!(status["wait"]["status"], "Current");
    assert_eq!(status["wait-jobs"]["status"], "InProgress");
    assert_eq!(status["hook"]["status"], "InProgress");
    for line in ["legacy3", "legacy4"] {
        assert_eq!(status[line], json!({"ready": false}));
        assert_eq!(status[format!("{line}-no-jobs")], json!({"ready": true}));
    }
    let crd = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "widgets.example.com"},
        "spec": {"group": "example.com"}, "status": {"conditions": [{"type": "Established", "status": "True"}]}});
    assert_eq!(answer(world, "status", json!({"object": crd}))["legacy3"], json!({"ready": true}));
}

fn both_lines_choose_the_same_plugin_command(world: &World) {
    let text = "name: x\nversion: 0.1.0\nusage: u\ndescription: d\nplatformCommand:\n- {os: plan9, command: no}\n- {command: $HELM_PLUGIN_DIR/bin/x, args: [a]}\n";
    for helm in [3, 4] {
        let question = json!({"helm": helm, "text": text, "args": ["user"], "env": {"HELM_PLUGIN_DIR": "/plugins/x"}});
        assert_eq!(answer(world, "plugin-command", question), json!({"program": "/plugins/x/bin/x", "args": ["a", "user"]}));
    }
    let refused = world.oracle().ask("plugin-command", json!({"helm": 4, "text": "name: not a name\n"}));
    assert!(refused.is_err_and(|error| error.contains("invalid plugin name")));
}

fn both_lines_run_our_own_program_by_our_plugin_yaml(world: &World) {
    let text = include_str!("../../../plugin.yaml");
    for helm in [3, 4] {
        let question =
            json!({"helm": helm, "text": text, "args": ["web", "3", "--wait"], "env": {"HELM_PLUGIN_DIR": "/plugins/x"}});
        let expected = json!({"program": "/plugins/x/bin/helm-rollback-safe", "args": ["web", "3", "--wait"]});
        assert_eq!(answer(world, "plugin-command", question), expected, "helm {helm}");
    }
}

fn values_and_json_are_written_as_go_writes_them(world: &World) {
    let yaml = answer(world, "values-yaml", json!({"text": r#"{"b":"yes","a":{"n":1e21}}"#}));
    assert_eq!(yaml, "a:\n  \"n\": 1e+21\nb: \"yes\"\n");
    let text = answer(world, "json", json!({"text": r#"{"b":"<a>","a":12345678901234567890}"#}));
    assert_eq!(text, r#"{"a":12345678901234567000,"b":"\u003ca\u003e"}"#);
}

fn times_are_shown_in_their_own_zone(world: &World) {
    let shown = answer(world, "time", json!({"text": "2024-05-01T10:00:00.12+02:00"}));
    assert_eq!(shown["string"], "2024-05-01 10:00:00.12 +0200 +0200");
    assert_eq!(shown["ansic"], "Wed May  1 10:00:00 2024");
    let at_home = answer(world, "time", json!({"text": "2024-05-01T10:00:00.12+02:00", "zone": "Europe/Berlin"}));
    assert_eq!(at_home["string"], "2024-05-01 10:00:00.12 +0200 CEST");
    assert_eq!(answer(world, "time", json!({"text": ""}))["zero"], true);
}

fn a_wrong_question_is_an_error_with_its_reason(world: &World) {
    assert_eq!(world.oracle().ask("nonsense", json!({})), Err("unknown verb \"nonsense\"".to_owned()));
    assert!(world.oracle().ask("yaml", json!({"text": "a: [\n"})).is_err());
    assert!(world.oracle().ask("decode", json!({"helm": 5, "data": ""})).is_err_and(|error| error.contains("must be 3 or 4")));
}

fn many_questions_are_answered_in_order(world: &World) {
    let questions = (0..5000).map(|number| json!({"text": format!("number: {number}\n")}));
    let answers = world.oracle().ask_all("yaml", questions);
    for (number, answer) in answers.into_iter().enumerate() {
        assert_eq!(answer, Ok(json!(format!("{{\"number\":{number}}}"))));
    }
}
