//! One choice out of a phrase, and what neighbouring choices say for it.

use super::clock::Said;
use super::day::Day;

#[derive(Clone, Debug, Default)]
pub(super) struct Alternative {
    pub(super) days: Vec<Day>,
    pub(super) hours: Vec<Said>,
    /// The hours came before the days, and so hold for the alternatives that follow:
    /// "after 3 on Tuesday or Wednesday".
    pub(super) hours_first: bool,
}

impl Alternative {
    /// What satisfies both.
    pub(super) fn and(&self, other: &Self) -> Self {
        Self {
            days: [self.days.as_slice(), &other.days].concat(),
            hours: [self.hours.as_slice(), &other.hours].concat(),
            hours_first: false,
        }
    }
}

/// What one alternative says for its neighbours: "Tuesday at 2 or 3", "Tuesday or
/// Wednesday morning", "Tuesday or Wednesday next week".
pub(super) fn fill(alternatives: &mut [Alternative]) {
    let mut before: Option<Alternative> = None;
    for alternative in alternatives.iter_mut() {
        if let Some(before) = &before {
            fill_days(alternative, before);
            if alternative.hours.is_empty() && before.hours_first {
                alternative.hours.clone_from(&before.hours);
                alternative.hours_first = true;
            }
        }
        before = Some(alternative.clone());
    }
    let mut after: Option<Alternative> = None;
    for alternative in alternatives.iter_mut().rev() {
        if let Some(after) = &after {
            fill_days(alternative, after);
            if alternative.hours.is_empty() {
                alternative.hours.clone_from(&after.hours);
            }
        }
        after = Some(alternative.clone());
    }
}

/// A bare weekday takes the week or month said beside another one.
fn fill_days(alternative: &mut Alternative, neighbour: &Alternative) {
    if alternative.days.is_empty() {
        alternative.days.clone_from(&neighbour.days);
    }
    let bare = |day: &Day| matches!(day, Day::Weekdays { .. });
    if alternative.days.iter().all(bare) && neighbour.days.iter().any(bare) {
        let stretches = neighbour
            .days
            .iter()
            .filter(|day| matches!(day, Day::Span(span) if span.first < span.last));
        alternative.days.extend(stretches.copied());
    }
}
