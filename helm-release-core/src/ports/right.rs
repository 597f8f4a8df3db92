//! What a user may ask of the server, as its authorisation tells requests apart.

use std::fmt;

use serde::Serialize;

use super::{Location, Resource};

/// One kind of request on one kind of object, as the server's authorisation sees it.
///
/// ```
/// use helm_release_core::ports::Right;
///
/// let right = Right::of("patch", "apps", "deployments", Some("shop")).named("web");
/// assert_eq!((right.verb, right.group.as_str(), right.subresource), ("patch", "apps", None));
/// assert_eq!(right.name.as_deref(), Some("web"));
/// assert_eq!(right.to_string(), r#"patch deployments.apps "web" in namespace shop"#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Right {
    /// The verb of authorisation: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`.
    pub verb: &'static str,
    /// The API group; empty for the core group.
    pub group: String,
    /// The name of the kind in URLs, such as `deployments`.
    pub resource: String,
    /// What lies below the object, such as `log`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subresource: Option<&'static str>,
    /// Where; `None` for kinds of the whole cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Which object; `None` for every one, and where the server does not look at names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Right {
    /// The right to do something to one object. A creation is not authorised by name.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::ports::{Resource, Right, Scope};
    ///
    /// let secrets = Resource { gvk: Gvk::new("v1", "Secret"), plural: "secrets".to_owned(), scope: Scope::Namespaced };
    /// let at = secrets.at("shop", "db");
    /// assert_eq!(Right::on("get", &at).to_string(), r#"get secrets "db" in namespace shop"#);
    /// // A creation is a request to the whole kind.
    /// assert_eq!(Right::on("create", &at).to_string(), "create secrets in namespace shop");
    /// ```
    #[must_use]
    pub fn on(verb: &'static str, at: &Location) -> Self {
        let name = (verb != "create").then(|| at.name.clone());
        Self { name, ..Self::over(verb, &at.resource, at.namespace.as_deref()) }
    }

    /// The right to do something to every object of a kind.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::ports::{Cluster as _, Right};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let kinds = shop.cluster.kinds(false).await?;
    /// let pods = kinds.find(&Gvk::new("v1", "Pod")).ok_or("not served")?;
    /// assert_eq!(Right::over("watch", pods, Some("shop")).to_string(), "watch pods in namespace shop");
    /// assert_eq!(Right::over("watch", pods, None).to_string(), "watch pods in the cluster");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn over(verb: &'static str, resource: &Resource, namespace: Option<&str>) -> Self {
        Self::of(verb, &resource.gvk.group, &resource.plural, namespace)
    }

    /// The right to do something to every object of a kind, named by group and plural.
    ///
    /// ```
    /// use helm_release_core::ports::Right;
    ///
    /// let right = Right::of("update", "coordination.k8s.io", "leases", Some("shop"));
    /// assert_eq!(right.to_string(), "update leases.coordination.k8s.io in namespace shop");
    /// assert_eq!(right.name, None);
    /// ```
    #[must_use]
    pub fn of(verb: &'static str, group: &str, resource: &str, namespace: Option<&str>) -> Self {
        let (group, resource) = (group.to_owned(), resource.to_owned());
        Self { verb, group, resource, subresource: None, namespace: namespace.map(str::to_owned), name: None }
    }

    /// The same for one object alone.
    ///
    /// ```
    /// use helm_release_core::ports::Right;
    ///
    /// let right = Right::of("get", "", "namespaces", None).named("shop");
    /// assert_eq!(right.to_string(), r#"get namespaces "shop" in the cluster"#);
    /// ```
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// The same below the object.
    ///
    /// ```
    /// use helm_release_core::ports::Right;
    ///
    /// let logs = Right::of("get", "", "pods", Some("shop")).below("log");
    /// assert_eq!(logs.to_string(), "get pods/log in namespace shop");
    /// ```
    #[must_use]
    pub fn below(self, subresource: &'static str) -> Self {
        Self { subresource: Some(subresource), ..self }
    }

    /// The kind as roles name it: `deployments.apps`, `pods/log`.
    ///
    /// ```
    /// use helm_release_core::ports::Right;
    ///
    /// let scale = Right::of("patch", "apps", "deployments", Some("shop")).below("scale");
    /// assert_eq!(scale.kind(), "deployments.apps/scale");
    /// ```
    #[must_use]
    pub fn kind(&self) -> String {
        let mut kind = self.resource.clone();
        if !self.group.is_empty() {
            kind = format!("{kind}.{}", self.group);
        }
        match self.subresource {
            Some(subresource) => format!("{kind}/{subresource}"),
            None => kind,
        }
    }

    /// Where it holds: `in namespace shop`, `in the cluster`.
    ///
    /// ```
    /// use helm_release_core::ports::Right;
    ///
    /// assert_eq!(Right::of("list", "", "pods", Some("shop")).place(), "in namespace shop");
    /// assert_eq!(Right::of("list", "", "nodes", None).place(), "in the cluster");
    /// ```
    #[must_use]
    pub fn place(&self) -> String {
        self.namespace.as_ref().map_or("in the cluster".to_owned(), |namespace| format!("in namespace {namespace}"))
    }
}

