//! What a language model filled in, and how tools read it.
//!
//! A model writes `"3"` for 3, `"null"` for nothing, and now and then breaks
//! off in the middle of its JSON; a template that was not filled in arrives as
//! `{{customer.number}}`. [`Arguments`] reads all of that as what was meant. A
//! value that is present but unusable is an [`ArgumentError`], for which the
//! tool asks the caller again.

use std::fmt;

use serde_json::{Map, Value};

use super::line::one_line;

/// The longest text a tool takes unless it sets its own limit, in characters.
pub const TEXT_LIMIT: usize = 500;

/// What a model writes when it has nothing to say, in lower case.
const NOISE: [&str; 17] = [
    "null",
    "undefined",
    "none",
    "nil",
    "nan",
    "n/a",
    "unknown",
    "<unknown>",
    "unspecified",
    "not specified",
    "not provided",
    "not given",
    "not available",
    "[object object]",
    "-",
    "\"\"",
    "''",
];

/// Why one argument cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("argument {key} {problem}")]
pub struct ArgumentError {
    /// Which argument.
    pub key: String,
    /// What is wrong with it.
    pub problem: ArgumentProblem,
}

/// What is wrong with an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentProblem {
    /// A list, an object, or a truth value where text was wanted.
    #[error("is not text")]
    NotText,
    /// Longer than `limit` characters.
    #[error("is longer than {limit} characters")]
    TooLong {
        /// The most characters that are taken.
        limit: usize,
    },
    /// Not a number that can be understood.
    #[error("is not a number")]
    NotANumber,
    /// A number with a fraction, or too large to count with.
    #[error("is not a whole number")]
    NotWhole,
    /// Neither yes nor no.
    #[error("is neither true nor false")]
    NotABoolean,
}

/// The arguments of one call.
///
/// Every reader returns `None` for what is absent, empty, noise such as
/// `"null"`, or an unfilled `{{template}}`.
#[derive(Clone, Default, PartialEq)]
pub struct Arguments(Map<String, Value>);

impl Arguments {
    /// How many there are, noise included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Text on one line, trimmed, of at most [`TEXT_LIMIT`] characters. A number
    /// is taken as it is written.
    ///
    /// # Errors
    /// When the value is no text, or too long.
    pub fn text(&self, key: &str) -> Result<Option<String>, ArgumentError> {
        self.text_within(key, TEXT_LIMIT)
    }

    /// Text on one line, trimmed, of at most `limit` characters.
    ///
    /// # Errors
    /// When the value is no text, or too long.
    pub fn text_within(&self, key: &str, limit: usize) -> Result<Option<String>, ArgumentError> {
        let problem = match self.meant(key) {
            None => return Ok(None),
            Some(Meant::Text(text)) if text.chars().nth(limit).is_none() => {
                return Ok(Some(one_line(text)));
            }
            Some(Meant::Number(number)) => return Ok(Some(number.to_string())),
            Some(Meant::Text(_)) => ArgumentProblem::TooLong { limit },
            Some(Meant::Boolean(_) | Meant::Other) => ArgumentProblem::NotText,
        };
        Err(error(key, problem))
    }

    /// A whole number, also from text such as `"3"`, `"3.0"` or `"$1,450"`.
    ///
    /// # Errors
    /// When the value is no number, or has a fraction.
    pub fn integer(&self, key: &str) -> Result<Option<i64>, ArgumentError> {
        let Some(number) = self.number(key)? else {
            return Ok(None);
        };
        // Beyond 2^53 neighbouring whole numbers look the same.
        if number.fract() != 0.0 || number.abs() > 9_007_199_254_740_992.0 {
            return Err(error(key, ArgumentProblem::NotWhole));
        }
        #[expect(clippy::cast_possible_truncation, reason = "whole, and below 2^53")]
        Ok(Some(number as i64))
    }

    /// A number, also from text; thousands separators and a dollar sign are allowed.
    ///
    /// # Errors
    /// When the value is no finite number.
    pub fn number(&self, key: &str) -> Result<Option<f64>, ArgumentError> {
        let number = match self.meant(key) {
            None => return Ok(None),
            Some(Meant::Number(number)) => number.as_f64(),
            Some(Meant::Text(text)) => number_in(text),
            Some(Meant::Boolean(_) | Meant::Other) => None,
        };
        number
            .filter(|number| number.is_finite())
            .map(Some)
            .ok_or_else(|| error(key, ArgumentProblem::NotANumber))
    }

    /// Yes or no, also from `"true"`, `"yes"`, `"1"`, 1, and their opposites.
    ///
    /// # Errors
    /// When the value is neither.
    pub fn boolean(&self, key: &str) -> Result<Option<bool>, ArgumentError> {
        let truth = match self.meant(key) {
            None => return Ok(None),
            Some(Meant::Boolean(truth)) => Some(truth),
            Some(Meant::Number(number)) => truth_of(&number.to_string()),
            Some(Meant::Text(text)) => truth_of(&text.to_lowercase()),
            Some(Meant::Other) => None,
        };
        truth
            .map(Some)
            .ok_or_else(|| error(key, ArgumentProblem::NotABoolean))
    }

    fn meant(&self, key: &str) -> Option<Meant<'_>> {
        match self.0.get(key)? {
            Value::Null => None,
            Value::Bool(truth) => Some(Meant::Boolean(*truth)),
            Value::Number(number) => Some(Meant::Number(number)),
            Value::String(text) => {
                let text = text.trim_matches(|c: char| c.is_whitespace() || c.is_control());
                (!text.is_empty() && !is_noise(text)).then_some(Meant::Text(text))
            }
            Value::Array(values) if values.is_empty() => None,
            Value::Object(values) if values.is_empty() => None,
            Value::Array(_) | Value::Object(_) => Some(Meant::Other),
        }
    }
}

