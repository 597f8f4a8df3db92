//! What is wrong is said with the object, the place and the way out, and exits with a documented code.

use insta::assert_snapshot;

use super::server::{Answer, Server};
use super::{on_memory, program, shown};

#[test]
fn an_unknown_flag_is_named() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["list", "--nope"])), @r##"
    exit 2
    Error: unknown flag: --nope
    Hint: `helm rollback-safe list --help` lists the flags
    "##);
}

#[test]
fn an_unknown_short_flag_is_named() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["list", "-x"])), @r##"
    exit 2
    Error: unknown shorthand flag: 'x' in -x
    Hint: `helm rollback-safe list --help` lists the flags
    "##);
}

#[test]
fn a_flag_that_is_nearly_right_gets_a_suggestion() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["web", "--timeuot", "5m"])), @r##"
    exit 2
    Error: unknown flag: --timeuot
    Hint: did you mean --timeout?
    Hint: `helm rollback-safe rollback --help` lists the flags
    "##);
}

#[test]
fn a_flag_without_its_value_is_named() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["list", "--namespace"])), @r##"
    exit 2
    Error: flag needs an argument: --namespace
    Hint: `helm rollback-safe list --help` lists the flags
    "##);
}

#[test]
fn a_wrong_output_format_is_refused_in_helms_words() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["list", "-o", "xml"])), @r##"
    exit 2
    Error: invalid argument "xml" for "-o, --output" flag: invalid format type
    Hint: `helm rollback-safe list --help` lists the flags
    "##);
}

#[test]
fn a_timeout_without_a_unit_is_refused() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["web", "--timeout", "5"])), @r##"
    exit 2
    Error: invalid argument "5" for "--timeout" flag: time: missing unit in duration "5" (timeouts need a unit, such as 300s or 5m)
    Hint: `helm rollback-safe rollback --help` lists the flags
    "##);
}

#[test]
fn a_wrong_wait_strategy_is_refused_in_helms_words() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["web", "--wait=forever"])), @r##"
    exit 2
    Error: invalid argument "forever" for "--wait" flag: invalid wait input "forever". Valid inputs are watcher, hookOnly, and legacy
    Hint: `helm rollback-safe rollback --help` lists the flags
    "##);
}

#[test]
fn a_wrong_dry_run_value_is_refused_in_helms_words() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["web", "--dry-run=maybe"])), @r##"
    exit 2
    Error: invalid argument "maybe" for "--dry-run" flag: invalid dry-run value ("maybe"). Must be "none", "server", or "client"
    Hint: `helm rollback-safe rollback --help` lists the flags
    "##);
}

#[test]
fn a_wrong_apply_method_is_refused_in_helms_words() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["web", "--server-side", "often"])), @r##"
    exit 2
    Error: invalid argument "often" for "--server-side" flag: invalid/unknown release server-side apply method: often
    Hint: `helm rollback-safe rollback --help` lists the flags
    "##);
}

#[test]
fn flags_that_exclude_each_other_are_refused() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["web", "--force-replace", "--force-conflicts"])), @r##"
    exit 2
    Error: --force-replace and --force-conflicts cannot be used together
    Hint: `helm rollback-safe rollback --help` lists the flags
    "##);
}

#[test]
fn a_description_that_is_too_long_is_refused() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["web", "--description", &"x".repeat(257)])), @r##"
    exit 2
    Error: description must be 256 characters or less, got 257
    "##);
}

#[test]
fn an_argument_too_many_is_refused() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["list", "extra"])), @r##"
    exit 2
    Error: "helm rollback-safe list" accepts no arguments
    Hint: usage: helm rollback-safe list [flags]
    "##);
}

#[test]
fn a_missing_release_name_is_asked_for() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["history"])), @r##"
    exit 2
    Error: "helm rollback-safe history" requires 1 argument
    Hint: usage: helm rollback-safe history RELEASE_NAME [flags]
    "##);
}

