//! The words and set phrases that are known, and what each stands for.
//!
//! Phrases are written without "the", apostrophes and hyphens, as the tokeniser
//! leaves them. The longest phrase wins.

use jiff::civil::Weekday as Day;

use super::Hours;
use super::holiday::Holiday as H;
use super::number::Number;
use super::token::Token;
use super::token::Unit as U;
use super::token::Word::{self as W, Part};

/// In words.
pub(super) const LONGEST_PHRASE: usize = 5;

/// The meaning of the longest phrase at the front of `words`, and how many it took.
pub(super) fn lookup(words: &[&str]) -> Option<(usize, &'static [Token])> {
    (1..=LONGEST_PHRASE).rev().find_map(|length| {
        let phrase = words.get(..length)?.join(" ");
        ROWS.iter()
            .flat_map(|rows| rows.iter())
            .find(|(phrases, _)| phrases.contains(&phrase.as_str()))
            .map(|(_, meaning)| (length, *meaning))
    })
}

/// Whether `word` names a weekday or a month.
pub(super) fn is_date_name(word: &str) -> bool {
    matches!(
        lookup(&[word]),
        Some((_, [Token::Word(W::Weekday(_) | W::Month(_))]))
    )
}

type Row = (&'static [&'static str], &'static [Token]);

const ROWS: &[&[Row]] = &[NAMES, RELATIVE, TIMES, LINKS, WISHES, UNUSABLE, FILLERS];

const fn w(word: W) -> Token {
    Token::Word(word)
}

const fn n(value: u32) -> Token {
    Token::Number(Number::spelled(value))
}

const NAMES: &[Row] = &[
    (&["monday", "mondays", "mon"], &[w(W::Weekday(Day::Monday))]),
    (
        &["tuesday", "tuesdays", "tue", "tues"],
        &[w(W::Weekday(Day::Tuesday))],
    ),
    (
        &["wednesday", "wednesdays", "wed", "weds"],
        &[w(W::Weekday(Day::Wednesday))],
    ),
    (
        &["thursday", "thursdays", "thu", "thur", "thurs"],
        &[w(W::Weekday(Day::Thursday))],
    ),
    (&["friday", "fridays", "fri"], &[w(W::Weekday(Day::Friday))]),
    (
        &["saturday", "saturdays", "sat"],
        &[w(W::Weekday(Day::Saturday))],
    ),
    (&["sunday", "sundays", "sun"], &[w(W::Weekday(Day::Sunday))]),
    (&["january", "jan"], &[w(W::Month(1))]),
    (&["february", "feb"], &[w(W::Month(2))]),
    (&["march", "mar"], &[w(W::Month(3))]),
    (&["april", "apr", "apirl"], &[w(W::Month(4))]),
    (&["may"], &[w(W::Month(5))]),
    (&["june", "jun"], &[w(W::Month(6))]),
    (&["july", "jul"], &[w(W::Month(7))]),
    (&["august", "aug"], &[w(W::Month(8))]),
    (&["september", "sept", "sep"], &[w(W::Month(9))]),
    (&["october", "oct"], &[w(W::Month(10))]),
    (&["november", "nov"], &[w(W::Month(11))]),
    (&["december", "dec"], &[w(W::Month(12))]),
    (&["new years day"], &[w(W::Holiday(H::Fixed(1, 1)))]),
    (
        &[
            "martin luther king day",
            "martin luther king jr day",
            "mlk day",
        ],
        &[w(W::Holiday(H::MARTIN_LUTHER_KING_DAY))],
    ),
    (
        &["valentines day", "valentines"],
        &[w(W::Holiday(H::Fixed(2, 14)))],
    ),
    (&["presidents day"], &[w(W::Holiday(H::PRESIDENTS_DAY))]),
    (
        &["st patricks day", "saint patricks day"],
        &[w(W::Holiday(H::Fixed(3, 17)))],
    ),
    (&["mothers day"], &[w(W::Holiday(H::MOTHERS_DAY))]),
    (&["memorial day"], &[w(W::Holiday(H::MEMORIAL_DAY))]),
    (&["juneteenth"], &[w(W::Holiday(H::Fixed(6, 19)))]),
    (&["fathers day"], &[w(W::Holiday(H::FATHERS_DAY))]),
    (&["independence day"], &[w(W::Holiday(H::Fixed(7, 4)))]),
    (&["labor day", "labour day"], &[w(W::Holiday(H::LABOR_DAY))]),
    (
        &["columbus day", "indigenous peoples day"],
        &[w(W::Holiday(H::COLUMBUS_DAY))],
    ),
    (&["halloween"], &[w(W::Holiday(H::Fixed(10, 31)))]),
    (&["veterans day"], &[w(W::Holiday(H::Fixed(11, 11)))]),
    (
        &["thanksgiving", "thanksgiving day"],
        &[w(W::Holiday(H::THANKSGIVING))],
    ),
    (&["black friday"], &[w(W::Holiday(H::BLACK_FRIDAY))]),
    (
        &["christmas eve", "xmas eve"],
        &[w(W::Holiday(H::Fixed(12, 24)))],
    ),
    (
        &["christmas", "christmas day", "xmas", "xmas day"],
        &[w(W::Holiday(H::Fixed(12, 25)))],
    ),
    (&["new years eve"], &[w(W::Holiday(H::Fixed(12, 31)))]),
];