/// Shows the keys only: values hold names, numbers and addresses of people.
impl fmt::Debug for Arguments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

impl From<Map<String, Value>> for Arguments {
    fn from(map: Map<String, Value>) -> Self {
        Self(map)
    }
}

/// A value once noise is out of the way.
enum Meant<'a> {
    Text(&'a str),
    Number(&'a serde_json::Number),
    Boolean(bool),
    Other,
}

fn error(key: &str, problem: ArgumentProblem) -> ArgumentError {
    ArgumentError {
        key: key.to_owned(),
        problem,
    }
}

fn is_noise(text: &str) -> bool {
    let unfilled = text.contains("{{") || text.contains("{%");
    // The longest noise has fifteen bytes; longer text need not be lower-cased.
    unfilled || (text.len() <= 16 && NOISE.contains(&text.to_lowercase().as_str()))
}

fn number_in(text: &str) -> Option<f64> {
    let text = text.strip_prefix('$').unwrap_or(text).trim();
    let digits: String = text.chars().filter(|&c| c != ',').collect();
    // Rust also reads "inf", "nan" and "infinity" as numbers.
    let plausible = digits
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E'));
    (plausible && digits.len() <= 40)
        .then(|| digits.parse().ok())
        .flatten()
}

fn truth_of(text: &str) -> Option<bool> {
    match text {
        "true" | "yes" | "y" | "1" => Some(true),
        "false" | "no" | "n" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn arguments(value: &Value) -> Arguments {
        Arguments(json!({"key": value}).as_object().unwrap().clone())
    }

    #[test]
    fn absence_has_many_spellings() {
        let absent = [
            json!(null),
            json!(""),
            json!("  \n"),
            json!("null"),
            json!("NULL"),
            json!("undefined"),
            json!("None"),
            json!("n/a"),
            json!("Not provided"),
            json!("<UNKNOWN>"),
            json!("Unknown"),
            json!("{{customer.number}}"),
            json!("{{ call.id }}"),
            json!("+1{{ x"),
            json!("{% if %}"),
            json!([]),
            json!({}),
            json!("[object Object]"),
            json!("\u{0}"),
        ];
        for value in absent {
            let arguments = arguments(&value);
            assert_eq!(arguments.text("key"), Ok(None), "{value}");
            assert_eq!(arguments.integer("key"), Ok(None), "{value}");
            assert_eq!(arguments.number("key"), Ok(None), "{value}");
            assert_eq!(arguments.boolean("key"), Ok(None), "{value}");
        }
        assert_eq!(Arguments::default().text("key"), Ok(None));
    }

    #[test]
    fn text_is_trimmed_one_line_and_bounded() {
        let read = |value: Value| arguments(&value).text_within("key", 5);
        assert_eq!(read(json!(" Casey ")), Ok(Some("Casey".to_owned())));
        assert_eq!(read(json!("a\nb\u{2028}c")), Ok(Some("a b c".to_owned())));
        assert_eq!(read(json!("ééééé")), Ok(Some("ééééé".to_owned())));
        assert_eq!(read(json!(42)), Ok(Some("42".to_owned())));
        let too_long = ArgumentProblem::TooLong { limit: 5 };
        assert_eq!(read(json!("Casey!")).unwrap_err().problem, too_long);
        for value in [json!(true), json!(["a"]), json!({"a": 1})] {
            assert_eq!(read(value).unwrap_err().problem, ArgumentProblem::NotText);
        }
        let huge = arguments(&json!("x".repeat(1_000_000)))
            .text("key")
            .unwrap_err();
        assert_eq!(
            huge.to_string(),
            "argument key is longer than 500 characters"
        );
    }

    #[test]
    fn numbers_may_be_written_as_text() {
        let whole = [
            (json!(3), 3),
            (json!("3"), 3),
            (json!(" 3 "), 3),
            (json!(3.0), 3),
            (json!("3.0"), 3),
            (json!("$1,450"), 1450),
            (json!("-2"), -2),
            (json!("+7"), 7),
            (json!("1e3"), 1000),
        ];
        for (value, expected) in whole {
            assert_eq!(
                arguments(&value).integer("key"),
                Ok(Some(expected)),
                "{value}"
            );
        }
        assert_eq!(arguments(&json!("1.5")).number("key"), Ok(Some(1.5)));
        let fractions = [json!(1.5), json!("1.5"), json!(1e300), json!(u64::MAX)];
        for value in fractions {
            let problem = arguments(&value).integer("key").unwrap_err().problem;
            assert_eq!(problem, ArgumentProblem::NotWhole, "{value}");
        }
        let unusable = [
            json!("three"),
            json!("inf"),
            json!("1e999"),
            json!("3 beds"),
            json!(true),
            json!([3]),
            json!("--1"),
            json!("9".repeat(5000)),
        ];
        for value in unusable {
            let problem = arguments(&value).integer("key").unwrap_err().problem;
            assert_eq!(problem, ArgumentProblem::NotANumber, "{value}");
        }
    }

    #[test]
    fn truth_has_many_spellings() {
        for value in [
            json!(true),
            json!("True"),
            json!("yes"),
            json!("1"),
            json!(1),
        ] {
            assert_eq!(arguments(&value).boolean("key"), Ok(Some(true)), "{value}");
        }
        for value in [
            json!(false),
            json!("FALSE"),
            json!("no"),
            json!("0"),
            json!(0),
        ] {
            assert_eq!(arguments(&value).boolean("key"), Ok(Some(false)), "{value}");
        }
        for value in [json!(2), json!("maybe"), json!([true])] {
            let problem = arguments(&value).boolean("key").unwrap_err().problem;
            assert_eq!(problem, ArgumentProblem::NotABoolean, "{value}");
        }
    }
}
