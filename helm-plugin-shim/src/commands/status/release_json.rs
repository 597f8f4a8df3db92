//! A release without its chart as Helm 4 encodes it (`pkg/release/v1`).

use std::collections::BTreeMap;

use helm_release_core::Record;
use helm_release_core::hook::{DeletePolicy, Event, Hook, OutputLogPolicy, Phase};
use helm_release_core::ports::RecordKey;
use helm_release_core::release::{HelmTime, Info};
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;

use crate::Report;
use crate::commands::fetch::unreadable;
use crate::commands::get::veil::Veil;
use crate::render::go_time::{GoTime, RFC3339_NANO};
use crate::render::json::through_go;

#[derive(Serialize)]
pub(super) struct ReleaseJson {
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    info: Option<InfoJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    config: Option<Value>,
    #[serde(skip_serializing_if = "String::is_empty")]
    manifest: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hooks: Vec<HookJson>,
    version: u32,
    #[serde(skip_serializing_if = "String::is_empty")]
    namespace: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    apply_method: String,
}

#[derive(Serialize)]
struct InfoJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    first_deployed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_deployed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rollback_revision: Option<u32>,
    #[serde(skip_serializing_if = "String::is_empty")]
    notes: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    resources: BTreeMap<String, Vec<Value>>,
}

#[derive(Serialize)]
struct HookJson {
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    kind: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    path: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    manifest: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    events: Vec<Event>,
    last_run: LastRunJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    delete_policies: Vec<DeletePolicy>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    output_log_policies: Vec<OutputLogPolicy>,
}

#[derive(Serialize)]
struct LastRunJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_at: Option<String>,
    phase: Phase,
}

fn time(time: &HelmTime) -> Option<String> {
    // The zone's name is not in the layout, so that the local zone plays no part.
    (!time.is_zero()).then(|| GoTime::of(time, &TimeZone::UTC).format(RFC3339_NANO))
}

impl InfoJson {
    fn of(info: Info, resources: BTreeMap<String, Vec<Value>>, veil: &mut Veil) -> Self {
        let resources = resources
            .into_iter()
            .map(|(key, objects)| (key, objects.into_iter().map(|object| veil.object(object)).collect()))
            .collect();
        Self {
            first_deployed: time(&info.first_deployed),
            last_deployed: time(&info.last_deployed),
            deleted: time(&info.deleted),
            description: info.description,
            status: info.status.to_string(),
            rollback_revision: Some(info.rollback_revision).filter(|revision| *revision != 0),
            notes: veil.text(&info.notes),
            resources,
        }
    }
}

impl HookJson {
    fn of(hook: Hook, veil: &mut Veil) -> Self {
        Self {
            name: hook.name,
            kind: hook.kind,
            path: hook.path,
            manifest: veil.manifest(&hook.manifest),
            events: hook.events,
            last_run: LastRunJson {
                started_at: time(&hook.last_run.started_at),
                completed_at: time(&hook.last_run.completed_at),
                phase: hook.last_run.phase,
            },
            weight: Some(hook.weight).filter(|weight| *weight != 0),
            delete_policies: hook.delete_policies,
            output_log_policies: hook.output_log_policies,
        }
    }
}

impl ReleaseJson {
    /// The release that a record holds, with its live objects, behind a veil.
    ///
    /// # Errors
    /// A [`Report`] when a member has not Helm's form.
    pub(super) fn of(
        record: &Record,
        key: &RecordKey,
        resources: BTreeMap<String, Vec<Value>>,
        veil: &mut Veil,
    ) -> Result<Self, Report> {
        let config = match record.config() {
            Some(config) => {
                let values = serde_json::from_str(config)
                    .map_err(|_| crate::report::corrupt(key, "member \"config\" is not readable JSON"))?;
                Some(veil.values(through_go(values)))
                    .filter(|values| values.as_object().is_none_or(|members| !members.is_empty()))
            }
            None => None,
        };
        let has_info = record.raw("info").is_some_and(|info| info != "null");
        Ok(Self {
            name: record.name().map_err(unreadable(key))?,
            info: has_info
                .then(|| record.info().map(|info| InfoJson::of(info, resources, veil)))
                .transpose()
                .map_err(unreadable(key))?,
            config,
            manifest: veil.manifest(&record.manifest().map_err(unreadable(key))?),
            hooks: record.hooks().map_err(unreadable(key))?.into_iter().map(|hook| HookJson::of(hook, veil)).collect(),
            version: key.revision.get(),
            namespace: record.namespace().map_err(unreadable(key))?,
            apply_method: record.apply_method_text().map_err(unreadable(key))?,
        })
    }
}
