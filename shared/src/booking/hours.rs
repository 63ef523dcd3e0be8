//! The scheduling rules of a staff member, from what their mailbox says.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use crate::microsoft::known_zone;
use crate::scheduling::{Block, Rules, WeeklyHours};
use crate::store::Mailbox;

/// The rules for a mailbox: its zone and working hours where it has them, else
/// `default_zone` and Monday to Friday, nine to five.
pub(super) fn rules_of(mailbox: &Mailbox, default_zone: &TimeZone) -> Rules {
    let zone = mailbox.time_zone.as_deref().and_then(known_zone);
    let mut rules = Rules::new(zone.unwrap_or_else(|| default_zone.clone()));
    if let Some(hours) = working_hours(mailbox) {
        rules.hours = hours;
    }
    rules
}

fn working_hours(mailbox: &Mailbox) -> Option<WeeklyHours> {
    let from = mailbox.working_from.as_deref()?;
    let until = mailbox.working_until.as_deref()?;
    let block = Block::parse(from, until).ok()?;
    let days: Vec<Weekday> = mailbox
        .working_days
        .iter()
        .filter_map(|day| weekday(day))
        .collect();
    if days.is_empty() {
        return None;
    }
    Some(
        days.into_iter()
            .fold(WeeklyHours::closed(), |hours, day| hours.with(day, block)),
    )
}

fn weekday(name: &str) -> Option<Weekday> {
    Some(match name {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailbox_without_hours_keeps_office_hours_in_the_default_zone() {
        let rules = rules_of(&Mailbox::default(), &TimeZone::UTC);
        assert_eq!(rules, Rules::new(TimeZone::UTC));
    }

    #[test]
    fn a_mailbox_with_hours_has_its_own() {
        let mailbox = Mailbox {
            time_zone: Some("America/Los_Angeles".to_owned()),
            working_days: vec!["saturday".to_owned(), "someday".to_owned()],
            working_from: Some("10:00".to_owned()),
            working_until: Some("14:00".to_owned()),
            ..Mailbox::default()
        };
        let rules = rules_of(&mailbox, &TimeZone::UTC);
        assert_eq!(rules.zone.iana_name(), Some("America/Los_Angeles"));
        assert_eq!(rules.hours.on(Weekday::Saturday).len(), 1);
        assert!(rules.hours.on(Weekday::Monday).is_empty());
    }
}