/// `patch deployments.apps "web" in namespace shop`
impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.kind())?;
        if let Some(name) = &self.name {
            write!(f, " {name:?}")?;
        }
        write!(f, " {}", self.place())
    }
}

/// What the server says of a right.
///
/// ```
/// use helm_release_core::ports::Permission;
/// use serde_json::{json, to_value};
///
/// assert_eq!(to_value(Permission::Allowed)?, json!({"answer": "allowed"}));
/// let denied = Permission::Denied("no role of ann covers it".to_owned());
/// assert_eq!(to_value(denied)?, json!({"answer": "denied", "reason": "no role of ann covers it"}));
/// // A server that does not answer has not said no.
/// let unknown = Permission::Unknown("the server does not answer".to_owned());
/// assert_eq!(to_value(unknown)?["answer"], "unknown");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "answer", content = "reason")]
pub enum Permission {
    /// It is given.
    Allowed,
    /// It is not, and why, as far as the server says.
    Denied(String),
    /// The server does not tell, and why.
    Unknown(String),
}

/// The rights with which an adapter makes, changes and removes what it keeps. Of each list one right is enough;
/// an empty list asks for none.
///
/// ```
/// use helm_release_core::ports::{Cluster as _, Lock as _, Permission};
/// use helm_release_store::lock::LeaseLock;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let rights = LeaseLock::new(shop.cluster.clone()).rights(&shop.namespace);
/// let answers = shop.cluster.permissions(&rights.change).await;
/// assert_eq!(answers.len(), 2);
/// let may_renew = rights.change.is_empty() || answers.contains(&Permission::Allowed);
/// assert!(may_renew);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeepersRights {
    /// To make one.
    pub create: Vec<Right>,
    /// To change one.
    pub change: Vec<Right>,
    /// To remove one.
    pub delete: Vec<Right>,
}

impl KeepersRights {
    /// Those over one kind in a namespace; a change is a `patch` or an `update`.
    ///
    /// ```
    /// use helm_release_core::ports::KeepersRights;
    ///
    /// let rights = KeepersRights::over("", "secrets", "shop");
    /// let verbs: Vec<&str> = rights.change.iter().map(|right| right.verb).collect();
    /// assert_eq!(verbs, ["patch", "update"]);
    /// assert_eq!(rights.delete[0].to_string(), "delete secrets in namespace shop");
    /// ```
    #[must_use]
    pub fn over(group: &str, resource: &str, namespace: &str) -> Self {
        let right = |verb| Right::of(verb, group, resource, Some(namespace));
        Self { create: vec![right("create")], change: vec![right("patch"), right("update")], delete: vec![right("delete")] }
    }
}
