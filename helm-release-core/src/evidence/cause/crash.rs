//! Containers that end though they should run.

use super::{CauseKind, Words, last_words};
use crate::evidence::wording::{counted, in_a_sentence};
use crate::evidence::{ClusterEvent, ContainerEvidence, ContainerState, Exit, PodEvidence};

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

/// The probe for which the node stops a container that ended by a signal.
fn failed_probe(pod: &PodEvidence, container: &ContainerEvidence, events: &[ClusterEvent]) -> Option<String> {
    container.exit().filter(|exit| matches!(exit.code, 137 | 143) && exit.reason != "OOMKilled")?;
    let mut told = events.iter().rev().filter(|event| event.reason == "Unhealthy" && pod.is(&event.object));
    let failed = |message: &str| message.starts_with("Liveness probe") || message.starts_with("Startup probe");
    told.find(|event| failed(&event.message)).map(|event| in_a_sentence(&event.message))
}

pub(super) fn of(pod: &PodEvidence, events: &[ClusterEvent]) -> Option<Words> {
    // Where more than one crashes, the one that has something to say explains more.
    let mut crashing: Vec<&ContainerEvidence> = pod.containers.iter().filter(|container| is_crashing(container)).collect();
    crashing.sort_by_key(|container| (!container.init, container.log.is_empty()));
    let container = crashing.first()?;
    let probe = failed_probe(pod, container, events);
    let loops = container.restarts > 0 || matches!(container.state, ContainerState::Waiting { .. });
    let does = match (container.exit().map(|exit| exit.code), &probe, loops) {
        (_, Some(probe), _) => format!("is stopped by the node again and again: {probe}"),
        (Some(0), None, _) => "ends again and again, without an error, though it should keep running".to_owned(),
        (_, None, true) => "crashes again and again".to_owned(),
        (_, None, false) => "ended with an error".to_owned(),
    };
    let mut details: Vec<String> = container.exit().map(ending).into_iter().collect();
    if container.restarts > 0 {
        details.push(counted(container.restarts, "restart"));
    }
    details.push(format!("Pod {}", pod.name));
    let what = if container.init { "init container" } else { "container" };
    let text = format!("{what} {:?} {does} ({}){}", container.name, details.join(", "), last_words(container));
    Some(Words::new(CauseKind::Crash, text))
}
