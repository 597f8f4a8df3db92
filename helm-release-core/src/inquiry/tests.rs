use super::*;

#[test]
fn a_conflict_with_helm_alone_is_told_from_one_with_others() {
    let own = "Apply failed with 2 conflicts: conflicts with \"helm\" using v1:\n- .data.a\n- .data.b";
    let both = "Apply failed with 2 conflicts: conflict with \"helm\" using v1: .data.a\nconflicts with \"kubectl-edit\" using v1:\n- .data.b";
    assert!(conflicts_only_with(own, "helm"));
    assert!(!conflicts_only_with(both, "helm"));
    assert!(!conflicts_only_with("the object has been modified", "helm"));
}
