//! Every class on releases that have it, and on ones that only look like it.

mod around;
mod plans;
mod records;
mod world;

#[test]
fn every_class_has_a_section_in_the_documentation_and_no_section_is_left_over() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/fsck.md");
    let text = std::fs::read_to_string(path).unwrap();
    let sections: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let classes: Vec<&str> = super::Class::ALL.iter().map(|class| class.as_str()).collect();
    assert_eq!(sections, classes);
}
