//! A phrase as its alternatives: what days and what hours each "or" offers.
//!
//! Within an alternative everything holds at once ("Tuesday morning after nine").

use super::alternative::{self, Alternative};
use super::atom::{self, Atom, Link};
use super::clock::{Clock, Said};
use super::day::{Day, Span};
use super::present::Present;
use super::{Hours, bound, sharing, token};

/// What the phrase offers; nothing if it says that anything will do. `None` if it is
/// not understood.
pub(super) fn alternatives(text: &str, present: Present<'_>) -> Option<Vec<Alternative>> {
    let mut atoms = atom::atoms(&token::tokens(text)?, present)?;
    sharing::share(&mut atoms);
    let mut phrase = Phrase {
        atoms: &atoms,
        at: 0,
        done: Vec::new(),
        current: Alternative::default(),
        present,
    };
    if atoms.is_empty() {
        return None;
    }
    while let Some(atom) = phrase.next() {
        phrase.step(atom)?;
    }
    phrase.end_alternative();
    let mut alternatives = phrase.done;
    alternative::fill(&mut alternatives);
    let understood = !alternatives.is_empty() || atoms.contains(&Atom::Anything);
    understood.then_some(alternatives)
}

/// Something that "after", "between" and the like can take.
#[derive(Clone, Copy)]
enum Point {
    Day(Day),
    Clock(Clock),
    Moment(Day, Clock),
    Hours(Hours),
}

struct Phrase<'a> {
    atoms: &'a [Atom],
    at: usize,
    done: Vec<Alternative>,
    current: Alternative,
    present: Present<'a>,
}