#[test]
fn nothing_at_all_asks_for_a_release() {
    assert_snapshot!(shown(&mut program(&[])), @r##"
    exit 2
    Error: "helm rollback-safe" requires at least 1 argument
    Hint: usage: helm rollback-safe RELEASE [REVISION] [flags]; `helm rollback-safe --help` tells more
    "##);
}

#[test]
fn a_release_name_that_helm_swallowed_is_explained() {
    assert_snapshot!(shown(program(&[]).env("HELM_KUBEINSECURE_SKIP_TLS_VERIFY", "true")), @r##"
    exit 2
    Error: "helm rollback-safe" requires at least 1 argument
    Hint: Helm takes the word after --kube-insecure-skip-tls-verify for its value; write --kube-insecure-skip-tls-verify=true
    Hint: usage: helm rollback-safe RELEASE [REVISION] [flags]; `helm rollback-safe --help` tells more
    "##);
}

#[test]
fn a_wrong_release_name_is_refused() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["history", "Not_A_Name"])), @r##"
    exit 2
    Error: release name is invalid: Not_A_Name
    Cause: release name "Not_A_Name" is invalid: at most 53 of a-z, 0-9, "-" and ".", beginning and ending with a letter or digit
    "##);
}

#[test]
fn a_missing_release_is_named_with_its_namespace() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["status", "missing", "-n", "shop"])), @r##"
    exit 2
    Error: release "missing" not found in namespace "shop"
    Hint: `helm rollback-safe list -A` shows the releases of all namespaces; choose one with --namespace
    "##);
}

#[test]
fn a_missing_revision_comes_with_those_that_there_are() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["status", "web", "-n", "shop", "--revision", "99"])), @r##"
    exit 2
    Error: revision 99 of release "web" not found in namespace "shop"
    Hint: there are: 1, 2, 3, 4, 5
    "##);
}

#[test]
fn a_wrong_regular_expression_is_refused() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["list", "--filter", "("])), @r##"
    exit 2
    Error: --filter "(" is not a regular expression
    Cause: regex parse error:
          (
          ^
      error: unclosed group
    "##);
}

#[test]
fn a_wrong_selector_is_refused() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["list", "-l", "a=("])), @r##"
    exit 2
    Error: --selector "a=(" cannot be read
    Cause: found "(" where a value should be
    "##);
}

#[test]
fn a_wrong_namespace_is_refused() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["list", "-n", "Not_One"])), @r##"
    exit 2
    Error: namespace is invalid: Not_One
    Cause: namespace "Not_One" is invalid: at most 63 of a-z, 0-9 and "-", beginning and ending with a letter or digit
    "##);
}

#[test]
fn a_wrong_color_mode_is_refused_in_helms_words() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["list", "--color", "pink"])), @r##"
    exit 2
    Error: invalid color mode "pink": must be one of: never, auto, always
    "##);
}

