//! The built program, run as people run it.

#![expect(clippy::expect_used, reason = "a test stops where it cannot go on")]

mod debug;
mod drift;
mod errors;
mod fsck;
mod golden;
mod plan;
mod schema;
mod server;
mod status;

use std::path::PathBuf;
use std::process::{Command, Output};

/// The directory with what real Helm prints.
fn golden_directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// The program with an environment of its own, in UTC and without colours.
fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_helm-rollback-safe"));
    command
        .args(arguments)
        .env_clear()
        .env("TZ", "UTC")
        .env("NO_COLOR", "1")
        .env("HOME", "/nonexistent")
        .current_dir(golden_directory());
    command
}

/// The program on releases from a file of the golden directory.
fn on_memory(data: &str, arguments: &[&str]) -> Command {
    let mut command = program(arguments);
    command.env("HELM_DRIVER", "memory").env("HELM_MEMORY_DRIVER_DATA", data);
    command
}

/// Exit code and everything printed, for snapshots.
fn shown(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().expect("the program is built");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    format!("exit {}\n{}{}", status.code().unwrap_or(-1), text(stdout), text(stderr))
}
