//! Evidence for people.

use std::fmt::{self, Display, Write as _};

use serde_json::Value;

use super::wording::{counted, in_a_sentence, shortened};
use super::{ContainerEvidence, ContainerState, Evidence, Moment, ObjectEvidence, PodEvidence, Presence, cause};
use crate::patch::FieldChange;
use crate::plan::Action;

/// How many characters of a value are shown.
const VALUE: usize = 120;
/// How many lines the short form has at most.
const SUMMARY: usize = 12;

impl Evidence {
    /// Everything, in sections; the first line is the cause.
    ///
    /// ```
    /// use helm_release_core::evidence::collect;
    /// use helm_release_store::clock::SystemClock;
    /// # use helm_release_core::evidence::Scene;
    /// # use helm_release_core::plan::RollbackOptions;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let plan = shop.plan(&RollbackOptions::default()).await?;
    /// # let scene = Scene::told(&plan, "context deadline exceeded", jiff::Timestamp::now());
    /// let evidence = collect(&shop.cluster, &SystemClock, &scene).await;
    /// let text = evidence.to_text();
    /// assert!(text.starts_with("Deployment default/shop: image \"registry.example/shop:1.2-typo\""));
    /// assert!(text.contains("\nFirst error:\n  context deadline exceeded\n"));
    /// assert!(text.contains("\n  Deployment default/shop: patch\n    ~ spec.replicas: 5 -> 3\n"));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = self.write(&mut text);
        text
    }

    /// The most telling lines, at most 12; the first one is the cause.
    ///
    /// ```
    /// use helm_release_core::evidence::collect;
    /// use helm_release_store::clock::SystemClock;
    /// # use helm_release_core::evidence::Scene;
    /// # use helm_release_core::plan::RollbackOptions;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let plan = shop.plan(&RollbackOptions::default()).await?;
    /// # let scene = Scene::told(&plan, "context deadline exceeded", jiff::Timestamp::now());
    /// let evidence = collect(&shop.cluster, &SystemClock, &scene).await;
    /// let lines = evidence.summary_lines();
    /// assert!(lines.len() <= 12);
    /// assert_eq!(lines[0], evidence.cause().sentence);
    /// // Three of the four pods in trouble are shown one by one.
    /// assert_eq!(lines[5], "  and 1 pod more in trouble");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn summary_lines(&self) -> Vec<String> {
        let mut lines = vec![self.cause().sentence, self.headline()];
        let troubled: Vec<&PodEvidence> = self.pods.iter().filter(|pod| pod.is_in_trouble()).collect();
        lines.extend(troubled.iter().take(3).map(|pod| format!("  {}", pod_line(pod))));
        if let Some(more) = troubled.len().checked_sub(3).filter(|more| *more > 0) {
            lines.push(format!("  and {} more in trouble", counted(u64::try_from(more).unwrap_or(u64::MAX), "pod")));
        }
        let conditions = self.objects.iter().flat_map(|object| {
            object
                .conditions
                .iter()
                .map(move |condition| format!("  {}: {}", object.object, in_a_sentence(&condition.in_words())))
        });
        lines.extend(conditions.take(2));
        let warnings = self.events.iter().rev().filter(|event| event.warning);
        lines.extend(
            warnings.take(2).map(|event| format!("  {}: {}: {}", event.object, event.reason, in_a_sentence(&event.message))),
        );
        let logs = troubled.iter().flat_map(|pod| pod.containers.iter().map(move |container| (pod, container)));
        if let Some((pod, container)) = logs.into_iter().find(|(_, container)| container.last_line().is_some()) {
            let last = container.log.iter().rev().filter(|line| !line.trim().is_empty()).take(2);
            let last: Vec<String> =
                last.map(|line| format!("  {}/{}: {}", pod.name, container.name, shortened(line, VALUE))).collect();
            lines.extend(last.into_iter().rev());
        }
        lines.truncate(SUMMARY - 1);
        if !self.unread.is_empty() {
            let count = u64::try_from(self.unread.len()).unwrap_or(u64::MAX);
            lines.push(format!(
                "  not everything could be read ({}): {}",
                counted(count, "line"),
                in_a_sentence(&self.unread[0])
            ));
        }
        lines
    }

    fn headline(&self) -> String {
        let Self { release, namespace, from, to, new_revision, .. } = self;
        let when = cause::when(self.phase);
        format!("Release {release} in namespace {namespace}, from revision {from} to {to} as {new_revision}, failed {when}")
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "{}", self.cause())?;
        writeln!(out, "\n{}", self.headline())?;
        writeln!(out, "Began {}, evidence collected {}", self.began, self.collected)?;
        section(out, "First error", self.error.text.lines().map(|line| format!("  {line}")))?;
        if let Some(hook) = &self.hook {
            section(out, "Hook", [format!("  {} hook {}: {}", hook.event, hook.hook, hook.reason)])?;
        }
        section(out, "Objects", self.objects.iter().filter(|object| is_telling(object)).flat_map(object_lines))?;
        section(out, "Pods", self.pods.iter().flat_map(pod_lines))?;
        let containers = self.pods.iter().flat_map(|pod| pod.containers.iter().map(move |container| (pod, container)));
        section(out, "Logs", containers.filter(|(_, container)| !container.log.is_empty()).flat_map(log_lines))?;
        let events = self.events.iter().map(|event| {
            let at = event.at.map_or_else(|| "at an unknown time".to_owned(), |at| at.to_string());
            let mark = if event.warning { "warning " } else { "" };
            let count = if event.count > 1 { format!(" ({} times)", event.count) } else { String::new() };
            format!("  {at} {mark}{}: {}: {}{count}", event.object, event.reason, one_line(&event.message))
        });
        section(out, "Events", events)?;
        section(out, "Quotas", self.quotas.iter().flat_map(quota_lines))?;
        section(out, "Timeline", self.timeline.iter().map(moment_line))?;
        section(out, "Not read", self.unread.iter().map(|line| format!("  {line}")))
    }
}

