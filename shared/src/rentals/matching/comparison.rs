//! One property held against what was said.

use super::address::Address;
use super::description::{Description, Dwelling};
use super::likeness::{Likeness, resembles};
use super::property::Property;
use super::said::{Role, Said, SaidWord};
use crate::rentals::wording::{is_kind, tokens};

/// A property, read once for a whole search.
pub(super) struct Candidate<'a> {
    pub(super) property: &'a Property,
    pub(super) address: Address,
    dwelling: Option<Dwelling>,
    likeness: &'a Likeness,
}

/// How well a property agrees with what was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Comparison {
    /// Whether nothing that was said contradicts it.
    pub(super) fits: bool,
    /// Slips, and what was said without an explanation. Less is better.
    pub(super) cost: u32,
    /// How near it is if nothing fits. More is better, 0 is not near at all.
    pub(super) nearness: u32,
}

/// Which of the said words a street's name explains.
struct Street {
    /// The places of those words.
    used: Vec<usize>,
    /// How many words of the name were said.
    covered: usize,
    /// How many of those are more than a title such as "Saint".
    telling: usize,
    slips: u32,
}

impl<'a> Candidate<'a> {
    pub(super) fn new(property: &'a Property, likeness: &'a Likeness) -> Self {
        let kind = property.property_type.as_deref().unwrap_or_default();
        Self {
            property,
            address: Address::parse(&property.address),
            dwelling: Dwelling::of_listing(&tokens(kind)),
            likeness,
        }
    }

    /// By the reading that suits it best.
    pub(super) fn compare(&self, description: &Description, readings: &[Said]) -> Comparison {
        let (agrees, cost, nearness) = self.compare_description(description);
        let of_reading = |said: &Said| {
            let place = self.compare_place(said);
            Comparison {
                fits: place.fits && agrees,
                cost: place.cost + cost,
                nearness: if place.nearness == 0 && says_a_place(said) {
                    0
                } else {
                    place.nearness + nearness
                },
            }
        };
        readings
            .iter()
            .map(of_reading)
            .min_by_key(|comparison| {
                (
                    !comparison.fits,
                    comparison.cost,
                    u32::MAX - comparison.nearness,
                )
            })
            .unwrap_or(Comparison {
                fits: false,
                cost: u32::MAX,
                nearness: 0,
            })
    }

    fn compare_description(&self, said: &Description) -> (bool, u32, u32) {
        let mut sum = (true, 0, 0);
        let mut add = |agreement: Agreement, weight: u32| match agreement {
            Agreement::Unsaid => {}
            Agreement::Yes => sum.2 += weight,
            Agreement::Unknown => sum.1 += 1,
            Agreement::No => sum.0 = false,
        };
        let property = self.property;
        add(
            agreement(said.bedrooms, property.bedrooms, |said, has| {
                (said - has).abs() < 0.1
            }),
            15,
        );
        add(
            agreement(said.bathrooms, property.bathrooms, |said, has| {
                (said - has).abs() < 0.1
            }),
            5,
        );
        let about = |said: f64, has: f64| (said - has).abs() <= (has * 0.03).max(25.0);
        add(agreement(said.rent, property.rent, about), 15);
        // People are not exact about the sort of a home, so it never contradicts.
        match (said.dwelling, self.dwelling) {
            (Some(said), Some(has)) if has == said => sum.2 += 5,
            (Some(said), Some(has)) if has.may_be(said) => sum.1 += 1,
            (Some(_), _) => sum.1 += 2,
            (None, _) => {}
        }
        sum
    }

    fn compare_place(&self, said: &Said) -> Comparison {
        let mut fits = true;
        let mut cost = 0;
        let mut nearness = 0;
        let street = self.street(said);
        let names_street = self.names_street(said);
        if names_street {
            fits &= self.covers_enough(&street);
            cost += street.slips + missing(self.address.street.len(), street.covered);
            nearness += self.street_nearness(said, &street);
        }
        let rest = self.explain_the_rest(said, &street);
        fits &= rest.fits;
        cost += rest.cost;
        if nearness > 0 || !names_street {
            nearness += rest.nearness;
        }
        if let Some(number) = &said.number {
            fits &= self.address.numbers.contains(number);
            if nearness > 0 || !names_street {
                nearness += self.number_nearness(number);
            }
        }
        // The whole house is meant, if there is one, when a number is said and no unit.
        if said.unit.is_none() && said.number.is_some() && self.address.unit.is_some() {
            cost += 1;
        }
        if let Some(unit) = &said.unit {
            let same = self.has_unit(unit);
            fits &= same;
            nearness += if same && nearness > 0 { 20 } else { 0 };
        }
        Comparison {
            fits,
            cost,
            nearness,
        }
    }

