//! `plan -o html`, `plan --out` and `apply` on releases from a file.

use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;

use super::{on_memory, shown};

const RELEASES: &str = "../page.yaml";

fn seal(file: &Path) {
    let output = on_memory(RELEASES, &["plan", "shop", "--out"]).arg(file).output().expect("the program is built");
    assert!(output.status.success(), "{output:?}");
}

/// What `apply` says of a file on these releases, without the names of folders.
fn apply(data: &str, file: &Path, arguments: &[&str]) -> String {
    let told = shown(on_memory(data, &["apply"]).arg(file).args(arguments));
    let folder = file.parent().expect("the file is in a folder").display().to_string();
    told.replace(&folder, "DIR").lines().filter(|line| !line.starts_with("Deployment ")).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_sealed_plan_is_run() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("shop.plan");
    seal(&file);
    let told = apply(RELEASES, &file, &["-o", "json"]);
    let expected = r#"{"from":5,"namespace":"default","outcome":"rolled-back","release":"shop","revision":6,"to":2}"#;
    assert!(told.starts_with(&format!("exit 0\n{expected}\n")), "{told}");
}

#[test]
fn a_sealed_plan_is_refused_when_a_record_moved() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("shop.plan");
    seal(&file);
    let text = std::fs::read_to_string(super::golden_directory().join(RELEASES)).expect("there is data");
    let other = folder.path().join("other.yaml");
    std::fs::write(&other, text.replace("welcome 2", "welcome anew")).expect("it can be written");
    assert_snapshot!(apply(other.to_str().expect("the path is text"), &file, &[]), @r#"
    exit 4
    Error: release "shop" is not rolled back, and nothing was changed: the sealed plan is stale
    Cause: record of revision 2: it was written since the plan was sealed
    Hint: look at a new plan and seal that: helm rollback-safe plan shop --out FILE
    "#);
}

#[test]
fn what_is_no_sealed_plan_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("web.plan");
    assert_snapshot!(apply(RELEASES, &file, &[]), @r#"
    exit 2
    Error: DIR/web.plan cannot be applied
    Cause: No such file or directory (os error 2)
    "#);
    std::fs::write(&file, "{}").expect("it can be written");
    assert_snapshot!(apply(RELEASES, &file, &[]), @r#"
    exit 2
    Error: DIR/web.plan cannot be applied
    Cause: it is no sealed plan: its format is missing, not "helm-rollback-safe/sealed-plan/v1"
    Hint: name a file that `helm rollback-safe plan RELEASE --out FILE` wrote
    "#);
    std::fs::write(&file, r#"{"format": "helm-rollback-safe/sealed-plan/v2"}"#).expect("it can be written");
    assert_snapshot!(apply(RELEASES, &file, &[]), @r#"
    exit 2
    Error: DIR/web.plan cannot be applied
    Cause: its format is "helm-rollback-safe/sealed-plan/v2", and this version knows "helm-rollback-safe/sealed-plan/v1" alone
    Hint: use the version of this program that sealed it, or plan again
    "#);
    seal(&file);
    assert_snapshot!(apply(RELEASES, &file, &["-n", "shop"]), @r#"
    exit 2
    Error: the plan is for release "shop" in namespace "default", not in "shop"
    Hint: say so with --namespace default
    "#);
    let text = std::fs::read_to_string(&file).expect("it is there").replace("\"historyMax\": 10", "\"historyMax\": 1");
    std::fs::write(&file, text).expect("it can be written");
    assert_snapshot!(apply(RELEASES, &file, &[]), @r#"
    exit 2
    Error: DIR/web.plan cannot be applied
    Cause: it was changed after it was sealed
    Hint: plan again: a sealed plan is not to be edited
    "#);
}

#[test]
fn a_file_that_cannot_be_written_is_told_and_nothing_is_left() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("nowhere/web.plan");
    let output = on_memory(RELEASES, &["plan", "shop", "--out"]).arg(&file).output().expect("the program is built");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("web.plan cannot be written\nCause: "), "{output:?}");
    // A folder cannot be replaced by a file.
    let taken = folder.path().join("taken");
    std::fs::create_dir_all(taken.join("inside")).expect("a folder can be made");
    let output = on_memory(RELEASES, &["plan", "shop", "--out"]).arg(&taken).output().expect("the program is built");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(std::fs::read_dir(folder.path()).expect("it can be read").count(), 1, "nothing is left beside it");
}

#[test]
fn the_plan_is_printed_in_every_form_while_it_is_sealed() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("shop.plan");
    let printed = |format: &str| {
        let output = on_memory(RELEASES, &["plan", "shop", "-o", format, "--out"]).arg(&file).output().expect("it is built");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("output is UTF-8")
    };
    let sealed: Value = {
        let printed: Value = serde_json::from_str(&printed("json")).expect("it is JSON");
        let sealed: Value = serde_json::from_str(&std::fs::read_to_string(&file).expect("it is there")).expect("it is JSON");
        assert_eq!(sealed["plan"], printed, "the file shows the plan that was printed");
        sealed
    };
    assert_eq!(sealed["records"], "memory");
    assert!(printed("html").starts_with("<!doctype html>\n"));
    assert!(printed("yaml").starts_with("applyMethod: csa\n"));
}

#[test]
fn a_page_is_for_plans_alone() {
    assert_snapshot!(shown(&mut on_memory(RELEASES, &["shop", "-o", "html"])), @r#"
    exit 2
    Error: the result of a rollback is no page: html is for plans
    Hint: use plan -o html, or --dry-run -o html
    "#);
    let page = shown(&mut on_memory(RELEASES, &["shop", "--dry-run", "-o", "html"]));
    assert!(page.starts_with("exit 0\n<!doctype html>\n"), "{page}");
    assert_snapshot!(shown(&mut on_memory(RELEASES, &["history", "shop", "-o", "html"])), @r#"
    exit 2
    Error: invalid argument "html" for "-o, --output" flag: invalid format type
    Hint: `helm rollback-safe history --help` lists the flags
    "#);
}

#[test]
fn a_page_holds_nothing_of_others_as_markup_and_no_secret() {
    let page = shown(&mut on_memory(RELEASES, &["plan", "shop", "-o", "html"]));
    for markup in ["<img", "<svg", "<b ", "onerror=document.title='owned'", "<script>document"] {
        assert!(!page.contains(markup), "{markup}");
    }
    assert_eq!(page.matches("<script>").count(), 1, "one script, our own");
    assert_eq!(page.matches("</script>").count(), 1);
    assert!(page.contains("&lt;/script&gt;&lt;img src=x onerror=document.title=&#39;"), "it is there as text");
    assert!(!page.contains('\u{202e}'), "nothing turns the direction of what is read");
    for secret in ["correct-horse", "battery-staple", "Y29ycmVjdC1ob3JzZQ==", "YmF0dGVyeS1zdGFwbGU="] {
        assert!(!page.contains(secret), "{secret}");
    }
    assert!(page.contains("(masked #"));
}

#[test]
fn a_release_called_apply_can_still_be_rolled_back() {
    let told = shown(&mut on_memory(RELEASES, &["rollback", "apply"]));
    assert!(told.contains("release \"apply\" not found"), "{told}");
}
