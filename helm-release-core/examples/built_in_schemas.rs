//! Writes the table of built-in kinds from a folder of `OpenAPI` v3 documents (`*.json`), as a server gives them
//! under `/openapi/v3/apis/…` or as Kubernetes' own repository keeps them in `api/openapi-spec/v3`.
//!
//! The first folder wins; from those behind it comes only what it does not have. The second one holds what the types
//! that are compiled into Helm say, which is the answer of the oracle (package `e2e`) to the question `{"id":1,"verb":"schemas"}`:
//! `cargo run -p helm-release-core --example built_in_schemas -- SERVER HELM > built_in.json`
//! The result belongs to `helm-release-core/src/patch/schema/built_in.json`.
#![expect(clippy::print_stdout, reason = "the table goes to standard output")]

use std::error::Error;
use std::fs;

use helm_release_core::patch::Schemas;
use serde_json::{Map, Value};

/// Beginnings of type names that are written short, to keep the table small.
const SHORTER: [(&str, &str); 3] =
    [("io.k8s.api.", ""), ("io.k8s.apimachinery.pkg.apis.meta.", "meta."), ("io.k8s.apiextensions-apiserver.pkg.apis.", "")];

fn main() -> Result<(), Box<dyn Error>> {
    let mut schemas = Schemas::default();
    for folder in std::env::args().skip(1) {
        let mut files: Vec<_> = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
        files.sort();
        let mut found = Schemas::default();
        for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "json")) {
            found.add_openapi_v3(&serde_json::from_slice(&fs::read(file)?)?)?;
        }
        schemas.complete_with(&found);
    }
    // Kinds that are only sent and never stored are not patched.
    let all = schemas.clone();
    schemas.retain(|gvk| all.takes_strategic_merge(gvk));
    let mut table = one_line_each(&serde_json::to_value(&schemas)?);
    for (long, short) in SHORTER {
        table = table.replace(&format!("\"{long}"), &format!("\"{short}"));
    }
    print!("{table}");
    Ok(())
}

/// One kind or type per line, so that a change of the table can be read as a diff.
fn one_line_each(table: &Value) -> String {
    let section = |name: &str| {
        let entries = table.get(name).and_then(Value::as_object).into_iter().flat_map(Map::iter);
        let lines: Vec<String> = entries.map(|(key, value)| format!("{}:{value}", Value::from(key.as_str()))).collect();
        format!("\"{name}\":{{\n{}\n}}", lines.join(",\n"))
    };
    format!("{{{},\n{}}}\n", section("kinds"), section("types"))
}