fn section(out: &mut String, title: &str, lines: impl IntoIterator<Item = String>) -> fmt::Result {
    let mut lines = lines.into_iter().peekable();
    if lines.peek().is_some() {
        writeln!(out, "\n{title}:")?;
    }
    lines.try_for_each(|line| writeln!(out, "{line}"))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn moment_line(moment: &Moment) -> String {
    format!("  {} {}", moment.at, one_line(&moment.what))
}

/// Whether there is more to say of an object than that it is as it was.
fn is_telling(object: &ObjectEvidence) -> bool {
    let is_idle = matches!(object.action, Some(Action::Unchanged));
    !is_idle || !object.conditions.is_empty() || matches!(object.presence, Presence::Absent | Presence::Terminating)
}

fn object_lines(object: &ObjectEvidence) -> Vec<String> {
    let action = object.action.map_or("of the hook", Action::as_str);
    let presence = match object.presence {
        Presence::Live | Presence::NotRead => "",
        Presence::Terminating => ", told to go and still there",
        Presence::Absent => ", not there",
    };
    let mut lines = vec![format!("  {}: {action}{presence}", object.object)];
    lines.extend(object.changes.iter().map(|change| format!("    {}", change_line(change))));
    lines.extend(object.conditions.iter().map(|condition| format!("    {}", one_line(&condition.in_words()))));
    if !object.finalizers.is_empty() {
        lines.push(format!("    held by finalizers: {}", object.finalizers.join(", ")));
    }
    lines
}

fn change_line(change: &FieldChange) -> String {
    let show = |value: &Value| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        shortened(&one_line(&text), VALUE).into_owned()
    };
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => format!("~ {}: {} -> {}", change.path, show(before), show(after)),
        (Some(before), None) => format!("- {}: {}", change.path, show(before)),
        (None, Some(after)) => format!("+ {}: {}", change.path, show(after)),
        (None, None) => format!("  {}", change.path),
    }
}

