//! How long it takes to find rentals in a large inventory. docs/rentals.md has the
//! figures.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use shared::aws::Aws;
use shared::ids::{UserId, rental_listed};
use shared::rentals::matching::{Found, Property, find};
use shared::rentals::search::{Wish, WishTexts, search};
use shared::rentals::{AvailableDate, Bathrooms, Price, Rental, SourceType, shown_by};
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
    Rental {
        id: rental_listed("crm", &format!("{user} {address}")),
        schema: Rental::SCHEMA,
        version: 1,
        user_id: UserId::new(user),
        property_address: address,
        price: Some(Price::from_cents(80_000 + u32::from(small(97)) * 2500)),
        bedrooms: Some(small(5)),
        bathrooms: Some(Bathrooms::from_halves(2 + small(4))),
        square_feet: Some(700),
        property_type: Some("apartment".to_owned()),
        available_date: Some(AvailableDate::Now),
        off_market: false,
        time_zone: None,
        description: Some("Bright rooms, close to the park, with a balcony. ".repeat(4)),
        features: vec!["Parking".to_owned(), "Dishwasher".to_owned()],
        contact_info: None,
        website: format!("site-{}", number % 10),
        url: None,
        source_type: SourceType::Import,
        latitude: None,
        longitude: None,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

async fn fill(rentals: &Rentals, count: usize, user: impl Fn(usize) -> String) {
    let all: Vec<Rental> = (0..count)
        .map(|number| rental(number, &user(number)))
        .collect();
    for some in all.chunks(Rentals::MOST_WRITES) {
        let writes: Vec<RentalWrite<'_>> = some.iter().map(RentalWrite::Insert).collect();
        rentals.write(&writes, Timestamp::UNIX_EPOCH).await.unwrap();
    }
}

/// Searches and asks by address in turns; the median and the 95th percentile.
async fn measure(rentals: &Rentals, user: &str, rounds: usize) -> [Duration; 2] {
    let staff = [UserId::new(user)];
    let said = WishTexts {
        location: Some("Maple Street"),
        price_range: Some("twelve to eighteen hundred"),
        bedrooms: Some("two or three"),
        features: Some("parking"),
        ..WishTexts::default()
    };
    let mut times = Vec::new();
    for round in 0..rounds {
        let began = Instant::now();
        let shown = shown_by(rentals, &staff).await.unwrap();
        if round % 2 == 0 {
            assert!(!search(&Wish::read(&said, None), &shown).best.is_empty());
        } else {
            let properties: Vec<Property> = shown.iter().map(Property::from).collect();
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
    let aws = Aws::of_account(&settings).await.unwrap();
    let rentals = Rentals::new(&settings, &aws).unwrap();
    fill(&rentals, 1040, |_| "large".to_owned()).await;
    let staff = ["large", "nobody"].map(UserId::new);
    assert_eq!(shown_by(&rentals, &staff).await.unwrap().len(), 1040);
}

#[tokio::test]
#[ignore = "fills a table with a hundred thousand rentals, which takes minutes"]
async fn a_search_among_a_hundred_thousand_rentals() {
    let system = TestSystem::empty().await;
    let settings = settings::of_rentals(&system.local);
    let aws = Aws::of_account(&settings).await.unwrap();
    let rentals = Rentals::new(&settings, &aws).unwrap();
    println!("inventory  staff  shown    p50      p95");
    for (total, each) in [(1000, 100), (10_000, 100), (100_000, 100)] {
        let name = |number: usize| format!("staff-{total}-{}", number / each);
        fill(&rentals, total, name).await;
        let [p50, p95] = measure(&rentals, &format!("staff-{total}-3"), 200).await;
        let staff = total / each;
        println!("{total:>9} {staff:>6} {each:>6} {p50:>8.1?} {p95:>8.1?}");
    }
    for each in [300, 1000] {
        let name = format!("large-{each}");
        fill(&rentals, each, |_| name.clone()).await;
        let [p50, p95] = measure(&rentals, &name, 100).await;
        println!(
            "{:>9} {:>6} {each:>6} {p50:>8.1?} {p95:>8.1?}",
            "111000+", ""
        );
    }
}
