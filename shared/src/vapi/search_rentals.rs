//! The tool `search_rentals`: up to three rentals that suit, in one breath, and how many
//! more there are. Our own inventory comes first; the web, where it is switched on, only
//! adds to what is less than three.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::answer::Answer;
use super::on_the_web::{Web, look};
use super::property::{fitting, in_a_list, unreadable};
use super::speech;
use super::webhook::Asked;
use crate::rentals::Rental;
use crate::rentals::search::{Wish, WishTexts, asks_for_protected, search};
use crate::scheduling::when::{Ask, Meaning, resolve};

/// How much of our own makes it needless to look at the web, and the most that is named.
const ENOUGH: usize = 3;

/// The arguments that are read, apart from the date.
const TEXTS: [&str; 7] = [
    "location",
    "price_range",
    "min_price",
    "max_price",
    "bedrooms",
    "bathrooms",
    "features",
];

pub(super) async fn run(asked: &Asked<'_>) -> Result<Answer, Answer> {
    let texts = TEXTS.map(|name| asked.text(name));
    if texts.iter().flatten().any(|text| asks_for_protected(text)) {
        return Ok(declined());
    }
    let [
        location,
        price_range,
        min_price,
        max_price,
        bedrooms,
        bathrooms,
        features,
    ] = texts.each_ref().map(Option::as_deref);
    let said = WishTexts {
        location,
        price_range,
        min_price,
        max_price,
        bedrooms,
        bathrooms,
        features,
    };
    let by = available_by(asked, asked.desk.default_zone())?;
    let wish = Wish::read(&said, by);
    let shown = asked.shown().await;
    let mut rentals = shown.map_err(|error| unreadable(&error))?;
    if let Some(website) = asked.text("website") {
        let website = website.to_lowercase();
        rentals.retain(|rental| rental.website.to_lowercase().contains(&website));
    }
    let results = search(&wish, &rentals);
    let best: Vec<&Rental> = results
        .best
        .iter()
        .filter_map(|&at| rentals.get(at).map(AsRef::as_ref))
        .collect();
    let web = if results.exact && best.len() >= ENOUGH {
        Web::Unasked
    } else {
        look(asked, location, &wish).await
    };
    Ok(Answer::done(say(&best, results.more, results.exact, &web)))
}

/// By when the home must be free, or a question back.
fn available_by(asked: &Asked<'_>, zone: &TimeZone) -> Result<Option<Date>, Answer> {
    let Some(text) = asked.text("available_by") else {
        return Ok(None);
    };
    let now = asked.turn.now.to_zoned(zone.clone());
    let ask = Ask {
        date: Some(&text),
        ..Ask::default()
    };
    match resolve(&ask, &now) {
        // "As soon as possible": the soonest come first anyway.
        Meaning::Any(_) => Ok(None),
        Meaning::Days(days) => Ok(Some(days.last)),
        Meaning::Ambiguous(one, other) => Ok(Some(one.last.max(other.last))),
        Meaning::Past { .. } => Ok(Some(now.date())),
        Meaning::Unclear { .. } => Err(Answer::not_done(
            "I did not catch by when you would like to move in. Which month or day would that be?",
        )),
    }
}

/// Who lives in or near a home is nothing that it is searched by.
fn declined() -> Answer {
    Answer::not_done(
        "I cannot search by the people who live somewhere. I can search by place, rent, bedrooms, \
         bathrooms, move in date, and features such as parking or pets. What would you like?",
    )
}