impl Phrase<'_> {
    fn next(&mut self) -> Option<Atom> {
        let atom = self.atoms.get(self.at).copied()?;
        self.at += 1;
        Some(atom)
    }

    fn step(&mut self, atom: Atom) -> Option<()> {
        let Atom::Link(link) = atom else {
            if atom == Atom::Anything {
                return Some(());
            }
            self.at -= 1;
            return self.point_or_range();
        };
        match link {
            Link::Between => {
                let from = self.point()?;
                self.link(&[Link::And, Link::To, Link::By])?;
                let until = self.point()?;
                self.range(from, until)
            }
            Link::From => {
                let start = self.at;
                let from = self.point()?;
                if self.link(&[Link::To, Link::By]).is_some() {
                    self.at = start;
                    return self.point_or_range();
                }
                self.bounded(Link::From, from)
            }
            Link::At | Link::Around | Link::After | Link::Before | Link::By => {
                if self.range_ahead() && matches!(link, Link::At | Link::Around) {
                    return self.point_or_range();
                }
                // The arguments `after` and `before` may repeat their own name.
                while self.link(&[Link::At, link]).is_some() {}
                if let Some(inner) = self.link(&[
                    Link::After,
                    Link::Before,
                    Link::By,
                    Link::Around,
                    Link::From,
                ]) {
                    let point = self.point()?;
                    return self.bounded(inner, point);
                }
                let point = self.point()?;
                self.bounded(link, point)
            }
            Link::Or => {
                self.end_alternative();
                Some(())
            }
            Link::And => {
                // "After 2 and before 4" holds at once.
                if !matches!(self.atoms.get(self.at), Some(Atom::Link(_))) {
                    self.end_alternative();
                }
                Some(())
            }
            Link::OrLater | Link::OrEarlier => {
                let Some(point) = self.point() else {
                    // "By five at the latest" has said so already.
                    return Some(());
                };
                self.end_alternative();
                let side = if link == Link::OrLater {
                    Link::After
                } else {
                    Link::Before
                };
                self.bounded(side, point)
            }
            // "I would like to come on Tuesday."
            Link::To => Some(()),
        }
    }

    fn point(&mut self) -> Option<Point> {
        let point = match self.atoms.get(self.at)? {
            Atom::Day(day) => Point::Day(*day),
            Atom::Clock(clock) => Point::Clock(*clock),
            Atom::Hours(hours) => Point::Hours(*hours),
            Atom::Number(number) => Point::Clock(Clock::from_number(*number)?),
            Atom::Moment(date, clock) => {
                let day = Day::Calendar {
                    year: Some(date.year()),
                    month: Some(date.month()),
                    day: date.day(),
                };
                Point::Moment(day, *clock)
            }
            Atom::Link(_) | Atom::Anything => return None,
        };
        self.at += 1;
        Some(point)
    }

    fn link(&mut self, links: &[Link]) -> Option<Link> {
        match self.atoms.get(self.at)? {
            Atom::Link(link) if links.contains(link) => {
                self.at += 1;
                Some(*link)
            }
            _ => None,
        }
    }

    fn range_ahead(&self) -> bool {
        matches!(
            self.atoms.get(self.at + 1),
            Some(Atom::Link(Link::To | Link::By))
        )
    }

    fn point_or_range(&mut self) -> Option<()> {
        let bare_number = matches!(self.atoms.get(self.at), Some(Atom::Number(_)));
        let point = self.point()?;
        let after_point = self.at;
        if self.link(&[Link::To, Link::By]).is_some()
            && let Some(until) = self.point()
            && self.range(point, until).is_some()
        {
            return Some(());
        }
        self.at = after_point;
        match self.link(&[Link::OrLater, Link::OrEarlier]) {
            Some(_) if self.next_is_point() => self.at = after_point,
            Some(Link::OrLater) => return self.bounded(Link::From, point),
            Some(_) => return self.bounded(Link::By, point),
            None => {}
        }
        if bare_number {
            return None;
        }
        self.bounded(Link::At, point)
    }

    fn next_is_point(&self) -> bool {
        !matches!(
            self.atoms.get(self.at),
            None | Some(Atom::Link(_) | Atom::Anything)
        )
    }

    fn range(&mut self, from: Point, until: Point) -> Option<()> {
        match (from, until) {
            (Point::Day(from), Point::Day(until)) => {
                let range = self.range_of_days(from, until)?;
                self.add_day(range);
            }
            (Point::Clock(from), Point::Clock(until)) => self.add_hours(Said::Between(from, until)),
            (Point::Moment(day, from), Point::Clock(until)) => {
                self.add_day(day);
                self.add_hours(Said::Between(from, until));
            }
            (Point::Moment(first, from), Point::Moment(last, until)) => {
                let range = self.range_of_days(first, last)?;
                self.add_day(range);
                self.add_hours(Said::Between(from, until));
            }
            _ => return None,
        }
        Some(())
    }

    fn range_of_days(&self, from: Day, until: Day) -> Option<Day> {
        if let (Day::Weekdays { from, .. }, Day::Weekdays { to, .. }) = (from, until) {
            return Some(Day::Weekdays { from, to });
        }
        let first = from.place(self.present.today, self.present)?;
        let last = until.place(first.first, self.present)?;
        Span::new(first.first, last.last, first.again).map(Day::Span)
    }

    fn bounded(&mut self, link: Link, point: Point) -> Option<()> {
        match point {
            Point::Clock(clock) => self.add_hours(bound::clock(link, clock)),
            Point::Hours(hours) => self.add_hours(bound::hours(link, hours)?),
            Point::Moment(day, clock) => {
                self.add_day(day);
                self.add_hours(bound::clock(link, clock));
            }
            Point::Day(day) => {
                let start = self.at;
                let _ = self.link(&[Link::At]);
                // "After Tuesday at 3" bounds the time, not the day.
                if link != Link::At
                    && !self.range_ahead()
                    && let Some(Point::Clock(clock)) = self.point()
                {
                    self.add_day(day);
                    self.add_hours(bound::clock(link, clock));
                    return Some(());
                }
                self.at = start;
                // "From Tuesday, in the morning": what follows is no open end.
                let open = link != Link::From || !self.next_is_point();
                let link = if open { link } else { Link::At };
                let day = bound::day(link, day, self.present)?;
                self.add_day(day);
            }
        }
        Some(())
    }

    fn add_day(&mut self, day: Day) {
        let weekday = |day: &Day| matches!(day, Day::Weekdays { .. });
        // "Monday, Tuesday or Wednesday".
        if weekday(&day) && self.current.days.iter().any(weekday) {
            self.end_alternative();
        }
        self.current.days.push(day);
    }

    fn add_hours(&mut self, said: Said) {
        self.current.hours_first |= self.current.days.is_empty();
        self.current.hours.push(said);
    }

    fn end_alternative(&mut self) {
        let ended = std::mem::take(&mut self.current);
        if !ended.days.is_empty() || !ended.hours.is_empty() {
            self.done.push(ended);
        }
    }
}
