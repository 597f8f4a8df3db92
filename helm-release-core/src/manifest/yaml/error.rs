//! What can be wrong with a YAML text.

/// A YAML text that cannot be read, with the place where reading stopped.
///
/// The text never repeats what the document holds, because that may be a Secret.
///
/// ```
/// use helm_release_core::manifest::{YamlProblem, read_yaml};
///
/// let error = read_yaml("user: shop\npassword: !!int correct-horse\n").unwrap_err();
/// assert_eq!(error.line, 2);
/// assert_eq!(error.problem, YamlProblem::Tag("!!int"));
/// assert!(!error.to_string().contains("correct-horse"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {problem}")]
#[non_exhaustive]
pub struct YamlError {
    /// Line in the text that was read, from 1.
    pub line: usize,
    /// Column in that line, from 1, counted in characters.
    pub column: usize,
    /// What is wrong there.
    pub problem: YamlProblem,
}

/// What is wrong at a place in a YAML text.
///
/// ```
/// use helm_release_core::manifest::{YamlProblem, read_yaml};
///
/// let problem = |text| read_yaml(text).unwrap_err().problem;
/// assert!(matches!(problem("a: [1, 2\n"), YamlProblem::Syntax(_)));
/// assert_eq!(problem("a: .inf\n"), YamlProblem::NotFinite);
/// assert_eq!(problem("{a: 1}: b\n"), YamlProblem::Key);
/// assert_eq!(problem("a: &all [*all]\n"), YamlProblem::Recursive);
/// assert_eq!(problem("<<: 5\n"), YamlProblem::Merge);
/// assert_eq!(problem("a: \u{7}\n").to_string(), "character U+0007 is not allowed in YAML");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum YamlProblem {
    /// The text is not YAML; the scanner's own words.
    #[error("{0}")]
    Syntax(String),
    /// A character that YAML forbids, by its code point.
    #[error("character U+{0:04X} is not allowed in YAML")]
    Character(u32),
    /// A character that ends a line in YAML 1.1 only, by its code point. Written as an escape it is allowed.
    #[error("line break U+{0:04X} is read differently by different readers")]
    LineBreak(u32),
    /// A `%YAML` directive of another version than 1.1.
    #[error("found incompatible YAML document")]
    Version,
    /// A plain scalar inside brackets or braces that begins with `?` or ends with `:`.
    #[error("plain text beginning with \"?\" or ending with \":\" inside brackets is read differently by different readers")]
    FlowText,
    /// An escape sequence that Go's scanner does not know.
    #[error("escape sequence is not one of YAML 1.1")]
    Escape,
    /// Mappings and sequences nested too deep.
    #[error("nested deeper than {} levels", super::MAX_DEPTH)]
    Depth,
    /// Aliases that blow the document up.
    #[error("document contains excessive aliasing")]
    Aliasing,
    /// An alias inside the node that its anchor names.
    #[error("anchor value contains itself")]
    Recursive,
    /// A key that JSON cannot have: a mapping, a sequence, null, or a number beyond 64 bits with sign.
    #[error("mapping key cannot be a key in JSON")]
    Key,
    /// A merge key with something else than mappings behind it.
    #[error("map merge requires map or sequence of maps as the value")]
    Merge,
    /// A value that its tag does not allow.
    #[error("value cannot be decoded as a {0}")]
    Tag(&'static str),
    /// A `!!binary` value that is not base64.
    #[error("!!binary value contains invalid base64 data")]
    Base64,
    /// Infinity or not-a-number, which JSON does not have.
    #[error("infinity and not-a-number have no form in JSON")]
    NotFinite,
}
