//! What must hold for every host, in every zone, at any time.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::{
    oracle,
    random::{Around, Question, question},
};
use crate::scheduling::{Busy, Interval, Verdict, Way, When, explain, open_slots, reading_window};

/// That many cases, scaled by `PROPTEST_CASES` where 256 stands for once.
pub(super) fn cases(count: u32) -> ProptestConfig {
    let config = ProptestConfig::default();
    let cases = u64::from(count) * u64::from(config.cases) / 256;
    ProptestConfig {
        cases: u32::try_from(cases).unwrap_or(u32::MAX).max(1),
        ..config
    }
}

fn answer(question: &Question) -> Vec<Timestamp> {
    let Question {
        rules,
        busy,
        window,
        now,
    } = question;
    open_slots(rules, busy, *window, *now)
}

fn agrees_with_the_oracle(question: &Question) -> Result<(), TestCaseError> {
    let Question {
        rules,
        busy,
        window,
        now,
    } = question;
    let expected = oracle::slots(rules, busy, *window, *now);
    prop_assert_eq!(answer(question), expected);
    Ok(())
}

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn the_oracle_agrees_at_any_time(question in question(Around::AnyTime)) {
        agrees_with_the_oracle(&question)?;
    }

    #[test]
    fn the_oracle_agrees_around_transitions(question in question(Around::Transitions)) {
        agrees_with_the_oracle(&question)?;
    }
}

fn narrowed(window: Interval, from: u8, to: u8) -> Interval {
    let part = |share: u8| {
        let length = window.duration().as_nanos();
        let passed = length * i128::from(share) / 255;
        window.start() + SignedDuration::from_nanos(i64::try_from(passed).unwrap())
    };
    Interval::new(part(from.min(to)), part(from.max(to))).unwrap()
}

proptest! {
    #![proptest_config(cases(1_500))]

    #[test]
    fn a_narrower_window_gives_its_part_of_a_wider_one(
        question in question(Around::Transitions),
        from: u8,
        to: u8,
    ) {
        let wide = answer(&question);
        let window = narrowed(question.window, from, to);
        let slot = question.rules.slot_minutes;
        let part: Vec<Timestamp> = wide
            .into_iter()
            .filter(|start| window.encloses(Interval::lasting(*start, slot)))
            .collect();
        prop_assert_eq!(answer(&Question { window, ..question }), part);
    }

    #[test]
    fn each_start_stands_alone_and_none_other_does(
        question in question(Around::AnyTime),
        minute in -1440..2 * 1440_i64,
    ) {
        let starts = answer(&question);
        let slot = question.rules.slot_minutes;
        let tried = question.window.start() + SignedDuration::from_mins(minute);
        for start in starts.iter().copied().chain([tried]) {
            let window = Interval::lasting(start, slot);
            let alone = answer(&Question { window, ..question.clone() });
            let inside = question.window.encloses(window);
            prop_assert_eq!(alone == [start] && inside, starts.contains(&start));
        }
    }

    #[test]
    fn a_later_now_only_takes_starts_away(
        question in question(Around::AnyTime),
        minutes in 0..3000_i64,
    ) {
        let mut question = question;
        for entry in &mut question.busy {
            entry.hold_expires_at = None;
        }
        question.rules.horizon_days = None;
        let now = question.now + SignedDuration::from_mins(minutes);
        let notice = SignedDuration::from_mins(question.rules.notice_minutes.into());
        let mut left = answer(&question);
        left.retain(|start| *start >= now + notice);
        prop_assert_eq!(answer(&Question { now, ..question }), left);
    }

    #[test]
    fn the_order_of_entries_does_not_matter(question in question(Around::AnyTime)) {
        let mut turned = question.clone();
        turned.busy.reverse();
        prop_assert_eq!(answer(&turned), answer(&question));
    }

    #[test]
    fn entries_outside_the_reading_window_change_nothing(
        question in question(Around::Transitions),
    ) {
        let Question { rules, busy, window, .. } = &question;
        let longest = |entry: &Busy| {
            let pad = entry.pad_before_minutes.max(entry.pad_after_minutes);
            match entry.way {
                Way::SameDoor => pad,
                Way::Minutes(minutes) => pad.max(minutes),
            }
        };
        let margin = busy.iter().map(longest).max().unwrap_or(0);
        let read = reading_window(rules, *window, margin);
        prop_assert!(read.encloses(*window));
        let mut less = question.clone();
        less.busy.retain(|entry| match entry.when {
            When::At(at) => at.overlaps(read) || read.contains(at.start()),
            When::AllDay { .. } => true,
        });
        prop_assert_eq!(answer(&less), answer(&question));
    }

    #[test]
    fn the_explanation_allows_exactly_what_is_offered(
        question in question(Around::Transitions),
        offset in -1440..2 * 1440_i64,
        fraction in prop_oneof![Just(0_i64), 1..60_000_000_000_i64],
    ) {
        let Question { rules, busy, window, now } = &question;
        let starts = answer(&question);
        let tried = window.start() + SignedDuration::from_mins(offset);
        let between = tried + SignedDuration::from_nanos(fraction);
        for start in starts.iter().copied().chain([tried, between]) {
            let verdicts = explain(rules, busy, *window, start, *now);
            let allowed = verdicts.iter().all(Verdict::allows);
            prop_assert_eq!(allowed, starts.contains(&start), "{} {:?}", start, verdicts);
        }
    }
}
