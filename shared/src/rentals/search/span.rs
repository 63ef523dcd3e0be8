//! A range as people say it: "under fifteen hundred", "$1,200-1,500", "two or three".

use crate::rentals::wording::{Token, tokens};

/// From and to, both included; open where it was left open.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Span {
    pub least: Option<f64>,
    pub most: Option<f64>,
}

/// Where a bound is named, in front of a number or behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    AtLeast,
    AtMost,
    About,
}

/// How far "around" reaches, in both directions.
const AROUND: f64 = 0.1;

impl Span {
    pub fn exactly(value: f64) -> Self {
        Self {
            least: Some(value),
            most: Some(value),
        }
    }

    pub fn at_least(value: f64) -> Self {
        Self {
            least: Some(value),
            most: None,
        }
    }

    pub fn at_most(value: f64) -> Self {
        Self {
            least: None,
            most: Some(value),
        }
    }

    /// Between the two, whichever is the greater.
    pub fn between(one: f64, other: f64) -> Self {
        Self {
            least: Some(one.min(other)),
            most: Some(one.max(other)),
        }
    }

    /// A rent in dollars; one number alone is a budget. "Fifteen" is fifteen hundred and
    /// "two" two thousand, since no rent is that low.
    pub fn of_rent(text: &str) -> Option<Self> {
        let scaled = |value: f64| match value {
            value if value < 10.0 => value * 1000.0,
            value if value < 100.0 => value * 100.0,
            value => value,
        };
        Self::read(text, scaled, Self::at_most)
    }

    /// A number of bedrooms; a studio has none.
    pub fn of_bedrooms(text: &str) -> Option<Self> {
        let is_studio = |token: &Token| matches!(token.word(), Some("studio" | "efficiency"));
        let tokens = tokens(text);
        match Self::read(text, |value| value, Self::exactly) {
            Some(span) if tokens.iter().any(is_studio) => Some(Self {
                least: Some(0.0),
                ..span
            }),
            None if tokens.iter().any(is_studio) => Some(Self::exactly(0.0)),
            span => span.filter(|span| span.within(0.0, 20.0)),
        }
    }

    /// A number of bathrooms; more than what was said is as good.
    pub fn of_bathrooms(text: &str) -> Option<Self> {
        let span = Self::read(text, |value| value, Self::at_least);
        span.filter(|span| span.within(0.0, 20.0))
    }

    pub fn contains(&self, value: f64) -> bool {
        self.least.is_none_or(|least| value >= least - 1e-9)
            && self.most.is_none_or(|most| value <= most + 1e-9)
    }

    /// How far outside a value is.
    pub fn distance(&self, value: f64) -> f64 {
        let below = self.least.map_or(0.0, |least| least - value);
        let above = self.most.map_or(0.0, |most| value - most);
        below.max(above).max(0.0)
    }

    /// What is in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let pick =
            |one: Option<f64>, other: Option<f64>, of: fn(f64, f64) -> f64| match (one, other) {
                (Some(one), Some(other)) => Some(of(one, other)),
                (one, other) => one.or(other),
            };
        Self {
            least: pick(self.least, other.least, f64::max),
            most: pick(self.most, other.most, f64::min),
        }
    }

    fn within(&self, low: f64, high: f64) -> bool {
        let bounds = [self.least, self.most];
        bounds
            .into_iter()
            .flatten()
            .all(|bound| (low..=high).contains(&bound))
    }

    fn read(text: &str, scaled: impl Fn(f64) -> f64, alone: impl Fn(f64) -> Self) -> Option<Self> {
        let tokens = tokens(text);
        let (numbers, words) = numbers(&tokens);
        let numbers: Vec<f64> = numbers.into_iter().map(scaled).collect();
        match numbers.as_slice() {
            [] => None,
            [value] => Some(match bound(&words) {
                Some(Bound::AtLeast) => Self::at_least(*value),
                Some(Bound::AtMost) => Self::at_most(*value),
                Some(Bound::About) => Self::between(value * (1.0 - AROUND), value * (1.0 + AROUND)),
                None => alone(*value),
            }),
            [first, .., last] => Some(Self::between(*first, *last)),
        }
    }
}

/// The numbers of a text, and its words with "#" where a number stood.
fn numbers(tokens: &[Token]) -> (Vec<f64>, Vec<&str>) {
    let mut numbers = Vec::new();
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let run: Vec<&str> = tokens
            .iter()
            .skip(at)
            .map_while(Token::number)
            .take(4)
            .collect();
        if run.is_empty() {
            match token {
                Token::Word(word) => words.push(word.as_str()),
                Token::Sign('+') => words.push("plus"),
                _ => {}
            }
            at += 1;
            continue;
        }
        at += run.len();
        let mut value: Option<f64> = run.concat().parse().ok();
        if matches!(tokens.get(at), Some(Token::Half)) {
            value = value.map(|value| value + 0.5);
            at += 1;
        }
        if matches!(
            tokens.get(at).and_then(Token::word),
            Some("k" | "grand" | "thousand")
        ) {
            value = value.map(|value| value * 1000.0);
            at += 1;
        }
        let usable = value.filter(|value| value.is_finite() && *value < 1e9);
        numbers.extend(usable);
        words.push("#");
    }
    (numbers, words)
}

fn bound(words: &[&str]) -> Option<Bound> {
    const PHRASES: &[(&str, Bound)] = &[
        ("no less than", Bound::AtLeast),
        ("not less than", Bound::AtLeast),
        ("no more than", Bound::AtMost),
        ("not more than", Bound::AtMost),
        ("not over", Bound::AtMost),
        ("not above", Bound::AtMost),
        ("no higher than", Bound::AtMost),
        ("less than", Bound::AtMost),
        ("lower than", Bound::AtMost),
        ("cheaper than", Bound::AtMost),
        ("under", Bound::AtMost),
        ("below", Bound::AtMost),
        ("up to", Bound::AtMost),
        ("upto", Bound::AtMost),
        ("at most", Bound::AtMost),
        ("max", Bound::AtMost),
        ("maximum", Bound::AtMost),
        ("within", Bound::AtMost),
        ("or less", Bound::AtMost),
        ("or under", Bound::AtMost),
        ("or below", Bound::AtMost),
        ("or fewer", Bound::AtMost),
        ("fewer than", Bound::AtMost),
        ("tops", Bound::AtMost),
        ("more than", Bound::AtLeast),
        ("over", Bound::AtLeast),
        ("above", Bound::AtLeast),
        ("at least", Bound::AtLeast),
        ("min", Bound::AtLeast),
        ("minimum", Bound::AtLeast),
        ("from #", Bound::AtLeast),
        ("starting", Bound::AtLeast),
        ("or more", Bound::AtLeast),
        ("or above", Bound::AtLeast),
        ("or higher", Bound::AtLeast),
        ("and up", Bound::AtLeast),
        ("and above", Bound::AtLeast),
        ("plus", Bound::AtLeast),
        ("around", Bound::About),
        ("about", Bound::About),
        ("roughly", Bound::About),
        ("approximately", Bound::About),
        ("circa", Bound::About),
        ("near", Bound::About),
        ("ish", Bound::About),
    ];
    let text = format!(" {} ", words.join(" "));
    let said = |phrase: &str| text.contains(&format!(" {phrase} "));
    let found = PHRASES.iter().find(|(phrase, _)| said(phrase));
    found.map(|(_, bound)| *bound)
}
