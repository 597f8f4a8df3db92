//! Reads much at once, but not too much, and never longer than allowed.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use futures::future::{BoxFuture, Either, select};
use futures::{FutureExt as _, StreamExt as _};

use crate::Object;
use crate::ports::{
    Clock, Cluster, ClusterError, ClusterErrorKind, ClusterExt as _, ListOptions, Location, LogOptions, Resource,
};

/// After so many requests in a row that did not reach the server no further one is sent.
const GIVE_UP_AFTER: usize = 3;
/// How many lines about what was not read are kept.
const LINES: usize = 40;
/// How many things that were not read in time are named.
const NAMED: usize = 5;

/// One thing to read.
#[derive(Debug, Clone)]
pub(super) enum Wanted {
    Object(Location),
    List { resource: Resource, options: ListOptions },
    Log { namespace: String, pod: String, container: String, lines: u32 },
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object(location) => write!(f, "{location}"),
            Self::List { resource, options } => {
                write!(f, "{}", resource.plural)?;
                options.namespace.as_ref().map_or(Ok(()), |namespace| write!(f, " in {namespace}"))?;
                options.labels.as_ref().map_or(Ok(()), |labels| write!(f, " with {labels}"))?;
                options.fields.as_ref().map_or(Ok(()), |fields| write!(f, " of {fields}"))
            }
            Self::Log { namespace, pod, container, .. } => write!(f, "the log of {container} in Pod {namespace}/{pod}"),
        }
    }
}

/// What came of it.
#[derive(Debug, Clone)]
pub(super) enum Got {
    /// The object, or that there is none.
    Object(Option<Object>),
    Objects(Vec<Object>),
    Text(String),
}

impl Got {
    pub(super) fn objects(self) -> Vec<Object> {
        match self {
            Self::Objects(objects) => objects,
            Self::Object(object) => object.into_iter().collect(),
            Self::Text(_) => Vec::new(),
        }
    }
}

/// Reads, within a time that is set once for everything that it reads.
pub(super) struct Reader<'a> {
    pub(super) cluster: &'a dyn Cluster,
    limit: Duration,
    at_once: usize,
    /// Ends when the time is up; gone afterwards.
    timer: Option<BoxFuture<'a, ()>>,
    in_a_row: usize,
    late: Vec<String>,
    unread: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(cluster: &'a dyn Cluster, clock: &'a dyn Clock, limit: Duration, at_once: usize) -> Self {
        let timer = Some(clock.sleep(limit));
        Self { cluster, limit, at_once: at_once.max(1), timer, in_a_row: 0, late: Vec::new(), unread: Vec::new() }
    }

    /// Does something that reads; `None` when the time is up.
    pub(super) async fn in_time<T>(&mut self, work: impl Future<Output = T> + Send) -> Option<T> {
        let timer = self.timer.take()?;
        match select(work.boxed(), timer).await {
            Either::Left((done, timer)) => {
                self.timer = Some(timer);
                Some(done)
            }
            Either::Right(((), _)) => None,
        }
    }

    /// Reads everything, and returns each answer in its place; what has none is told in [`Reader::finish`].
    pub(super) async fn read(&mut self, wanted: Vec<Wanted>) -> Vec<Option<Got>> {
        let mut answers: Vec<Option<Got>> = wanted.iter().map(|_| None).collect();
        let mut open: BTreeSet<usize> = (0..wanted.len()).collect();
        let (cluster, at_once) = (self.cluster, self.at_once);
        let numbered: Vec<(usize, Wanted)> = wanted.iter().cloned().enumerate().collect();
        let sent = futures::stream::iter(numbered).map(|(index, wanted)| async move { (index, ask(cluster, wanted).await) });
        let mut sent = sent.buffer_unordered(at_once).boxed();
        while !open.is_empty() && self.in_a_row < GIVE_UP_AFTER {
            let Some(Some((index, answer))) = self.in_time(sent.next()).await else { break };
            open.remove(&index);
            match answer {
                Ok(got) => {
                    self.in_a_row = 0;
                    answers[index] = Some(got);
                }
                Err(error) => {
                    let is_unreachable = error.kind == ClusterErrorKind::Unreachable;
                    self.in_a_row = if is_unreachable { self.in_a_row + 1 } else { 0 };
                    self.tell(error.to_string());
                }
            }
        }
        self.late.extend(open.iter().map(|index| wanted[*index].to_string()));
        answers
    }

    /// Notes that something was not read.
    pub(super) fn tell(&mut self, line: String) {
        if !self.unread.contains(&line) {
            self.unread.push(line);
        }
    }

    /// What was not read, one line each.
    pub(super) fn finish(mut self) -> Vec<String> {
        let more = self.unread.len().saturating_sub(LINES);
        self.unread.truncate(LINES);
        if more > 0 {
            self.unread.push(format!("and {more} more"));
        }
        let named = self.late.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = match self.late.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        if self.timer.is_none() {
            let late = if named.is_empty() { String::new() } else { format!("; not read: {named}{more}") };
            self.unread.push(format!("the time for collecting, {} s, was up{late}", self.limit.as_secs()));
        } else if !named.is_empty() {
            self.unread.push(format!("the server could not be reached, so these were not asked for: {named}{more}"));
        }
        self.unread
    }
}

async fn ask(cluster: &dyn Cluster, wanted: Wanted) -> Result<Got, ClusterError> {
    match wanted {
        Wanted::Object(location) => cluster.find(&location).await.map(Got::Object),
        Wanted::List { resource, options } => cluster.list(&resource, &options).await.map(|listing| Got::Objects(listing.items)),
        Wanted::Log { namespace, pod, container, lines } => {
            let mut options = LogOptions::container(container);
            options.tail = Some(lines);
            cluster.logs(&namespace, &pod, &options).await.map(Got::Text)
        }
    }
}
