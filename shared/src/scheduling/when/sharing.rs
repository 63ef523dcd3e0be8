//! What one side of "or", "and" or "to" says for both: the "pm" of "2 or 3 pm", the
//! month of "December 3rd to 5th", the "next" of "next Tuesday or Wednesday".

use super::atom::{Atom, Link};
use super::clock::Clock;
use super::day::Day;

/// Completes each side of a joining word from the other.
pub(super) fn share(atoms: &mut [Atom]) {
    for left_at in 0..atoms.len() {
        let Some([left, joint, right]) = atoms.get_mut(left_at..left_at + 3) else {
            return;
        };
        if let Atom::Link(Link::To | Link::And | Link::Or) = joint {
            (*left, *right) = shared(*left, *right);
        }
    }
}

fn shared(left: Atom, right: Atom) -> (Atom, Atom) {
    match (left, right) {
        (Atom::Number(_), Atom::Number(_) | Atom::Clock(_)) | (Atom::Clock(_), Atom::Number(_)) => {
            match (as_clock(left), as_clock(right)) {
                (Some(left), Some(right)) => shared(Atom::Clock(left), Atom::Clock(right)),
                _ => (left, right),
            }
        }
        (Atom::Clock(earlier), Atom::Clock(later)) => {
            (Atom::Clock(earlier.sharing_half_of(later)), right)
        }
        (Atom::Number(number), Atom::Day(Day::Calendar { year, month, .. })) => {
            let day = number
                .as_day()
                .map(|day| Day::Calendar { year, month, day });
            (day.map_or(left, Atom::Day), right)
        }
        (Atom::Day(Day::Calendar { year, month, .. }), Atom::Number(number)) => {
            let day = number
                .as_day()
                .map(|day| Day::Calendar { year, month, day });
            (left, day.map_or(right, Atom::Day))
        }
        (Atom::Day(earlier), Atom::Day(later)) => {
            let (earlier, later) = shared_days(earlier, later);
            (Atom::Day(earlier), Atom::Day(later))
        }
        _ => (left, right),
    }
}

fn as_clock(atom: Atom) -> Option<Clock> {
    match atom {
        Atom::Clock(clock) => Some(clock),
        Atom::Number(number) => Clock::from_number(number),
        _ => None,
    }
}

fn shared_days(earlier: Day, later: Day) -> (Day, Day) {
    match (earlier, later) {
        (Day::Next(_), Day::Weekdays { from, to }) if from == to => (earlier, Day::Next(from)),
        (
            Day::Calendar {
                year: earlier_year,
                month: earlier_month,
                day: earlier_day,
            },
            Day::Calendar { year, month, day },
        ) => {
            // A later day with a lower number is in the month after.
            let in_order = earlier_day < day;
            let earlier_month = earlier_month.or(month.filter(|_| in_order));
            let month = month.or(earlier_month.filter(|_| in_order));
            // "December 30 or January 2, 2027": the year is that of January only.
            let same_year = earlier_month <= month;
            let earlier = Day::Calendar {
                year: earlier_year.or(year.filter(|_| same_year)),
                month: earlier_month,
                day: earlier_day,
            };
            (earlier, Day::Calendar { year, month, day })
        }
        days => days,
    }
}
