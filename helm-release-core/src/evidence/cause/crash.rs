//! Containers that end with an error.

use std::fmt::Write as _;

use super::{CauseKind, Words};
use crate::evidence::wording::{counted, in_a_sentence};
use crate::evidence::{ContainerEvidence, ContainerState, Exit, PodEvidence};

fn is_crashing(container: &ContainerEvidence) -> bool {
    match &container.state {
        ContainerState::Waiting { reason, .. } => reason == "CrashLoopBackOff",
        ContainerState::Ended(exit) => exit.code != 0,
        // Between two ends of a loop it runs for a moment.
        ContainerState::Running { .. } => {
            !container.ready && container.restarts > 0 && container.last_exit.as_ref().is_some_and(|exit| exit.code != 0)
        }
        ContainerState::Unknown => false,
    }
}

/// `exit code 1`, with what is known of it.
fn ending(exit: &Exit) -> String {
    match (exit.reason.as_str(), exit.code) {
        ("OOMKilled", code) => format!("exit code {code}, it used more memory than its limit"),
        ("DeadlineExceeded", code) => format!("exit code {code}, its time was up"),
        (_, 137) => "exit code 137, it was killed".to_owned(),
        (_, 139) => "exit code 139, a segmentation fault".to_owned(),
        (_, 143) => "exit code 143, it was told to stop".to_owned(),
        (_, code) => format!("exit code {code}"),
    }
}

pub(super) fn of(pod: &PodEvidence) -> Option<Words> {
    // Where more than one crashes, the one that has something to say explains more.
    let mut crashing: Vec<&ContainerEvidence> = pod.containers.iter().filter(|container| is_crashing(container)).collect();
    crashing.sort_by_key(|container| (!container.init, container.log.is_empty()));
    let container = crashing.first()?;
    let loops = container.restarts > 0 || matches!(container.state, ContainerState::Waiting { .. });
    let what = if container.init { "init container" } else { "container" };
    let does = if loops { "crashes again and again" } else { "ended with an error" };
    let mut details: Vec<String> = container.exit().map(ending).into_iter().collect();
    if container.restarts > 0 {
        details.push(counted(container.restarts, "restart"));
    }
    details.push(format!("Pod {}", pod.name));
    let mut text = format!("{what} {:?} {does} ({})", container.name, details.join(", "));
    let left = container.exit().map(|exit| exit.message.as_str()).filter(|message| !message.is_empty());
    // Writing to a String cannot fail.
    let _ = match (container.last_line(), left) {
        (Some(line), _) => write!(text, "; its last log line: {}", in_a_sentence(line)),
        (None, Some(message)) => write!(text, "; it left this message: {}", in_a_sentence(message)),
        (None, None) => Ok(()),
    };
    Some(Words::new(CauseKind::Crash, text))
}
