//! The table of phrases, and the properties that hold for every phrase.

use std::fmt::Write as _;

use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use proptest::prelude::*;
use serde::Deserialize;

use super::{Ask, Days, Hours, Meaning, resolve};

const TABLE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/when.json"));

#[derive(Deserialize)]
struct Group {
    about: String,
    now: Zoned,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    date: Option<String>,
    part_of_day: Option<String>,
    after: Option<String>,
    before: Option<String>,
    means: String,
}

#[test]
fn phrases_mean_what_the_table_says() {
    let groups: Vec<Group> = serde_json::from_str(TABLE).unwrap();
    let mut wrong = String::new();
    let mut count = 0;
    for group in &groups {
        for case in &group.cases {
            count += 1;
            let ask = Ask {
                date: case.date.as_deref(),
                part_of_day: case.part_of_day.as_deref(),
                after: case.after.as_deref(),
                before: case.before.as_deref(),
            };
            let means = written(&resolve(&ask, &group.now));
            if means != case.means {
                let about = &group.about;
                let expected = &case.means;
                writeln!(
                    wrong,
                    "{about}: {ask:?}\n  expected {expected}\n  found    {means}"
                )
                .unwrap();
            }
        }
    }
    assert!(count >= 170, "only {count} cases");
    assert!(wrong.is_empty(), "{wrong}");
}

fn written(meaning: &Meaning) -> String {
    match meaning {
        Meaning::Any(Hours::ALL) => "any".to_owned(),
        Meaning::Any(hours) => format!("any {}", written_hours(*hours)),
        Meaning::Days(days) => written_days(days),
        Meaning::Ambiguous(one, other) => {
            format!("{} | {}", written_days(one), written_days(other))
        }
        Meaning::Past { asked, proposed } => {
            format!("past {} -> {}", written_days(asked), written_days(proposed))
        }
        Meaning::Unclear { text } => format!("unclear {text}"),
    }
}

fn written_days(days: &Days) -> String {
    let mut text = days.first.to_string();
    if days.last != days.first {
        write!(text, "..{}", days.last).unwrap();
    }
    if days.hours != Hours::ALL {
        write!(text, " {}", written_hours(days.hours)).unwrap();
    }
    text
}

fn written_hours(hours: Hours) -> String {
    let from = hours.from().strftime("%H:%M").to_string();
    let until = hours.until().map_or("24:00".to_owned(), |until| {
        until.strftime("%H:%M").to_string()
    });
    format!("{from}-{until}")
}

#[test]
fn a_long_text_is_unclear() {
    let text = "Tuesday or ".repeat(10_000);
    let ask = Ask {
        date: Some(&text),
        ..Ask::default()
    };
    assert!(matches!(resolve(&ask, &now(0, 0)), Meaning::Unclear { .. }));
}

/// Minutes after the start of 2026 in a zone on one side of UTC or the other.
fn now(minutes: i64, zone: usize) -> Zoned {
    let zones = [
        "America/Chicago",
        "UTC",
        "Pacific/Kiritimati",
        "Pacific/Pago_Pago",
        "Europe/London",
    ];
    date(2026, 1, 1)
        .in_tz(zones.get(zone).unwrap())
        .unwrap()
        .checked_add(minutes.minutes())
        .unwrap()
}

fn moments() -> impl Strategy<Value = Zoned> {
    (0..3 * 366 * 24 * 60_i64, 0..5_usize).prop_map(|(minutes, zone)| now(minutes, zone))
}

fn one_day(text: &str, now: &Zoned) -> Days {
    let ask = Ask {
        date: Some(text),
        ..Ask::default()
    };
    match resolve(&ask, now) {
        Meaning::Days(days) => days,
        other => panic!("{text} at {now}: {other:?}"),
    }
}

fn check_order(meaning: &Meaning, today: Date) -> Result<(), TestCaseError> {
    let days = match meaning {
        Meaning::Any(_) | Meaning::Unclear { .. } => vec![],
        Meaning::Days(days) => vec![*days],
        Meaning::Ambiguous(one, other) => vec![*one, *other],
        Meaning::Past { proposed, .. } => vec![*proposed],
    };
    for days in days {
        prop_assert!(days.first >= today);
        prop_assert!(days.first <= days.last);
        prop_assert!(
            days.hours
                .until()
                .is_none_or(|until| days.hours.from() < until)
        );
    }
    Ok(())
}

