//! Asks the Go oracle what Helm's and Kubernetes' own libraries say.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;

use serde::Deserialize;
use serde_json::Value;

use crate::artifact::{Error, ORACLE};

/// A running oracle; one serves all threads.
///
/// ```no_run
/// use e2e::oracle::Oracle;
/// use serde_json::json;
///
/// let oracle = Oracle::start().expect("Go is installed");
/// let read = oracle.ask("yaml", json!({"text": "mode: 0644\n"}));
/// assert_eq!(read, Ok(json!(r#"{"mode":420}"#)));
/// ```
#[derive(Debug)]
pub struct Oracle {
    program: PathBuf,
    process: Mutex<Option<Process>>,
}

#[derive(Debug)]
struct Process {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    log: File,
}

#[derive(Deserialize)]
struct Answer {
    id: usize,
    ok: Option<Value>,
    error: Option<String>,
}

impl Oracle {
    /// Starts the oracle, building it when it is not in the cache.
    ///
    /// # Errors
    ///
    /// The same as [`Artifact::folder`](crate::artifact::Artifact::folder).
    pub fn start() -> Result<Self, Error> {
        let program = ORACLE.folder()?.join("oracle");
        Ok(Self { program, process: Mutex::new(None) })
    }

    /// Asks one question: a verb of `oracle/main.go` and an object with the members that it reads.
    ///
    /// # Errors
    ///
    /// The text of the Go error, also where Go panicked (`panic: …`) or died (`the oracle died: …`).
    pub fn ask(&self, verb: &str, payload: Value) -> Result<Value, String> {
        let mut answers = self.ask_all(verb, [payload]);
        answers.pop().expect("one question has one answer")
    }

    /// Asks many questions at once and gives the answers in their order: much faster than one by one.
    ///
    /// # Panics
    ///
    /// Panics when a payload is not a JSON object, or when the oracle cannot be started.
    pub fn ask_all(&self, verb: &str, payloads: impl IntoIterator<Item = Value>) -> Vec<Result<Value, String>> {
        let lines: Vec<Vec<u8>> = payloads.into_iter().enumerate().map(|(id, payload)| question(id, verb, payload)).collect();
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        let mut answers = Vec::with_capacity(lines.len());
        while answers.len() < lines.len() {
            let mut running = process.take().unwrap_or_else(|| self.run());
            let complete = running.exchange(&lines[answers.len()..], &mut answers);
            if complete {
                *process = Some(running);
            } else {
                // A stack overflow is the one thing that Go cannot answer; the rest goes to a fresh process.
                answers.push(Err(format!("the oracle died: {}", running.last_words())));
            }
        }
        answers
    }

    fn run(&self) -> Process {
        let log = tempfile::tempfile().expect("a temporary file can be made");
        let mut child = Command::new(&self.program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log.try_clone().expect("a file can be opened twice"))
            .spawn()
            .expect("the oracle starts");
        let questions = child.stdin.take().expect("stdin is piped");
        let answers = BufReader::new(child.stdout.take().expect("stdout is piped"));
        Process { child, questions, answers, log }
    }
}

impl Process {
    /// Writes the questions and reads their answers at the same time; false when the process died before the last answer.
    fn exchange(&mut self, lines: &[Vec<u8>], results: &mut Vec<Result<Value, String>>) -> bool {
        let Self { questions, answers, .. } = self;
        thread::scope(|scope| {
            scope.spawn(move || {
                // A dead reader shows in the missing answers.
                let _ = lines.iter().try_for_each(|line| questions.write_all(line)).and_then(|()| questions.flush());
            });
            for _ in lines {
                let mut line = Vec::new();
                if !answers.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
                    return false;
                }
                let answer: Answer = serde_json::from_slice(&line).expect("the oracle answers in JSON");
                assert_eq!(answer.id, results.len(), "the oracle answers in order");
                results.push(answer.error.map_or_else(|| Ok(answer.ok.unwrap_or(Value::Null)), Err));
            }
            true
        })
    }

    /// Gives the first lines of what the process said before it died.
    fn last_words(mut self) -> String {
        let _ = self.child.wait();
        let mut text = String::new();
        let _ = self.log.seek(SeekFrom::Start(0)).and_then(|_| self.log.read_to_string(&mut text));
        text.lines().filter(|line| !line.is_empty()).take(3).collect::<Vec<_>>().join("; ")
    }
}

/// Makes the line of one question.
fn question(id: usize, verb: &str, payload: Value) -> Vec<u8> {
    let Value::Object(mut members) = payload else { panic!("a payload is a JSON object, not {payload}") };
    members.insert("id".to_owned(), id.into());
    members.insert("verb".to_owned(), verb.into());
    let mut line = Value::Object(members).to_string().into_bytes();
    line.push(b'\n');
    line
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has no state, so it needs no gentle end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
