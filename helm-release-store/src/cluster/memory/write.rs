//! Carries out writes: create, replace, patch, apply, delete.

use std::sync::Arc;

use helm_release_core::Object;
use helm_release_core::ports::{ClusterErrorKind, Location, PatchBody, Request, Validation};
use serde_json::Value;

use super::api::Served;
use super::decode::decode;
use super::delete::may_go;
use super::manage::{Author, Operation};
use super::refusal::{Cause, Refusal};
use super::state::State;
use super::{admit, default, manage, patch, tree};

/// One write on its way: which kind, where, by whom.
#[derive(Debug, Clone)]
pub(crate) struct Call<'a> {
    pub(crate) served: &'a Served,
    pub(crate) at: &'a Location,
    pub(crate) author: Author,
    pub(crate) validation: Validation,
}

impl State {
    /// Carries out one write and returns the object as it is afterwards.
    pub(crate) fn write(&mut self, request: &Request) -> Result<Option<Arc<Value>>, Refusal> {
        let at = request.at();
        let served = self.api.find(&at.resource.gvk).ok_or_else(Refusal::not_served)?;
        let call = |manager: &str, operation, validation| Call {
            served: &served,
            at,
            author: Author::new(manager, operation, &at.resource.gvk),
            validation,
        };
        match request {
            Request::Create { object, manager, validation, .. } => {
                self.create(&call(manager, Operation::Update, *validation), object.as_value().clone()).map(Some)
            }
            Request::Replace { object, manager, validation, .. } => {
                self.replace(&call(manager, Operation::Update, *validation), object).map(Some)
            }
            Request::Patch { patch, manager, validation, .. } => {
                self.patch(&call(manager, Operation::Update, *validation), patch).map(Some)
            }
            Request::Apply { object, manager, conflicts, validation, .. } => {
                self.apply(&call(manager, Operation::Apply, *validation), object, *conflicts).map(Some)
            }
            Request::Delete { propagation, preconditions, .. } => self.delete(at, *propagation, preconditions).map(Some),
        }
    }

    pub(crate) fn create(&mut self, call: &Call<'_>, object: Value) -> Result<Arc<Value>, Refusal> {
        let Call { served, at, .. } = call;
        let mut object = call.read(object)?;
        if tree::at(&object, &["metadata", "resourceVersion"]).is_some() {
            return Err(Refusal::bad_request("resourceVersion should not be set on objects to be created"));
        }
        let mut at = (*at).clone();
        if at.name.is_empty() {
            at.name = self.generated_name(call, &object)?;
            tree::set(&mut object, &["metadata", "name"], at.name.as_str());
        }
        let call = Call { at: &at, ..call.clone() };
        self.admits_new(&call)?;
        let metadata = tree::mapping(&mut object, &["metadata"]);
        for set_by_server in ["uid", "generation", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"] {
            metadata.remove(set_by_server);
        }
        let uid = self.new_uid();
        metadata.insert("uid".to_owned(), Value::from(uid));
        metadata.insert("creationTimestamp".to_owned(), Value::from(self.stamp()));
        if served.counts_changes {
            metadata.insert("generation".to_owned(), Value::from(1));
        }
        if served.status_apart {
            tree::remove(&mut object, &["status"]);
        }
        served.complete(&mut object);
        default::fill(&at.resource, &mut object, None);
        if call.author.operation == Operation::Update {
            let empty = manage::newborn(&served.node, &object);
            manage::record_update(served, &empty, &mut object, &call.author, &self.stamp());
        }
        self.allocate(&at, &mut object, None);
        admit::check(&at, &object, None)?;
        if self.get(&at.id()).is_some() {
            return Err(Refusal::already_exists(&at.resource, &at.name));
        }
        Ok(self.commit(&at.id(), Some(object)))
    }

    fn generated_name(&mut self, call: &Call<'_>, object: &Value) -> Result<String, Refusal> {
        match tree::text(object, &["metadata", "generateName"]) {
            "" => {
                let why = "name or generateName is required".to_owned();
                let cause = Cause::Required { field: "metadata.name".to_owned(), why };
                Err(Refusal::invalid(&call.at.resource, "", &[cause]))
            }
            prefix => Ok(format!("{prefix}{}", self.new_suffix())),
        }
    }

    fn replace(&mut self, call: &Call<'_>, object: &Object) -> Result<Arc<Value>, Refusal> {
        let object = call.read(object.as_value().clone())?;
        let current = self.current(call.at)?;
        let (uid, wanted) = (tree::text(&current, &["metadata", "uid"]), tree::text(&object, &["metadata", "uid"]));
        if !wanted.is_empty() && wanted != uid {
            let why = format!("Precondition failed: UID in precondition: {wanted}, UID in object meta: {uid}");
            return Err(Refusal::conflict(&call.at.resource, &call.at.name, &why));
        }
        if tree::at(&object, &["metadata", "resourceVersion"]).is_none() && admit::needs_version(call.served) {
            let field = "metadata.resourceVersion".to_owned();
            let cause = Cause::Invalid { field, value: Value::from(0), why: "must be specified for an update".to_owned() };
            return Err(Refusal::invalid_resource(&call.at.resource, &call.at.name, &cause));
        }
        self.update(call, &current, object)
    }