    /// Finds the words of the street among those that were said.
    fn street(&self, said: &Said) -> Street {
        let mut street = Street {
            used: Vec::new(),
            covered: 0,
            telling: 0,
            slips: 0,
        };
        let written = &self.address.street;
        let mut at = 0;
        while let Some(word) = written.get(at) {
            let next = written.get(at + 1).map(String::as_str);
            match self.best(word, next, said, &street.used) {
                Some(found) => {
                    street.used.extend(found.from..found.from + found.said);
                    street.covered += found.written;
                    street.telling += usize::from(self.tells(word)) + found.written - 1;
                    street.slips += found.slips;
                    at += found.written;
                }
                None => at += 1,
            }
        }
        street.used.sort_unstable();
        street
    }

    /// The cheapest place at which a word of the name was said, perhaps in two parts
    /// ("oak wood"), or together with the next one ("millstone" for "Mill Stone").
    fn best(&self, word: &str, next: Option<&str>, said: &Said, used: &[usize]) -> Option<Found> {
        let joined = next.map(|next| format!("{word}{next}"));
        let at = |at: usize| said.words.get(at).filter(|_| !used.contains(&at));
        let places = 0..said.words.len();
        let found = places.filter_map(|from| {
            let one = at(from)?;
            // Only a name is misheard; "lane" is not "lake".
            let exact = one.role != Role::Name && one.role != Role::Place;
            let single = self
                .likeness
                .slips(&one.text, word)
                .filter(|slips| !exact || *slips == 0)
                .map(|slips| Found {
                    from,
                    said: 1,
                    written: 1,
                    slips,
                });
            let whole = joined
                .as_deref()
                .filter(|joined| *joined == one.text)
                .map(|_| Found {
                    from,
                    said: 1,
                    written: 2,
                    slips: 0,
                });
            let split = at(from + 1)
                .filter(|two| one.text.len() + two.text.len() == word.len())
                .filter(|two| word.strip_prefix(one.text.as_str()) == Some(two.text.as_str()))
                .map(|_| Found {
                    from,
                    said: 2,
                    written: 1,
                    slips: 0,
                });
            [whole, split, single]
                .into_iter()
                .flatten()
                .min_by_key(|found| found.slips)
        });
        found.min_by_key(|found| (found.slips, found.from))
    }

    /// Whether a street was named, and not only a town or a building.
    fn names_street(&self, said: &Said) -> bool {
        said.words.iter().any(|word| match word.role {
            Role::Name | Role::Kind => !self.is_of_place(word),
            Role::Direction | Role::Place | Role::Filler => false,
        })
    }

    /// Half of the name must have been said.
    fn covers_enough(&self, street: &Street) -> bool {
        let telling = self
            .address
            .street
            .iter()
            .filter(|word| self.tells(word))
            .count();
        street.telling > 0 && street.telling * 2 >= telling
    }

    /// Whether a word tells one street from another: "Charles" does, "Saint" does not,
    /// which may also have been the street of another name.
    fn tells(&self, word: &str) -> bool {
        !is_kind(word) || self.address.street.iter().all(|word| is_kind(word))
    }

    fn street_nearness(&self, said: &Said, street: &Street) -> u32 {
        if self.covers_enough(street) {
            return 100_u32.saturating_sub(street.slips * 5);
        }
        let names = said
            .words
            .iter()
            .filter(|word| matches!(word.role, Role::Name | Role::Place));
        let resembling = names
            .filter(|said| {
                self.address
                    .street
                    .iter()
                    .any(|word| resembles(&said.text, word))
            })
            .count();
        if street.telling > 0 || resembling > 0 {
            50
        } else {
            0
        }
    }

