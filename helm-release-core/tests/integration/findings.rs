//! Every finding has a page in the documentation.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use helm_release_core::plan::FindingId;

fn pages() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/findings")
}

fn ids() -> BTreeSet<String> {
    FindingId::ALL.iter().map(ToString::to_string).collect()
}

#[test]
fn every_id_has_its_page_and_every_page_its_id() {
    let files = fs::read_dir(pages()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let named: BTreeSet<String> =
        files.filter(|file| file != "README.md").map(|file| file.trim_end_matches(".md").to_owned()).collect();
    assert_eq!(named, ids());
}

#[test]
fn every_page_says_what_why_and_what_can_be_done_with_an_example_of_its_own() {
    for id in ids() {
        let text = fs::read_to_string(pages().join(format!("{id}.md"))).unwrap();
        assert!(text.starts_with(&format!("# {id}\n")), "{id}: title");
        for heading in ["\n## What\n", "\n## Why it matters\n", "\n## Ways out\n", "\n## Example\n"] {
            assert!(text.contains(heading), "{id}: {}", heading.trim());
        }
        let example = text.split("```text\n").nth(1).unwrap_or_default();
        assert!(example.split_whitespace().nth(1) == Some(&id), "{id}: the example shows it");
    }
}

#[test]
fn the_index_links_every_page_once() {
    let index = fs::read_to_string(pages().join("README.md")).unwrap();
    for id in ids() {
        assert_eq!(index.matches(&format!("[{id}]({id}.md)")).count(), 1, "{id}");
    }
}
