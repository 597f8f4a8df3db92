use super::escape::Html;

fn escaped(text: &str) -> String {
    let mut page = Html::default();
    page.text(text);
    page.into_string()
}

#[test]
fn text_is_no_markup_and_ends_no_attribute() {
    assert_eq!(
        escaped("</script><a href=\"x\" title='y'>&amp;"),
        "&lt;/script&gt;&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;"
    );
    assert_eq!(escaped("two\nlines\tand é 漢 🙂"), "two\nlines\tand é 漢 🙂");
}

#[test]
fn signs_that_cannot_be_seen_are_spelled_out() {
    assert_eq!(escaped("a\u{202e}b\u{0}c\u{200b}d\u{feff}e\r"), r"a\u{202e}b\u{0}c\u{200b}d\u{feff}e\u{d}");
}
