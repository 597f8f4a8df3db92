//! Runs a program of a test with an environment of its own and keeps what it said.

use std::ffi::OsStr;
use std::io::{Read, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a program may run before the test fails.
const PATIENCE: Duration = Duration::from_secs(300);

/// What a program left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Exit code; -1 when a signal ended it.
    pub code: i32,
    /// Everything on stdout.
    pub stdout: String,
    /// Everything on stderr.
    pub stderr: String,
}

/// A call of `helm` or of the plugin in the making.
#[derive(Debug)]
#[must_use]
pub struct Tool {
    command: Command,
    input: String,
    patience: Duration,
}

impl Tool {
    /// Prepares a call: `home` takes HOME and all of Helm's folders, `kubeconfig` says which cluster and who.
    ///
    /// Nothing else of the environment reaches the program but `PATH`; the time zone is UTC.
    pub fn new(program: &Path, home: &Path, kubeconfig: &Path) -> Self {
        let mut command = Command::new(program);
        command
            .current_dir(home)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home)
            .env("TZ", "UTC")
            .env("KUBECONFIG", kubeconfig);
        for (variable, folder) in [
            ("HELM_CACHE_HOME", "helm/cache"),
            ("HELM_CONFIG_HOME", "helm/config"),
            ("HELM_DATA_HOME", "helm/data"),
            ("HELM_PLUGINS", "helm/plugins"),
        ] {
            command.env(variable, home.join(folder));
        }
        Self { command, input: String::new(), patience: PATIENCE }
    }

    /// Adds an argument.
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// Adds arguments.
    pub fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(args);
        self
    }

    /// Sets a variable of the environment.
    pub fn env(mut self, key: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(key, value);
        self
    }

    /// Gives the program a text on stdin, which is empty otherwise.
    pub fn stdin(mut self, text: &str) -> Self {
        text.clone_into(&mut self.input);
        self
    }

    /// Sets how long the program may run, five minutes at first.
    pub const fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Gives the prepared command, for a test that must hold the process itself.
    #[must_use]
    pub fn into_command(self) -> Command {
        self.command
    }

    /// Runs the program to its end, whatever its exit code.
    #[must_use]
    pub fn run(mut self) -> Output {
        let shown = self.shown();
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{shown}: {error}"));
        let mut stdin = child.stdin.take().expect("stdin is piped");
        let input = self.input;
        // A program may end without reading.
        let writer = thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
        let stdout = collect(child.stdout.take().expect("stdout is piped"));
        let stderr = collect(child.stderr.take().expect("stderr is piped"));
        let until = Instant::now() + self.patience;
        let mut pause = Duration::from_millis(1);
        let status = loop {
            if let Some(status) = child.try_wait().expect("a child can be waited for") {
                break status;
            }
            if Instant::now() > until {
                let _ = child.kill();
                let _ = child.wait();
                let (stdout, stderr) = (stdout.join(), stderr.join());
                panic!("{shown}: still running after {:?}\nstdout: {stdout:?}\nstderr: {stderr:?}", self.patience);
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(20));
        };
        writer.join().expect("the writer does not panic");
        Output {
            code: status.code().unwrap_or(-1),
            stdout: stdout.join().expect("the reader does not panic"),
            stderr: stderr.join().expect("the reader does not panic"),
        }
    }

    /// Runs the program, which must exit with 0, and gives its stdout.
    #[must_use]
    pub fn ok(self) -> String {
        let shown = self.shown();
        let output = self.run();
        assert_eq!(output.code, 0, "{shown}\nstdout: {}\nstderr: {}", output.stdout, output.stderr);
        output.stdout
    }

    /// Runs the program, which must exit with this code, and gives what it said.
    #[must_use]
    pub fn fails(self, code: i32) -> Output {
        let shown = self.shown();
        let output = self.run();
        assert_eq!(output.code, code, "{shown}\nstdout: {}\nstderr: {}", output.stdout, output.stderr);
        output
    }

    fn shown(&self) -> String {
        let program = Path::new(self.command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
        let args = self.command.get_args().map(|arg| arg.to_string_lossy().into_owned());
        std::iter::once(program).chain(args).collect::<Vec<_>>().join(" ")
    }
}

fn collect(mut from: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
