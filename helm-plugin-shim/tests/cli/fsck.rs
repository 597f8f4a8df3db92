//! `fsck` and `prune` on releases from a file.

use insta::assert_snapshot;

use super::{on_memory, shown};

fn fsck(arguments: &[&str]) -> String {
    let arguments: Vec<&str> = ["fsck"].iter().chain(arguments).copied().collect();
    shown(&mut on_memory("../ailing.yaml", &arguments))
}

fn prune(arguments: &[&str]) -> String {
    let arguments: Vec<&str> = ["prune", "long", "-n", "long"].iter().chain(arguments).copied().collect();
    shown(&mut on_memory("../ailing.yaml", &arguments))
}

#[test]
fn a_sound_release_takes_one_line_and_exits_with_0() {
    assert_snapshot!(fsck(&["sound"]), @r#"
    exit 0
    sound in namespace default (1 revision): healthy
    "#);
}

#[test]
fn ailments_are_told_with_reason_and_way_out_and_exit_with_3() {
    assert_snapshot!(fsck(&["both"]), @r#"
    exit 3
    both in namespace default (2 revisions): 1 ailment
    ailment several-deployed: revision 2: revisions 1, 2 are all deployed
      why: Helm's next upgrade supersedes one of them only, and history limits keep the others for ever
      way out: fsck --repair leaves the newest, 2, and supersedes the others
    "#);
}

#[test]
fn without_a_name_the_releases_of_the_namespace_are_told() {
    assert_snapshot!(fsck(&[]), @r#"
    exit 3
    both in namespace default (2 revisions): 1 ailment
    ailment several-deployed: revision 2: revisions 1, 2 are all deployed
      why: Helm's next upgrade supersedes one of them only, and history limits keep the others for ever
      way out: fsck --repair leaves the newest, 2, and supersedes the others

    sound in namespace default (1 revision): healthy

    washed in namespace default (3 revisions): 1 ailment
    ailment laundered-superseded: revision 2: it is called superseded, but its description says that it failed: Upgrade "washed" failed: boom
      why: a rollback that failed has called it so; Helm takes it for a revision that worked, and --atomic and --rollback-on-failure may return to it
      way out: fsck --repair marks it failed again
    "#);
    assert_snapshot!(fsck(&["-n", "nowhere"]), @r#"
    exit 0
    No releases.
    "#);
}

#[test]
fn all_namespaces_are_told_with_notes() {
    assert_snapshot!(fsck(&["-A", "-n", "long"]).lines().filter(|line| !line.starts_with(' ')).collect::<Vec<_>>().join("\n"), @r#"
    exit 3
    both in namespace default (2 revisions): 1 ailment
    ailment several-deployed: revision 2: revisions 1, 2 are all deployed

    sound in namespace default (1 revision): healthy

    washed in namespace default (3 revisions): 1 ailment
    ailment laundered-superseded: revision 2: it is called superseded, but its description says that it failed: Upgrade "washed" failed: boom

    long in namespace long (8 revisions): healthy

    lost in namespace shop (3 revisions): 1 ailment, 1 note
    ailment none-deployed: no revision is deployed
    note number-gap: revision 5: revisions 3 to 4 are missing though older ones are there

    stuck in namespace shop (2 revisions): 1 ailment
    ailment stale-pending: revision 2: it is pending-rollback since 2024-01-02T00:00:00Z
    "#);
}

#[test]
fn a_dry_run_shows_the_repair() {
    assert_snapshot!(fsck(&["washed", "--repair", "--dry-run"]), @r#"
    exit 3
    washed in namespace default (3 revisions): 1 ailment
    ailment laundered-superseded: revision 2: it is called superseded, but its description says that it failed: Upgrade "washed" failed: boom
      why: a rollback that failed has called it so; Helm takes it for a revision that worked, and --atomic and --rollback-on-failure may return to it
      way out: fsck --repair marks it failed again
    A repair would:
      1. mark revision 2 failed, a backup kept: it is called superseded, but its description says that it failed: Upgrade "washed" failed: boom
    "#);
    assert_eq!(fsck(&["washed", "--dry-run"]), fsck(&["washed", "--repair", "--dry-run"]), "a dry run is one of a repair");
}

#[test]
fn a_repair_tells_what_it_did_and_exits_with_0() {
    let told = fsck(&["both", "--repair"]);
    let (told, backup) = told.split_once("(backup v1-").expect("a backup is kept");
    assert_snapshot!(told, @r#"
    exit 0
    both in namespace default (2 revisions): 1 ailment
    ailment several-deployed: revision 2: revisions 1, 2 are all deployed
      why: Helm's next upgrade supersedes one of them only, and history limits keep the others for ever
      way out: fsck --repair leaves the newest, 2, and supersedes the others
    Repaired:
      1. mark revision 1 superseded
    "#);
    assert_eq!(backup.len(), "20260101t000000)\n".len(), "{backup}");
}

#[test]
fn a_repair_that_leaves_something_exits_with_3() {
    assert_snapshot!(fsck(&["stuck", "-n", "shop", "--repair"]), @r#"
    exit 3
    stuck in namespace shop (2 revisions): 1 ailment
    ailment stale-pending: revision 2: it is pending-rollback since 2024-01-02T00:00:00Z
      why: nobody holds the release, and Helm refuses every upgrade until the revision has ended
      way out: helm rollback-safe recover stuck finishes or undoes it
    "#);
}

#[test]
fn without_backups_there_is_nothing_to_restore() {
    assert_snapshot!(fsck(&["both", "--restore"]), @r#"
    exit 0
    both in namespace default (2 revisions): no backups
    "#);
}

#[test]
fn data_has_every_ailment_and_every_step() {
    assert_snapshot!(fsck(&["washed", "--dry-run", "-o", "yaml"]), @r#"
    exit 3
    format: helm-rollback-safe/fsck/v1
    releases:
    - ailments:
      - class: laundered-superseded
        gravity: ailment
        revision: 2
        waysOut:
        - fsck --repair marks it failed again
        what: 'it is called superseded, but its description says that it failed: Upgrade
          "washed" failed: boom'
        why: a rollback that failed has called it so; Helm takes it for a revision that
          worked, and --atomic and --rollback-on-failure may return to it
      name: washed
      namespace: default
      repair:
        left: []
        name: washed
        namespace: default
        steps:
        - action: mark revision 2 failed
          cures:
          - laundered-superseded
          keepsBackup: true
          reasons:
          - 'it is called superseded, but its description says that it failed: Upgrade
            "washed" failed: boom'
          revision: 2
      revisions: 3
    "#);
}

#[test]
fn flags_that_do_not_go_together_are_refused() {
    assert_snapshot!(fsck(&["both", "-A"]), @r#"
    exit 2
    Error: a release and --all-namespaces cannot be used together
    Hint: name the namespace of the release with --namespace
    "#);
    assert_snapshot!(fsck(&["both", "--repair", "--restore"]), @r#"
    exit 2
    Error: --repair and --restore cannot be used together
    Hint: `helm rollback-safe fsck --help` lists the flags
    "#);
    assert_snapshot!(fsck(&["both", "--remove-undecodable"]), @r#"
    exit 2
    Error: --remove-undecodable is part of a repair
    Hint: add --repair
    "#);
    assert_snapshot!(fsck(&["nothing"]), @r#"
    exit 2
    Error: release "nothing" not found in namespace "default"
    Hint: `helm rollback-safe list -A` shows the releases of all namespaces; choose one with --namespace
    "#);
}

#[test]
fn a_release_that_is_called_like_the_command_can_still_be_rolled_back() {
    let told = shown(&mut on_memory("../ailing.yaml", &["rollback", "fsck"]));
    assert!(told.contains("release \"fsck\" not found"), "{told}");
}

#[test]
fn pruning_says_why_each_revision_goes_or_stays() {
    assert_snapshot!(prune(&["--keep", "5", "--dry-run"]), @r#"
    exit 0
    long in namespace long: 3 of 8 revisions would go, 820 bytes
      revision 1 would go: 8 revisions are more than 5
      revision 2 would go: 7 revisions are more than 5
      revision 3 would go: 6 revisions are more than 5
      revision 4 stays: a rollback could return to it
      revision 5 stays: a rollback could return to it
      revision 6 stays: a rollback could return to it
      revision 7 stays: it is within the limits
      revision 8 stays: it is deployed
    "#);
    assert_snapshot!(prune(&["--keep", "1", "--keep-good", "1"]), @r#"
    exit 0
    long in namespace long: 6 of 8 revisions removed, 1644 bytes
      revision 1 removed: 8 revisions are more than 1
      revision 2 removed: 7 revisions are more than 1
      revision 3 removed: 6 revisions are more than 1
      revision 4 removed: 5 revisions are more than 1
      revision 5 removed: 4 revisions are more than 1
      revision 6 stays: a rollback could return to it
      revision 7 removed: 3 revisions are more than 1
      revision 8 stays: it is deployed
    The limit is not met: 2 revisions stay, not 1.
    "#);
    assert_snapshot!(prune(&["--status", "failed", "-o", "json"]), @r#"
    exit 0
    {"bytes":560,"dryRun":false,"format":"helm-rollback-safe/prune/v1","kept":[{"reason":"its status is superseded","revision":1},{"reason":"its status is superseded","revision":2},{"reason":"a rollback could return to it","revision":4},{"reason":"a rollback could return to it","revision":5},{"reason":"a rollback could return to it","revision":6},{"reason":"it is deployed","revision":8}],"name":"long","namespace":"long","removed":[{"reason":"its status is failed","revision":3},{"reason":"its status is failed","revision":7}],"unmet":[]}
    "#);
    assert_snapshot!(prune(&[]), @r#"
    exit 0
    long in namespace long: 0 of 8 revisions removed, 0 bytes
      revision 1 stays: it is within the limits
      revision 2 stays: it is within the limits
      revision 3 stays: it is within the limits
      revision 4 stays: a rollback could return to it
      revision 5 stays: a rollback could return to it
      revision 6 stays: a rollback could return to it
      revision 7 stays: it is within the limits
      revision 8 stays: it is deployed
    "#);
}

#[test]
fn pruning_by_age_and_size_is_asked_for_in_words() {
    let gone = |arguments: &[&str]| prune(arguments).lines().filter(|line| line.contains(" would go: ")).count();
    assert_eq!(gone(&["--older-than", "30d", "--dry-run"]), 4);
    assert_eq!(gone(&["--older-than", "30d", "--keep-good", "0", "--dry-run"]), 7);
    assert_eq!(gone(&["--max-size", "1Gi", "--dry-run"]), 0);
    assert_eq!(gone(&["--max-size", "0", "--dry-run"]), 4);
}

#[test]
fn a_wrong_limit_is_refused() {
    assert_snapshot!(prune(&["--max-size", "5 apples"]), @r#"
    exit 2
    Error: invalid argument "5 apples" for "--max-size" flag: write bytes, or a number with Ki, Mi or Gi behind it
    Hint: `helm rollback-safe prune --help` lists the flags
    "#);
    assert_snapshot!(prune(&["--status", "broken"]), @r#"
    exit 2
    Error: invalid argument "broken" for "--status" flag: must be one of deployed, uninstalled, superseded, failed, uninstalling, pending-install, pending-upgrade, pending-rollback, unknown
    Hint: `helm rollback-safe prune --help` lists the flags
    "#);
    assert_snapshot!(shown(on_memory("../ailing.yaml", &["prune", "long", "-n", "long"]).env("HELM_MAX_HISTORY", "0")), @r#"
    exit 2
    Error: nothing says what is to go: the history has no limit
    Hint: say how many are to stay: --keep N
    "#);
    assert_snapshot!(shown(&mut on_memory("../ailing.yaml", &["prune", "gone"])), @r#"
    exit 2
    Error: release "gone" not found in namespace "default"
    Hint: `helm rollback-safe list -A` shows the releases of all namespaces; choose one with --namespace
    "#);
}

#[test]
fn what_is_pending_is_not_pruned_around_while_it_is_young() {
    let mut data = tempfile::NamedTempFile::new().expect("a file can be made");
    let now = jiff::Timestamp::from_second(jiff::Timestamp::now().as_second()).expect("the present is a time");
    for (version, status, at) in [(1, "failed", "2024-01-01T00:00:00Z".to_owned()), (2, "pending-upgrade", now.to_string())] {
        let line = format!("- {{name: web, version: {version}, info: {{status: {status}, last_deployed: \"{at}\"}}}}\n");
        std::io::Write::write_all(&mut data, line.as_bytes()).expect("it can be written");
    }
    let path = data.path().to_str().expect("the path is text");
    let told = shown(&mut on_memory(path, &["prune", "web", "--status", "failed"]));
    let told = told.replace(&now.to_string(), "NOW");
    assert_snapshot!(told, @r#"
    exit 5
    Error: release "web" is not pruned: revision 2 is pending-upgrade since NOW
    Hint: wait until the operation has ended
    Hint: when nobody is at work any more: helm rollback-safe recover web
    "#);
}

#[test]
fn completion_knows_the_commands_their_flags_and_the_releases() {
    let complete = |words: &[&str]| {
        let arguments: Vec<&str> = ["__complete"].iter().chain(words).copied().collect();
        shown(&mut on_memory("../ailing.yaml", &arguments))
    };
    assert!(complete(&["fs"]).contains("fsck\tfind what is broken"), "{}", complete(&["fs"]));
    assert_snapshot!(complete(&["fsck", "--re"]), @r#"
    exit 0
    --remove-undecodable	with --repair, remove records that cannot be decoded; a backup is kept
    --repair	repair what can be repaired without guessing
    --restore	bring back what the last repair changed
    :4
    "#);
    assert_snapshot!(complete(&["prune", "--keep"]), @r#"
    exit 0
    --keep	remove the oldest until that many revisions are left
    --keep-good	how many good revisions before the latest stay
    :4
    "#);
    assert_snapshot!(complete(&["prune", "w"]), @r#"
    exit 0
    washed	MISSING -> deployed
    :4
    "#);
}
