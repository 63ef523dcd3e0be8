//! The arguments together, read both ways.

use jiff::Zoned;

use super::alternative::Alternative;
use super::bound::OPEN_DAYS;
use super::candidate::{Candidate, Nothing, candidate, joined};
use super::phrase::alternatives;
use super::present::{Present, Reading, plus_days};
use super::token::{self, Token};
use super::{Ask, Days, Hours, Meaning};

/// More combinations of choices than anyone makes.
const MOST_CHOICES: usize = 16;

/// What `ask` means at `now`, which must be in the property's zone.
///
/// - "Today" and "tomorrow" are local. A bare weekday or "this" weekday is the next to
///   come: today itself before five o'clock, or while the hours asked for last.
/// - "Next" weekday is that day of the following Monday-to-Sunday week. If an earlier
///   one comes first, both are returned. The same holds for "next weekend".
/// - A date without a year is its next occurrence, today included. A date or time that
///   has passed comes back as [`Meaning::Past`], with a proposal.
/// - An hour without "am" or "pm" is in the afternoon from 1 to 7, in the morning from
///   8 to 11. "At three" is the hour from three, "around three" the hour on each side.
/// - Morning ends at twelve, afternoon is from twelve to five, evening from five,
///   midday and lunch from eleven to two.
/// - Choices that touch ("Tuesday or Wednesday") are one stretch; two that do not are
///   [`Meaning::Ambiguous`]; three are [`Meaning::Unclear`].
/// - All arguments hold at once; if they cannot, the answer is [`Meaning::Unclear`].
///
/// # Examples
///
/// ```
/// use jiff::civil::{date, time};
/// use shared::scheduling::when::{Ask, Days, Hours, Meaning, resolve};
///
/// let sunday = date(2026, 11, 22).at(10, 30, 0, 0).in_tz("America/Chicago")?;
/// let ask = Ask { date: Some("um, Friday after 3 please"), ..Ask::default() };
/// let friday = Days {
///     first: date(2026, 11, 27),
///     last: date(2026, 11, 27),
///     hours: Hours::new(time(15, 0, 0, 0), None).unwrap(),
/// };
/// assert_eq!(resolve(&ask, &sunday), Meaning::Days(friday));
///
/// let ask = Ask { date: Some("February 30"), ..Ask::default() };
/// assert_eq!(
///     resolve(&ask, &sunday),
///     Meaning::Unclear { text: "February 30".to_owned() },
/// );
/// # Ok::<(), jiff::Error>(())
/// ```
#[must_use]
pub fn resolve(ask: &Ask<'_>, now: &Zoned) -> Meaning {
    let near = read(ask, Present::new(now, Reading::Near));
    let far = read(ask, Present::new(now, Reading::Far));
    match (near, far) {
        (near, far) if near == far => near,
        (Meaning::Days(near), Meaning::Days(far)) => in_order(near, far),
        // A date said along with "next Tuesday" settles which one it is.
        (near @ Meaning::Days(_), _) => near,
        (_, far @ Meaning::Days(_)) => far,
        (near, _) => near,
    }
}

fn in_order(one: Days, other: Days) -> Meaning {
    let key = |days: &Days| (days.first, days.hours.edges(), days.last);
    if key(&one) <= key(&other) {
        Meaning::Ambiguous(one, other)
    } else {
        Meaning::Ambiguous(other, one)
    }
}

fn read(ask: &Ask<'_>, present: Present<'_>) -> Meaning {
    let arguments = arguments(ask);
    let mut choices = vec![Alternative::default()];
    for argument in &arguments {
        let Some(read) = alternatives(&argument.phrase, present) else {
            return unclear(&argument.text);
        };
        choices = combined(&choices, &read);
        if choices.len() > MOST_CHOICES {
            return unclear(&argument.text);
        }
    }
    let whole = || {
        let texts: Vec<&str> = arguments
            .iter()
            .map(|argument| argument.text.as_str())
            .collect();
        unclear(&texts.join(", "))
    };
    let mut found = Vec::new();
    for choice in &choices {
        match candidate(choice, present) {
            Ok(candidate) => found.push(candidate),
            Err(Nothing::NoHours) => {}
            Err(Nothing::Impossible) => return whole(),
        }
    }
    meaning(&found, present).unwrap_or_else(whole)
}