fn say(best: &[&Rental], more: usize, exact: bool, web: &Web) -> String {
    // Next to what the web has, the closest of ours is enough.
    let aside = web.has_pages() && !exact;
    let best = &best[..best.len().min(if aside { 1 } else { ENOUGH })];
    let more = if aside { 0 } else { more };
    let web_says = web.sentences(ENOUGH - best.len());
    let Some(first) = best.first().map(|rental| in_a_list(rental, false)) else {
        return without_any(&web_says);
    };
    let list = |with_rent: bool| {
        let named: Vec<String> = best
            .iter()
            .map(|rental| in_a_list(rental, with_rent))
            .collect();
        speech::all_of(&named)
    };
    let count = speech::cardinal(i64::try_from(best.len() + more).unwrap_or(i64::MAX));
    let found = match (best.len(), more, exact) {
        (1, 0, true) => "I found".to_owned(),
        (_, 0, true) => format!("I found {count},"),
        (_, _, true) => format!("I found {count}. The best are"),
        (1, _, false) => "I have nothing that suits in every way. The closest is".to_owned(),
        (_, _, false) => "I have nothing that suits in every way. The closest are".to_owned(),
    };
    let rest = match more {
        0 => String::new(),
        1 => " There is one more.".to_owned(),
        more => {
            let more = i64::try_from(more).unwrap_or(i64::MAX);
            format!(" There are {} more.", speech::cardinal(more))
        }
    };
    let question = question(best.len(), web);
    let shortest = web_says.last().cloned().unwrap_or_default();
    let mut answers: Vec<String> = web_says
        .iter()
        .flat_map(|web| [true, false].map(|rents| (web, list(rents))))
        .map(|(web, list)| format!("{found} {list}.{rest}{web} {question}"))
        .collect();
    answers.push(if exact {
        format!("I found {count}, such as {first}.{shortest} {question}")
    } else {
        format!(
            "I have nothing that suits in every way. The closest is {first}.{shortest} {question}"
        )
    });
    fitting(&answers)
}

fn without_any(web_says: &[String]) -> String {
    let answer = |web: &String| {
        let question = if web.is_empty() {
            "May I take a message instead?"
        } else {
            "May I take a message, so that somebody looks into it?"
        };
        format!("I have nothing of our own to offer for that at the moment.{web} {question}")
    };
    fitting(&web_says.iter().map(answer).collect::<Vec<_>>())
}

