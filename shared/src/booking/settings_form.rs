//! Scheduling settings as somebody wrote them, read as a whole: what is wrong is
//! told of every field at once.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::field_problem::FieldProblem;
use crate::microsoft::{iana_name, known_zone};
use crate::scheduling::{Block, Travel, WallTime};
use crate::store::{DateOverride, SchedulingSettings, WeekBlocks};

/// The most blocks that one day can have, and the most dates of each list.
const BLOCKS_LIMIT: usize = 12;
const DATES_LIMIT: usize = 400;

/// Reads settings; what is left out has its default.
pub fn read_settings(form: Map<String, Value>) -> Result<SchedulingSettings, Vec<FieldProblem>> {
    let mut form = Form {
        fields: form,
        problems: Vec::new(),
    };
    let usual = SchedulingSettings::default();
    let settings = SchedulingSettings {
        time_zone: form.time_zone(),
        weekly_hours: form.weekly_hours(),
        date_overrides: form.date_overrides(),
        holidays: form.holidays(),
        viewing_minutes: form.number("viewing_minutes", usual.viewing_minutes, 5..=240),
        interval_minutes: form.number("interval_minutes", usual.interval_minutes, 5..=480),
        buffer_before_minutes: form.number("buffer_before_minutes", 0, 0..=240),
        buffer_after_minutes: form.number("buffer_after_minutes", 0, 0..=240),
        notice_minutes: form.number("notice_minutes", 0, 0..=43_200),
        horizon_days: form.perhaps("horizon_days", 1..=730),
        max_per_day: form.perhaps("max_per_day", 1..=100),
        max_per_week: form.perhaps("max_per_week", 1..=500),
        tentative_is_busy: form.flag("tentative_is_busy", usual.tentative_is_busy),
        pack_tightly: form.flag("pack_tightly", usual.pack_tightly),
        travel: form.travel(),
    };
    for date in &settings.holidays {
        let mut others = settings.date_overrides.iter();
        if others.any(|other| other.date == *date) {
            form.wrong(
                "holidays",
                format!("has {date}, which date_overrides has too"),
            );
        }
    }
    form.refuse_the_rest();
    if form.problems.is_empty() {
        Ok(settings)
    } else {
        Err(form.problems)
    }
}

struct Form {
    /// What was not read yet.
    fields: Map<String, Value>,
    problems: Vec<FieldProblem>,
}

impl Form {
    fn wrong(&mut self, field: &str, problem: impl Into<String>) {
        self.problems.push(FieldProblem {
            field: field.to_owned(),
            problem: problem.into(),
        });
    }

    /// What was not read is no setting.
    fn refuse_the_rest(&mut self) {
        for field in std::mem::take(&mut self.fields).keys() {
            self.wrong(field, "is not a setting");
        }
    }

    /// The value of a field; null counts as absent.
    fn take(&mut self, field: &str) -> Option<Value> {
        self.fields.remove(field).filter(|value| !value.is_null())
    }

    fn number(&mut self, field: &str, usual: u32, range: RangeInclusive<u32>) -> u32 {
        self.perhaps(field, range).unwrap_or(usual)
    }

