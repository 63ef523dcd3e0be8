//! The words for small numbers, as they are heard.

/// The words from zero to nineteen.
pub(crate) const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];

/// The value of one word, and whether it is an ordinal.
pub(crate) fn small(word: &str) -> Option<(u32, bool)> {
    const ORDINALS: [&str; 20] = [
        "zeroth",
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
    ];
    const OTHERS: [(&str, u32, bool); 18] = [
        ("twenty", 20, false),
        ("thirty", 30, false),
        ("forty", 40, false),
        ("fourty", 40, false),
        ("fifty", 50, false),
        ("sixty", 60, false),
        ("seventy", 70, false),
        ("eighty", 80, false),
        ("ninety", 90, false),
        ("twentieth", 20, true),
        ("thirtieth", 30, true),
        ("fortieth", 40, true),
        ("fiftieth", 50, true),
        ("sixtieth", 60, true),
        ("seventieth", 70, true),
        ("eightieth", 80, true),
        ("ninetieth", 90, true),
        ("twelth", 12, true),
    ];
    let place = |names: &[&str], ordinal| {
        let value = names.iter().position(|name| *name == word)?;
        Some((u32::try_from(value).ok()?, ordinal))
    };
    place(&SMALL, false)
        .or_else(|| place(&ORDINALS, true))
        .or_else(|| {
            let (_, value, ordinal) = OTHERS.iter().find(|(name, ..)| *name == word)?;
            Some((*value, *ordinal))
        })
}
