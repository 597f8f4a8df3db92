//! Small charts, written to disk from texts in a test.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A chart in the making.
///
/// ```
/// use e2e::Chart;
///
/// let dir = tempfile::tempdir().expect("a temporary folder");
/// let chart = Chart::new("web", "1.2.3")
///     .values("color: blue\n")
///     .template("cm.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {color: {{ .Values.color }}}\n")
///     .write(&dir.path().join("web"));
/// assert!(chart.join("templates/cm.yaml").is_file());
/// ```
#[derive(Debug, Clone)]
pub struct Chart {
    name: String,
    version: String,
    app_version: String,
    files: BTreeMap<String, String>,
}

impl Chart {
    /// Makes a chart without templates.
    #[must_use]
    pub fn new(name: &str, version: &str) -> Self {
        Self { name: name.to_owned(), version: version.to_owned(), app_version: "1.0".to_owned(), files: BTreeMap::new() }
    }

    /// Sets the app version, `1.0` at first.
    #[must_use]
    pub fn app_version(mut self, version: &str) -> Self {
        version.clone_into(&mut self.app_version);
        self
    }

    /// Sets `values.yaml`.
    #[must_use]
    pub fn values(self, text: &str) -> Self {
        self.file("values.yaml", text)
    }

    /// Adds or replaces a file under `templates/`.
    #[must_use]
    pub fn template(self, file: &str, text: &str) -> Self {
        self.file(&format!("templates/{file}"), text)
    }

    /// Adds or replaces any file, such as `crds/widget.yaml`.
    #[must_use]
    pub fn file(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), text.to_owned());
        self
    }

    /// Takes a file out again.
    #[must_use]
    pub fn without(mut self, path: &str) -> Self {
        self.files.remove(path);
        self
    }

    /// Whether a file is there.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Writes the chart into a folder, whatever is there goes, and gives the folder.
    #[must_use]
    pub fn write(&self, folder: &Path) -> PathBuf {
        if folder.exists() {
            fs::remove_dir_all(folder).expect("the old chart can be deleted");
        }
        let about = format!(
            "apiVersion: v2\nname: {}\nversion: {}\nappVersion: \"{}\"\ntype: application\n",
            self.name, self.version, self.app_version
        );
        let about = [("Chart.yaml".to_owned(), about)];
        let given = self.files.iter().map(|(path, text)| (path.clone(), text.clone()));
        for (path, text) in about.into_iter().chain(given) {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().expect("a file has a folder")).expect("the chart's folder can be made");
            fs::write(&path, text).expect("the chart's file can be written");
        }
        folder.to_owned()
    }
}
