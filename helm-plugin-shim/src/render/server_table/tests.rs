use serde::Deserialize;
use serde_json::json;

use super::*;

/// Tables, and what the printer that Helm 4.3.1 calls (`k8s.io/kubectl/pkg/cmd/get`, v0.37.1) made of them.
const PRINTED: &str = include_str!("tests/kubectl.jsonl");

#[derive(Deserialize)]
struct Case {
    name: String,
    tables: Vec<Table>,
    printed: String,
}

fn print(tables: &[Table]) -> String {
    let mut text = String::new();
    let mut printer = TablePrinter::new();
    for table in tables {
        printer.print(&mut text, table);
    }
    text
}

#[test]
fn tables_look_as_kubectl_prints_them() {
    let cases: Vec<Case> = PRINTED.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(cases.len() >= 10, "only {} cases", cases.len());
    for Case { name, tables, printed } in cases {
        assert_eq!(print(&tables), printed, "{name}");
    }
}

#[test]
fn a_wide_cell_behind_the_first_hundred_rows_finds_its_room() {
    let mut rows = vec![json!({"cells": ["a", 1]}); 150];
    rows.push(json!({"cells": ["a-very-long-name", 2]}));
    let columns = json!([{"name": "Name", "type": "string"}, {"name": "Data", "type": "string"}]);
    let table = serde_json::from_value(json!({"columnDefinitions": columns, "rows": rows})).unwrap();
    let text = print(&[table]);
    let at: Vec<usize> = text.lines().map(|line| line.rfind(' ').unwrap()).collect();
    assert_eq!(at, [18; 152]);
}
