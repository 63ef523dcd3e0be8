//! From one alternative to days and hours, and from several to one answer.

use jiff::civil::{Date, Weekday};

use super::alternative::Alternative;
use super::clock::Said;
use super::day::{Again, Day, Span};
use super::present::{Present, on_or_after, plus_days};
use super::{Days, Hours};

/// What one alternative comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Candidate {
    Any(Hours),
    Days(Days),
    /// A date and a weekday, or two dates, that are not the same day.
    Disagreement(Days, Days),
    Past {
        asked: Days,
        proposed: Days,
    },
}

/// Why an alternative comes to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nothing {
    /// There is no such day.
    Impossible,
    /// The hours have no time in common.
    NoHours,
}

pub(super) fn candidate(
    alternative: &Alternative,
    present: Present<'_>,
) -> Result<Candidate, Nothing> {
    let hours = hours(&alternative.hours).ok_or(Nothing::NoHours)?;
    let Some(placed) = place(&alternative.days, present)? else {
        return Ok(Candidate::Any(hours));
    };
    match placed {
        Placed::Together(span) => settle(span, hours, present).ok_or(Nothing::Impossible),
        Placed::Apart(one, other) => {
            let settled = [one, other].map(|span| settle(span, hours, present));
            Ok(match settled {
                [Some(Candidate::Days(one)), Some(Candidate::Days(other))] => {
                    Candidate::Disagreement(one, other)
                }
                [Some(past @ Candidate::Past { .. }), _]
                | [_, Some(past @ Candidate::Past { .. })] => past,
                _ => return Err(Nothing::Impossible),
            })
        }
    }
}

fn hours(said: &[Said]) -> Option<Hours> {
    let half = said.iter().find_map(|said| said.half());
    said.iter()
        .try_fold(Hours::ALL, |hours, said| hours.intersect(said.hours(half)?))
}

enum Placed {
    Together(Span),
    Apart(Span, Span),
}

/// Dates first, then the weekdays within them.
fn place(days: &[Day], present: Present<'_>) -> Result<Option<Placed>, Nothing> {
    let today = present.today;
    let mut together: Option<Span> = None;
    let weekday = |day: &&Day| matches!(day, Day::Weekdays { .. });
    let (weekdays, dates): (Vec<&Day>, Vec<&Day>) = days.iter().partition(weekday);
    for day in dates {
        let span = day.place(today, present).ok_or(Nothing::Impossible)?;
        together = Some(match together {
            None => span,
            Some(others) => match others.intersect(span) {
                Some(common) => common,
                None => return Ok(Some(Placed::Apart(others, span))),
            },
        });
    }
    for day in weekdays {
        let Day::Weekdays { from, to } = *day else {
            continue;
        };
        together = Some(match together {
            None => day.place(today, present).ok_or(Nothing::Impossible)?,
            // A date that has passed is asked about, whatever weekday it was.
            Some(dates) if dates.last < today => dates,
            Some(dates) => {
                let Some(common) = dates.only(from, to, today) else {
                    let nearest = nearest(from, dates, today).ok_or(Nothing::Impossible)?;
                    return Ok(Some(Placed::Apart(
                        dates,
                        Span::one(nearest, Again::Weekly),
                    )));
                };
                common
            }
        });
    }
    Ok(together.map(Placed::Together))
}

/// The weekday to come that is nearest to the dates.
fn nearest(weekday: Weekday, dates: Span, today: Date) -> Option<Date> {
    let after = on_or_after(dates.first.max(today), weekday)?;
    let before = plus_days(after, -7)?;
    let gap = dates.first.until(after).ok()?.get_days();
    Some(if gap > 3 && before >= today {
        before
    } else {
        after
    })
}

/// Rolls, refuses or trims what has gone by. `None` if a date is out of range.
fn settle(span: Span, hours: Hours, present: Present<'_>) -> Option<Candidate> {
    let today = present.today;
    let span = if span.rolls && span.last == today && !hours.remain_at(present.minute) {
        span.plus_days(7)?
    } else {
        span
    };
    if span.last < today {
        return Some(Candidate::Past {
            asked: days(span, hours),
            proposed: days(span.again(today)?, hours),
        });
    }
    let span = span.not_before(today)?;
    if span.last == today && hours.are_over_at(present.minute) {
        let tomorrow = Span {
            rolls: false,
            ..span.plus_days(1)?
        };
        return Some(Candidate::Past {
            asked: days(span, hours),
            proposed: days(tomorrow, hours),
        });
    }
    Some(Candidate::Days(days(span, hours)))
}

fn days(span: Span, hours: Hours) -> Days {
    Days {
        first: span.first,
        last: span.last,
        hours,
    }
}

/// Joins days that touch, or hours that touch on the same days, until none do.
pub(super) fn joined(mut days: Vec<Days>) -> Vec<Days> {
    days.sort_by_key(|days| (days.first, days.hours.edges(), days.last));
    let mut joined: Vec<Days> = Vec::new();
    for next in days {
        match joined
            .iter_mut()
            .find_map(|known| Some((join(*known, next)?, known)))
        {
            Some((both, known)) => *known = both,
            None => joined.push(next),
        }
    }
    joined
}

fn join(one: Days, other: Days) -> Option<Days> {
    let days = Days {
        first: one.first.min(other.first),
        last: one.last.max(other.last),
        hours: one.hours,
    };
    if (one.first, one.last) == (other.first, other.last) {
        let hours = one.hours.join(other.hours)?;
        return Some(Days { hours, ..days });
    }
    let touching =
        |left: Days, right: Days| plus_days(left.last, 1).is_some_and(|after| right.first <= after);
    (one.hours == other.hours && touching(one, other) && touching(other, one)).then_some(days)
}
