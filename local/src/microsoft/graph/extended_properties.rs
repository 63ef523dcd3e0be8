//! The two places where a query names extended properties: the filter that
//! finds events by tag, and the expansion that shows tags (Learn:
//! singleValueLegacyExtendedProperty get).

use super::error::GraphError;
use crate::microsoft::event::PropertyId;

const COLLECTION: &str = "singleValueExtendedProperties";

/// A tag to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TagFilter {
    pub id: PropertyId,
    pub value: String,
}

/// Reads `singleValueExtendedProperties/Any(ep: ep/id eq '…' and ep/value eq '…')`.
pub(super) fn read_filter(text: &str) -> Result<TagFilter, GraphError> {
    let tokens = tokens(text).ok_or_else(GraphError::filter)?;
    let [
        Token::Word(collection),
        Token::Sign('('),
        Token::Word(variable),
        Token::Sign(':'),
        Token::Word(first),
        Token::Word(eq),
        Token::Text(id),
        Token::Word(and),
        Token::Word(second),
        Token::Word(eq_again),
        Token::Text(value),
        Token::Sign(')'),
    ] = tokens.as_slice()
    else {
        return Err(GraphError::filter());
    };
    let as_expected = collection.eq_ignore_ascii_case(&format!("{COLLECTION}/any"))
        && *first == format!("{variable}/id")
        && *second == format!("{variable}/value")
        && [eq, eq_again].iter().all(|word| **word == "eq")
        && *and == "and";
    let id = PropertyId::parse(id).filter(|_| as_expected);
    Ok(TagFilter {
        id: id.ok_or_else(GraphError::filter)?,
        value: value.clone(),
    })
}

/// Reads `singleValueExtendedProperties($filter=id eq '…' or id eq '…')`.
pub(super) fn read_expand(text: &str) -> Result<Vec<PropertyId>, GraphError> {
    let refused = || GraphError::query(format!("Cannot expand '{text}'."));
    let tokens = tokens(text).ok_or_else(refused)?;
    let [
        Token::Word(collection),
        Token::Sign('('),
        Token::Word(filter),
        Token::Sign('='),
        conditions @ ..,
        Token::Sign(')'),
    ] = tokens.as_slice()
    else {
        return Err(refused());
    };
    if *collection != COLLECTION || *filter != "$filter" {
        return Err(refused());
    }
    conditions
        .split(|token| matches!(token, Token::Word("or")))
        .map(|condition| match condition {
            [Token::Word("id"), Token::Word("eq"), Token::Text(id)] => PropertyId::parse(id),
            _ => None,
        })
        .collect::<Option<Vec<_>>>()
        .ok_or_else(refused)
}

#[derive(Debug)]
enum Token<'a> {
    Word(&'a str),
    /// Quoted; a doubled quote stands for one.
    Text(String),
    Sign(char),
}

/// Splits the text; `None` when a quote is not closed.
fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if let Some(quoted) = rest.strip_prefix('\'') {
            let (value, after) = quoted_text(quoted)?;
            tokens.push(Token::Text(value));
            rest = after;
        } else if "():=,;".contains(first) {
            tokens.push(Token::Sign(first));
            rest = &rest[first.len_utf8()..];
        } else {
            let end = rest
                .find(|character: char| character.is_whitespace() || "():=,;'".contains(character))
                .unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            tokens.push(Token::Word(word));
            rest = after;
        }
        rest = rest.trim_start();
    }
    Some(tokens)
}

fn quoted_text(mut rest: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    loop {
        let (part, after) = rest.split_once('\'')?;
        value.push_str(part);
        match after.strip_prefix('\'') {
            Some(more) => {
                value.push('\'');
                rest = more;
            }
            None => return Some((value, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "String {6f1c35a0-0f2c-4c5b-a2ab-0d6f4c4d3c11} Name BookingRef";

    #[test]
    fn the_tag_filter_is_read_as_the_documentation_writes_it() {
        for text in [
            format!(
                "singleValueExtendedProperties/Any(ep: ep/id eq '{ID}' and ep/value eq 'O''Hara')"
            ),
            format!(
                "singleValueExtendedProperties/any(p:p/id eq '{ID}' and p/value eq 'O''Hara' )"
            ),
        ] {
            let filter = read_filter(&text).unwrap();
            assert_eq!(filter.id.to_string(), ID);
            assert_eq!(filter.value, "O'Hara");
        }
    }

    #[test]
    fn other_filters_are_refused_without_panic() {
        for text in [
            "",
            "'",
            "subject eq 'x'",
            "singleValueExtendedProperties/Any(ep: ep/id eq 'x' and ep/value eq 'y')",
            "singleValueExtendedProperties/Any(ep: ep/id eq 'é",
        ] {
            assert!(read_filter(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_expansion_names_one_or_more_properties() {
        let one = format!("singleValueExtendedProperties($filter=id eq '{ID}')");
        assert_eq!(read_expand(&one).unwrap().len(), 1);
        let two = format!("singleValueExtendedProperties($filter=id eq '{ID}' or id eq '{ID}')");
        assert_eq!(read_expand(&two).unwrap().len(), 2);
        assert!(read_expand("attachments").is_err());
        assert!(read_expand("singleValueExtendedProperties($filter=)").is_err());
    }
}