const RELATIVE: &[Row] = &[
    (&["today", "2day", "todays"], &[w(W::Offset(0))]),
    (
        &["tomorrow", "tomorrows", "tmrw", "tmr", "tmrow", "to morrow"],
        &[w(W::Offset(1))],
    ),
    (&["day after tomorrow"], &[w(W::Offset(2))]),
    (
        &["tomorrow or day after", "tomorrow or next day"],
        &[w(W::Offset(1)), w(W::Or), w(W::Offset(2))],
    ),
    (&["yesterday"], &[w(W::Offset(-1))]),
    (&["day before yesterday"], &[w(W::Offset(-2))]),
    (
        &["tonight", "tonite"],
        &[w(W::Offset(0)), w(Part(Hours::EVENING))],
    ),
    (&["weekend", "weekends", "week end"], &[w(W::Weekend)]),
    (
        &["weekday", "weekdays", "during week", "business day"],
        &[w(W::Weekdays)],
    ),
    (
        &["this", "coming", "upcoming", "this coming", "this next"],
        &[w(W::This)],
    ),
    (&["next", "following"], &[w(W::Next)]),
    (&["last", "previous"], &[w(W::Last)]),
    (
        &["rest of week", "later in week"],
        &[w(W::This), w(W::Unit(U::Week))],
    ),
    (&["rest of month"], &[w(W::This), w(W::Unit(U::Month))]),
    (
        &["week starting", "week beginning", "week commencing"],
        &[w(W::Unit(U::Week)), w(W::Of)],
    ),
    (&["beginning of", "start of"], &[w(W::Start)]),
    (&["mid", "middle of"], &[w(W::Middle)]),
    (&["end of"], &[w(W::End)]),
    (&["early"], &[w(W::Early)]),
    (&["late"], &[w(W::Late)]),
    (&["within"], &[w(W::Within)]),
    (&["ago"], &[w(W::Ago)]),
    (&["minute", "minutes", "mins"], &[w(W::Unit(U::Minute))]),
    (&["hour", "hours", "hr", "hrs"], &[w(W::Unit(U::Hour))]),
    (&["day", "days"], &[w(W::Unit(U::Day))]),
    (&["week", "weeks"], &[w(W::Unit(U::Week))]),
    (&["month", "months"], &[w(W::Unit(U::Month))]),
    (&["year", "years"], &[w(W::Unit(U::Year))]),
    (
        &["half an hour", "half hour"],
        &[n(30), w(W::Unit(U::Minute))],
    ),
    (&["an hour", "a hour"], &[n(1), w(W::Unit(U::Hour))]),
    (&["a day"], &[n(1), w(W::Unit(U::Day))]),
    (&["a week"], &[n(1), w(W::Unit(U::Week))]),
    (&["a month"], &[n(1), w(W::Unit(U::Month))]),
    (&["a fortnight", "fortnight"], &[n(14), w(W::Unit(U::Day))]),
    (&["couple", "couple of", "a couple", "a couple of"], &[n(2)]),
    (&["few", "a few"], &[n(3)]),
];

const TIMES: &[Row] = &[
    (&["am", "a m"], &[w(W::Am)]),
    (&["pm", "p m"], &[w(W::Pm)]),
    (&["oclock", "o clock"], &[w(W::OClock)]),
    (&["ish"], &[w(W::Ish)]),
    (&["noon", "noontime"], &[w(W::Noon)]),
    (&["noonish"], &[w(W::Noon), w(W::Ish)]),
    (&["midnight"], &[w(W::Midnight)]),
    (&["half"], &[w(W::Half)]),
    (&["quarter", "a quarter"], &[w(W::Quarter)]),
    (&["past"], &[w(W::Past)]),
    (&["now", "right now"], &[w(W::Now)]),
    (&["morning", "mornings"], &[w(Part(Hours::MORNING))]),
    (
        &[
            "early morning",
            "early in morning",
            "first thing",
            "first thing in morning",
            "start of day",
            "beginning of day",
        ],
        &[w(Part(Hours::EARLY_MORNING))],
    ),
    (
        &["mid morning", "midmorning"],
        &[w(Part(Hours::MID_MORNING))],
    ),
    (
        &["late morning", "late in morning"],
        &[w(Part(Hours::LATE_MORNING))],
    ),
    (
        &[
            "midday",
            "mid day",
            "lunch",
            "lunchtime",
            "lunch time",
            "lunch hour",
            "middle of day",
        ],
        &[w(Part(Hours::MIDDAY))],
    ),
    (&["before lunch"], &[w(Part(Hours::BEFORE_LUNCH))]),
    (&["after lunch"], &[w(Part(Hours::AFTER_LUNCH))]),
    (&["afternoon", "afternoons"], &[w(Part(Hours::AFTERNOON))]),
    (
        &["early afternoon", "early in afternoon"],
        &[w(Part(Hours::EARLY_AFTERNOON))],
    ),
    (
        &["mid afternoon", "midafternoon"],
        &[w(Part(Hours::MID_AFTERNOON))],
    ),
    (
        &[
            "late afternoon",
            "late in afternoon",
            "end of day",
            "eod",
            "close of business",
        ],
        &[w(Part(Hours::LATE_AFTERNOON))],
    ),
    (
        &[
            "by end of day",
            "before end of day",
            "by eod",
            "before eod",
            "by close of business",
        ],
        &[w(Part(Hours::ALL))],
    ),
    (
        &["evening", "evenings", "night", "nights", "after work"],
        &[w(Part(Hours::EVENING))],
    ),
    (
        &["early evening", "early in evening"],
        &[w(Part(Hours::EARLY_EVENING))],
    ),
    (
        &[
            "late evening",
            "late in evening",
            "late night",
            "late at night",
        ],
        &[w(Part(Hours::LATE_EVENING))],
    ),
    (&["before work"], &[w(Part(Hours::BEFORE_WORK))]),
    (
        &[
            "business hours",
            "office hours",
            "working hours",
            "work hours",
        ],
        &[w(Part(Hours::BUSINESS))],
    ),
];

