//! The scheduling rules of a staff member: what they chose, else what their mailbox
//! says, else the defaults.

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::desk::Desk;
use super::error::BookingError;
use crate::ids::UserId;
use crate::microsoft::known_zone;
use crate::scheduling::{Alignment, Block, Rules, WeeklyHours};
use crate::store::{Mailbox, SchedulingSettings, StaffRules, StoreError, WeekBlocks};

/// What came of a change of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaced {
    /// They are in force, at this version.
    At(i64),
    /// Somebody else changed them first.
    Stale,
}

impl Desk {
    /// What a staff member chose, and the rules that follow from it. It needs no
    /// connected calendar.
    pub async fn staff_rules(&self, user: &UserId) -> Result<(StaffRules, Rules), BookingError> {
        let on_record = self.registry.of_staff(user).await?;
        let connection = on_record.connection?;
        let mailbox = connection.map(|connection| connection.mailbox);
        let mailbox = mailbox.unwrap_or_default();
        let chosen = on_record.rules?;
        let rules = rules_of(&chosen.settings, &mailbox, &self.default_zone);
        Ok((chosen, rules))
    }

    /// Replaces what a staff member chose, if it is still at that version.
    pub async fn replace_staff_rules(
        &self,
        user: &UserId,
        version: i64,
        settings: &SchedulingSettings,
        now: Timestamp,
    ) -> Result<Replaced, BookingError> {
        let replaced = self.staff.replace_rules(user, version, settings, now).await;
        match replaced {
            Ok(version) => Ok(Replaced::At(version)),
            Err(StoreError::Changed) => Ok(Replaced::Stale),
            Err(error) => Err(error.into()),
        }
    }
}

/// The rules by what was chosen. Zone and hours that were left open are those of the
/// mailbox where it has them, else `default_zone` and Monday to Friday, nine to five.
pub(super) fn rules_of(
    settings: &SchedulingSettings,
    mailbox: &Mailbox,
    default_zone: &TimeZone,
) -> Rules {
    let chosen = settings.time_zone.as_deref().and_then(known_zone);
    let zone = chosen.or_else(|| mailbox.time_zone.as_deref().and_then(known_zone));
    let usual = Rules::new(zone.unwrap_or_else(|| default_zone.clone()));
    let hours = settings.weekly_hours.as_ref().map(weekly_hours);
    let holidays = settings.holidays.iter().map(|date| (*date, Vec::new()));
    let overrides = settings.date_overrides.iter();
    let overrides = overrides.map(|other| (other.date, other.blocks.clone()));
    Rules {
        hours: hours
            .or_else(|| working_hours(mailbox))
            .unwrap_or(usual.hours),
        overrides: overrides.chain(holidays).collect(),
        slot_minutes: settings.viewing_minutes,
        interval_minutes: settings.interval_minutes,
        buffer_before_minutes: settings.buffer_before_minutes,
        buffer_after_minutes: settings.buffer_after_minutes,
        notice_minutes: settings.notice_minutes,
        horizon_days: settings.horizon_days,
        max_per_day: settings.max_per_day,
        max_per_week: settings.max_per_week,
        alignment: if settings.pack_tightly {
            Alignment::Maximise
        } else {
            Alignment::HourGrid
        },
        tentative_blocks: settings.tentative_is_busy,
        ..Rules::new(usual.zone)
    }
}

fn weekly_hours(week: &WeekBlocks) -> WeeklyHours {
    let days = [
        (Weekday::Monday, &week.monday),
        (Weekday::Tuesday, &week.tuesday),
        (Weekday::Wednesday, &week.wednesday),
        (Weekday::Thursday, &week.thursday),
        (Weekday::Friday, &week.friday),
        (Weekday::Saturday, &week.saturday),
        (Weekday::Sunday, &week.sunday),
    ];
    let blocks = days
        .into_iter()
        .flat_map(|(day, blocks)| blocks.iter().map(move |block| (day, *block)));
    blocks.fold(WeeklyHours::closed(), |hours, (day, block)| {
        hours.with(day, block)
    })
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
    use crate::store::DateOverride;
    use jiff::civil::date;

    #[test]
    fn a_mailbox_without_hours_keeps_office_hours_in_the_default_zone() {
        let rules = rules_of(
            &SchedulingSettings::default(),
            &Mailbox::default(),
            &TimeZone::UTC,
        );
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
        let rules = rules_of(&SchedulingSettings::default(), &mailbox, &TimeZone::UTC);
        assert_eq!(rules.zone.iana_name(), Some("America/Los_Angeles"));
        assert_eq!(rules.hours.on(Weekday::Saturday).len(), 1);
        assert!(rules.hours.on(Weekday::Monday).is_empty());
    }

    #[test]
    fn what_was_chosen_goes_before_the_mailbox() {
        let mailbox = Mailbox {
            time_zone: Some("America/Los_Angeles".to_owned()),
            working_days: vec!["saturday".to_owned()],
            working_from: Some("10:00".to_owned()),
            working_until: Some("14:00".to_owned()),
            ..Mailbox::default()
        };
        let settings = SchedulingSettings {
            time_zone: Some("Asia/Kolkata".to_owned()),
            weekly_hours: Some(WeekBlocks {
                tuesday: vec![Block::parse("12:00", "20:00").unwrap()],
                ..WeekBlocks::default()
            }),
            date_overrides: vec![DateOverride {
                date: date(2026, 12, 24),
                blocks: vec![Block::parse("09:00", "10:00").unwrap()],
            }],
            holidays: vec![date(2026, 12, 25)],
            max_per_day: Some(3),
            pack_tightly: true,
            ..SchedulingSettings::default()
        };
        let rules = rules_of(&settings, &mailbox, &TimeZone::UTC);
        assert_eq!(rules.zone.iana_name(), Some("Asia/Kolkata"));
        assert_eq!(rules.hours.on(Weekday::Tuesday).len(), 1);
        assert!(rules.hours.on(Weekday::Saturday).is_empty());
        assert_eq!(rules.overrides[&date(2026, 12, 24)].len(), 1);
        assert!(rules.overrides[&date(2026, 12, 25)].is_empty());
        assert_eq!(rules.max_per_day, Some(3));
        assert_eq!(rules.alignment, Alignment::Maximise);
    }
}