/// A pod and its containers in trouble.
fn pod_line(pod: &PodEvidence) -> String {
    let troubled = pod.containers.iter().filter(|container| container.is_in_trouble());
    let containers = troubled.map(|container| format!(", {} {}", container.name, StateWords(container)));
    containers.fold(pod_head(pod), |line, words| line + &words)
}

fn pod_head(pod: &PodEvidence) -> String {
    let mut words = vec![format!("Pod {}/{} of {}", pod.namespace, pod.name, pod.owner)];
    let node = pod.node.as_ref().map_or(String::new(), |node| format!(" on {node}"));
    let phase = if pod.phase.is_empty() { "no phase" } else { &pod.phase };
    words.push(format!("{phase}{node}"));
    if !pod.current {
        words.push("of an earlier template".to_owned());
    }
    if pod.terminating {
        words.push("told to go".to_owned());
    }
    if !pod.reason.is_empty() {
        words.push(format!("{}: {}", pod.reason, in_a_sentence(&pod.message)));
    }
    words.join(", ")
}

/// What a container does, in words.
struct StateWords<'a>(&'a ContainerEvidence);

impl Display for StateWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let container = self.0;
        match &container.state {
            ContainerState::Waiting { reason, .. } => write!(f, "waits ({reason})")?,
            ContainerState::Running { .. } if container.ready => f.write_str("runs and is ready")?,
            ContainerState::Running { .. } => f.write_str("runs and is not ready")?,
            ContainerState::Ended(exit) => write!(f, "ended with exit code {} ({})", exit.code, exit.reason)?,
            ContainerState::Unknown => f.write_str("is in no known state")?,
        }
        if container.restarts > 0 {
            write!(f, ", {}", counted(container.restarts, "restart"))?;
        }
        match &container.last_exit {
            Some(exit) if !exit.reason.is_empty() => write!(f, ", before that exit code {} ({})", exit.code, exit.reason),
            Some(exit) => write!(f, ", before that exit code {}", exit.code),
            None => Ok(()),
        }
    }
}

fn pod_lines(pod: &PodEvidence) -> Vec<String> {
    if !pod.is_in_trouble() {
        let state = if pod.terminating { "told to go" } else { "ready" };
        return vec![format!("  Pod {}/{} of {}: {state}", pod.namespace, pod.name, pod.owner)];
    }
    let mut lines = vec![format!("  {}", pod_head(pod))];
    let bad = pod.conditions.iter().map(|condition| format!("    {}", one_line(&condition.in_words())));
    lines.extend(bad);
    for container in &pod.containers {
        let kind = if container.init { "init container" } else { "container" };
        lines.push(format!("    {kind} {} ({}): {}", container.name, container.image, StateWords(container)));
        if let ContainerState::Waiting { message, .. } = &container.state
            && !message.is_empty()
        {
            lines.push(format!("      {}", one_line(message)));
        }
        let left = container.exit().map(|exit| one_line(&exit.message)).filter(|message| !message.is_empty());
        lines.extend(left.map(|message| format!("      it left this message: {message}")));
    }
    lines
}

fn log_lines((pod, container): (&PodEvidence, &ContainerEvidence)) -> Vec<String> {
    let mut lines = vec![format!("  {}/{}, container {}, the last lines:", pod.namespace, pod.name, container.name)];
    lines.extend(container.log.iter().map(|line| format!("    {line}")));
    lines
}

fn quota_lines(quota: &super::QuotaEvidence) -> Vec<String> {
    let mut lines = vec![format!("  ResourceQuota {}/{}", quota.namespace, quota.name)];
    lines.extend(quota.hard.iter().map(|(resource, hard)| {
        let used = quota.used.get(resource).map_or("nothing", String::as_str);
        format!("    {resource}: {used} of {hard} used")
    }));
    lines
}
