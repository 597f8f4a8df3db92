//! The page of a plan in a real browser. A program of its own, so that its tests can count as ignored where there is none.

#![expect(clippy::expect_used, reason = "a test stops where it cannot go on")]

mod chromium;
mod tab;
mod tests;

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::{Arc, Mutex, PoisonError};

use libtest_mimic::{Arguments, Trial};

use chromium::{Chromium, find};
use tab::Tab;

/// What every test begins with: the page of a release that is as hostile as a release can be, opened from disk.
#[derive(Debug)]
struct Bench {
    browser: Chromium,
    folder: tempfile::TempDir,
}

impl Bench {
    fn new(program: &std::path::Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/page.yaml");
        let output = Command::new(env!("CARGO_BIN_EXE_helm-rollback-safe"))
            .args(["plan", "shop", "-o", "html"])
            .env_clear()
            .env("HELM_DRIVER", "memory")
            .env("HELM_MEMORY_DRIVER_DATA", data)
            .output()
            .expect("the program is built");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        std::fs::write(folder.path().join("plan.html"), output.stdout).expect("the page can be written");
        Self { browser: Chromium::start(program, folder.path()), folder }
    }

    fn address(&self) -> String {
        format!("file://{}", self.folder.path().join("plan.html").display())
    }

    /// Opens the page in a tab of its own.
    fn open(&mut self) -> Tab<'_> {
        let address = self.address();
        let mut tab = Tab::new(&mut self.browser);
        tab.open(&address);
        tab
    }
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // One browser, one test after another.
    arguments.test_threads = Some(1);
    let program = find();
    let is_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    let missing = "Chromium is missing: install Debian's package chromium, or name its program in CHROMIUM";
    if program.is_none() && !arguments.list {
        let fate = if is_ci { "fail, because CI=true" } else { "are ignored" };
        eprintln!("the tests of the page {fate}: {missing}");
    }
    let bench: Arc<Mutex<Option<Bench>>> = Arc::default();
    let trials = tests::TESTS.iter().map(|&(name, run)| {
        let (program, bench) = (program.clone(), Arc::clone(&bench));
        let is_ignored = program.is_none() && !is_ci;
        let trial = Trial::test(name, move || {
            let Some(program) = program else { return Err(missing.into()) };
            // A test that failed leaves the browser as good as it was: each has a tab of its own.
            let mut bench = bench.lock().unwrap_or_else(PoisonError::into_inner);
            run(bench.get_or_insert_with(|| Bench::new(&program)));
            Ok(())
        });
        trial.with_ignored_flag(is_ignored)
    });
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    drop(bench);
    conclusion.exit_code()
}
