//! Identifiers, each its own type, and the seed that new ones are made from.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text of the id.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

text_id! {
    /// An appointment of ours; also the tag on its calendar event.
    AppointmentId
}
text_id! {
    /// An event in a Microsoft calendar, as an immutable id.
    EventId
}
text_id! {
    /// A rental of the inventory.
    RentalId
}
text_id! {
    /// A place where rentals are listed elsewhere.
    SourceId
}
text_id! {
    /// A staff member, as the CRM names them.
    UserId
}

impl UserId {
    /// Reads a user id that came from outside: 1 to 128 printable characters
    /// without spaces.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let fits = (1..=128).contains(&text.len());
        (fits && text.chars().all(|c| c.is_ascii_graphic())).then(|| Self::new(text))
    }
}

/// Randomness for the ids of one turn.
///
/// Ids are derived from it by label, so that one seed serves any number of tool
/// calls and a test that fixes the seed knows every id.
#[derive(Clone)]
pub struct Seed([u8; 32]);

impl fmt::Debug for Seed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Seed")
    }
}

impl Seed {
    /// A new seed from the operating system.
    pub fn random() -> Self {
        let mut bytes = [0; 32];
        let (first, second) = bytes.split_at_mut(16);
        first.copy_from_slice(Uuid::new_v4().as_bytes());
        second.copy_from_slice(Uuid::new_v4().as_bytes());
        Self(bytes)
    }

    /// The seed that a test chose.
    pub fn fixed(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// 32 bytes that nobody can guess, always the same for the same label.
    pub fn bytes(&self, label: &str) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(label.as_bytes());
        hash.finalize().into()
    }

    /// A random UUID for the label.
    pub fn uuid(&self, label: &str) -> Uuid {
        uuid_of(self.bytes(label))
    }

    /// 256 random bits for the label, as URL-safe text.
    pub fn token(&self, label: &str) -> String {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.bytes(label))
    }
}

/// The id of the booking that `scope` (a call) makes for one staff member and
/// start: asking again in the same call finds the same booking. `round` counts the
/// bookings of that start that are over.
pub fn booking_in_call(
    scope: &str,
    user: &UserId,
    start: jiff::Timestamp,
    round: u32,
) -> AppointmentId {
    let parts = [scope, user.as_str(), &start.to_string(), &round.to_string()];
    AppointmentId::new(uuid_for(parts).to_string())
}

/// The id of the rental that `website` lists at an address: listing it again finds the
/// same rental.
pub fn rental_listed(website: &str, address_key: &str) -> RentalId {
    RentalId::new(uuid_for([website, address_key]).to_string())
}

/// The id of the source that a staff member has at an address of the web: adding it
/// again finds the same source.
pub fn source_at(user: &UserId, url: &str) -> SourceId {
    SourceId::new(uuid_for([user.as_str(), url]).to_string())
}

/// SHA-256 over several parts, in hexadecimal; where one ends counts too.
pub fn digest(parts: &[&[u8]]) -> String {
    use fmt::Write as _;
    hash_of(parts).iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn uuid_for<const N: usize>(parts: [&str; N]) -> Uuid {
    uuid_of(hash_of(&parts.map(str::as_bytes)))
}

fn hash_of(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

fn uuid_of(bytes: [u8; 32]) -> Uuid {
    let mut first = [0; 16];
    first.copy_from_slice(&bytes[..16]);
    uuid::Builder::from_custom_bytes(first).into_uuid()
}

/// The letters and digits of a confirmation code: none that looks or sounds like
/// another (no 0/O, 1/I/L, 5/S, 8/B, and one of B/D/P/T/V and M/N).
const CODE_ALPHABET: &[u8] = b"2345679ACFHJKMQRTUWXY";

/// Length of a confirmation code: 21⁶ is 85 million.
const CODE_LENGTH: usize = 6;

/// A confirmation code, short enough to be said on the phone.
pub fn confirmation_code(bytes: [u8; 32]) -> String {
    // Four bytes a letter keep the bias of the remainder below one in 10⁸.
    bytes
        .chunks_exact(4)
        .take(CODE_LENGTH)
        .map(|chunk| {
            let number = chunk
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            char::from(CODE_ALPHABET[number % CODE_ALPHABET.len()])
        })
        .collect()
}

/// A confirmation code as somebody said or wrote it: in any case, with spaces and
/// dashes in between, and with its digits as words, as it is said on the phone. None
/// when it cannot be one.
pub fn confirmation_code_of(text: &str) -> Option<String> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let code: String = words
        .flat_map(|word| digit_of(word).unwrap_or(word).chars())
        .flat_map(char::to_uppercase)
        .take(CODE_LENGTH + 1)
        .collect();
    let fits = code.len() == CODE_LENGTH && code.bytes().all(|b| CODE_ALPHABET.contains(&b));
    fits.then_some(code)
}

/// The digit that a word is the name of. Each of these words has a letter that is in
/// no code, so none of them can be part of one.
fn digit_of(word: &str) -> Option<&'static str> {
    const NAMES: [(&str, &str); 7] = [
        ("two", "2"),
        ("three", "3"),
        ("four", "4"),
        ("five", "5"),
        ("six", "6"),
        ("seven", "7"),
        ("nine", "9"),
    ];
    let mut names = NAMES.into_iter();
    let found = names.find(|(name, _)| name.eq_ignore_ascii_case(word));
    found.map(|(_, digit)| digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_six_letters_that_cannot_be_mistaken() {
        let code = confirmation_code(Seed::fixed([7; 32]).bytes("code"));
        assert_eq!(code.len(), CODE_LENGTH);
        assert!(code.bytes().all(|letter| CODE_ALPHABET.contains(&letter)));
    }

    #[test]
    fn a_code_is_known_however_it_is_written() {
        for (text, expected) in [
            ("K7QX4M", Some("K7QX4M")),
            (" k7q-x4m ", Some("K7QX4M")),
            ("k 7 q, x 4 m.", Some("K7QX4M")),
            ("K, seven, Q, X, four, M", Some("K7QX4M")),
            ("Two three FOUR five six seven", Some("234567")),
            ("K seven Q X four", None),
            ("K eight Q X four M", None),
            ("K7QX4", None),
            ("K7QX4MM", None),
            ("K0QX4M", None),
            ("", None),
            ("ÄÄÄ", None),
        ] {
            assert_eq!(confirmation_code_of(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_call_that_asks_again_means_the_same_booking() {
        let start = jiff::Timestamp::UNIX_EPOCH;
        let id = |call, user, round| booking_in_call(call, &UserId::new(user), start, round);
        assert_eq!(id("call-1", "demo", 0), id("call-1", "demo", 0));
        assert_ne!(id("call-1", "demo", 0), id("call-2", "demo", 0));
        assert_ne!(id("call-1", "demo", 0), id("call-1", "demo", 1));
        assert_ne!(id("ab", "c", 0), id("a", "bc", 0));
    }

    #[test]
    fn user_ids_from_outside_are_plain_words() {
        assert!(UserId::parse(" demo ").is_some());
        assert!(UserId::parse("auth0|5f7c8ec7").is_some());
        for bad in ["", " ", "a b", "a\nb", "ü", &"x".repeat(129)] {
            assert!(UserId::parse(bad).is_none(), "{bad:?}");
        }
    }
}
