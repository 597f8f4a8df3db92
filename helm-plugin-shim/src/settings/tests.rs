use super::*;

fn resolve(flags: Globals, variables: &[(&str, &str)]) -> Result<Settings, Report> {
    let lookup = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    Settings::resolve(flags, Environment::from_lookup(lookup))
}

#[test]
fn a_flag_wins_over_a_variable() {
    let flags = Globals { namespace: Some("b".to_owned()), debug: Some(false), ..Globals::default() };
    let settings = resolve(flags, &[("HELM_NAMESPACE", "a"), ("HELM_DEBUG", "true")]).unwrap();
    assert_eq!(settings.namespace.unwrap().as_str(), "b");
    assert!(!settings.debug);
}

#[test]
fn an_empty_flag_leaves_the_variable_standing() {
    let flags = Globals { kube_context: Some(String::new()), ..Globals::default() };
    assert_eq!(resolve(flags, &[("HELM_KUBECONTEXT", "blue")]).unwrap().kube_context.as_deref(), Some("blue"));
}

#[test]
fn no_color_wins_over_helm_color_and_a_flag_over_both() {
    let variables = [("NO_COLOR", "1"), ("HELM_COLOR", "always")];
    assert_eq!(resolve(Globals::default(), &variables).unwrap().color, Color::Never);
    let flags = Globals { color: Some("always".to_owned()), ..Globals::default() };
    assert_eq!(resolve(flags, &variables).unwrap().color, Color::Always);
}

#[test]
fn an_unknown_color_mode_is_refused_in_helms_words() {
    let flags = Globals { color: Some("pink".to_owned()), ..Globals::default() };
    let report = resolve(flags, &[]).unwrap_err();
    assert_eq!(report.message, "invalid color mode \"pink\": must be one of: never, auto, always");
}

#[test]
fn a_limit_of_zero_requests_a_second_means_none_as_helm_gives_it() {
    assert_eq!(resolve(Globals::default(), &[("HELM_QPS", "0.00")]).unwrap().qps, None);
}
