//! `{{name.field}}` in what is said and sent: the caller's own details, and the
//! times that were understood.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::Value;
use shared::vapi::speech;

use super::heard::Slot;
use super::scenario::{Expect, Person, Scenario, ViewingCheck};

/// What a person's name can be followed by.
const OF_CALLER: [&str; 5] = ["name", "first_name", "number", "email", "email_spoken"];

/// What a remembered time's name can be followed by.
const OF_TIME: [&str; 7] = ["spoken", "day", "date", "time", "start", "local", "slot_id"];

/// How many working days ahead have a name.
const WORKDAYS: u8 = 10;

/// What the names in a template stand for.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory(BTreeMap<String, String>);

/// Why a template cannot be filled in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TemplateError {
    Unclosed,
    Unknown(String),
}

impl std::fmt::Display for TemplateError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unclosed => formatter.write_str("`{{` without its `}}`"),
            Self::Unknown(name) => write!(formatter, "nothing is known yet as {{{{{name}}}}}"),
        }
    }
}

impl std::error::Error for TemplateError {}

impl Memory {
    /// What is known before anybody speaks.
    pub(super) fn of(scenario: &Scenario) -> Self {
        let mut memory = Self::default();
        memory.set("user_id", &scenario.user_id);
        if let Some(property) = &scenario.property {
            memory.set("property", property);
        }
        memory.about_caller(&scenario.caller);
        // Stands in until the system has said what day it is.
        memory.about_days(Date::default());
        memory
    }

    /// Makes `{{caller.…}}` this person.
    pub(super) fn about_caller(&mut self, caller: &Person) {
        for field in OF_CALLER {
            let value = match (field, &caller.email) {
                ("name", _) => Some(caller.name.clone()),
                ("first_name", _) => Some(caller.first_name().to_owned()),
                ("number", _) => Some(caller.number.clone()),
                ("email", email) => email.clone(),
                (_, email) => email.as_deref().map(speech::email),
            };
            let key = format!("caller.{field}");
            match value {
                Some(value) => self.0.insert(key, value),
                None => self.0.remove(&key),
            };
        }
    }

    /// Makes `{{workday.1}}` and so on the working days after today, in words, and
    /// `{{next.tuesday}}` the first Tuesday after tomorrow.
    pub(super) fn about_days(&mut self, today: Date) {
        for day in today.series(1.day()).skip(2).take(7) {
            let name = day.strftime("%A").to_string().to_lowercase();
            self.set(&format!("next.{name}"), &speech::date(day, today));
        }
        let days = today.series(1.day()).skip(1);
        let working = days.filter(|day| day.weekday().to_monday_zero_offset() < 5);
        for (day, number) in working.zip(1..=WORKDAYS) {
            self.set(&format!("workday.{number}"), &speech::date(day, today));
        }
    }

    /// Gives a time that was understood its name.
    pub(super) fn remember(&mut self, name: &str, slot: &Slot, today: Date) {
        let date = speech::date(slot.local.date(), today);
        for field in OF_TIME {
            let value = match field {
                "spoken" => slot.spoken(today),
                "day" => date.split(',').next().unwrap_or(&date).to_owned(),
                "date" => date.clone(),
                "time" => speech::time(slot.local.time()),
                "start" => slot.start_time.clone(),
                "local" => slot.local.to_string(),
                _ => slot.id.clone(),
            };
            self.set(&format!("{name}.{field}"), &value);
        }
    }

    /// Makes a time's name known without a time, so that a script can be checked
    /// before it is played.
    pub(super) fn promise(&mut self, name: &str) {
        for field in OF_TIME {
            self.set(&format!("{name}.{field}"), "");
        }
    }

    /// Gives a confirmation code that was heard its name.
    pub(super) fn remember_code(&mut self, name: &str, code: &str) {
        self.set(&format!("{name}.code"), code);
        self.set(&format!("{name}.code_spoken"), &speech::code(code));
    }

    /// Whether a time is remembered under that name.
    pub(super) fn knows_time(&self, name: &str) -> bool {
        self.0.contains_key(&format!("{name}.slot_id"))
    }

    /// Whether something is known under that name.
    pub(super) fn knows(&self, name: &str) -> bool {
        let prefix = format!("{name}.");
        self.0
            .keys()
            .any(|key| key == name || key.starts_with(&prefix))
    }

    /// The text with everything filled in.
    pub(super) fn fill(&self, text: &str) -> Result<String, TemplateError> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (name, after) = after.split_once("}}").ok_or(TemplateError::Unclosed)?;
            let known = self.0.get(name.trim());
            let value = known.ok_or_else(|| TemplateError::Unknown(name.trim().to_owned()))?;
            filled.push_str(before);
            filled.push_str(value);
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// The same for every text within some JSON.
    pub(super) fn fill_json(&self, value: &Value) -> Result<Value, TemplateError> {
        Ok(match value {
            Value::String(text) => Value::String(self.fill(text)?),
            Value::Array(items) => {
                let items: Result<_, _> = items.iter().map(|item| self.fill_json(item)).collect();
                Value::Array(items?)
            }
            Value::Object(fields) => {
                let fields = fields
                    .iter()
                    .map(|(key, value)| Ok((key.clone(), self.fill_json(value)?)));
                Value::Object(fields.collect::<Result<_, _>>()?)
            }
            other => other.clone(),
        })
    }

