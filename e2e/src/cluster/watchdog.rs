//! Ends the control plane when the process that started it ends, however that happens.

use std::io::{self, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

/// A shell that reads process ids until the pipe closes, which also a `kill -9` of this process does, and then ends them.
///
/// Everything goes at once: the data is deleted, so nothing needs a gentle end.
const SCRIPT: &str = r#"trap "" INT TERM HUP QUIT
all=
while read -r id; do all="$all $id"; done
[ -z "$all" ] || kill -9 $all 2>/dev/null
rm -rf "$1" || { sleep 1; rm -rf "$1"; }"#;

#[derive(Debug)]
pub(super) struct Watchdog {
    shell: Child,
    pipe: Option<ChildStdin>,
}

impl Watchdog {
    pub(super) fn start(dir: &Path) -> io::Result<Self> {
        let mut shell = Command::new("sh")
            .args(["-c", SCRIPT, "watchdog"])
            .arg(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let pipe = shell.stdin.take();
        Ok(Self { shell, pipe })
    }

    pub(super) fn guard(&mut self, id: u32) -> io::Result<()> {
        self.pipe.as_mut().map_or(Ok(()), |pipe| writeln!(pipe, "{id}"))
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.pipe = None;
        let _ = self.shell.wait();
    }
}
