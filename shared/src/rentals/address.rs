//! Which spellings of an address are the same address.
//!
//! It decides which rental a row of an import is, so it errs towards telling apart:
//! only case, punctuation, the usual abbreviations and the words for a unit are
//! taken away. What a caller may have meant is another question.

/// Words and the abbreviation that stands for all of their spellings. One that also
/// abbreviates something else ("St" is a saint too) does no harm, since both of its
/// meanings become the same.
const SHORT_FORMS: [(&str, &str); 44] = [
    ("alley", "aly"),
    ("av", "ave"),
    ("avenue", "ave"),
    ("boulevard", "blvd"),
    ("boul", "blvd"),
    ("circle", "cir"),
    ("court", "ct"),
    ("cove", "cv"),
    ("crescent", "cres"),
    ("crossing", "xing"),
    ("drive", "dr"),
    ("expressway", "expy"),
    ("fort", "ft"),
    ("freeway", "fwy"),
    ("heights", "hts"),
    ("highway", "hwy"),
    ("lane", "ln"),
    ("mount", "mt"),
    ("mountain", "mtn"),
    ("parkway", "pkwy"),
    ("place", "pl"),
    ("plaza", "plz"),
    ("point", "pt"),
    ("road", "rd"),
    ("route", "rte"),
    ("saint", "st"),
    ("square", "sq"),
    ("str", "st"),
    ("street", "st"),
    ("terrace", "ter"),
    ("trail", "trl"),
    ("turnpike", "tpke"),
    ("north", "n"),
    ("south", "s"),
    ("east", "e"),
    ("west", "w"),
    ("northeast", "ne"),
    ("northwest", "nw"),
    ("southeast", "se"),
    ("southwest", "sw"),
    ("first", "1st"),
    ("second", "2nd"),
    ("third", "3rd"),
    ("floor", "fl"),
];

/// Words before the number or letter of a unit.
const UNIT_WORDS: [&str; 8] = [
    "apartment",
    "apt",
    "flat",
    "no",
    "number",
    "ste",
    "suite",
    "unit",
];

/// What two spellings of one address have in common; none when there is neither a
/// letter nor a digit in it.
///
/// ```
/// use shared::rentals::address_key;
///
/// let key = address_key("14 Mill Lane, Apt. 2");
/// assert_eq!(key.as_deref(), Some("14 mill ln 2"));
/// assert_eq!(address_key("14 MILL LN #2"), key);
/// assert_ne!(address_key("14 Mill Lane"), key);
/// ```
pub fn address_key(address: &str) -> Option<String> {
    let text = address.to_lowercase();
    // "St. John's" and "St Johns" are one word each time.
    let text = text.replace(['\'', '\u{2019}'], "");
    let words: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let mut kept = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let next = words.get(index + 1);
        if UNIT_WORDS.contains(word) && next.is_some_and(|next| is_unit(next)) {
            continue;
        }
        kept.push(short_form(word));
    }
    (!kept.is_empty()).then(|| kept.join(" "))
}

/// Whether a word can be the number of a unit: "2", "2b", "b".
fn is_unit(word: &str) -> bool {
    word.chars().count() == 1 || word.chars().any(|c| c.is_ascii_digit())
}

fn short_form(word: &str) -> &str {
    let mut forms = SHORT_FORMS.iter();
    let found = forms.find(|(long, _)| *long == word);
    found.map_or(word, |(_, short)| short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_address_have_one_key() {
        for same in [
            vec![
                "14 Mill Lane",
                "14 mill ln.",
                " 14  MILL LANE ",
                "14, Mill Ln",
            ],
            vec![
                "14 Mill Lane Apt 2",
                "14 Mill Lane, Apt. 2",
                "14 Mill Ln #2",
                "14 Mill Ln # 2",
                "14 Mill Lane Unit 2",
                "14 Mill Lane, 2",
                "14 Mill Lane, Flat 2",
                "14 Mill Lane No. 2",
            ],
            vec![
                "8 St. John's Street",
                "8 Saint Johns St",
                "8 st john\u{2019}s str.",
            ],
            vec!["100 North 1st Avenue", "100 N First Ave", "100 N. 1ST AV"],
            vec![
                "5 Oak Street, Unit B",
                "5 Oak St #b",
                "5 Oak St Apartment B",
            ],
        ] {
            let keys: Vec<_> = same.iter().map(|address| address_key(address)).collect();
            assert!(
                keys.iter().all(|key| key.is_some() && *key == keys[0]),
                "{keys:?}"
            );
        }
    }

    #[test]
    fn different_addresses_have_different_keys() {
        let addresses = [
            "14 Mill Lane",
            "14 Mill Road",
            "14 Mill Lane Apt 2",
            "14 Mill Lane Apt 12",
            "14 Mill Lane Apt 2B",
            "142 Mill Lane",
            "14 Miller Lane",
            "14 N Mill Lane",
            "14 S Mill Lane",
            "14 Mill Lane, Austin",
            "12 Flat Rock Road",
            "12 Rock Road",
            "3 Unit Avenue",
            "3 Avenue",
        ];
        let keys: std::collections::BTreeSet<_> = addresses
            .iter()
            .map(|address| address_key(address))
            .collect();
        assert_eq!(keys.len(), addresses.len(), "{keys:?}");
    }

    #[test]
    fn what_has_no_letter_or_digit_has_no_key() {
        assert_eq!(address_key(" -- , # "), None);
        assert_eq!(address_key(""), None);
    }
}
