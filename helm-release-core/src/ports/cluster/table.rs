//! Objects as a table, the way `kubectl get` shows them.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{ListOptions, Location, Resource};
use crate::Object;

/// Which objects a table shows.
///
/// ```
/// use helm_release_core::Gvk;
/// use helm_release_core::ports::{ListOptions, Resource, Scope, TableOf};
///
/// let pods = Resource { gvk: Gvk::new("v1", "Pod"), plural: "pods".to_owned(), scope: Scope::Namespaced };
/// assert_eq!(TableOf::One(pods.at("shop", "web-0")).to_string(), "Pod shop/web-0");
/// assert_eq!(TableOf::Chosen(pods, ListOptions::within(Some("shop"))).to_string(), "pods");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableOf {
    /// One object; reading it needs no right to list.
    One(Location),
    /// The objects of a kind that the options choose.
    Chosen(Resource, ListOptions),
}

/// `Deployment default/web`, `pods`.
impl fmt::Display for TableOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(at) => at.fmt(f),
            Self::Chosen(resource, _) => f.write_str(&resource.plural),
        }
    }
}

/// One column of a table, as `meta.k8s.io/v1` describes it.
///
/// ```
/// use helm_release_core::ports::TableColumn;
/// use serde_json::{from_value, json};
///
/// let node: TableColumn = from_value(json!({"name": "Node", "type": "string", "priority": 1}))?;
/// let ready: TableColumn = from_value(json!({"name": "Ready", "type": "string"}))?;
/// // What the server does not say is empty.
/// assert_eq!((ready.format.as_str(), ready.priority), ("", 0));
/// let narrow: Vec<_> = [node, ready].into_iter().filter(|column| column.priority == 0).map(|column| column.name).collect();
/// assert_eq!(narrow, ["Ready"]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TableColumn {
    /// Headline.
    pub name: String,
    /// Type of its cells, such as `string` or `date`.
    #[serde(rename = "type")]
    pub kind: String,
    /// How to read that type, such as `name` for the column that names the object.
    pub format: String,
    /// What it tells.
    pub description: String,
    /// 0 for columns that are always shown; others are for wide tables.
    pub priority: i32,
}

/// Objects as a table: what the server finds worth showing of each.
///
/// `Debug` prints the columns and never what the cells hold.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::ports::Table;
/// use serde_json::json;
///
/// let object = json!({
///     "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web", "creationTimestamp": "2026-11-20T08:00:00Z"},
/// });
/// let table = Table::plain(&[Object::new(object)?]);
/// assert_eq!(table.columns[1].name, "Created At");
/// assert_eq!(table.rows, [["web", "2026-11-20T08:00:00Z"]]);
/// # Ok::<(), helm_release_core::object::NotAnObject>(())
/// ```
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Table {
    /// The columns.
    #[serde(rename = "columnDefinitions", deserialize_with = "nullable")]
    pub columns: Vec<TableColumn>,
    /// The cells of each row, in the order of the columns.
    #[serde(deserialize_with = "rows")]
    pub rows: Vec<Vec<Value>>,
}

impl Table {
    /// Name and time of creation of each object: what the API server shows of a kind for which it knows no better
    /// (`k8s.io/apiserver/pkg/registry/rest/table.go`).
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_core::ports::Table;
    /// use serde_json::{Value, json};
    ///
    /// let rendered = Object::new(json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "lamp"}}))?;
    /// let table = Table::plain(&[rendered]);
    /// assert_eq!(table.columns.iter().map(|column| column.kind.as_str()).collect::<Vec<_>>(), ["string", "date"]);
    /// // What is not in a cluster was never created.
    /// assert_eq!(table.rows, [[json!("lamp"), Value::Null]]);
    /// # Ok::<(), helm_release_core::object::NotAnObject>(())
    /// ```
    #[must_use]
    pub fn plain(objects: &[Object]) -> Self {
        let column = |name: &str, kind: &str, format: &str| TableColumn {
            name: name.to_owned(),
            kind: kind.to_owned(),
            format: format.to_owned(),
            ..TableColumn::default()
        };
        let cells = |object: &Object| {
            let created = object.at(&["metadata", "creationTimestamp"]).cloned().unwrap_or_default();
            vec![Value::from(object.name()), created]
        };
        Self {
            columns: vec![column("Name", "string", "name"), column("Created At", "date", "")],
            rows: objects.iter().map(cells).collect(),
        }
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        f.debug_struct("Table").field("columns", &columns).field("rows", &self.rows.len()).finish()
    }
}

/// Go writes an empty list as `null`.
fn nullable<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Row {
    #[serde(deserialize_with = "nullable")]
    cells: Vec<Value>,
}

/// A row has its cells under a name of their own, beside the object.
fn rows<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<Value>>, D::Error> {
    let rows: Vec<Row> = nullable(deserializer)?;
    Ok(rows.into_iter().map(|row| row.cells).collect())
}
