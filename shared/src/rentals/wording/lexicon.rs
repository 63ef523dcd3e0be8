//! Words that have several forms or a part to play.

use crate::street::{direction, is_kind as is_street_kind, kind, unit};

/// One form for all: "ave" is "avenue", "n" is "north". A saint and a street share a
/// form, as do a doctor and a drive, since "St" and "Dr" may be either.
pub(in crate::rentals) fn canonical(word: &str) -> String {
    let full = match word {
        "saint" | "sainte" => "street",
        "doctor" => "drive",
        "mt" => "mount",
        "ft" => "fort",
        "center" => "centre",
        "jr" => "junior",
        "apartments" | "apartment" | "appartment" | "apt" => "apartment",
        "flats" => "flat",
        "no" => "no",
        "num" | "nr" => "number",
        "bd" | "bds" | "bdr" | "bdrm" | "bdrms" | "br" | "brs" | "bed" | "beds" | "bedrooms"
        | "bedroomed" => "bedroom",
        "ba" | "bas" | "bath" | "baths" | "bathrooms" => "bathroom",
        _ => {
            let known = kind(word)
                .or_else(|| direction(word))
                .or_else(|| unit(word).filter(|_| word != "fl"));
            return known.map_or_else(|| word.to_owned(), str::to_lowercase);
        }
    };
    full.to_owned()
}

/// Whether a canonical word is the kind of a street.
pub(in crate::rentals) fn is_kind(word: &str) -> bool {
    is_street_kind(word) || (word.len() > 3 && KINDS.contains(&word))
}

/// Kinds that are seldom abbreviated, or whose full form is also a name.
const KINDS: &[&str] = &[
    "trail",
    "alley",
    "expressway",
    "freeway",
    "crossing",
    "crescent",
    "point",
    "ridge",
    "heights",
    "cove",
    "turnpike",
    "bypass",
    "junction",
    "path",
    "walk",
    "row",
];

/// Whether a canonical word is a compass direction.
pub(in crate::rentals) fn is_direction(word: &str) -> bool {
    matches!(
        word,
        "north" | "south" | "east" | "west" | "northeast" | "northwest" | "southeast" | "southwest"
    )
}

/// Whether the id of a unit can follow: "apartment 2B".
pub(in crate::rentals) fn is_unit_marker(word: &str) -> bool {
    matches!(
        word,
        "apartment"
            | "flat"
            | "unit"
            | "suite"
            | "room"
            | "building"
            | "lot"
            | "space"
            | "number"
            | "floor"
            | "no"
    )
}

/// A unit that has a name instead of a number.
pub(in crate::rentals) fn is_unit_word(word: &str) -> bool {
    matches!(
        word,
        "penthouse" | "basement" | "upstairs" | "downstairs" | "upper" | "lower" | "rear" | "front"
    )
}

/// What people say around an address.
pub(in crate::rentals) const FILLERS: &[&str] = &[
    "a",
    "an",
    "the",
    "this",
    "that",
    "these",
    "those",
    "it",
    "its",
    "is",
    "was",
    "are",
    "be",
    "i",
    "im",
    "id",
    "ill",
    "we",
    "you",
    "your",
    "my",
    "me",
    "our",
    "us",
    "they",
    "there",
    "theres",
    "thats",
    "to",
    "too",
    "of",
    "on",
    "at",
    "in",
    "by",
    "with",
    "near",
    "off",
    "over",
    "from",
    "for",
    "and",
    "or",
    "so",
    "um",
    "uh",
    "er",
    "hmm",
    "well",
    "like",
    "just",
    "please",
    "thanks",
    "thank",
    "hi",
    "hello",
    "yes",
    "yeah",
    "ok",
    "okay",
    "right",
    "actually",
    "maybe",
    "think",
    "believe",
    "guess",
    "know",
    "mean",
    "want",
    "wanted",
    "would",
    "could",
    "can",
    "do",
    "does",
    "have",
    "has",
    "had",
    "got",
    "see",
    "saw",
    "seen",
    "look",
    "looking",
    "view",
    "viewing",
    "visit",
    "ask",
    "asking",
    "calling",
    "call",
    "called",
    "about",
    "interested",
    "one",
    "ones",
    "place",
    "places",
    "property",
    "properties",
    "rental",
    "rentals",
    "listing",
    "listings",
    "listed",
    "home",
    "homes",
    "address",
    "located",
    "available",
    "rent",
    "renting",
    "advertised",
    "ad",
    "online",
    "website",
    "site",
    "named",
    "says",
    "say",
    "said",
    "guy",
    "which",
    "what",
    "where",
    "whats",
    "any",
    "some",
    "tell",
    "more",
    "information",
    "details",
    "nice",
    "lovely",
    "cute",
    "little",
    "big",
    "small",
    "new",
    "whole",
    "sign",
    "outside",
    "building",
    "complex",
    "corner",
];