    fn set(&mut self, key: &str, value: &str) {
        self.0.insert(key.to_owned(), value.to_owned());
    }
}

impl Expect {
    /// The same with everything filled in.
    pub(super) fn filled(&self, memory: &Memory) -> Result<Self, TemplateError> {
        Ok(Self {
            says: all_filled(&self.says, memory)?,
            ..self.clone()
        })
    }
}

impl ViewingCheck {
    /// The same with everything filled in.
    pub(super) fn filled(&self, memory: &Memory) -> Result<Self, TemplateError> {
        let fill =
            |text: &Option<String>| text.as_deref().map(|text| memory.fill(text)).transpose();
        Ok(Self {
            viewing: self.viewing.clone(),
            subject: fill(&self.subject)?,
            location: fill(&self.location)?,
            attendee: fill(&self.attendee)?,
            mailed: fill(&self.mailed)?,
            mentions: all_filled(&self.mentions, memory)?,
            code_heard: self.code_heard,
        })
    }
}

fn all_filled(texts: &[String], memory: &Memory) -> Result<Vec<String>, TemplateError> {
    texts.iter().map(|text| memory.fill(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use serde_json::json;

    fn memory() -> Memory {
        let mut memory = Memory::default();
        memory.about_caller(&Person {
            name: "Dana Whitfield".to_owned(),
            number: "+15125550142".to_owned(),
            email: Some("dana@example.com".to_owned()),
        });
        let slot = Slot::new(
            "2026-11-24T10:00:00-06:00".parse().unwrap(),
            date(2026, 11, 24).at(10, 0, 0, 0),
        );
        memory.remember("first", &slot, date(2026, 11, 22));
        memory
    }

    #[test]
    fn names_are_replaced_by_what_they_stand_for() {
        let memory = memory();
        for (text, expected) in [
            ("", ""),
            ("no names", "no names"),
            (
                "{{first.spoken}}, please.",
                "Tuesday, November twenty fourth, at ten AM, please.",
            ),
            ("{{ first.day }} at {{first.time}}", "Tuesday at ten AM"),
            ("{{first.start}}", "2026-11-24T10:00:00-06:00"),
            ("{{first.local}}", "2026-11-24T10:00:00"),
            ("I am {{caller.first_name}}.", "I am Dana."),
            ("{{caller.email_spoken}}", "d a n a at example dot com"),
            ("one } and { two", "one } and { two"),
        ] {
            assert_eq!(memory.fill(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn days_have_names_that_depend_on_today() {
        let mut memory = memory();
        memory.about_days(date(2026, 11, 26));
        for (text, expected) in [
            ("{{workday.1}}", "Friday, November twenty seventh"),
            ("{{workday.2}}", "Monday, November thirtieth"),
            ("{{workday.10}}", "Thursday, December tenth"),
            ("{{next.friday}}", "Friday, December fourth"),
            ("{{next.saturday}}", "Saturday, November twenty eighth"),
        ] {
            assert_eq!(memory.fill(text).as_deref(), Ok(expected));
        }
        assert!(memory.fill("{{workday.11}}").is_err());
    }

    #[test]
    fn what_is_not_known_is_named() {
        let memory = memory();
        for (text, expected) in [
            (
                "{{second.spoken}}",
                "nothing is known yet as {{second.spoken}}",
            ),
            ("{{first}}", "nothing is known yet as {{first}}"),
            ("{{first.spoken", "`{{` without its `}}`"),
        ] {
            assert_eq!(memory.fill(text).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn texts_within_arguments_are_filled_in_and_nothing_else_changes() {
        let filled = memory().fill_json(&json!({
            "start_time": "{{first.start}}", "limit": 3, "list": ["{{caller.name}}", null]
        }));
        let expected = json!({
            "start_time": "2026-11-24T10:00:00-06:00", "limit": 3, "list": ["Dana Whitfield", null]
        });
        assert_eq!(filled, Ok(expected));
    }

    #[test]
    fn a_caller_without_an_address_does_not_inherit_one() {
        let mut memory = memory();
        memory.about_caller(&Person {
            name: "Omar Haddad".to_owned(),
            number: "+15125550177".to_owned(),
            email: None,
        });
        assert!(memory.fill("{{caller.email}}").is_err());
        assert!(memory.knows("caller") && memory.knows("first") && !memory.knows("second"));
    }
}
