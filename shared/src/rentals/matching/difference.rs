//! What tells properties apart, so that one question settles which is meant.

use super::comparison::Candidate;

/// By what the properties of a question differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// One house, several units.
    Unit,
    Bedrooms,
    /// One street, several houses.
    Number,
    Rent,
    /// The addresses as a whole.
    Address,
}

/// The first of the differences by which every one of them is told from the others;
/// none if they are the same to an ear.
pub(super) fn difference(options: &[&Candidate<'_>]) -> Option<Difference> {
    let one_street = all_same(options, |it| {
        (&it.address.street, &it.address.kind, &it.address.direction)
    });
    let one_house = one_street && all_same(options, |it| &it.address.numbers);
    let cents = |amount: Option<f64>| amount.map(|amount| format!("{amount:.2}"));
    if one_house && all_differ(options, |it| it.address.unit.clone()) {
        Some(Difference::Unit)
    } else if all_known(options, |it| it.property.bedrooms.is_some())
        && all_differ(options, |it| cents(it.property.bedrooms))
    {
        Some(Difference::Bedrooms)
    } else if one_street && all_differ(options, |it| it.address.numbers.clone()) {
        Some(Difference::Number)
    } else if all_known(options, |it| it.property.rent.is_some())
        && one_house
        && all_differ(options, |it| cents(it.property.rent))
    {
        Some(Difference::Rent)
    } else if all_differ(options, |it| it.property.address.to_lowercase()) {
        Some(Difference::Address)
    } else {
        None
    }
}

fn all_same<'a, T: PartialEq>(
    options: &[&'a Candidate<'a>],
    of: impl Fn(&'a Candidate<'a>) -> T,
) -> bool {
    options.windows(2).all(|pair| match pair {
        [one, other] => of(one) == of(other),
        _ => true,
    })
}

fn all_known(options: &[&Candidate<'_>], known: impl Fn(&Candidate<'_>) -> bool) -> bool {
    options.iter().all(|option| known(option))
}

fn all_differ<T: PartialEq>(options: &[&Candidate<'_>], of: impl Fn(&Candidate<'_>) -> T) -> bool {
    let values: Vec<T> = options.iter().map(|option| of(option)).collect();
    values
        .iter()
        .enumerate()
        .all(|(at, value)| !values.iter().skip(at + 1).any(|other| other == value))
}