#[test]
fn drivers_that_are_not_there_are_named() {
    assert_snapshot!(shown(program(&["list"]).env("HELM_DRIVER", "sql")), @r##"
    exit 2
    Error: HELM_DRIVER=sql is not supported: records are read from Secrets, ConfigMaps and memory
    Hint: use `helm` itself for releases kept there
    "##);
}

#[test]
fn an_unknown_driver_is_refused() {
    assert_snapshot!(shown(program(&["list"]).env("HELM_DRIVER", "paper")), @r##"
    exit 2
    Error: unknown driver "paper"
    Hint: set HELM_DRIVER to secret, configmap or memory, or unset it
    "##);
}

#[test]
fn the_memory_driver_needs_data() {
    assert_snapshot!(shown(program(&["list"]).env("HELM_DRIVER", "memory")), @r##"
    exit 2
    Error: HELM_DRIVER=memory has no data
    Hint: name files with lists of releases, separated by colons, in HELM_MEMORY_DRIVER_DATA
    "##);
}

#[test]
fn memory_data_that_is_not_there_is_named() {
    assert_snapshot!(shown(&mut on_memory("absent.yaml", &["list"])), @r##"
    exit 2
    Error: memory driver data "absent.yaml" cannot be read
    Cause: No such file or directory (os error 2)
    Hint: correct HELM_MEMORY_DRIVER_DATA, or unset HELM_DRIVER to use the cluster
    "##);
}

#[test]
fn memory_data_that_is_no_list_is_named() {
    assert_snapshot!(shown(&mut on_memory("../../../plugin.yaml", &["list"])), @r##"
    exit 2
    Error: memory driver data "../../../plugin.yaml" cannot be read
    Cause: not a list of releases
    Hint: correct HELM_MEMORY_DRIVER_DATA, or unset HELM_DRIVER to use the cluster
    "##);
}

#[test]
fn a_missing_kubeconfig_is_named() {
    assert_snapshot!(shown(&mut program(&["list", "--kubeconfig", "absent"])), @r##"
    exit 2
    Error: no kubeconfig at absent
    Hint: correct KUBECONFIG or --kubeconfig
    "##);
}

#[test]
fn no_cluster_at_all_is_said() {
    assert_snapshot!(shown(&mut program(&["list"])), @r##"
    exit 2
    Error: no cluster is configured
    Hint: set KUBECONFIG, or give --kubeconfig or --kube-apiserver
    "##);
}

#[test]
fn what_is_wrong_with_a_context_is_said_with_a_way_out() {
    let kubeconfig = "apiVersion: v1\nkind: Config\ncontexts: [{name: near, context: {cluster: near}}, {name: far, context: {cluster: far}}]\n";
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("config"), kubeconfig).unwrap();
    let on = |words: &[&str]| {
        let mut command = program(&["list", "--kubeconfig", "config"]);
        shown(command.args(words).current_dir(directory.path()))
    };
    assert_snapshot!(on(&["--kube-context", "moon"]), @r##"
    exit 2
    Error: context "moon" is not in config (there are: near, far)
    Hint: choose a context with --kube-context, or a file with --kubeconfig
    "##);
    assert_snapshot!(on(&[]), @r##"
    exit 2
    Error: config names no current context (there are: near, far)
    Hint: choose a context with --kube-context, or a file with --kubeconfig
    "##);
    assert_snapshot!(on(&["--kube-context", "near"]), @r##"
    exit 2
    Error: context "near" in config has no server: its cluster is "near"
    Hint: correct the file, or give --kube-apiserver
    "##);
    assert_snapshot!(on(&["--kube-context", "near", "--kube-as-group", "admins"]), @r##"
    exit 2
    Error: groups to act as need a user to act as
    Hint: give --kube-as-user beside --kube-as-group
    "##);
}

#[test]
fn a_malformed_kubeconfig_is_named() {
    assert_snapshot!(shown(&mut program(&["list", "--kubeconfig", "README.md"])), @r##"
    exit 2
    Error: kubeconfig README.md cannot be read
    Cause: not a kubeconfig: line 5, column 27: mapping values are not allowed in this context
    Hint: correct the file, or name another with --kubeconfig or KUBECONFIG
    "##);
}

#[test]
fn hooks_are_chosen_by_one_flag_and_in_helms_way_only_helms() {
    let on = |arguments: &[&str]| shown(&mut on_memory("fleet.yaml", arguments));
    assert_snapshot!(on(&["plan", "web", "-n", "shop", "--hooks", "all"]), @r##"
    exit 2
    Error: invalid argument "all" for "--hooks" flag: it is none of target, current, both, none
    Hint: `helm rollback-safe plan --help` lists the flags
    "##);
    assert_snapshot!(on(&["plan", "web", "-n", "shop", "--hooks", "both", "--no-hooks"]), @r##"
    exit 2
    Error: --hooks and --no-hooks cannot be used together
    Hint: `helm rollback-safe plan --help` lists the flags
    "##);
    assert_snapshot!(on(&["plan", "web", "-n", "shop", "--hooks", "both", "--compat"]), @r##"
    exit 2
    Error: --hooks both is not helm's way
    Hint: with --compat the hooks of the target run, or with --no-hooks none
    "##);
}

#[test]
fn go_templates_are_refused() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["get", "all", "web", "-n", "shop", "--template", "{{.Release.Name}}"])), @r##"
    exit 2
    Error: --template is not supported: Go templates are Helm's own
    Hint: `helm get all web --template …` reads the same record
    Hint: the fields as data: `helm rollback-safe status web -o json`, `get metadata -o json`, `get values -o json`
    "##);
}

#[test]
fn get_alone_asks_for_a_command() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["get"])), @r##"
    exit 2
    Error: "helm rollback-safe get" needs a command after it
    Hint: `helm rollback-safe get --help` lists the commands
    "##);
}

#[test]
fn an_unreachable_cluster_is_said() {
    assert_snapshot!(shown(&mut program(&["list", "--kube-apiserver", "http://127.0.0.1:1"])), @r##"
    exit 1
    Error: kubernetes cluster unreachable
    Cause: cannot list secrets in namespace "default": cannot reach http://127.0.0.1:1: Connection refused (os error 111)
    Hint: check that the server is up, and the context: --kube-context, --kubeconfig, KUBECONFIG
    "##);
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
    assert_snapshot!(text, @r##"
    exit 1
    Error: no right to list secrets in namespace "shop"
    Cause: secrets is forbidden: User "eve" cannot list resource "secrets" in API group "" in the namespace "shop"
    Hint: ask for the right, or choose another user or context with --kube-as-user or --kube-context
    "##);
}

#[test]
fn a_corrupt_record_is_named_and_nothing_else_is_touched() {
    let answers = vec![
        ("/api/v1/namespaces/shop/secrets/sh.helm", 200, CORRUPT.to_owned()),
        ("/api/v1/namespaces/shop/secrets", 200, LIST.to_owned()),
    ];
    assert_snapshot!(on_server(answers, &["status", "web"]), @r##"
    exit 1
    Error: record sh.helm.release.v1.web.v1 of release "web", revision 1, in namespace "shop" cannot be read
    Cause: payload is not readable gzip: unexpected end of file
    Hint: the other revisions are unharmed: `helm rollback-safe history web --namespace shop` names them
    "##);
}

#[test]
fn a_rollback_of_a_release_whose_only_record_is_corrupt_names_what_is_wrong_with_it() {
    let run = |target: &str| {
        let answers = vec![
            ("/api/v1/namespaces/shop/secrets/sh.helm", 200, CORRUPT.to_owned()),
            ("/api/v1/namespaces/shop/secrets", 200, LIST.to_owned()),
        ];
        on_server(answers, &["plan", "web", "--", target])
    };
    assert_snapshot!(run("@good"), @r##"
    exit 1
    Error: no record of release "web" in namespace "shop" can be read
    Cause: revision 1: payload is not readable gzip: unexpected end of file
    Hint: `helm rollback-safe fsck web --namespace shop` looks at them, and at what they left
    "##);
    assert_eq!(run("-1"), run("@good"));
}

#[test]
fn a_corrupt_record_is_left_out_of_the_history_with_a_warning() {
    let answers = vec![
        ("/api/v1/namespaces/shop/secrets/sh.helm", 200, CORRUPT.to_owned()),
        ("/api/v1/namespaces/shop/secrets", 200, LIST.to_owned()),
    ];
    assert_snapshot!(on_server(answers, &["history", "web"]), @r##"
    exit 0
    REVISION	UPDATED	STATUS	CHART	APP VERSION	DESCRIPTION
    Warning: record sh.helm.release.v1.web.v1 of release "web", revision 1, in namespace "shop" cannot be read: payload is not readable gzip: unexpected end of file
    "##);
}

#[test]
fn a_command_with_a_slip_is_explained() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["histroy", "web"])), @r##"
    exit 2
    Error: invalid release revision "web"
    Cause: "web" names no revision: write a number (3), a step back (-1), @good, @good~1, @before=TIME, @app=VERSION or @chart=VERSION
    Hint: a first word that is no command is taken for a release; `helm rollback-safe --help` lists the commands
    "##);
}

#[test]
fn a_flag_that_is_like_no_other_gets_no_suggestion() {
    assert_snapshot!(shown(&mut on_memory("fleet.yaml", &["web", "--revison", "3"])), @r##"
    exit 2
    Error: unknown flag: --revison
    Hint: `helm rollback-safe rollback --help` lists the flags
    "##);
}

#[test]
fn a_verdict_says_that_findings_block_it() {
    let blocked = shown(&mut on_memory("fleet.yaml", &["web", "--namespace", "shop"]));
    assert!(blocked.starts_with("exit 3\n"), "{blocked}");
    assert!(blocked.contains("Verdict: roll back, but not before 2 blocking findings are settled or accepted\n"), "{blocked}");
    assert!(blocked.contains("block refused-by-server: Service shop/web: the server refuses to create it"), "{blocked}");
    let plan = ["plan", "web", "--namespace", "shop", "--accept", "pending-revision", "--accept", "refused-by-server"];
    let accepted = shown(&mut on_memory("fleet.yaml", &plan));
    assert!(accepted.contains("Verdict: roll back\n"), "{accepted}");
}
