//! How long it takes to find rentals in a large inventory. docs/rentals.md has the
//! figures.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use shared::clock::Turn;
use shared::ids::{Seed, UserId, rental_listed};
use shared::rentals::matching::{Found, Property, find};
use shared::rentals::search::{Wish, WishTexts, search};
use shared::rentals::{AvailableDate, Bathrooms, Price, Rental, Shown, SourceType};
use shared::store::{RentalWrite, Rentals};

use crate::settings;
use crate::system::TestSystem;

const STREETS: [&str; 10] = [
    "Mill Lane",
    "Maple Street",
    "Elm Court",
    "Oakwood Boulevard",
    "Sycamore Terrace",
    "5th Street",
    "Pecan Street",
    "Juniper Way",
    "Willow Place",
    "Lake Shore Drive",
];

const TOWNS: [&str; 4] = ["Austin", "Round Rock", "Cedar Park", "Georgetown"];

/// A rental like many: the number decides all of it.
fn rental(number: usize, user: &str) -> Rental {
    let pick = |list: &[&'static str], by: usize| list[by % list.len()];
    let address = format!(
        "{} {}, {}, TX",
        100 + number,
        pick(&STREETS, number),
        pick(&TOWNS, number / 7)
    );
    let small = |most: usize| u8::try_from(number % most).unwrap();
    let id = rental_listed("crm", &format!("{user} {address}"));
    let (user, website) = (UserId::new(user), format!("site-{}", number % 10));
    let listed = (website.as_str(), SourceType::Import);
    Rental {
        price: Some(Price::from_cents(80_000 + u32::from(small(97)) * 2500)),
        bedrooms: Some(small(5)),
        bathrooms: Some(Bathrooms::from_halves(2 + small(4))),
        square_feet: Some(700),
        property_type: Some("apartment".to_owned()),
        available_date: Some(AvailableDate::Now),
        description: Some("Bright rooms, close to the park, with a balcony. ".repeat(4)),
        features: vec!["Parking".to_owned(), "Dishwasher".to_owned()],
        ..Rental::new(id, user, &address, listed, Timestamp::UNIX_EPOCH)
    }
}

async fn fill(rentals: &Rentals, count: usize, user: impl Fn(usize) -> String) {
    let all: Vec<Rental> = (0..count)
        .map(|number| rental(number, &user(number)))
        .collect();
    // Long ago, as far as stamps go.
    let (seed, limit) = (Seed::random(), Duration::from_secs(1));
    for some in all.chunks(Rentals::MOST_WRITES) {
        let turn = Turn::new(Timestamp::UNIX_EPOCH, seed.clone(), Instant::now(), limit);
        let writes: Vec<RentalWrite<'_>> = some.iter().map(RentalWrite::Insert).collect();
        rentals.write(&writes, &turn).await.unwrap();
    }
}

/// Searches and asks by address in turns; the median and the 95th percentile, in a function
/// that has never read what is shown, or in a warm one.
async fn measure(rentals: &Rentals, user: &str, rounds: usize, is_warm: bool) -> [Duration; 2] {
    let staff = [UserId::new(user)];
    let said = WishTexts {
        location: Some("Maple Street"),
        price_range: Some("twelve to eighteen hundred"),
        bedrooms: Some("two or three"),
        features: Some("parking"),
        ..WishTexts::default()
    };
    let now = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(1);
    let mut kept = Shown::default();
    kept.by(rentals, &staff, None, now).await.unwrap();
    let mut times = Vec::new();
    for round in 0..rounds {
        if !is_warm {
            kept = Shown::default();
        }
        let began = Instant::now();
        let shown = kept.by(rentals, &staff, None, now).await.unwrap();
        if round % 2 == 0 {
            assert!(!search(&Wish::read(&said, None), &shown).best.is_empty());
        } else {
            let properties = shown.iter().map(|rental| Property::from(&**rental));
            let properties: Vec<Property> = properties.collect();
            let asked = &shown[round % shown.len()];
            let found = find(&asked.property_address, &properties);
            assert_eq!(found, Found::One(round % shown.len()));
        }
        times.push(began.elapsed());
    }
    times.sort_unstable();
    [times[times.len() / 2], times[times.len() * 95 / 100]]
}

/// DynamoDB tells of them page by page.
#[tokio::test]
async fn every_rental_that_is_shown_is_looked_at() {
    let system = TestSystem::empty().await;
    let settings = settings::of_rentals(&system.local);
    let aws = settings::aws(&settings);
    let rentals = Rentals::new(&settings, &aws).unwrap();
    fill(&rentals, 1040, |_| "large".to_owned()).await;
    let staff = ["large", "nobody"].map(UserId::new);
    let shown = Shown::default();
    let all = shown
        .by(&rentals, &staff, None, Timestamp::UNIX_EPOCH)
        .await;
    assert_eq!(all.unwrap().len(), 1040);
}

#[tokio::test]
#[ignore = "fills a table with a hundred thousand rentals, which takes minutes"]
async fn a_search_among_a_hundred_thousand_rentals() {
    let system = TestSystem::empty().await;
    let settings = settings::of_rentals(&system.local);
    let aws = settings::aws(&settings);
    let rentals = Rentals::new(&settings, &aws).unwrap();
    println!("inventory  staff  shown     p50      p95  warm p50  warm p95");
    let row = async |total: &str, staff: &str, each: usize, user: &str| {
        let [p50, p95] = measure(&rentals, user, 200, false).await;
        let [warm, slow] = measure(&rentals, user, 200, true).await;
        println!(
            "{total:>9} {staff:>6} {each:>6} {p50:>8.1?} {p95:>8.1?} {warm:>8.1?} {slow:>8.1?}"
        );
    };
    for (total, each) in [(1000, 100), (10_000, 100), (100_000, 100)] {
        let name = |number: usize| format!("staff-{total}-{}", number / each);
        fill(&rentals, total, name).await;
        let (user, staff) = (format!("staff-{total}-3"), total / each);
        row(&total.to_string(), &staff.to_string(), each, &user).await;
    }
    for each in [300, 1000] {
        let name = format!("large-{each}");
        fill(&rentals, each, |_| name.clone()).await;
        row("111000+", "", each, &name).await;
    }
}