    /// The words that the street's name does not explain: its kind, its direction, the
    /// town; and those that nothing does.
    fn explain_the_rest(&self, said: &Said, street: &Street) -> Comparison {
        let mut fits = true;
        let mut cost = 0;
        let mut nearness = 0;
        let kind_at = kind_at(said, street);
        for (at, word) in said.words.iter().enumerate() {
            if street.used.contains(&at) {
                continue;
            }
            match word.role {
                Role::Filler => {}
                Role::Kind => match &self.address.kind {
                    Some(kind) if *kind == word.text => {}
                    _ if self.is_of_place(word) => {}
                    Some(_) if street.telling > 0 => fits = false,
                    _ => cost += 1,
                },
                Role::Direction => match &self.address.direction {
                    Some(direction) if *direction == word.text => {}
                    _ if self.is_of_place(word) => {}
                    Some(_) => fits = false,
                    None => cost += 1,
                },
                Role::Place | Role::Name if self.is_of_place(word) => nearness += 10,
                Role::Place if !self.address.place.is_empty() => fits = false,
                // "Fourteen Old Mill Lane" is not on Mill Lane.
                Role::Name if is_inside(at, said, street, kind_at) => fits = false,
                Role::Place | Role::Name => cost += 1,
            }
        }
        Comparison {
            fits,
            cost,
            nearness,
        }
    }

    fn is_of_place(&self, word: &SaidWord) -> bool {
        let mut place = self.address.place.iter();
        place.any(|written| self.likeness.slips(&word.text, written).is_some())
    }

    fn has_unit(&self, said: &str) -> bool {
        match &self.address.unit {
            // Of "building 3, apartment 2", the apartment may be enough.
            Some(unit) => {
                unit == said
                    || unit
                        .strip_suffix(said)
                        .is_some_and(|head| head.ends_with(' '))
            }
            None => false,
        }
    }

    fn number_nearness(&self, said: &str) -> u32 {
        if self.address.numbers.iter().any(|number| number == said) {
            return 50;
        }
        let value = |text: &str| text.parse::<u32>().ok();
        let (Some(said), Some(has)) = (value(said), self.address.number().and_then(value)) else {
            return 0;
        };
        // Fifteen and fifty are taken for one another.
        let tenfold = |small: u32, large: u32| (3..=9).contains(&small) && large == small * 10;
        if tenfold(said.saturating_sub(10), has) || tenfold(has.saturating_sub(10), said) {
            return 45;
        }
        40_u32.saturating_sub(said.abs_diff(has)).max(1)
    }
}

/// Some words of a name, found among those that were said.
struct Found {
    from: usize,
    said: usize,
    written: usize,
    slips: u32,
}

/// Where the kind of the street was said.
fn kind_at(said: &Said, street: &Street) -> Option<usize> {
    let last = street.used.last()?;
    let mut later = said.words.iter().enumerate().skip(last + 1);
    later
        .find(|(_, word)| word.role == Role::Kind)
        .map(|(at, _)| at)
}

/// Whether an unexplained word stands within the address: between its number and its
/// name, or between its name and its kind.
fn is_inside(at: usize, said: &Said, street: &Street, kind_at: Option<usize>) -> bool {
    let (Some(&first), Some(&last)) = (street.used.first(), street.used.last()) else {
        return false;
    };
    let behind_number = said.number.is_some() && (said.number_at..first).contains(&at);
    let before_kind = kind_at.is_some_and(|kind| (last + 1..kind).contains(&at));
    behind_number || before_kind || (first..last).contains(&at)
}

fn missing(written: usize, covered: usize) -> u32 {
    u32::try_from(written.saturating_sub(covered)).unwrap_or(u32::MAX)
}

fn says_a_place(said: &Said) -> bool {
    said.number.is_some() || said.words.iter().any(|word| word.role != Role::Filler)
}

enum Agreement {
    Unsaid,
    Yes,
    No,
    Unknown,
}

fn agreement(said: Option<f64>, has: Option<f64>, same: impl Fn(f64, f64) -> bool) -> Agreement {
    match (said, has) {
        (None, _) => Agreement::Unsaid,
        (Some(_), None) => Agreement::Unknown,
        (Some(said), Some(has)) if same(said, has) => Agreement::Yes,
        (Some(_), Some(_)) => Agreement::No,
    }
}
