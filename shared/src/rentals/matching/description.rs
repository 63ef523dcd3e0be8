//! What is said of a property besides where it is: "the two bedroom", "the studio",
//! "the one for fifteen hundred dollars".

use crate::rentals::wording::Token;

/// Rooms, rent and sort, as far as they were said.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Description {
    pub(super) bedrooms: Option<f64>,
    pub(super) bathrooms: Option<f64>,
    pub(super) rent: Option<f64>,
    pub(super) dwelling: Option<Dwelling>,
}

/// What sort of home it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dwelling {
    House,
    Apartment,
    Condo,
    Townhouse,
    Duplex,
    Studio,
    Loft,
}

impl Dwelling {
    pub(super) fn named(word: &str) -> Option<Self> {
        Some(match word {
            "house" | "bungalow" | "cottage" => Self::House,
            "apartment" | "flat" => Self::Apartment,
            "condo" | "condominium" => Self::Condo,
            "townhouse" | "townhome" => Self::Townhouse,
            "duplex" => Self::Duplex,
            "studio" | "efficiency" => Self::Studio,
            "loft" => Self::Loft,
            _ => return None,
        })
    }

    /// Of the words of a listing's type, the first that is one.
    pub(super) fn of_listing(tokens: &[Token]) -> Option<Self> {
        tokens
            .iter()
            .filter_map(Token::word)
            .find_map(|word| match word {
                "home" => Some(Self::House),
                word => Self::named(word),
            })
    }

    /// Whether a caller may call this by that name: people say apartment of a condo.
    pub(super) fn may_be(self, said: Self) -> bool {
        use Dwelling::{Apartment, Condo, Duplex, House, Loft, Studio, Townhouse};
        self == said
            || matches!(
                (self, said),
                (Condo | Studio | Loft | Duplex, Apartment) | (Townhouse | Duplex, House)
            )
    }
}

impl Description {
    /// Takes what describes out of the tokens; what is left says where it is.
    pub(super) fn take_from(tokens: &[Token]) -> (Self, Vec<Token>) {
        let mut description = Self::default();
        let mut left = Vec::with_capacity(tokens.len());
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let rest = tokens.get(at..).unwrap_or_default();
            match description.take(rest, &left) {
                0 => {
                    left.push(token.clone());
                    at += 1;
                }
                taken => {
                    left.push(Token::Word("the".to_owned()));
                    at += taken;
                }
            }
        }
        (description, left)
    }

    /// How many tokens at the front describe.
    fn take(&mut self, tokens: &[Token], before: &[Token]) -> usize {
        let words: Vec<&str> = tokens
            .iter()
            .take(3)
            .map(|t| t.word().unwrap_or(""))
            .collect();
        if let Some((rooms, taken)) = rooms(tokens, "bedroom") {
            self.bedrooms = Some(rooms);
            return taken;
        }
        if let Some((rooms, taken)) = rooms(tokens, "bathroom") {
            self.bathrooms = Some(rooms);
            return taken;
        }
        if let Some((rent, taken)) = amount(tokens) {
            self.rent = Some(rent);
            return taken;
        }
        let on_its_own = !before
            .last()
            .is_some_and(|token| matches!(token, Token::Number(_)));
        match words.as_slice() {
            ["studio" | "efficiency", ..] => {
                self.dwelling = Some(Dwelling::Studio);
                self.bedrooms = self.bedrooms.or(Some(0.0));
                1
            }
            ["town", "house" | "home", ..] => {
                self.dwelling = Some(Dwelling::Townhouse);
                2
            }
            // "Apartment two" is a unit, and "fourteen Loft Street" a street.
            [word, ..] if on_its_own && !unit_follows(tokens) => match Dwelling::named(word) {
                Some(dwelling) => {
                    self.dwelling = self.dwelling.or(Some(dwelling));
                    0
                }
                None => 0,
            },
            _ => 0,
        }
    }
}

fn unit_follows(tokens: &[Token]) -> bool {
    match tokens.get(1) {
        Some(Token::Number(_) | Token::Sign('#')) => true,
        Some(Token::Word(word)) => word.chars().count() == 1 && word != "i",
        _ => false,
    }
}

/// "two bedroom", "one and a half bathroom".
fn rooms(tokens: &[Token], of: &str) -> Option<(f64, usize)> {
    let [Token::Number(figures), rest @ ..] = tokens else {
        return None;
    };
    let (half, rest) = match rest {
        [Token::Half, rest @ ..] => (0.5, rest),
        _ => (0.0, rest),
    };
    let is_room = rest.first().and_then(Token::word) == Some(of);
    let count: f64 = figures
        .parse()
        .ok()
        .filter(|count| is_room && *count <= 20.0)?;
    let taken = tokens.len() - rest.len() + 1;
    Some((count + half, taken))
}

/// "$1,450", "fourteen fifty dollars", "fifteen hundred a month".
fn amount(tokens: &[Token]) -> Option<(f64, usize)> {
    let (sign, rest) = match tokens {
        [Token::Sign('$'), rest @ ..] => (1, rest),
        _ => (0, tokens),
    };
    let run: Vec<&str> = rest.iter().map_while(Token::number).take(4).collect();
    if run.is_empty() {
        return None;
    }
    let behind: Vec<&str> = rest
        .iter()
        .skip(run.len())
        .take(2)
        .map(|token| token.word().unwrap_or(""))
        .collect();
    let unit = match behind.as_slice() {
        ["dollar" | "dollars" | "bucks" | "monthly", ..] => 1,
        ["a" | "per", "month"] => 2,
        _ => 0,
    };
    if sign == 0 && unit == 0 {
        return None;
    }
    let amount: f64 = run.concat().parse().ok()?;
    Some((amount, sign + run.len() + unit))
}
