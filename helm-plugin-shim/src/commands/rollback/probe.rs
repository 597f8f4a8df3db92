//! The user's own checks, before anything is written.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use helm_release_core::inquiry::Condition;
use helm_release_core::plan::{ProbeAnswer, Survey};
use helm_release_core::ports::Cluster;
use helm_release_store::connection::answers_well;

/// How long a probe may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often a command is looked at.
const PAUSE: Duration = Duration::from_millis(20);

/// Runs every probe, one after the other, as the user wrote them.
pub(super) async fn run(probes: &[String], survey: &Survey, cluster: &dyn Cluster) -> Vec<ProbeAnswer> {
    let mut answers = Vec::new();
    for probe in probes {
        let failure = match probe.parse::<Condition>() {
            _ if probe.starts_with("http://") || probe.starts_with("https://") => answers_well(probe, PATIENCE).await.err(),
            Ok(condition) => condition.failure(cluster, &survey.kinds, &survey.namespace).await,
            Err(_) => command(probe, survey).await.err(),
        };
        answers.push(ProbeAnswer { probe: probe.clone(), failure });
    }
    answers
}

/// Runs a command of the shell; its output is shown as its own, on stderr.
async fn command(text: &str, survey: &Survey) -> Result<(), String> {
    let mut command = if cfg!(windows) { Command::new("cmd") } else { Command::new("sh") };
    command.args([if cfg!(windows) { "/C" } else { "-c" }, text]);
    command.env("HELM_NAMESPACE", survey.namespace.as_str()).env("ROLLBACK_RELEASE", survey.name.as_str());
    command.env("ROLLBACK_FROM", survey.current().revision().to_string());
    command.env("ROLLBACK_TO", survey.target().revision().to_string());
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().map_err(|error| error.to_string())?;
    let began = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(status.to_string()),
            Ok(None) if began.elapsed() < PATIENCE => tokio::time::sleep(PAUSE).await,
            Ok(None) => {
                // It may have ended by itself meanwhile.
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("not finished after {} s", PATIENCE.as_secs()));
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}