/// Words that mean something, in no order that does.
fn jumbles() -> impl Strategy<Value = String> {
    const WORDS: &[&str] = &[
        "tuesday",
        "friday",
        "next",
        "this",
        "last",
        "week",
        "weekend",
        "month",
        "day",
        "days",
        "after",
        "before",
        "between",
        "and",
        "or",
        "to",
        "from",
        "by",
        "until",
        "around",
        "at",
        "in",
        "of",
        "the",
        "a",
        "3",
        "12",
        "31",
        "2026",
        "99",
        "3rd",
        "first",
        "twenty",
        "thirty",
        "december",
        "may",
        "feb",
        "tomorrow",
        "yesterday",
        "today",
        "now",
        "noon",
        "midnight",
        "morning",
        "lunch",
        "evening",
        "half",
        "quarter",
        "past",
        "pm",
        "am",
        ":",
        "/",
        "-",
        ".",
        "12/1",
        "2026-12-01",
        "2026-12-01T00:00:00Z",
        "9999-12-31",
        "thanksgiving",
        "end",
        "early",
        "within",
        "ago",
        "or later",
        "any",
        "not",
        "um",
        "24:00",
        "00:00",
        "oh",
        "ish",
        "few",
        "hours",
        "years",
        "999999999999",
    ];
    prop::collection::vec(prop::sample::select(WORDS), 0..9).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn no_text_panics(texts in prop::array::uniform4(any::<Option<String>>()), now in moments()) {
        let [date, part_of_day, after, before] = texts.each_ref().map(Option::as_deref);
        let meaning = resolve(&Ask { date, part_of_day, after, before }, &now);
        check_order(&meaning, now.date())?;
    }

    #[test]
    fn no_jumble_panics_or_lands_in_the_past(
        texts in prop::array::uniform4(prop::option::of(jumbles())),
        now in moments(),
    ) {
        let [date, part_of_day, after, before] = texts.each_ref().map(Option::as_deref);
        let meaning = resolve(&Ask { date, part_of_day, after, before }, &now);
        check_order(&meaning, now.date())?;
    }

    #[test]
    fn no_time_panics_at_the_ends_of_the_calendar(text in jumbles(), early in any::<bool>()) {
        let end = if early { Timestamp::MIN } else { Timestamp::MAX };
        let now = end.to_zoned(TimeZone::UTC);
        let _ = resolve(&Ask { date: Some(&text), ..Ask::default() }, &now);
    }

    #[test]
    fn a_weekday_lands_on_that_weekday_within_a_week(weekday in 0..7_i8, which in 0..4_usize, now in moments()) {
        let weekday = Weekday::from_monday_zero_offset(weekday).unwrap();
        let text = ["{}", "this {}", "on {} please", "coming {} afternoon"]
        .get(which)
        .unwrap()
            .replace("{}", &format!("{weekday:?}"));
        let days = one_day(&text, &now);
        prop_assert_eq!(days.first, days.last);
        prop_assert_eq!(days.first.weekday(), weekday);
        let ahead = now.date().until(days.first).unwrap().get_days();
        prop_assert!((0..=7).contains(&ahead), "{} is {} days ahead", text, ahead);
        prop_assert!(ahead > 0 || now.hour() < 17);
    }

    #[test]
    fn next_weekday_is_in_the_following_week_or_asked_about(weekday in 0..7_i8, now in moments()) {
        let weekday = Weekday::from_monday_zero_offset(weekday).unwrap();
        let text = format!("next {weekday:?}");
        let ask = Ask { date: Some(&text), ..Ask::default() };
        let last = match resolve(&ask, &now) {
            Meaning::Days(days) => days,
            Meaning::Ambiguous(near, far) => {
                prop_assert_eq!(near.first.weekday(), weekday);
                prop_assert_eq!(near.first.checked_add(7.days()).unwrap(), far.first);
                prop_assert!(near.first > now.date());
                far
            }
            other => return Err(TestCaseError::fail(format!("{other:?}"))),
        };
        let monday = now.date().checked_sub(i64::from(now.weekday().to_monday_zero_offset()).days()).unwrap();
        let following = monday.checked_add(7.days()).unwrap();
        prop_assert_eq!(last.first.weekday(), weekday);
        prop_assert!(following <= last.first);
        prop_assert!(last.first < following.checked_add(7.days()).unwrap());
    }

    #[test]
    fn every_date_to_come_reads_back_in_every_form(ahead in 0..4_000_i64, now in moments()) {
        let day = now.date().checked_add(ahead.days()).unwrap();
        for form in ["%Y-%m-%d", "%-m/%-d/%Y", "%m/%d/%y", "%B %-d, %Y", "%-d %b %Y", "%A, %B %-d %Y", "%Y/%m/%d", "%-d. %B %y"] {
            let text = day.strftime(form).to_string();
            let days = one_day(&text, &now);
            prop_assert_eq!((days.first, days.last), (day, day), "{}", text);
        }
    }

    #[test]
    fn every_instant_reads_back_in_the_zone(minutes in 1..500_000_i64, now in moments()) {
        let then = now.checked_add(minutes.minutes()).unwrap();
        for text in [then.timestamp().to_string(), then.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()] {
            let ask = Ask { date: Some(&text), ..Ask::default() };
            match resolve(&ask, &now) {
                Meaning::Days(days) => prop_assert!(days.contains(then.datetime()), "{} {:?}", text, days),
                Meaning::Ambiguous(one, other) => {
                    prop_assert!(one.contains(then.datetime()) || other.contains(then.datetime()), "{}", text);
                }
                other => return Err(TestCaseError::fail(format!("{text}: {other:?}"))),
            }
        }
    }
}