    fn perhaps(&mut self, field: &str, range: RangeInclusive<u32>) -> Option<u32> {
        let value = self.take(field)?;
        let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let (low, high) = range.into_inner();
            self.wrong(
                field,
                format!("must be a whole number from {low} to {high}"),
            );
        }
        number
    }

    fn flag(&mut self, field: &str, usual: bool) -> bool {
        match self.take(field) {
            None => usual,
            Some(Value::Bool(flag)) => flag,
            Some(_) => {
                self.wrong(field, "must be true or false");
                usual
            }
        }
    }

    /// An IANA name, or a name of Microsoft's for one.
    fn time_zone(&mut self) -> Option<String> {
        let value = self.take("time_zone")?;
        let name = value.as_str().and_then(iana_name);
        let known = name.filter(|name| known_zone(name).is_some());
        if known.is_none() {
            self.wrong(
                "time_zone",
                "must be an IANA time zone such as America/Chicago",
            );
        }
        known
    }

    fn travel(&mut self) -> Option<Travel> {
        let Value::Object(fields) = self.take("travel")? else {
            self.wrong("travel", "must be an object with a speed_kmh");
            return None;
        };
        let mut form = Form {
            fields,
            problems: Vec::new(),
        };
        let usual = Travel::default();
        let travel = Travel {
            speed_kmh: form.number("speed_kmh", usual.speed_kmh, 5..=130),
            extra_minutes: form.number("extra_minutes", usual.extra_minutes, 0..=120),
            stack_same_property: form.flag("stack_same_property", usual.stack_same_property),
        };
        form.refuse_the_rest();
        for FieldProblem { field, problem } in form.problems {
            self.wrong(&format!("travel.{field}"), problem);
        }
        Some(travel)
    }

    fn weekly_hours(&mut self) -> Option<WeekBlocks> {
        let value = self.take("weekly_hours")?;
        let Value::Object(mut days) = value else {
            self.wrong(
                "weekly_hours",
                "must be an object with a list of blocks a day",
            );
            return None;
        };
        let mut day = |name: &str| {
            let blocks = days.remove(name).unwrap_or_default();
            self.blocks(&format!("weekly_hours.{name}"), &blocks)
        };
        let week = WeekBlocks {
            monday: day("monday"),
            tuesday: day("tuesday"),
            wednesday: day("wednesday"),
            thursday: day("thursday"),
            friday: day("friday"),
            saturday: day("saturday"),
            sunday: day("sunday"),
        };
        for name in days.keys() {
            self.wrong(
                &format!("weekly_hours.{name}"),
                "is not a day of the week, as monday is",
            );
        }
        Some(week)
    }

    fn date_overrides(&mut self) -> Vec<DateOverride> {
        let mut overrides: Vec<DateOverride> = Vec::new();
        for (index, entry) in self.list("date_overrides", DATES_LIMIT).iter().enumerate() {
            let place = format!("date_overrides[{index}]");
            self.only(&place, entry, &["date", "blocks"]);
            let date = self.date(&format!("{place}.date"), entry.get("date"));
            let blocks = entry.get("blocks").unwrap_or(&Value::Null);
            let blocks = self.blocks(&format!("{place}.blocks"), blocks);
            let Some(date) = date else { continue };
            if overrides.iter().any(|other| other.date == date) {
                self.wrong(&format!("{place}.date"), "is there twice");
            }
            overrides.push(DateOverride { date, blocks });
        }
        overrides
    }

    fn holidays(&mut self) -> Vec<Date> {
        let mut dates = BTreeSet::new();
        for (index, entry) in self.list("holidays", DATES_LIMIT).iter().enumerate() {
            dates.extend(self.date(&format!("holidays[{index}]"), Some(entry)));
        }
        dates.into_iter().collect()
    }

    fn list(&mut self, field: &str, limit: usize) -> Vec<Value> {
        match self.take(field) {
            None => Vec::new(),
            Some(Value::Array(entries)) if entries.len() <= limit => entries,
            Some(_) => {
                self.wrong(field, format!("must be a list of at most {limit} entries"));
                Vec::new()
            }
        }
    }

    fn date(&mut self, place: &str, value: Option<&Value>) -> Option<Date> {
        let text = value.and_then(Value::as_str);
        let date = text.filter(|text| text.len() == "2026-12-24".len());
        let date = date.and_then(|text| text.parse().ok());
        if date.is_none() {
            self.wrong(place, "must be a date such as 2026-12-24");
        }
        date
    }

    /// The blocks of one day; null counts as none.
    fn blocks(&mut self, place: &str, value: &Value) -> Vec<Block> {
        let entries = match value {
            Value::Null => return Vec::new(),
            Value::Array(entries) if entries.len() <= BLOCKS_LIMIT => entries,
            _ => {
                self.wrong(
                    place,
                    format!("must be a list of at most {BLOCKS_LIMIT} blocks"),
                );
                return Vec::new();
            }
        };
        let read = entries.iter().enumerate();
        read.filter_map(|(index, entry)| self.block(&format!("{place}[{index}]"), entry))
            .collect()
    }

    /// Refuses what an entry has beside those fields: a misspelt one would be left out.
    fn only(&mut self, place: &str, entry: &Value, known: &[&str]) {
        for name in entry.as_object().into_iter().flat_map(Map::keys) {
            if !known.contains(&name.as_str()) {
                self.wrong(&format!("{place}.{name}"), "is not known here");
            }
        }
    }

    fn block(&mut self, place: &str, entry: &Value) -> Option<Block> {
        self.only(place, entry, &["start", "end"]);
        let mut time = |name: &str| -> Option<WallTime> {
            let time = entry.get(name).and_then(Value::as_str);
            let time = time.and_then(|text| text.parse().ok());
            if time.is_none() {
                self.wrong(
                    &format!("{place}.{name}"),
                    "must be a time from 00:00 to 24:00",
                );
            }
            time
        };
        let (start, end) = (time("start"), time("end"));
        let block = Block::new(start?, end?);
        if block.start == block.end {
            self.wrong(&format!("{place}.end"), "must differ from start");
            return None;
        }
        Some(block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(form: Value) -> Result<SchedulingSettings, Vec<String>> {
        let Value::Object(form) = form else {
            panic!("a form is an object")
        };
        read_settings(form).map_err(|problems| {
            let told = problems.into_iter();
            told.map(|problem| format!("{} {}", problem.field, problem.problem))
                .collect()
        })
    }

    #[test]
    fn an_empty_form_has_the_defaults() {
        assert_eq!(read(json!({})), Ok(SchedulingSettings::default()));
        let nulls = json!({"time_zone": null, "horizon_days": null, "weekly_hours": null});
        assert_eq!(read(nulls), Ok(SchedulingSettings::default()));
    }

    #[test]
    fn a_full_form_is_read_as_it_stands() {
        let settings = read(json!({
            "time_zone": "Central Standard Time",
            "weekly_hours": {
                "monday": [{"start": "09:00", "end": "12:00"}, {"start": "13:00", "end": "24:00"}],
                "saturday": [{"start": "22:00", "end": "02:00"}],
            },
            "date_overrides": [{"date": "2026-12-24", "blocks": [{"start": "09:00", "end": "12:00"}]}],
            "holidays": ["2027-01-01", "2026-12-25", "2026-12-25"],
            "viewing_minutes": 45, "interval_minutes": 15,
            "buffer_before_minutes": 10, "buffer_after_minutes": 20,
            "notice_minutes": 120, "horizon_days": 60, "max_per_day": 6, "max_per_week": 20,
            "tentative_is_busy": false, "pack_tightly": true,
            "travel": {"speed_kmh": 40, "extra_minutes": 5, "stack_same_property": true},
        }))
        .unwrap();
        let travel = Travel {
            speed_kmh: 40,
            extra_minutes: 5,
            stack_same_property: true,
        };
        assert_eq!(settings.travel, Some(travel));
        assert_eq!(settings.time_zone.as_deref(), Some("America/Chicago"));
        let hours = settings.weekly_hours.clone().unwrap();
        assert_eq!((hours.monday.len(), hours.saturday.len()), (2, 1));
        assert_eq!(settings.date_overrides.len(), 1);
        assert_eq!(settings.holidays.len(), 2);
        let stored = serde_json::to_value(&settings).unwrap();
        let read_again: SchedulingSettings = serde_json::from_value(stored).unwrap();
        assert_eq!(read_again, settings);
    }

    #[test]
    fn everything_that_is_wrong_is_told_with_its_place() {
        let problems = read(json!({
            "time_zone": "tzone://Microsoft/Custom",
            "weekly_hours": {
                "monday": [{"start": "9:00", "end": "17:00"}, {"start": "10:00", "end": "10:00"}, 7],
                "mnday": [],
                "friday": "nine to five",
            },
            "date_overrides": [{"date": "2026-02-30"}, {"date": "2026-12-24", "block": []},
                {"date": "2026-12-24", "blocks": [{"start": "09:00", "end": "12:00", "till": 1}]}],
            "holidays": ["Christmas", "2026-12-24"],
            "viewing_minutes": 0, "interval_minutes": "30", "buffer_before_minutes": -5,
            "buffer_after_minutes": 1e9, "notice_minutes": 1.5, "horizon_days": 0,
            "max_per_day": [], "tentative_is_busy": "yes", "lunch": "noon",
            "travel": {"speed_kmh": 0, "extra_minutes": 121, "stack_same_property": 1, "by": "car"},
        }))
        .unwrap_err();
        let expected = [
            "time_zone must be an IANA time zone such as America/Chicago",
            "weekly_hours.monday[0].start must be a time from 00:00 to 24:00",
            "weekly_hours.monday[1].end must differ from start",
            "weekly_hours.monday[2].start must be a time from 00:00 to 24:00",
            "weekly_hours.monday[2].end must be a time from 00:00 to 24:00",
            "weekly_hours.friday must be a list of at most 12 blocks",
            "weekly_hours.mnday is not a day of the week, as monday is",
            "date_overrides[0].date must be a date such as 2026-12-24",
            "date_overrides[1].block is not known here",
            "date_overrides[2].blocks[0].till is not known here",
            "date_overrides[2].date is there twice",
            "holidays[0] must be a date such as 2026-12-24",
            "viewing_minutes must be a whole number from 5 to 240",
            "interval_minutes must be a whole number from 5 to 480",
            "buffer_before_minutes must be a whole number from 0 to 240",
            "buffer_after_minutes must be a whole number from 0 to 240",
            "notice_minutes must be a whole number from 0 to 43200",
            "horizon_days must be a whole number from 1 to 730",
            "max_per_day must be a whole number from 1 to 100",
            "tentative_is_busy must be true or false",
            "travel.speed_kmh must be a whole number from 5 to 130",
            "travel.extra_minutes must be a whole number from 0 to 120",
            "travel.stack_same_property must be true or false",
            "travel.by is not a setting",
            "holidays has 2026-12-24, which date_overrides has too",
            "lunch is not a setting",
        ];
        assert_eq!(problems, expected);
    }

    #[test]
    fn travel_counts_once_it_is_named() {
        let travel = |form| read(json!({"travel": form})).map(|settings| settings.travel);
        assert_eq!(travel(json!({})), Ok(Some(Travel::default())));
        assert_eq!(travel(Value::Null), Ok(None));
        let problem = "travel must be an object with a speed_kmh".to_owned();
        assert_eq!(travel(json!(30)), Err(vec![problem]));
    }

    #[test]
    fn lists_are_bounded() {
        let dates = vec!["2026-12-24"; DATES_LIMIT + 1];
        let problems = read(json!({"holidays": dates})).unwrap_err();
        assert_eq!(problems, ["holidays must be a list of at most 400 entries"]);
    }
}
