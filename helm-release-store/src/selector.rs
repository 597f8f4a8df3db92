//! Label selectors in Kubernetes' text form, for everything that has to answer them itself.
//!
//! ```
//! use helm_release_core::ports::{HeadQuery, Storage as _};
//! use helm_release_store::selector::Selector;
//!
//! # examples::run(async {
//! # let shop = examples::Shop::open().await?;
//! let selector: Selector = "status in (deployed, failed),version>2".parse()?;
//! let heads = shop.storage.heads(&HeadQuery::default()).await?;
//! let chosen: Vec<_> = heads.iter().filter(|head| selector.matches(&head.labels)).map(|head| head.key.revision.get()).collect();
//! assert_eq!(chosen, [3]);
//! # Ok(()) });
//! ```

use std::collections::BTreeMap;
use std::str::FromStr;

mod lexer;

use lexer::{Lexer, Token};

/// A label selector that cannot be read: what is wrong with it.
///
/// ```
/// use helm_release_store::selector::Selector;
///
/// let error = "owner=helm,tier in web".parse::<Selector>().unwrap_err();
/// assert_eq!(error.to_string(), "found \"web\" where \"(\" should be");
/// let error = "version>new".parse::<Selector>().unwrap_err();
/// assert_eq!(error.to_string(), "\"new\" is not a whole number");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidSelector(String);

/// A label selector: conditions that must all hold. The empty one matches everything.
///
/// ```
/// use helm_release_store::selector::Selector;
///
/// let selector: Selector = "owner=helm,tier in (web, api),!canary".parse().unwrap();
/// let labels = [("owner", "helm"), ("tier", "web")].map(|(key, value)| (key.to_owned(), value.to_owned()));
/// assert!(selector.matches(&labels.into()));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector {
    requirements: Vec<Requirement>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Requirement {
    key: String,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    Exists,
    Absent,
    In(Vec<String>),
    NotIn(Vec<String>),
    Above(i64),
    Below(i64),
}

impl Selector {
    /// Whether an object with these labels is selected.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    ///
    /// use helm_release_store::selector::{InvalidSelector, Selector};
    ///
    /// let labels = BTreeMap::from([("tier".to_owned(), "web".to_owned())]);
    /// let matches = |text: &str| text.parse().map(|selector: Selector| selector.matches(&labels));
    /// assert!(matches("tier!=api")?);
    /// // An absent label is none of the unwanted values either.
    /// assert!(matches("zone notin (a, b)")?);
    /// assert!(!matches("tier,zone")?);
    /// # Ok::<(), InvalidSelector>(())
    /// ```
    #[must_use]
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.matches_with(|key| labels.get(key).map(String::as_str))
    }

    /// Whether an object is selected whose labels are looked up by a function.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_store::selector::Selector;
    /// # use serde_json::json;
    ///
    /// let selector: Selector = "app=web,!canary".parse()?;
    /// let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-0", "labels": {"app": "web"}}});
    /// let mut pod = Object::new(pod)?;
    /// assert!(selector.matches_with(|key| pod.label(key)));
    /// pod.set_label("canary", "yes");
    /// assert!(!selector.matches_with(|key| pod.label(key)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn matches_with<'a>(&self, label: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.requirements.iter().all(|requirement| {
            let value = label(&requirement.key);
            let number = value.and_then(|value| value.parse::<i64>().ok());
            match &requirement.test {
                Test::Exists => value.is_some(),
                Test::Absent => value.is_none(),
                Test::In(values) => value.is_some_and(|value| values.iter().any(|wanted| wanted == value)),
                // An absent label is not in any set: apimachinery's labels.Requirement.Matches says so.
                Test::NotIn(values) => value.is_none_or(|value| values.iter().all(|unwanted| unwanted != value)),
                Test::Above(bound) => number.is_some_and(|number| number > *bound),
                Test::Below(bound) => number.is_some_and(|number| number < *bound),
            }
        })
    }
}

impl FromStr for Selector {
    type Err = InvalidSelector;

