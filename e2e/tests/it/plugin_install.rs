//! Real Helm installs the plugin, from the source tree and packaged, runs it, completes with it and removes it again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::{Namespace, Tool, World};

use crate::release::{color, deploy, web};

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    helm3_installs_runs_and_removes_the_plugin,
    helm4_installs_runs_and_removes_the_plugin,
    a_source_tree_without_program_and_cargo_is_refused_with_the_reason,
    a_source_tree_builds_its_program_with_cargo,
];

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Lays out a source tree: what the plugin needs of the repository, without the sources of the program.
fn source_tree(to: &Path) {
    fs::create_dir_all(to.join("helm-plugin-shim/plugin")).unwrap();
    for file in ["plugin.yaml", "plugin.complete", "LICENSE", "Cargo.lock", "helm-plugin-shim/plugin/provide"] {
        fs::copy(root().join(file), to.join(file)).unwrap();
    }
}

/// A source tree in which the install hook has built the program already.
fn built_source_tree(ns: &Namespace<'_>, program: &Path) -> PathBuf {
    let tree = ns.home().join("source");
    source_tree(&tree);
    fs::create_dir(tree.join("bin")).unwrap();
    fs::copy(program, tree.join("bin/helm-rollback-safe")).unwrap();
    tree
}

/// What `package` lays out.
fn packaged(ns: &Namespace<'_>, program: &Path) -> PathBuf {
    let directory = ns.home().join("packaged/rollback-safe");
    let package = Command::new(root().join("helm-plugin-shim/plugin/package")).arg(&directory).arg(program).output().unwrap();
    assert!(package.status.success(), "{package:?}");
    assert_eq!(String::from_utf8_lossy(&package.stdout).trim(), directory.display().to_string());
    directory
}

/// Where Helm keeps its plugins.
fn plugins(ns: &Namespace<'_>) -> PathBuf {
    let plugins = ns.home().join("helm/data/plugins");
    fs::create_dir_all(&plugins).unwrap();
    plugins
}

/// A call of Helm. Helm 4 installs into its data folder whatever `HELM_PLUGINS` says, and then looks there.
fn helm(ns: &Namespace<'_>, major: u8) -> Tool {
    ns.helm(major).env("HELM_PLUGINS", plugins(ns))
}

/// A call of `helm rollback-safe`.
fn run(ns: &Namespace<'_>, major: u8, args: &[&str]) -> Tool {
    helm(ns, major).arg("rollback-safe").args(args)
}

fn installs_runs_and_removes_the_plugin(world: &World, major: u8) {
    let ns = world.namespace("plugin");
    deploy(&ns, major, &[web("blue"), web("red").app_version("2")]);
    for from in [built_source_tree(&ns, world.plugin()), packaged(&ns, world.plugin())] {
        let said = helm(&ns, major).args(["plugin", "install"]).arg(&from).ok();
        assert!(said.contains("Installed plugin: rollback-safe"), "{}: {said}", from.display());
        let listed = helm(&ns, major).args(["plugin", "list"]).ok();
        assert!(listed.contains("rollback-safe\t0.1.0"), "{listed}");

        assert_eq!(run(&ns, major, &["--version"]).ok(), ns.plugin().arg("--version").ok());
        assert_eq!(run(&ns, major, &["history", "web"]).ok(), ns.plugin().args(["history", "web"]).ok());
        takes_namespaces_wherever_they_stand(&ns, major);
        completes(&ns, major);
        fails_with_its_own_exit_code(&ns, major);

        let revision = if color(&ns) == "red" { "1" } else { "2" };
        let said = run(&ns, major, &["web", revision, "--wait"]).ok();
        assert!(said.ends_with("Rollback was a success! Happy Helming!\n"), "{said}");
        assert_eq!(color(&ns), if revision == "1" { "blue" } else { "red" });

        let _ = helm(&ns, major).args(["plugin", "uninstall", "rollback-safe"]).ok();
        assert!(!helm(&ns, major).args(["plugin", "list"]).ok().contains("rollback-safe"));
        assert!(from.join("bin/helm-rollback-safe").is_file(), "what was installed from stays");
    }
}