fn unclear(text: &str) -> Meaning {
    Meaning::Unclear {
        text: text.to_owned(),
    }
}

/// An argument as it was written, and as a phrase that stands alone.
struct Argument {
    text: String,
    phrase: String,
}

fn arguments(ask: &Ask<'_>) -> Vec<Argument> {
    let plain = |text: &str| Argument {
        text: text.to_owned(),
        phrase: text.to_owned(),
    };
    let bound = |link: &str, text: &str| Argument {
        text: text.to_owned(),
        phrase: format!("{link} {text}"),
    };
    let mut arguments: Vec<Argument> = [ask.date, ask.part_of_day]
        .into_iter()
        .filter_map(stated)
        .map(plain)
        .collect();
    match (stated(ask.after), stated(ask.before)) {
        (Some(after), Some(before)) if has_timestamp(after) && has_timestamp(before) => {
            arguments.push(Argument {
                text: format!("{after}, {before}"),
                phrase: format!("between {after} and {before}"),
            });
        }
        (after, before) => {
            arguments.extend(after.map(|after| bound("after", after)));
            arguments.extend(before.map(|before| bound("before", before)));
        }
    }
    arguments
}

/// The text, unless it only fills the field.
fn stated(text: Option<&str>) -> Option<&str> {
    const FILLINGS: [&str; 8] = [
        "none",
        "null",
        "nil",
        "n/a",
        "na",
        "undefined",
        "unspecified",
        "unknown",
    ];
    let text = text?.trim();
    let filling = FILLINGS
        .iter()
        .any(|filling| text.eq_ignore_ascii_case(filling));
    (!text.is_empty() && !filling).then_some(text)
}

fn has_timestamp(text: &str) -> bool {
    token::tokens(text).is_some_and(|tokens| matches!(tokens.as_slice(), [Token::Machine(_)]))
}

fn combined(choices: &[Alternative], more: &[Alternative]) -> Vec<Alternative> {
    // An argument for which anything will do restricts nothing.
    if more.is_empty() {
        return choices.to_vec();
    }
    choices
        .iter()
        .flat_map(|choice| more.iter().map(move |also| choice.and(also)))
        .take(MOST_CHOICES + 1)
        .collect()
}

/// `None` if there is no choice left, or more than can be asked about.
fn meaning(found: &[Candidate], present: Present<'_>) -> Option<Meaning> {
    if let [Candidate::Disagreement(one, other)] = found {
        return Some(in_order(*one, *other));
    }
    let any = |candidate: &Candidate| match candidate {
        Candidate::Any(hours) => Some(*hours),
        _ => None,
    };
    let same_any = found.first().and_then(any);
    if let Some(hours) = same_any
        && found.iter().all(|candidate| any(candidate) == Some(hours))
    {
        return Some(Meaning::Any(hours));
    }
    let mut days = Vec::new();
    for candidate in found {
        match candidate {
            Candidate::Past { asked, proposed } => {
                return Some(Meaning::Past {
                    asked: *asked,
                    proposed: *proposed,
                });
            }
            Candidate::Disagreement(one, other) => days.extend([*one, *other]),
            Candidate::Days(one) => days.push(*one),
            Candidate::Any(hours) => days.push(within_a_week(*hours, present)?),
        }
    }
    let only_hours = found.iter().all(|candidate| any(candidate).is_some());
    match joined(days).as_slice() {
        [one] if only_hours => Some(Meaning::Any(one.hours)),
        [one] => Some(Meaning::Days(*one)),
        [one, other] => Some(in_order(*one, *other)),
        _ => None,
    }
}

/// Hours with no day, where they have to be told from other hours.
fn within_a_week(hours: Hours, present: Present<'_>) -> Option<Days> {
    Some(Days {
        first: present.today,
        last: plus_days(present.today, OPEN_DAYS - 1)?,
        hours,
    })
}
