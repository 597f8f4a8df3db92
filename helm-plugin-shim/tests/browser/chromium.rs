//! A headless Chromium, spoken to through a pair of pipes (`--remote-debugging-pipe`): no port, no network.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How long the browser may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The browser's program: what `CHROMIUM` names, or the first of its usual names in `PATH`.
pub(super) fn find() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Some(PathBuf::from(named));
    }
    let folders = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
    std::env::split_paths(&folders).flat_map(|folder| names.map(|name| folder.join(name))).find(|file| file.is_file())
}

/// A running browser. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Chromium {
    child: Child,
    to: ChildStdin,
    from: Receiver<Value>,
    next: u64,
    /// What the browser told without having been asked.
    pub(super) events: VecDeque<Value>,
}

/// The shell puts the pipes where the browser looks for them.
const PIPES: &str = "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>/dev/null";

impl Chromium {
    pub(super) fn start(program: &Path, folder: &Path) -> Self {
        let mut child = Command::new("sh")
            .arg("-c")
            .arg(PIPES)
            .arg(program)
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", folder.join("profile").display()))
            .env("HOME", folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell starts");
        let to = child.stdin.take().expect("stdin is piped");
        let mut reader = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let (heard, from) = channel();
        thread::spawn(move || {
            let mut message = Vec::new();
            while reader.read_until(0, &mut message).is_ok_and(|count| count > 0) {
                let json = serde_json::from_slice(message.strip_suffix(&[0]).unwrap_or(&message));
                if json.is_ok_and(|json: Value| heard.send(json).is_err()) {
                    break;
                }
                message.clear();
            }
        });
        Self { child, to, from, next: 0, events: VecDeque::new() }
    }

    fn receive(&mut self, until: Instant) -> Option<Value> {
        self.from.recv_timeout(until.saturating_duration_since(Instant::now())).ok()
    }

    /// Asks for something and gives the answer.
    pub(super) fn ask(&mut self, session: Option<&str>, method: &str, parameters: &Value) -> Value {
        self.next += 1;
        let id = self.next;
        let mut message = json!({"id": id, "method": method, "params": parameters});
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.to.write_all(&bytes).and_then(|()| self.to.flush()).expect("the browser listens");
        let until = Instant::now() + PATIENCE;
        loop {
            let answer = self.receive(until).unwrap_or_else(|| panic!("the browser does not answer {method}"));
            if answer["id"] != json!(id) {
                self.events.push_back(answer);
                continue;
            }
            assert!(answer.get("error").is_none(), "{method}: {}", answer["error"]);
            return answer["result"].clone();
        }
    }

    /// Waits for an event, which stays among the others.
    pub(super) fn wait_for(&mut self, session: &str, method: &str) {
        let is_it = |event: &Value| event["method"] == method && event["sessionId"] == session;
        let until = Instant::now() + PATIENCE;
        while !self.events.iter().any(is_it) {
            let event = self.receive(until).unwrap_or_else(|| panic!("{method} does not come"));
            self.events.push_back(event);
        }
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