/// Helm reads `--namespace` before the plugin does, in every form of its own.
fn takes_namespaces_wherever_they_stand(ns: &Namespace<'_>, major: u8) {
    let attached = format!("-n{}", ns.name());
    for args in [
        &["rollback-safe", "list", "-q", "-n", ns.name()][..],
        &["-n", ns.name(), "rollback-safe", "list", "-q"],
        &["rollback-safe", "list", "-q", &attached],
    ] {
        assert_eq!(helm(ns, major).args(args).ok(), "web\n", "{args:?}");
    }
    assert_eq!(helm(ns, major).args(["rollback-safe", "list", "-q", "-n", "default"]).ok(), "");
}

fn completes(ns: &Namespace<'_>, major: u8) {
    let complete = |args: &[&str]| helm(ns, major).args(["__complete", "rollback-safe"]).args(args).ok();
    let release = complete(&["we"]);
    assert!(release.starts_with("web\tweb-1.0.0 -> deployed\n") && release.ends_with(":4\n"), "{release}");
    let revisions = complete(&["web", ""]);
    assert!(revisions.contains("\n1\tApp: 1.0, Chart: web-1.0.0\n:4\n"), "{revisions}");
    assert_eq!(complete(&["get", "v"]), "values\tdownload the values file for a named release\n:4\n");
}

fn fails_with_its_own_exit_code(ns: &Namespace<'_>, major: u8) {
    let missing = run(ns, major, &["history", "missing"]).fails(2);
    assert!(missing.stderr.contains(&format!("release \"missing\" not found in namespace \"{}\"", ns.name())), "{missing:?}");
    // Helm takes the release's name for the value of its own flag.
    let swallowed = run(ns, major, &["--kube-insecure-skip-tls-verify", "web"]).fails(2);
    assert!(swallowed.stderr.contains("write --kube-insecure-skip-tls-verify=true"), "{swallowed:?}");
}

fn helm3_installs_runs_and_removes_the_plugin(world: &World) {
    installs_runs_and_removes_the_plugin(world, 3);
}

fn helm4_installs_runs_and_removes_the_plugin(world: &World) {
    installs_runs_and_removes_the_plugin(world, 4);
}

/// A folder for PATH with what a shell script needs, and no Rust.
fn tools(ns: &Namespace<'_>) -> PathBuf {
    let tools = ns.home().join("tools");
    fs::create_dir(&tools).unwrap();
    for tool in ["sh", "dirname", "cp", "mv", "mkdir"] {
        let found = ["/bin", "/usr/bin"].iter().map(|folder| Path::new(folder).join(tool)).find(|path| path.exists());
        std::os::unix::fs::symlink(found.expect("every Unix has it"), tools.join(tool)).unwrap();
    }
    tools
}

/// The real build takes minutes; what is looked at is what the hook asks of cargo, where, and what it does with the result.
fn a_source_tree_builds_its_program_with_cargo(world: &World) {
    use std::os::unix::fs::PermissionsExt as _;
    for major in [3, 4] {
        let ns = world.namespace("plugin-cargo");
        let tree = ns.home().join("source");
        source_tree(&tree);
        let tools = tools(&ns);
        let cargo = format!(
            "#!/bin/sh\necho \"$@\" >asked\nmkdir -p target/release\ncp '{}' target/release/helm-rollback-safe\n",
            world.plugin().display()
        );
        fs::write(tools.join("cargo"), cargo).unwrap();
        fs::set_permissions(tools.join("cargo"), fs::Permissions::from_mode(0o755)).unwrap();
        let install = helm(&ns, major).args(["plugin", "install"]).arg(&tree).env("PATH", &tools);
        let _ = install.env("CARGO_TARGET_DIR", "").ok();
        assert_eq!(fs::read_to_string(tree.join("asked")).unwrap(), "build --release --locked -p helm-plugin-shim\n");
        assert_eq!(run(&ns, major, &["--version"]).ok(), ns.plugin().arg("--version").ok());
    }
}

fn a_source_tree_without_program_and_cargo_is_refused_with_the_reason(world: &World) {
    let ns = world.namespace("plugin-none");
    let tree = ns.home().join("source");
    source_tree(&tree);
    let tools = tools(&ns);
    for major in [3, 4] {
        let refused = helm(&ns, major).args(["plugin", "install"]).arg(&tree).env("PATH", &tools).fails(1);
        assert!(refused.stderr.contains("cargo is not installed; install Rust"), "{refused:?}");
        let _ = fs::remove_file(plugins(&ns).join("source"));
    }
}
