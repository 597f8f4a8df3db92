use super::*;

fn record(manifest: &str, config: &str, notes: &str) -> Record {
    let json = json!({"name": "web", "info": {"notes": notes}, "manifest": manifest, "version": 1, "config": serde_json::from_str::<Value>(config).unwrap(),
        "hooks": [{"name": "h", "manifest": "apiVersion: v1\nkind: Pod\nmetadata: {name: h}\n"}]});
    Record::parse(json.to_string().as_bytes()).unwrap()
}

const ONE: &str = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: c2VjcmV0, b: c2VjcmV0}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: gone}\ndata: {x: why}\n";
const TWO: &str = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: b3RoZXI=, b: c2VjcmV0}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: new}\n";

#[test]
fn two_revisions_differ_by_object_and_field_with_secrets_masked() {
    let diff = between(Schemas::built_in(), &record(ONE, r#"{"a":1}"#, "hello"), &record(TWO, r#"{"a":2}"#, "hello")).unwrap();
    let json = diff.masked(&mut Masker::default()).to_json();
    assert!(!json.to_string().contains("c2VjcmV0"), "{json}");
    insta::assert_json_snapshot!(json, @r#"
    {
      "hooks": [],
      "notes": [],
      "objects": [
        {
          "changes": [
            {
              "after": "(masked #2, 8 bytes)",
              "before": "(masked #1, 8 bytes)",
              "path": "data.a"
            }
          ],
          "fate": "changed",
          "object": {
            "group": "",
            "kind": "Secret",
            "name": "s"
          }
        },
        {
          "changes": [
            {
              "before": {
                "x": "why"
              },
              "path": "data"
            },
            {
              "before": {
                "name": "gone"
              },
              "path": "metadata"
            }
          ],
          "fate": "removed",
          "object": {
            "group": "",
            "kind": "ConfigMap",
            "name": "gone"
          }
        },
        {
          "changes": [
            {
              "after": {
                "name": "new"
              },
              "path": "metadata"
            }
          ],
          "fate": "added",
          "object": {
            "group": "",
            "kind": "ConfigMap",
            "name": "new"
          }
        }
      ],
      "values": [
        {
          "after": 2,
          "before": 1,
          "path": "a"
        }
      ]
    }
    "#);
}

#[test]
fn a_live_object_differs_only_where_the_revision_has_a_say() {
    let object = |value: Value| Object::new(value).unwrap();
    let wanted = object(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "1"}}));
    let live = object(
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "uid": "u"}, "data": {"a": "2", "own": "x"}}),
    );
    let diff = with_live(Schemas::built_in(), &wanted, Some(&live)).unwrap().unwrap();
    let change = FieldChange { path: "data.a".to_owned(), before: Some(json!("1")), after: Some(json!("2")) };
    assert_eq!((diff.fate, diff.changes), (Fate::Changed, vec![change]));
    assert_eq!(with_live(Schemas::built_in(), &wanted, None).unwrap().unwrap().fate, Fate::Removed);
    assert_eq!(with_live(Schemas::built_in(), &wanted, Some(&wanted)).unwrap(), None);
}

#[test]
fn a_manifest_that_cannot_be_read_is_named() {
    let broken = record("---\napiVersion: [\n", "{}", "");
    let error = between(Schemas::built_in(), &broken, &broken).unwrap_err().to_string();
    assert!(error.starts_with("the manifest of revision 1 cannot be read"), "{error}");
}
