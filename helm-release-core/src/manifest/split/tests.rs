use proptest::prelude::*;

use super::{ManifestError, split_documents};

fn texts(text: &str) -> Vec<String> {
    split_documents(text).unwrap().into_iter().map(|chunk| chunk.text.into_owned()).collect()
}

#[test]
fn a_separator_may_have_blanks_or_a_comment_behind_it_and_nothing_else() {
    assert_eq!(texts("a: 1\n---  \nb: 2\n---\t# c\nc: 3"), ["a: 1\n", "b: 2\n", "c: 3\n"]);
    assert_eq!(split_documents("a: 1\n---b: 2\n").unwrap_err(), ManifestError::Separator { line: 2 });
    assert_eq!(split_documents("a: 1\n\n-----BEGIN\n").unwrap_err(), ManifestError::Separator { line: 3 });
    assert_eq!(texts("a: 1\n ---\n"), ["a: 1\n ---\n"]);
}

#[test]
fn lines_ended_by_carriage_return_are_folded_and_counted() {
    let chunks = split_documents("a: 1\r\n---\r\n# Source: c/x.yaml\r\nb: 2\r\n").unwrap();
    assert_eq!(chunks[1].text, "# Source: c/x.yaml\nb: 2\n");
    assert_eq!((chunks[1].line, chunks[1].source), (3, Some("c/x.yaml")));
}

#[test]
fn a_source_comment_counts_only_above_the_content() {
    let chunks = split_documents("---\n# Source: c/a.yaml\na: 1\n---\nb: 1\n# Source: c/b.yaml\n").unwrap();
    assert_eq!(chunks.iter().map(|chunk| chunk.source).collect::<Vec<_>>(), [Some("c/a.yaml"), None]);
}

#[test]
fn json_values_need_no_separator() {
    let chunks = split_documents("{\"a\":1}\n{\"b\":2} {\"c\":3}\n").unwrap();
    assert!(chunks.iter().all(|chunk| chunk.is_json));
    assert_eq!(
        chunks.iter().map(|chunk| (&*chunk.text, chunk.line)).collect::<Vec<_>>(),
        [("{\"a\":1}", 1), ("{\"b\":2}", 2), ("{\"c\":3}", 2)]
    );
}

#[test]
fn json_turns_into_yaml_after_at_most_one_value() {
    assert_eq!(texts("{\"a\":1}\n---\nb: 2\n"), ["{\"a\":1}", "---\nb: 2\n"]);
    assert_eq!(texts("{a: 1}\n---\nb: 2\n"), ["{a: 1}\n", "b: 2\n"]);
    assert_eq!(split_documents("{\"a\":1}\n{\"b\":2}\n---\nc: 3\n").unwrap_err(), ManifestError::Json { line: 2 });
}

proptest! {
    #[test]
    fn chunks_and_separators_make_up_the_whole_text(lines in prop::collection::vec("(---( #x)?|[ab #]{0,6})\r?\n", 0..12)) {
        let text = lines.concat();
        let mut end = 0;
        for chunk in split_documents(&text).unwrap() {
            let between = &text[end..chunk.range.start];
            prop_assert!(between.is_empty() || between.starts_with("---"), "{between:?} is lost");
            prop_assert!(between.lines().count() <= 1);
            prop_assert_eq!(text[..chunk.range.start].matches('\n').count() + 1, chunk.line);
            prop_assert_eq!(text[chunk.range.clone()].replace("\r\n", "\n"), &*chunk.text);
            end = chunk.range.end;
        }
        prop_assert!(text[end..].is_empty() || (text[end..].starts_with("---") && text[end..].lines().count() == 1));
    }

    #[test]
    fn arbitrary_text_never_panics(text in "[-{}\":,a1# \t\r\n\u{fffd}\u{2028}]{0,60}") {
        let _ = split_documents(&text);
    }
}
