//! What the abbreviations of American addresses mean: kinds of streets, directions,
//! parts of a building, states.

/// A street's kind in full: "Ave" is Avenue.
pub(crate) fn kind(key: &str) -> Option<&'static str> {
    Some(match key {
        "st" | "str" => "Street",
        "ave" | "av" => "Avenue",
        "blvd" => "Boulevard",
        "rd" => "Road",
        "dr" => "Drive",
        "ln" => "Lane",
        "ct" => "Court",
        "pl" => "Place",
        "pkwy" | "pky" => "Parkway",
        "hwy" => "Highway",
        "cir" => "Circle",
        "ter" | "terr" => "Terrace",
        "trl" | "tr" => "Trail",
        "sq" => "Square",
        "aly" => "Alley",
        "expy" => "Expressway",
        "fwy" => "Freeway",
        "xing" => "Crossing",
        "cres" => "Crescent",
        "plz" => "Plaza",
        "pt" => "Point",
        "rdg" => "Ridge",
        "hts" => "Heights",
        "cv" => "Cove",
        "lp" => "Loop",
        "tpke" => "Turnpike",
        "byp" => "Bypass",
        "jct" => "Junction",
        _ => return None,
    })
}

/// Whether a word is a street's kind, abbreviated or in full.
pub(crate) fn is_kind(key: &str) -> bool {
    kind(key).is_some()
        || matches!(
            key,
            "street"
                | "avenue"
                | "boulevard"
                | "road"
                | "drive"
                | "lane"
                | "court"
                | "place"
                | "parkway"
                | "highway"
                | "circle"
                | "terrace"
                | "trail"
                | "square"
                | "way"
                | "alley"
                | "plaza"
                | "loop"
        )
}

/// What an abbreviation means in front of a name: "St Louis", "Dr King".
pub(crate) fn title(key: &str) -> Option<&'static str> {
    Some(match key {
        "st" => "Saint",
        "ste" => "Sainte",
        "dr" => "Doctor",
        "mt" => "Mount",
        "ft" => "Fort",
        _ => return None,
    })
}

/// A compass direction in full.
pub(crate) fn direction(key: &str) -> Option<&'static str> {
    Some(match key {
        "n" => "North",
        "s" => "South",
        "e" => "East",
        "w" => "West",
        "ne" => "Northeast",
        "nw" => "Northwest",
        "se" => "Southeast",
        "sw" => "Southwest",
        _ => return None,
    })
}

/// A part of a building in full, in small letters: "Apt" is apartment.
pub(crate) fn unit(key: &str) -> Option<&'static str> {
    Some(match key {
        "apt" | "apartment" => "apartment",
        "unit" => "unit",
        "ste" | "suite" => "suite",
        "fl" | "floor" => "floor",
        "rm" | "room" => "room",
        "bldg" | "building" => "building",
        "ph" | "penthouse" => "penthouse",
        "lot" => "lot",
        "spc" => "space",
        "no" | "#" => "number",
        _ => return None,
    })
}

/// A state by its postal code, which is written in capitals.
pub(crate) fn state(code: &str) -> Option<&'static str> {
    STATES
        .iter()
        .find(|(known, _)| *known == code)
        .map(|(_, name)| *name)
}

/// Whether a word in small letters is the name of a state.
pub(crate) fn is_state(word: &str) -> bool {
    STATES
        .iter()
        .any(|(_, name)| name.to_lowercase().replace(' ', "") == word)
}

const STATES: [(&str, &str); 51] = [
    ("AL", "Alabama"),
    ("AK", "Alaska"),
    ("AZ", "Arizona"),
    ("AR", "Arkansas"),
    ("CA", "California"),
    ("CO", "Colorado"),
    ("CT", "Connecticut"),
    ("DE", "Delaware"),
    ("DC", "D C"),
    ("FL", "Florida"),
    ("GA", "Georgia"),
    ("HI", "Hawaii"),
    ("ID", "Idaho"),
    ("IL", "Illinois"),
    ("IN", "Indiana"),
    ("IA", "Iowa"),
    ("KS", "Kansas"),
    ("KY", "Kentucky"),
    ("LA", "Louisiana"),
    ("ME", "Maine"),
    ("MD", "Maryland"),
    ("MA", "Massachusetts"),
    ("MI", "Michigan"),
    ("MN", "Minnesota"),
    ("MS", "Mississippi"),
    ("MO", "Missouri"),
    ("MT", "Montana"),
    ("NE", "Nebraska"),
    ("NV", "Nevada"),
    ("NH", "New Hampshire"),
    ("NJ", "New Jersey"),
    ("NM", "New Mexico"),
    ("NY", "New York"),
    ("NC", "North Carolina"),
    ("ND", "North Dakota"),
    ("OH", "Ohio"),
    ("OK", "Oklahoma"),
    ("OR", "Oregon"),
    ("PA", "Pennsylvania"),
    ("RI", "Rhode Island"),
    ("SC", "South Carolina"),
    ("SD", "South Dakota"),
    ("TN", "Tennessee"),
    ("TX", "Texas"),
    ("UT", "Utah"),
    ("VT", "Vermont"),
    ("VA", "Virginia"),
    ("WA", "Washington"),
    ("WV", "West Virginia"),
    ("WI", "Wisconsin"),
    ("WY", "Wyoming"),
];

/// Whether a word is a postal code: five digits, perhaps with four more.
pub(crate) fn is_postal_code(word: &str) -> bool {
    let all_digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    match word.split_once('-') {
        Some((five, four)) => {
            five.len() == 5 && four.len() == 4 && all_digits(five) && all_digits(four)
        }
        None => word.len() == 5 && all_digits(word),
    }
}
