//! A written value in pieces: numbers, words and marks.

/// One piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Digits, with a point before decimals and no commas.
    Number(String),
    /// Letters, in lower case.
    Word(String),
    Mark(char),
}

/// The pieces of a text. A comma is part of a number only where it separates
/// thousands.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let text = text.to_lowercase().replace('\u{bd}', ".5");
    let letters: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut rest = letters.as_slice();
    while let [first, ..] = rest {
        let length = if begins_number(rest) {
            let length = number_length(rest);
            let digits: String = rest[..length].iter().filter(|c| **c != ',').collect();
            let missing = if digits.starts_with('.') { "0" } else { "" };
            found.push(Token::Number(format!("{missing}{digits}")));
            length
        } else if first.is_alphabetic() {
            let length = rest.iter().take_while(|c| c.is_alphabetic()).count();
            found.push(Token::Word(rest[..length].iter().collect()));
            length
        } else {
            if !first.is_whitespace() {
                found.push(Token::Mark(*first));
            }
            1
        };
        rest = &rest[length..];
    }
    found
}

fn begins_number(letters: &[char]) -> bool {
    match letters {
        ['.', next, ..] => next.is_ascii_digit(),
        [first, ..] => first.is_ascii_digit(),
        [] => false,
    }
}

fn number_length(letters: &[char]) -> usize {
    let digits = |from: usize| {
        let rest = letters.iter().skip(from);
        rest.take_while(|c| c.is_ascii_digit()).count()
    };
    let mut length = digits(0);
    if (1..=3).contains(&length) {
        while letters.get(length) == Some(&',') && digits(length + 1) == 3 {
            length += 4;
        }
    }
    match (letters.get(length), digits(length + 1)) {
        (Some('.'), decimals @ 1..) => length + 1 + decimals,
        _ => length,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let tokens = tokens(text).into_iter();
        let shown = tokens.map(|token| match token {
            Token::Number(digits) => format!("<{digits}>"),
            Token::Word(word) => word,
            Token::Mark(mark) => mark.to_string(),
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_text_falls_into_numbers_words_and_marks() {
        for (text, expected) in [
            ("$1,450/mo", "$ <1450> / mo"),
            ("2BR/1.5BA", "<2> br / <1.5> ba"),
            ("1\u{bd} baths", "<1.5> baths"),
            ("\u{bd} bath", "<0.5> bath"),
            ("July 15th,2026", "july <15> th , <2026>"),
            ("1,45", "<1> , <45>"),
            ("1.450,00", "<1.450> , <00>"),
            ("1,234,567.89", "<1234567.89>"),
            ("1234,567", "<1234> , <567>"),
            ("sq. ft.", "sq . ft ."),
            ("15.", "<15> ."),
            ("", ""),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
