//! The place where one behaviour is checked.

use std::time::Duration;

use helm_release_core::ports::{
    Cluster, ClusterError, ClusterErrorKind, Conflicts, DryRun, Location, PatchBody, Preconditions, Propagation, Request,
    Resource, Validation,
};
use helm_release_core::{Gvk, Object};
use serde_json::Value;

use crate::conformance::Deviation;

/// The field manager of everything that is written here.
pub(super) const MANAGER: &str = "helm";

/// The cluster and namespace that one check works with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bench<'a> {
    pub(super) check: &'static str,
    pub(super) cluster: &'a dyn Cluster,
    pub(super) namespace: &'a str,
}

impl<'a> Bench<'a> {
    pub(super) fn new(check: &'static str, cluster: &'a dyn Cluster, namespace: &'a str) -> Self {
        Self { check, cluster, namespace }
    }

    pub(super) fn deviation(&self, what: impl Into<String>) -> Deviation {
        Deviation { check: self.check, what: what.into() }
    }

    pub(super) fn require(&self, holds: bool, what: impl FnOnce() -> String) -> Result<(), Deviation> {
        if holds { Ok(()) } else { Err(self.deviation(what())) }
    }

    /// Requires that a value is what it should be.
    pub(super) fn equal(&self, what: &str, found: Option<&Value>, wanted: &Value) -> Result<(), Deviation> {
        let found = found.cloned().unwrap_or_default();
        self.require(found == *wanted, || format!("{what} is {found} and not {wanted}"))
    }

    pub(super) fn did<T>(&self, result: Result<T, ClusterError>) -> Result<T, Deviation> {
        result.map_err(|error| self.deviation(format!("{error} ({:?})", error.kind)))
    }

    /// Requires that something was refused for that reason and in those words.
    pub(super) fn refused<T>(
        &self,
        result: Result<T, ClusterError>,
        kind: ClusterErrorKind,
        words: &str,
    ) -> Result<(), Deviation> {
        match result {
            Ok(_) => Err(self.deviation(format!("was done instead of refused as {kind:?}"))),
            Err(error) if error.kind != kind => {
                Err(self.deviation(format!("refused as {:?} and not {kind:?}: {error}", error.kind)))
            }
            Err(error) => {
                let message = error.message.split_whitespace().collect::<Vec<_>>().join(" ");
                self.require(message.contains(words), || format!("refused with {message:?} and not {words:?}"))
            }
        }
    }

    pub(super) fn object(&self, value: Value) -> Result<Object, Deviation> {
        Object::new(value).map_err(|error| self.deviation(error.to_string()))
    }

    pub(super) async fn resource(&self, api_version: &str, kind: &str) -> Result<Resource, Deviation> {
        let kinds = self.did(self.cluster.kinds(false).await)?;
        let found = kinds.find(&Gvk::new(api_version, kind)).cloned();
        found.ok_or_else(|| self.deviation(format!("{api_version} {kind} is not served")))
    }

    pub(super) async fn at(&self, api_version: &str, kind: &str, name: &str) -> Result<Location, Deviation> {
        Ok(self.resource(api_version, kind).await?.at(self.namespace, name))
    }

    pub(super) async fn place(&self, object: &Value) -> Result<Location, Deviation> {
        let object = self.object(object.clone())?;
        self.at(object.api_version(), object.kind(), object.name()).await
    }

    pub(super) async fn get(&self, at: &Location) -> Result<Object, Deviation> {
        self.did(self.cluster.get(at).await)
    }

    pub(super) async fn send(&self, request: &Request) -> Result<Object, ClusterError> {
        let written = self.cluster.write(request, DryRun::No).await?;
        written.ok_or_else(|| ClusterError::new(ClusterErrorKind::Other, request.to_string(), "the answer holds no object"))
    }

    pub(super) async fn creation(&self, object: &Value) -> Result<Request, Deviation> {
        let at = self.place(object).await?;
        let (object, manager) = (self.object(object.clone())?, MANAGER.to_owned());
        Ok(Request::Create { at, object, manager, validation: Validation::Strict })
    }

    pub(super) async fn create(&self, object: &Value) -> Result<Object, Deviation> {
        self.did(self.send(&self.creation(object).await?).await)
    }

    pub(super) async fn replace(&self, object: &Value) -> Result<Result<Object, ClusterError>, Deviation> {
        let at = self.place(object).await?;
        let (object, manager) = (self.object(object.clone())?, MANAGER.to_owned());
        Ok(self.send(&Request::Replace { at, object, manager, validation: Validation::Strict }).await)
    }

    pub(super) async fn patch(&self, at: &Location, patch: PatchBody) -> Result<Object, ClusterError> {
        self.patch_as(at, patch, MANAGER).await
    }

    pub(super) async fn patch_as(&self, at: &Location, patch: PatchBody, manager: &str) -> Result<Object, ClusterError> {
        let (at, manager) = (at.clone(), manager.to_owned());
        self.send(&Request::Patch { at, patch, manager, validation: Validation::Strict }).await
    }

    pub(super) async fn application(&self, object: &Value, manager: &str, conflicts: Conflicts) -> Result<Request, Deviation> {
        let at = self.place(object).await?;
        let (object, manager) = (self.object(object.clone())?, manager.to_owned());
        Ok(Request::Apply { at, object, manager, conflicts, validation: Validation::Strict })
    }

    pub(super) async fn apply(&self, object: &Value, manager: &str) -> Result<Object, Deviation> {
        self.did(self.send(&self.application(object, manager, Conflicts::Refuse).await?).await)
    }

    pub(super) async fn delete(
        &self,
        at: &Location,
        propagation: Propagation,
        preconditions: Preconditions,
    ) -> Result<Option<Object>, ClusterError> {
        self.cluster.write(&Request::Delete { at: at.clone(), propagation, preconditions }, DryRun::No).await
    }

    /// Deletes in the background, whatever the object is.
    pub(super) async fn discard(&self, at: &Location) -> Result<(), Deviation> {
        self.did(self.delete(at, Propagation::Background, Preconditions::default()).await).map(drop)
    }

    /// Waits until an object is as it should become.
    pub(super) async fn until(&self, at: &Location, what: &str, holds: impl Fn(&Object) -> bool) -> Result<Object, Deviation> {
        for _ in 0..300 {
            match self.cluster.get(at).await {
                Ok(object) if holds(&object) => return Ok(object),
                Ok(_) => {}
                Err(error) if error.kind == ClusterErrorKind::NotFound => {}
                Err(error) => return Err(self.deviation(error.to_string())),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let last = self.cluster.get(at).await.map(|object| object.as_value().get("status").cloned().unwrap_or_default());
        Err(self.deviation(format!("{at} has not become {what} in 30 s: {last:?}")))
    }

    /// Waits until an object is gone.
    pub(super) async fn until_gone(&self, at: &Location) -> Result<(), Deviation> {
        for _ in 0..300 {
            if self.cluster.get(at).await.is_err_and(|error| error.kind == ClusterErrorKind::NotFound) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(self.deviation(format!("{at} is still there after 30 s")))
    }
}

/// The fields of one manager's entry, found by manager and operation.
pub(super) fn owned(object: &Object, manager: &str, operation: &str) -> Option<Value> {
    let entries = object.metadata()?.get("managedFields")?.as_array()?;
    let is =
        |entry: &&Value| entry["manager"] == manager && entry["operation"] == operation && entry.get("subresource").is_none();
    entries.iter().find(is)?.get("fieldsV1").cloned()
}
