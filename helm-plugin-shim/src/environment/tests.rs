use super::*;

fn environment(variables: &[(&str, &str)]) -> Environment {
    Environment::from_lookup(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
}

#[test]
fn a_variable_that_is_set_but_empty_is_not_given() {
    assert_eq!(
        environment(&[("HELM_KUBECONTEXT", ""), ("HELM_KUBETOKEN", ""), ("HELM_KUBEASGROUPS", ""), ("NO_COLOR", "")]),
        Environment::default()
    );
}

#[test]
fn a_value_that_helm_would_not_understand_counts_as_unset() {
    let environment = environment(&[("HELM_DEBUG", "yes please"), ("HELM_MAX_HISTORY", "many"), ("HELM_QPS", "x")]);
    assert!(!environment.debug);
    assert_eq!((environment.max_history, environment.qps), (None, None));
}

#[test]
fn groups_that_helm_repeats_are_taken_once() {
    assert_eq!(environment(&[("HELM_KUBEASGROUPS", "a,b,a,b")]).kube_as_groups, ["a", "b"]);
}

#[test]
fn debug_text_holds_no_token() {
    assert!(!format!("{:?}", environment(&[("HELM_KUBETOKEN", "s3cret")])).contains("s3cret"));
}
