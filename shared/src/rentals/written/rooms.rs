//! Numbers of bedrooms and bathrooms, alone or together.

use super::Problem;
use super::token::{Token, tokens};
use crate::store::Bathrooms;

const BEDROOM_WORDS: [&str; 10] = [
    "br", "brs", "bd", "bds", "bdr", "bdrm", "bdrms", "bed", "beds", "bedroom",
];
const BATHROOM_WORDS: [&str; 8] = [
    "ba",
    "bas",
    "bath",
    "baths",
    "bathroom",
    "bathrooms",
    "bth",
    "bths",
];
const STUDIO_WORDS: [&str; 4] = ["studio", "efficiency", "bachelor", "bedsit"];
const NUMBER_WORDS: [&str; 7] = ["zero", "one", "two", "three", "four", "five", "six"];

/// The most rooms of a kind.
const MOST_ROOMS: u8 = 20;

/// What a text says of the rooms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::rentals) struct Rooms {
    /// 0 is a studio.
    pub(in crate::rentals) bedrooms: Option<u8>,
    pub(in crate::rentals) bathrooms: Option<Bathrooms>,
}

const BEDROOMS: Problem = "must be a number of bedrooms such as 2, or studio";
const BATHROOMS: Problem = "must be a number of bathrooms such as 1.5";
const ROOMS: Problem = "must be bedrooms and bathrooms such as 2BR/1.5BA";

/// A number of bedrooms, as "2", "two", "2 beds" or "studio"; bathrooms may follow.
pub(in crate::rentals) fn bedrooms(text: &str) -> Result<Rooms, Problem> {
    let read = read(text).ok_or(BEDROOMS)?;
    let bedrooms = match (&*read.bare, read.bedrooms) {
        ([], Some(halves)) => halves,
        ([halves], None) => *halves,
        _ => return Err(BEDROOMS),
    };
    Ok(Rooms {
        bedrooms: Some(whole(bedrooms).ok_or(BEDROOMS)?),
        bathrooms: read.bathrooms.map(Bathrooms::from_halves),
    })
}

/// A number of bathrooms, as "1.5", "1½ baths" or "1 full, 1 half".
pub(in crate::rentals) fn bathrooms(text: &str) -> Result<Bathrooms, Problem> {
    let read = read(text).ok_or(BATHROOMS)?;
    match (&*read.bare, read.bathrooms, read.bedrooms) {
        ([], Some(halves), None) => Ok(Bathrooms::from_halves(halves)),
        ([halves], None, None) => Ok(Bathrooms::from_halves(*halves)),
        _ => Err(BATHROOMS),
    }
}

/// Both, as "2BR/1.5BA", "2 bed, 1 bath", "Studio, 1 bath" or "2/1".
pub(in crate::rentals) fn rooms(text: &str) -> Result<Rooms, Problem> {
    let read = read(text).ok_or(ROOMS)?;
    let (bedrooms, bathrooms) = match (&*read.bare, read.bedrooms, read.bathrooms) {
        ([], None, None) => return Err(ROOMS),
        ([], bedrooms, bathrooms) => (bedrooms, bathrooms),
        ([bedrooms, bathrooms], None, None) => (Some(*bedrooms), Some(*bathrooms)),
        ([bathrooms], bedrooms @ Some(_), None) => (bedrooms, Some(*bathrooms)),
        _ => return Err(ROOMS),
    };
    let bedrooms = bedrooms.map(|halves| whole(halves).ok_or(ROOMS));
    Ok(Rooms {
        bedrooms: bedrooms.transpose()?,
        bathrooms: bathrooms.map(Bathrooms::from_halves),
    })
}

/// Numbers in halves, by what they are of.
#[derive(Default)]
struct Read {
    bedrooms: Option<u8>,
    bathrooms: Option<u8>,
    /// Those of which nothing is said.
    bare: Vec<u8>,
}

/// None when there is anything else in the text, or the same thing twice.
fn read(text: &str) -> Option<Read> {
    // A number below zero; elsewhere a dash stands between two things.
    if text.trim_start().starts_with('-') {
        return None;
    }
    let mut read = Read::default();
    let mut number = None;
    let is = |word: &str, words: &[&str]| words.contains(&word);
    for token in tokens(text) {
        match token {
            Token::Number(digits) => {
                read.bare.extend(number.replace(halves(&digits)?));
            }
            Token::Word(word) if is(&word, &NUMBER_WORDS) => {
                let value = NUMBER_WORDS.iter().position(|name| *name == word)?;
                read.bare
                    .extend(number.replace(u8::try_from(value).ok()? * 2));
            }
            Token::Word(word) if is(&word, &BEDROOM_WORDS) || word == "bedrooms" => {
                set(&mut read.bedrooms, number.take()?)?;
            }
            Token::Word(word) if is(&word, &STUDIO_WORDS) => set(&mut read.bedrooms, 0)?,
            Token::Word(word) if word == "full" => add(&mut read.bathrooms, number.take()?)?,
            Token::Word(word) if word == "half" => add(&mut read.bathrooms, number.take()? / 2)?,
            Token::Word(word) if is(&word, &BATHROOM_WORDS) => match number.take() {
                Some(halves) => set(&mut read.bathrooms, halves)?,
                // "1 full, 1 half bath" has said it already.
                None => {
                    read.bathrooms?;
                }
            },
            Token::Word(word) if is(&word, &["and", "x", "apartment", "apt"]) => {}
            Token::Mark('/' | ',' | '-' | '+' | '&' | '|' | '.' | ';' | '(' | ')') => {}
            Token::Word(_) | Token::Mark(_) => return None,
        }
    }
    read.bare.extend(number);
    Some(read)
}

