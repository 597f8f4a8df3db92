use super::{INSTALL, install_rank, sort_for_install, sort_for_uninstall, uninstall_rank};
use crate::HelmLine::{V3, V4};

#[test]
fn unknown_kinds_come_last_by_name_in_both_orders() {
    let mut kinds = vec!["Zebra", "Pod", "Apple", "Namespace", "apple"];
    sort_for_install(&mut kinds, V3, |kind| kind);
    assert_eq!(kinds, ["Namespace", "Pod", "Apple", "Zebra", "apple"]);
    sort_for_uninstall(&mut kinds, V3, |kind| kind);
    assert_eq!(kinds, ["Pod", "Namespace", "Apple", "Zebra", "apple"]);
}

#[test]
fn equal_kinds_keep_their_order() {
    let mut items = vec![("Pod", 1), ("Secret", 2), ("Pod", 3), ("X", 4), ("X", 5), ("Secret", 6)];
    sort_for_install(&mut items, V4, |item| item.0);
    assert_eq!(items.map_numbers(), [2, 6, 1, 3, 4, 5]);
    sort_for_uninstall(&mut items, V4, |item| item.0);
    assert_eq!(items.map_numbers(), [1, 3, 2, 6, 4, 5]);
}

trait Numbers {
    fn map_numbers(&self) -> Vec<i32>;
}

impl Numbers for Vec<(&str, i32)> {
    fn map_numbers(&self) -> Vec<i32> {
        self.iter().map(|item| item.1).collect()
    }
}

#[test]
fn only_helm_4_knows_webhook_configurations() {
    let (mutating, validating) = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration");
    assert_eq!(install_rank(mutating, V3), install_rank("Unknown", V3));
    assert_eq!(install_rank(mutating, V4), install_rank("APIService", V4) + 1);
    assert_eq!(install_rank(validating, V4), install_rank("APIService", V4) + 2);
    assert_eq!((uninstall_rank(validating, V4), uninstall_rank(mutating, V4), uninstall_rank("APIService", V4)), (0, 1, 2));
    assert_eq!(uninstall_rank(validating, V3), INSTALL.len());
}