const LINKS: &[Row] = &[
    (&["at"], &[w(W::At)]),
    (&["in", "during"], &[w(W::In)]),
    (&["of"], &[w(W::Of)]),
    (&["after", "later than", "but after"], &[w(W::After)]),
    (
        &["before", "earlier than", "sooner than", "but before"],
        &[w(W::Before)],
    ),
    (
        &[
            "by",
            "no later than",
            "not later than",
            "not after",
            "on or before",
            "at or before",
        ],
        &[w(W::By)],
    ),
    (
        &["until", "till", "til", "up to", "up until"],
        &[w(W::Until)],
    ),
    (
        &[
            "from",
            "starting",
            "starting from",
            "starting on",
            "beginning",
            "since",
            "as of",
            "no earlier than",
            "not earlier than",
            "no sooner than",
            "not before",
            "on or after",
            "at or after",
        ],
        &[w(W::From)],
    ),
    (&["to", "through", "thru"], &[w(W::To)]),
    (
        &[
            "around",
            "about",
            "roughly",
            "approximately",
            "circa",
            "close to",
            "near",
        ],
        &[w(W::Around)],
    ),
    (&["between", "in between"], &[w(W::Between)]),
    (&["and"], &[w(W::And)]),
    (&["or"], &[w(W::Or)]),
    (
        &[
            "or later",
            "or after",
            "and later",
            "and after",
            "and on",
            "onward",
            "onwards",
            "at earliest",
        ],
        &[w(W::OrLater)],
    ),
    (
        &[
            "or earlier",
            "or before",
            "and earlier",
            "and before",
            "at latest",
        ],
        &[w(W::OrEarlier)],
    ),
];

const WISHES: &[Row] = &[(
    &[
        "any",
        "any time",
        "anytime",
        "any day",
        "anything",
        "whenever",
        "sometime",
        "some time",
        "flexible",
        "no preference",
        "doesnt matter",
        "does not matter",
        "dont care",
        "do not care",
        "dont mind",
        "do not mind",
        "all day",
        "whole day",
        "entire day",
        "as soon as possible",
        "as soon as you can",
        "asap",
        "soon",
        "soonest",
        "earliest",
        "immediately",
        "right away",
        "straight away",
        "first available",
        "next available",
        "earliest available",
        "soonest available",
        "first opening",
        "next opening",
        "earliest opening",
    ],
    &[w(W::Anything)],
)];

/// Exclusions, and days that are named but not known: passing over them would offer
/// the very day that was refused, or another one.
const UNUSABLE: &[Row] = &[(
    &[
        "not",
        "no",
        "never",
        "except",
        "excluding",
        "without",
        "besides",
        "unless",
        "but",
        "avoid",
        "unavailable",
        "busy",
        "other than",
        "cant",
        "cannot",
        "couldnt",
        "wont",
        "dont",
        "doesnt",
        "isnt",
        "arent",
        "wouldnt",
        "shouldnt",
        "every other",
        "easter",
        "good friday",
        "palm sunday",
        "ash wednesday",
        "fat tuesday",
        "super tuesday",
        "giving tuesday",
        "cyber monday",
        "hanukkah",
        "passover",
        "ramadan",
        "diwali",
        "new years",
        "new year",
        "election day",
        "utc",
        "gmt",
    ],
    &[w(W::Unusable)],
)];

/// Phrases of which a part would be taken for something else.
const FILLERS: &[Row] = &[(
    &[
        "how about",
        "what about",
        "thinking about",
        "i am",
        "second thought",
        "may be",
    ],
    &[],
)];
