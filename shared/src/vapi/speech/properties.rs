//! Whatever goes in, what comes out keeps the rules and outlives the formatter.

use jiff::civil::{Date, DateTime, Time};
use proptest::prelude::*;

use super::formatter::{formatted, survives};
use super::rules::violations;
use super::*;

fn assert_speakable(spoken: &str) {
    assert_eq!(violations(spoken), [], "{spoken:?}");
    let after = formatted(spoken);
    assert_eq!(violations(&after), [], "{spoken:?} became {after:?}");
    assert!(survives(spoken), "{spoken:?} became {after:?}");
}

fn any_date() -> impl Strategy<Value = Date> {
    (-9999_i16..=9999, 1_i8..=12, 1_i8..=28).prop_map(|(y, m, d)| Date::new(y, m, d).unwrap())
}

fn near_date() -> impl Strategy<Value = Date> {
    (2026_i16..=2028, 1_i8..=12, 1_i8..=28).prop_map(|(y, m, d)| Date::new(y, m, d).unwrap())
}

fn any_time() -> impl Strategy<Value = Time> {
    (0_i8..24, 0_i8..60, 0_i8..60).prop_map(|(h, m, s)| Time::new(h, m, s, 0).unwrap())
}

/// Text from anywhere: all of Unicode, and pieces that have tripped formatters.
fn any_text() -> impl Strategy<Value = String> {
    let pieces: Vec<String> =
        serde_json::from_str(include_str!("../../../fixtures/vapi/hazards.json")).unwrap();
    let piece = prop::sample::select(pieces);
    prop_oneof![
        "\\PC{0,60}",
        any::<String>(),
        prop::collection::vec(piece, 0..10).prop_map(|p| p.concat()),
        prop::collection::vec(
            prop_oneof!["[ -~]{1,8}", "\\PC{1,4}", "[0-9:/.,$-]{1,12}", "[A-Z]{1,5}"],
            0..8
        )
        .prop_map(|p| p.join(" ")),
        "[a-zA-Z0-9._:@#&<>-]{150,400}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_text_becomes_speakable(text in any_text(), limit in 0_usize..300) {
        assert_speakable(&plain(&text));
        prop_assert!(plain(&text).chars().count() <= PLAIN_LIMIT);
        let shorter = plain_within(&text, limit);
        assert_speakable(&shorter);
        prop_assert!(shorter.chars().count() <= limit);
        assert_speakable(&person(&text));
        assert_speakable(&address(&text));
        assert_speakable(&place_of_zone(&text));
    }

    #[test]
    fn speakable_text_stays_as_it_is(text in any_text()) {
        let once = plain(&text);
        prop_assert_eq!(plain(&once), once);
    }

    #[test]
    fn foreign_text_inside_a_sentence_is_harmless(name in any_text(), home in any_text()) {
        let sentence = format!("Booked for {} at {}. Is that right?", person(&name), address(&home));
        assert_speakable(&sentence);
    }

    #[test]
    fn anything_can_be_spelled(text in any_text()) {
        assert_speakable(&code(&text));
        assert_speakable(&letters(&text));
        assert_speakable(&phone(&text));
        assert_speakable(&email(&text));
        assert_speakable(&digits(text.get(..20).unwrap_or_default()));
    }

    #[test]
    fn any_number_is_words(number in any::<i64>(), place in any::<u32>(), n in any::<i16>()) {
        assert_speakable(&cardinal(number));
        assert_speakable(&dollars(number));
        assert_speakable(&cents(number));
        assert_speakable(&ordinal(place));
        assert_speakable(&duration(place));
        assert_speakable(&year(n));
    }

    #[test]
    fn any_quantity_is_words(amount in prop_oneof![any::<f64>(), -99.0..9999.0]) {
        assert_speakable(&quantity(amount, "bathroom", "bathrooms"));
    }

    #[test]
    fn any_date_and_time_is_words(day in any_date(), today in any_date(), at in any_time()) {
        assert_speakable(&date(day, today));
        assert_speakable(&relative_date(day, today));
        assert_speakable(&date_time(day.to_datetime(at), today));
        assert_speakable(&time_range(at, at));
    }

    #[test]
    fn any_offer_is_one_sentence_of_at_most_three(
        starts in prop::collection::vec((near_date(), any_time()), 0..8), today in near_date(),
    ) {
        let starts: Vec<DateTime> = starts.iter().map(|(d, t)| d.to_datetime(*t)).collect();
        let spoken = offer(&starts, today);
        assert_speakable(&spoken);
        let halves = ["AM", "PM", "noon", "midnight"];
        let times: usize = halves.iter().map(|half| spoken.matches(half).count()).sum();
        prop_assert_eq!(times, starts.len().min(MAX_OPTIONS));
    }

    #[test]
    fn the_checker_and_the_model_take_anything(text in any_text()) {
        let _ = violations(&text);
        let _ = survives(&text);
    }
}
