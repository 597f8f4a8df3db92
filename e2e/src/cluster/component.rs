//! One process of the control plane.

use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// How many lines of a log are shown.
const TAIL: usize = 15;

#[derive(Debug)]
pub(super) struct Component {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Component {
    pub(super) fn start(name: &'static str, program: &Path, args: &[String], dir: &Path) -> Result<Self, String> {
        let log = dir.join(format!("{name}.log"));
        let open = || File::options().create(true).append(true).open(&log).map_err(|error| format!("{}: {error}", log.display()));
        let (stdout, stderr) = (open()?, open()?);
        let child = Command::new(program)
            .args(args)
            .current_dir(dir)
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr)
            // Ctrl-C at the terminal is for the tests; the watchdog ends the cluster after them.
            .process_group(0)
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        Ok(Self { name, child, log })
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Gives the end of the log when the process has ended.
    pub(super) fn death(&mut self) -> Option<String> {
        let status = self.child.try_wait().ok()??;
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let tail = lines[lines.len().saturating_sub(TAIL)..].join("\n");
        Some(format!("{} ended ({status}); the end of its log:\n{tail}", self.name))
    }

    pub(super) fn reap(&mut self) {
        let _ = self.child.wait();
    }
}
