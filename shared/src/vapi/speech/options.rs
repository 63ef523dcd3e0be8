//! Lists, and the options of an offer.
//!
//! An ear keeps three things at most, so an offer names no more; whoever makes
//! the sentence says that there are others. Times of one day share one date.

use jiff::civil::{Date, DateTime, Time};

use super::calendar::{date, time};

/// How many options are named in one breath.
pub const MAX_OPTIONS: usize = 3;

/// Alternatives: "a", "a or b", "a, b, or c".
///
/// ```
/// use shared::vapi::speech::one_of;
///
/// assert_eq!(one_of(&["ten AM", "noon", "one PM"]), "ten AM, noon, or one PM");
/// ```
#[must_use]
pub fn one_of<T: AsRef<str>>(items: &[T]) -> String {
    list(items, "or")
}

/// Things that all hold: "a", "a and b", "a, b, and c".
///
/// ```
/// use shared::vapi::speech::all_of;
///
/// assert_eq!(all_of(&["parking", "laundry"]), "parking and laundry");
/// ```
#[must_use]
pub fn all_of<T: AsRef<str>>(items: &[T]) -> String {
    list(items, "and")
}

/// The first [`MAX_OPTIONS`] times of one day in one phrase; empty without times.
///
/// ```
/// use jiff::civil::{date, time};
/// use shared::vapi::speech::times_on;
///
/// let times = [time(10, 0, 0, 0), time(10, 30, 0, 0), time(13, 0, 0, 0)];
/// assert_eq!(
///     times_on(date(2026, 11, 24), &times, date(2026, 11, 22)),
///     "Tuesday, November twenty fourth, at ten AM, ten thirty AM, or one PM"
/// );
/// ```
#[must_use]
pub fn times_on(day: Date, times: &[Time], today: Date) -> String {
    if times.is_empty() {
        return String::new();
    }
    let times: Vec<String> = times.iter().take(MAX_OPTIONS).map(|&at| time(at)).collect();
    format!("{}, at {}", date(day, today), one_of(&times))
}

/// The first [`MAX_OPTIONS`] of some starts, in their order, those of one day
/// together; empty without starts.
///
/// ```
/// use jiff::civil::date;
/// use shared::vapi::speech::offer;
///
/// let tuesday = date(2026, 11, 24);
/// let wednesday = date(2026, 11, 25);
/// let starts = [tuesday.at(10, 0, 0, 0), tuesday.at(13, 0, 0, 0), wednesday.at(12, 0, 0, 0)];
/// assert_eq!(
///     offer(&starts, date(2026, 11, 22)),
///     "Tuesday, November twenty fourth, at ten AM or one PM, \
///      or Wednesday, November twenty fifth, at noon"
/// );
/// ```
#[must_use]
pub fn offer(starts: &[DateTime], today: Date) -> String {
    let mut days: Vec<(Date, Vec<Time>)> = Vec::new();
    for start in starts.iter().take(MAX_OPTIONS) {
        match days.iter_mut().find(|(day, _)| *day == start.date()) {
            Some((_, times)) => times.push(start.time()),
            None => days.push((start.date(), vec![start.time()])),
        }
    }
    let phrases: Vec<String> = days
        .iter()
        .map(|(day, times)| times_on(*day, times, today))
        .collect();
    // Each phrase has commas of its own, so that the last needs one before "or".
    match phrases.as_slice() {
        [head @ .., last] if !head.is_empty() => format!("{}, or {last}", head.join(", ")),
        _ => phrases.concat(),
    }
}

fn list<T: AsRef<str>>(items: &[T], word: &str) -> String {
    match items {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [first, second] => format!("{} {word} {}", first.as_ref(), second.as_ref()),
        [head @ .., last] => {
            let head: Vec<&str> = head.iter().map(AsRef::as_ref).collect();
            format!("{}, {word} {}", head.join(", "), last.as_ref())
        }
    }
}
