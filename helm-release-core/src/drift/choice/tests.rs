use super::{DriftChoice, DriftRule, InvalidDriftRule, choose};
use crate::ObjectId;
use crate::drift::FieldPath;

fn web() -> ObjectId {
    ObjectId {
        group: "apps".to_owned(),
        kind: "Deployment".to_owned(),
        namespace: Some("shop".to_owned()),
        name: "web".to_owned(),
    }
}

fn rules(texts: &[&str]) -> Vec<DriftRule> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

#[test]
fn an_object_is_named_in_any_form_and_by_a_star() {
    let path = FieldPath::of_fields(&["spec", "replicas"]);
    for object in
        ["Deployment/web", "Deployment/shop/web", "Deployment shop/web", "*", "*/web", "Deployment/*", "D*/*b", "deployment/web"]
    {
        assert!(rules(&[&format!("{object}:spec.replicas=keep")])[0].covers(&web(), &path), "{object}");
    }
    for object in ["Deployment/webs", "StatefulSet/*", "Deployment/other/web", "*x"] {
        assert!(!rules(&[&format!("{object}:spec.replicas=keep")])[0].covers(&web(), &path), "{object}");
    }
}

#[test]
fn a_field_covers_everything_below_it_and_nothing_beside() {
    let replicas = FieldPath::of_fields(&["spec", "replicas"]);
    for path in ["spec", "spec.replicas", "*", "spec.*", "*.replicas"] {
        assert!(rules(&[&format!("*:{path}=stop")])[0].covers(&web(), &replicas), "{path}");
    }
    for path in ["spe", "spec.replica", "spec.replicas.more", "metadata"] {
        assert!(!rules(&[&format!("*:{path}=stop")])[0].covers(&web(), &replicas), "{path}");
    }
    assert!(rules(&["Deployment/web=keep"])[0].covers(&web(), &replicas), "no field means every field");
}

#[test]
fn signs_with_a_meaning_may_stand_in_brackets_and_in_names() {
    let rule = &rules(&["ClusterRole/a:b:rules[x=y:z].v=restore"])[0];
    assert_eq!(
        (rule.object.as_str(), rule.path.as_str(), rule.choice),
        ("ClusterRole/a:b", "rules[x=y:z].v", DriftChoice::Restore)
    );
    assert_eq!(rule.to_string().parse::<DriftRule>().unwrap(), *rule);
}

#[test]
fn the_last_rule_that_covers_a_field_counts() {
    let rules = rules(&["*:spec=keep", "Deployment/web:spec.replicas=stop", "Service/*:spec=restore"]);
    let chosen = |path: &[&str]| choose(&rules, &web(), &FieldPath::of_fields(path), DriftChoice::Restore);
    assert_eq!(chosen(&["spec", "replicas"]), DriftChoice::Stop);
    assert_eq!(chosen(&["spec", "paused"]), DriftChoice::Keep);
    assert_eq!(chosen(&["metadata"]), DriftChoice::Restore);
}

#[test]
fn what_is_no_rule_is_refused() {
    let refused = |text: &str| text.parse::<DriftRule>().unwrap_err();
    assert_eq!(refused("Deployment/web:spec=later"), InvalidDriftRule::Choice("later".to_owned()));
    for text in ["Deployment/web:spec", ":spec=keep", "Deployment/web:=keep", ""] {
        assert_eq!(refused(text), InvalidDriftRule::Form(text.to_owned()), "{text}");
    }
    assert_eq!("kepe".parse::<DriftChoice>().unwrap_err().to_string(), "\"kepe\" is neither restore, keep nor stop");
}

#[test]
fn a_rule_that_could_cover_nothing_is_refused_with_the_form() {
    for object in ["ConfigMap", "web", "configmap", "/web", "ConfigMap/", "apps/Deployment/web", "apps/v1/Deployment/web"] {
        let refused = format!("{object}=stop").parse::<DriftRule>().unwrap_err();
        assert_eq!(refused, InvalidDriftRule::Object(object.to_owned()), "{object}");
        assert!(refused.to_string().contains("write Kind/name"), "{refused}");
    }
}
