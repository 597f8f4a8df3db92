//! Drives the scanner and refuses what Go's scanner refuses and it accepts.

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span, StrInput};

use super::repair::Failure;
use super::{MAX_DEPTH, YamlError, YamlProblem};

/// A place in the text: line and column, both from 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    line: usize,
    column: usize,
    /// Whether the node ends at a colon with a bracket, brace or comma right behind it, as in `{a:}`.
    pub(super) has_tight_colon: bool,
}

impl Place {
    pub(super) fn error(self, problem: YamlProblem) -> YamlError {
        YamlError { line: self.line, column: self.column, problem }
    }
}

impl From<Span> for Place {
    fn from(span: Span) -> Self {
        Self { line: span.start.line(), column: span.start.col() + 1, has_tight_colon: false }
    }
}

/// The events of one document.
pub(super) struct Scanner<'a> {
    text: &'a str,
    parser: Parser<'a, StrInput<'a>>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, parser: Parser::new_from_str_with_options(text, options()) }
    }

    /// The next event that carries data, or nothing at the end of the text.
    pub(super) fn next(&mut self) -> Result<Option<(Event<'a>, Place)>, Failure> {
        while let Some(next) = self.parser.next_event() {
            let (event, span) = next.map_err(|error| Failure::of(self.text, &error, syntax(&error)))?;
            match &event {
                Event::StreamEnd => return Ok(None),
                Event::DocumentStart(_, Some(version)) if (version.major, version.minor) != (1, 1) => {
                    return Err(Place::from(span).error(YamlProblem::Version).into());
                }
                Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd | Event::Comment(..) => {}
                Event::Scalar(_, ScalarStyle::DoubleQuoted, ..) => {
                    check_escapes(span.slice(self.text).unwrap_or_default(), span.into())?;
                    return Ok(Some((event, span.into())));
                }
                Event::Scalar(_, ScalarStyle::Plain, ..) => {
                    let behind = span.byte_range().and_then(|range| self.text.as_bytes().get(range.end..)).unwrap_or_default();
                    let has_tight_colon = matches!(behind, [b':', b',' | b'[' | b']' | b'{' | b'}', ..]);
                    return Ok(Some((event, Place { has_tight_colon, ..span.into() })));
                }
                _ => return Ok(Some((event, span.into()))),
            }
        }
        Ok(None)
    }

    /// Reads on to the end of the document whose root node is complete.
    pub(super) fn finish_document(&mut self) -> Result<(), Failure> {
        while let Some(next) = self.parser.next_event() {
            let (event, _) = next.map_err(|error| Failure::of(self.text, &error, syntax(&error)))?;
            if matches!(event, Event::DocumentEnd | Event::StreamEnd) {
                break;
            }
        }
        Ok(())
    }
}

fn options() -> Options {
    granit_parser::options! {
        emit_comments: false,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
        bom_inside_document_as_content: true,
    }
}

fn syntax(error: &ScanError) -> YamlError {
    let mark = error.marker();
    let problem = match error.kind() {
        granit_parser::ErrorKind::RecursionLimitExceeded => YamlProblem::Depth,
        _ => YamlProblem::Syntax(error.info()),
    };
    YamlError { line: mark.line(), column: mark.col() + 1, problem }
}

/// Refuses the escapes of YAML 1.2 and JSON that Go's scanner does not know: `\/` and surrogate pairs.
fn check_escapes(source: &str, place: Place) -> Result<(), YamlError> {
    let mut rest = source.as_bytes();
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        let escape = &rest[at + 1..];
        let refused = match escape.first() {
            Some(b'/') => true,
            Some(b'u') => is_surrogate(escape.get(1..5)),
            Some(b'U') => is_surrogate(escape.get(5..9)) && escape.get(1..5) == Some(b"0000"),
            _ => false,
        };
        if refused {
            return Err(place.error(YamlProblem::Escape));
        }
        rest = escape.get(1..).unwrap_or_default();
    }
    Ok(())
}

fn is_surrogate(digits: Option<&[u8]>) -> bool {
    matches!(digits, Some([b'd' | b'D', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F', _, _]))
}

/// Refuses the control characters that Go's reader refuses, and the line breaks that only YAML 1.1 has.
pub(super) fn check_characters(text: &str) -> Result<(), YamlError> {
    let suspicious =
        |byte: &u8| (*byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || matches!(byte, 0x7F | 0xC2 | 0xE2 | 0xEF);
    let mut from = 0;
    while let Some(offset) = text.as_bytes()[from..].iter().position(suspicious) {
        let at = from + offset;
        let Some(character) = text[at..].chars().next() else { break };
        match u32::from(character) {
            code @ (0x00..=0x1F | 0x7F..=0x84 | 0x86..=0x9F | 0xFFFE..=0xFFFF) => {
                return Err(place_of(text, at).error(YamlProblem::Character(code)));
            }
            // YAML 1.1 ends a line at these and YAML 1.2 does not: Go reads another document than the scanner here.
            code @ (0x85 | 0x2028 | 0x2029) => return Err(place_of(text, at).error(YamlProblem::LineBreak(code))),
            // Behind empty lines the mark is content for Go and none for the scanner.
            code @ 0xFEFF if at > 0 && text[..at].trim().is_empty() => {
                return Err(place_of(text, at).error(YamlProblem::Character(code)));
            }
            _ => {}
        }
        from = at + character.len_utf8();
    }
    Ok(())
}

fn place_of(text: &str, at: usize) -> Place {
    let before = &text[..at];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before[line_start..].chars().count() + 1;
    Place { line: before.matches('\n').count() + 1, column, has_tight_colon: false }
}
