//! Misspelt and misheard names of days, months and parts of the day.

/// Long enough that a slip in them can be told from another word.
const NAMES: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "january",
    "february",
    "august",
    "september",
    "october",
    "november",
    "december",
    "tomorrow",
    "yesterday",
    "tonight",
    "morning",
    "afternoon",
    "evening",
    "weekend",
    "thanksgiving",
    "christmas",
    "halloween",
];

/// What a word that is no known word was meant to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Guess {
    Name(&'static str),
    /// As near to one name as to another ("munday"), so it must not be passed over.
    Torn,
    Nothing,
}

pub(super) fn guess(word: &str) -> Guess {
    let mut best = (usize::MAX, Guess::Nothing);
    for name in NAMES {
        let slips = distance(word, name);
        if slips > tolerated(word, name) {
            continue;
        }
        if slips < best.0 {
            best = (slips, Guess::Name(name));
        } else if slips == best.0 {
            best.1 = Guess::Torn;
        }
    }
    best.1
}

/// One slip, or two in a long name whose first letter is right: "remember" is two
/// letters from "december".
fn tolerated(word: &str, name: &str) -> usize {
    let same_start = word.chars().next() == name.chars().next();
    if name.len() >= 8 && same_start { 2 } else { 1 }
}

/// Letters inserted, dropped, replaced, or swapped with a neighbour.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    if left.len().abs_diff(right.len()) > 2 {
        return usize::MAX;
    }
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    let mut previous_letter = None;
    for (row, letter) in left.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in right.iter().enumerate() {
            let at =
                |cells: &[usize], index: usize| cells.get(index).copied().unwrap_or(usize::MAX / 2);
            let replaced = at(&last, column) + usize::from(letter != other);
            let mut best = replaced
                .min(at(&last, column + 1) + 1)
                .min(at(&current, column) + 1);
            if let Some(earlier) = column.checked_sub(1)
                && previous_letter == Some(other)
                && right.get(earlier) == Some(letter)
            {
                best = best.min(at(&before_last, earlier) + 1);
            }
            current.push(best);
        }
        before_last = std::mem::replace(&mut last, current);
        previous_letter = Some(letter);
    }
    last.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_slips_are_understood() {
        for (slip, name) in [
            ("wednsday", "wednesday"),
            ("wensday", "wednesday"),
            ("tommorow", "tomorrow"),
            ("tomorow", "tomorrow"),
            ("thrusday", "thursday"),
            ("tuseday", "tuesday"),
            ("saterday", "saturday"),
            ("febuary", "february"),
            ("mornings", "morning"),
        ] {
            assert_eq!(guess(slip), Guess::Name(name), "{slip}");
        }
    }

    #[test]
    fn other_words_are_left_alone() {
        for word in [
            "remember", "opening", "warning", "someday", "match", "because", "together",
        ] {
            assert_eq!(guess(word), Guess::Nothing, "{word}");
        }
    }

    #[test]
    fn a_word_between_two_days_is_neither() {
        assert_eq!(guess("munday"), Guess::Torn);
        assert_eq!(guess("tursday"), Guess::Torn);
    }
}