    fn from_str(text: &str) -> Result<Self, InvalidSelector> {
        let mut lexer = Lexer::new(text);
        let mut requirements = Vec::new();
        if lexer.peek() == Token::End {
            return Ok(Self { requirements });
        }
        loop {
            requirements.push(requirement(&mut lexer)?);
            match lexer.next() {
                Token::End => return Ok(Self { requirements }),
                Token::Comma => {}
                found => return Err(unexpected(found, "\",\" or the end")),
            }
        }
    }
}

fn unexpected(found: Token<'_>, wanted: &str) -> InvalidSelector {
    InvalidSelector(format!("found {found} where {wanted} should be"))
}

fn requirement(lexer: &mut Lexer<'_>) -> Result<Requirement, InvalidSelector> {
    let negated = lexer.peek() == Token::Not;
    if negated {
        lexer.next();
    }
    let key = match lexer.next() {
        Token::Word(word) => label_key(word)?,
        found => return Err(unexpected(found, "a label key")),
    };
    if matches!(lexer.peek(), Token::End | Token::Comma) {
        return Ok(Requirement { key, test: if negated { Test::Absent } else { Test::Exists } });
    }
    if negated {
        return Err(unexpected(lexer.next(), "\",\" or the end"));
    }
    let test = match lexer.next() {
        Token::Equal => Test::In(vec![single_value(lexer)?]),
        Token::NotEqual => Test::NotIn(vec![single_value(lexer)?]),
        Token::Above => Test::Above(bound(lexer)?),
        Token::Below => Test::Below(bound(lexer)?),
        Token::Word("in") => Test::In(value_set(lexer)?),
        Token::Word("notin") => Test::NotIn(value_set(lexer)?),
        found => return Err(unexpected(found, "one of = == != in notin < >")),
    };
    Ok(Requirement { key, test })
}

/// The value after `=` or `!=`, which may be empty.
fn single_value(lexer: &mut Lexer<'_>) -> Result<String, InvalidSelector> {
    match lexer.peek() {
        Token::End | Token::Comma => Ok(String::new()),
        Token::Word(word) => {
            lexer.next();
            label_value(word)
        }
        found => Err(unexpected(found, "a value")),
    }
}

fn bound(lexer: &mut Lexer<'_>) -> Result<i64, InvalidSelector> {
    match lexer.next() {
        // It is a label's value first, which cannot begin with a minus sign.
        Token::Word(word) => label_value(word)?.parse().map_err(|_| InvalidSelector(format!("{word:?} is not a whole number"))),
        found => Err(unexpected(found, "a whole number")),
    }
}

/// The values between parentheses; an empty place between commas is the empty value.
fn value_set(lexer: &mut Lexer<'_>) -> Result<Vec<String>, InvalidSelector> {
    match lexer.next() {
        Token::Open => {}
        found => return Err(unexpected(found, "\"(\"")),
    }
    let mut values = Vec::new();
    loop {
        let value = match lexer.peek() {
            Token::Word(word) => {
                lexer.next();
                label_value(word)?
            }
            Token::Comma | Token::Close => String::new(),
            found => return Err(unexpected(found, "a value")),
        };
        values.push(value);
        match lexer.next() {
            Token::Comma => {}
            Token::Close => return Ok(values),
            found => return Err(unexpected(found, "\",\" or \")\"")),
        }
    }
}

/// Whether text is letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit.
fn is_name(text: &str) -> bool {
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    edge(bytes.first())
        && edge(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

fn label_key(key: &str) -> Result<String, InvalidSelector> {
    let (prefix, name) = key.rsplit_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    let prefix_is_good = prefix.is_none_or(|prefix| {
        is_name(prefix) && prefix.len() <= 253 && !prefix.contains('_') && !prefix.bytes().any(|byte| byte.is_ascii_uppercase())
    });
    if prefix_is_good && is_name(name) && name.len() <= 63 {
        Ok(key.to_owned())
    } else {
        Err(InvalidSelector(format!("{key:?} is no label key")))
    }
}

fn label_value(value: &str) -> Result<String, InvalidSelector> {
    if is_name(value) && value.len() <= 63 {
        Ok(value.to_owned())
    } else {
        Err(InvalidSelector(format!("{value:?} is no label value")))
    }
}

#[cfg(test)]
mod tests;