    fn patch(&mut self, call: &Call<'_>, body: &PatchBody) -> Result<Arc<Value>, Refusal> {
        let current = self.current(call.at)?;
        let patched = patch::apply(call.served, &current, body)?;
        // The server says what it could not read, in the words that it has for no kind at all; we leave the value out.
        let patched = call.read(patched).map_err(|refusal| match refusal.message.split_once(" cannot be handled as a ") {
            Some((_, rest)) => {
                let why = rest.split_once(": ").map_or(rest, |(_, why)| why);
                Refusal::bad_request(format!("\"\" is invalid: patch: Invalid value: \"...\": {why}"))
            }
            None => refusal,
        })?;
        self.update(call, &current, patched)
    }

    /// The object that must be there.
    pub(crate) fn current(&self, at: &Location) -> Result<Arc<Value>, Refusal> {
        self.get(&at.id()).cloned().ok_or_else(|| Refusal::not_found(&at.resource, &at.name))
    }

    /// Brings an object from `current` to `proposed`, as far as the server lets it be changed.
    pub(crate) fn update(&mut self, call: &Call<'_>, current: &Arc<Value>, mut proposed: Value) -> Result<Arc<Value>, Refusal> {
        let Call { served, at, author, .. } = call;
        admit::keep_server_fields(at, current, &mut proposed)?;
        if let Some(subresource) = author.subresource {
            admit::only_status(current, &mut proposed, subresource);
        } else {
            if served.status_apart {
                admit::keep_status(current, &mut proposed);
            }
            served.complete(&mut proposed);
            default::fill(&at.resource, &mut proposed, Some(current));
        }
        if author.operation == Operation::Update {
            manage::record_update(served, current, &mut proposed, author, &self.stamp());
        }
        if author.subresource.is_none() {
            self.allocate(at, &mut proposed, Some(current));
            admit::check(at, &proposed, Some(current))?;
        }
        if served.counts_changes && admit::specification_changed(current, &proposed) {
            let generation = tree::number(current, &["metadata", "generation"]).unwrap_or(0) + 1;
            tree::set(&mut proposed, &["metadata", "generation"], generation);
        }
        if proposed == **current {
            return Ok(Arc::clone(current));
        }
        if tree::at(&proposed, &["metadata", "deletionTimestamp"]).is_some() && may_go(&at.id(), &proposed) {
            return Ok(self.vanish(&at.id(), Some(proposed)));
        }
        Ok(self.commit(&at.id(), Some(proposed)))
    }
}

impl Call<'_> {
    /// Reads what a client sent as an object of the kind and place that it wrote to.
    pub(crate) fn read(&self, value: Value) -> Result<Value, Refusal> {
        let Location { resource, namespace, name } = self.at;
        let gvk = &resource.gvk;
        let (api_version, kind) = (tree::text(&value, &["apiVersion"]), tree::text(&value, &["kind"]));
        if api_version != gvk.api_version() || kind != gvk.kind {
            let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
            return Err(Refusal::bad_request(format!(
                "{kind} in version {version:?} cannot be handled as a {}: no kind {kind:?} is registered for version {group}/{version}",
                gvk.kind
            )));
        }
        let handled = format!("{} in version {:?} cannot be handled as a {}", gvk.kind, gvk.version, gvk.kind);
        let decoded = decode(&self.served.node, value);
        if let Some(wrong) = decoded.mistyped {
            let (found, wanted, field) = (wrong.found, wrong.wanted, wrong.path);
            let why = format!("json: cannot unmarshal {found} into Go struct field {field} of type {wanted}");
            return Err(Refusal::bad_request(format!("{handled}: {why}")));
        }
        if self.validation == Validation::Strict && !decoded.unknown.is_empty() {
            let fields: Vec<String> = decoded.unknown.iter().map(|field| format!("unknown field {field:?}")).collect();
            return Err(Refusal::bad_request(format!("{handled}: strict decoding error: {}", fields.join(", "))));
        }
        let mut object = decoded.value;
        let named = tree::text(&object, &["metadata", "name"]);
        if !name.is_empty() && !named.is_empty() && named != name {
            return Err(Refusal::bad_request(format!(
                "the name of the object ({named}) does not match the name on the URL ({name})"
            )));
        }
        let lies_in = tree::text(&object, &["metadata", "namespace"]);
        if !lies_in.is_empty() && Some(lies_in) != namespace.as_deref() {
            return Err(Refusal::bad_request(
                "the namespace of the provided object does not match the namespace sent on the request",
            ));
        }
        if !name.is_empty() {
            tree::set(&mut object, &["metadata", "name"], name.as_str());
        }
        if let Some(namespace) = namespace {
            tree::set(&mut object, &["metadata", "namespace"], namespace.as_str());
        }
        Ok(object)
    }
}

impl State {
    /// Whether an object may be made there at all.
    fn admits_new(&self, call: &Call<'_>) -> Result<(), Refusal> {
        let Some(namespace) = call.at.namespace.as_deref() else { return Ok(()) };
        let found = self.of_kind("", "Namespace", None).find(|(id, _)| id.name == namespace);
        let Some((_, found)) = found else {
            return Err(Refusal::new(ClusterErrorKind::NotFound, format!("namespaces {namespace:?} not found")));
        };
        if tree::at(found, &["metadata", "deletionTimestamp"]).is_some() {
            let why = format!("unable to create new content in namespace {namespace} because it is being terminated");
            return Err(Refusal::forbidden(&call.at.resource, &call.at.name, &why));
        }
        Ok(())
    }
}