/// What is asked at the end. Of what is on the web, there is no more to hear.
fn question(named: usize, web: &Web) -> &'static str {
    match (named, web.has_pages()) {
        (1, false) => "Would you like to hear more about it?",
        (_, false) => "Which one would you like to hear more about?",
        (1, true) => "Would you like to hear more about ours?",
        (_, true) => "Which of ours would you like to hear more about?",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rentals::Price;
    use crate::vapi::on_the_web::tests::page;
    use crate::vapi::speech::rules::violations;
    use proptest::prelude::*;

    fn rental(address: &str, bedrooms: u8, dollars: u32) -> Rental {
        let mut rental = crate::rentals::a_rental(address);
        rental.bedrooms = Some(bedrooms);
        rental.price = Some(Price::from_cents(dollars * 100));
        rental
    }

    #[test]
    fn three_are_named_and_the_rest_is_counted() {
        let homes = [
            rental("14 Mill Lane, Austin, TX", 3, 2150),
            rental("120 Maple Street, Apt 2B, Austin, TX", 2, 1450),
            rental("305 E 5th St", 0, 995),
        ];
        let homes: Vec<&Rental> = homes.iter().collect();
        assert_eq!(
            say(&homes, 4, true, &Web::Unasked),
            "I found seven. The best are the three bedroom at fourteen Mill Lane for two thousand \
             one hundred fifty dollars, the two bedroom at one twenty Maple Street, apartment two \
             B for one thousand four hundred fifty dollars, and the studio at three oh five East \
             fifth Street for nine hundred ninety five dollars. There are four more. Which one \
             would you like to hear more about?"
        );
        assert_eq!(
            say(&homes[2..], 0, true, &Web::Unasked),
            "I found the studio at three oh five East fifth Street for nine hundred ninety five \
             dollars. Would you like to hear more about it?"
        );
        assert_eq!(
            say(&homes[1..2], 0, false, &Web::Unasked),
            "I have nothing that suits in every way. The closest is the two bedroom at one twenty \
             Maple Street, apartment two B for one thousand four hundred fifty dollars. Would you \
             like to hear more about it?"
        );
        assert_eq!(
            say(&[], 0, false, &Web::Unasked),
            "I have nothing of our own to offer for that at the moment. May I take a message instead?"
        );
    }

    #[test]
    fn a_request_that_is_declined_says_what_can_be_searched_by() {
        let answer = declined();
        assert_eq!(violations(answer.sentence()), []);
        assert!(answer.sentence().contains("rent, bedrooms"));
    }

    #[test]
    fn the_web_adds_claims_up_to_three_titles_in_all() {
        let homes = [
            rental("14 Mill Lane, Austin, TX", 3, 2150),
            rental("305 E 5th St", 0, 995),
        ];
        let homes: Vec<&Rental> = homes.iter().collect();
        let pages = [
            ("zillow.com", "Lofts downtown"),
            ("homes.example", "Garden flat"),
            ("lettings.example", "Two bedroom homes"),
            ("rent.example", "A fourth"),
        ];
        let pages = pages.map(|(website, title)| page(website, title).unwrap());
        let seen = Web::Seen(pages.to_vec());
        let nothing = Web::Seen(Vec::new());
        let told = [
            say(&homes, 0, true, &seen),
            say(&homes, 0, false, &seen),
            say(&[], 0, false, &seen),
            say(&homes[1..], 0, true, &Web::Unavailable),
            say(&[], 0, false, &Web::Unavailable),
            say(&[], 0, false, &nothing),
        ];
        assert_eq!(
            told,
            [
                "I found two, the three bedroom at fourteen Mill Lane for two thousand one hundred \
                 fifty dollars and the studio at three oh five East fifth Street for nine hundred \
                 ninety five dollars. Elsewhere, on zillow dot com I see Lofts downtown, but I \
                 cannot vouch for it. Which of ours would you like to hear more about?",
                "I have nothing that suits in every way. The closest is the three bedroom at \
                 fourteen Mill Lane for two thousand one hundred fifty dollars. Elsewhere, on \
                 zillow dot com I see Lofts downtown and on homes dot example I see Garden flat, \
                 but I cannot vouch for them. Would you like to hear more about ours?",
                "I have nothing of our own to offer for that at the moment. Elsewhere, on zillow dot com \
                 I see Lofts downtown, on homes dot example I see Garden flat, and on lettings dot \
                 example I see Two bedroom homes, but I cannot vouch for them. May I take a \
                 message, so that somebody looks into it?",
                "I found the studio at three oh five East fifth Street for nine hundred ninety \
                 five dollars. I cannot search the web right now. Would you like to hear more \
                 about it?",
                "I have nothing of our own to offer for that at the moment. I cannot search the web \
                 right now. May I take a message, so that somebody looks into it?",
                "I have nothing of our own to offer for that at the moment. May I take a message \
                 instead?",
            ]
        );
    }

    proptest! {
        #[test]
        fn any_results_are_speakable(
            address in "\\PC{0,300}", bedrooms: u8, cents: u32, count in 0_usize..4,
            more in 0_usize..200_000, exact: bool, unavailable: bool,
            titles in proptest::collection::vec("\\PC{0,120}", 0..5), website in "[a-z0-9.-]{0,60}",
        ) {
            let mut home = rental(&address, bedrooms, 1);
            home.price = Some(Price::from_cents(cents));
            let homes = vec![&home; count];
            let pages = titles.iter().filter_map(|title| page(&website, title));
            let web = if unavailable { Web::Unavailable } else { Web::Seen(pages.collect()) };
            let spoken = say(&homes, more, exact, &web);
            prop_assert_eq!(violations(&spoken), vec![], "{}", spoken);
            prop_assert!(!unavailable || spoken.contains("cannot search the web"), "{}", spoken);
        }
    }
}