fn set(value: &mut Option<u8>, halves: u8) -> Option<()> {
    value.replace(halves).is_none().then_some(())
}

fn add(value: &mut Option<u8>, halves: u8) -> Option<()> {
    *value = Some(value.unwrap_or(0).checked_add(halves)?);
    Some(())
}

/// A number with nothing but a half behind its point, in halves.
fn halves(digits: &str) -> Option<u8> {
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let whole: u8 = whole.parse().ok().filter(|whole| *whole <= MOST_ROOMS)?;
    match part.trim_end_matches('0') {
        "" => Some(whole * 2),
        "5" => Some(whole * 2 + 1),
        _ => None,
    }
}

fn whole(halves: u8) -> Option<u8> {
    halves.is_multiple_of(2).then_some(halves / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(bedrooms: u8, halves: u8) -> Rooms {
        Rooms {
            bedrooms: Some(bedrooms),
            bathrooms: Some(Bathrooms::from_halves(halves)),
        }
    }

    fn only(bedrooms: u8) -> Rooms {
        Rooms {
            bedrooms: Some(bedrooms),
            bathrooms: None,
        }
    }

    #[test]
    fn rooms_are_read_as_they_are_written() {
        for (text, expected) in [
            ("2BR/1.5BA", Ok(both(2, 3))),
            ("2 bed, 1 bath", Ok(both(2, 2))),
            ("3bd | 2ba", Ok(both(3, 4))),
            ("Two bedrooms and one bathroom", Ok(both(2, 2))),
            ("2/1", Ok(both(2, 2))),
            ("2 x 1.5", Ok(both(2, 3))),
            ("Studio", Ok(only(0))),
            ("Studio / 1 bath", Ok(both(0, 2))),
            ("Studio/1", Ok(both(0, 2))),
            ("3 BR, 1 full 1 half bath", Ok(both(3, 3))),
            ("4 beds", Ok(only(4))),
            ("2", Err(ROOMS)),
            ("2BR - 1BA", Ok(both(2, 2))),
            ("-2BR/1BA", Err(ROOMS)),
            ("2BR + den", Err(ROOMS)),
            ("2BR/3BR", Err(ROOMS)),
            ("1.5 br", Err(ROOMS)),
            ("", Err(ROOMS)),
        ] {
            assert_eq!(rooms(text), expected, "{text}");
        }
    }

    #[test]
    fn bedrooms_may_be_a_bare_number() {
        for (text, expected) in [
            ("2", Ok(only(2))),
            ("2.0", Ok(only(2))),
            ("0", Ok(only(0))),
            ("studio apartment", Ok(only(0))),
            ("three", Ok(only(3))),
            ("2 Bedrooms", Ok(only(2))),
            ("2BR/1.5BA", Ok(both(2, 3))),
            ("2/1", Err(BEDROOMS)),
            ("2-3", Err(BEDROOMS)),
            ("-1", Err(BEDROOMS)),
            ("1.5", Err(BEDROOMS)),
            ("many", Err(BEDROOMS)),
            ("200", Err(BEDROOMS)),
            ("1 bath", Err(BEDROOMS)),
        ] {
            assert_eq!(bedrooms(text), expected, "{text}");
        }
    }

    #[test]
    fn bathrooms_come_in_halves() {
        for (text, expected) in [
            ("1", Ok(2)),
            ("1.5", Ok(3)),
            ("1\u{bd}", Ok(3)),
            ("2.50 baths", Ok(5)),
            ("1 full, 1 half", Ok(3)),
            ("one bath", Ok(2)),
            ("1.75", Err(BATHROOMS)),
            ("half", Err(BATHROOMS)),
            ("shared", Err(BATHROOMS)),
            ("2BR", Err(BATHROOMS)),
        ] {
            let found = bathrooms(text).map(Bathrooms::halves);
            assert_eq!(found, expected, "{text}");
        }
    }
}
