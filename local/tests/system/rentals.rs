//! `/rentals` and `/database`: the inventory as the CRM keeps and shows it.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use local::defaults::API_KEY;
use reqwest::Method;
use serde_json::{Value, json};

use crate::issuer::Issuer;
use crate::system::{Answer, MONDAY, TestSystem};

/// The fields that the front end knows, and those that are new here.
const FIELDS: [&str; 23] = [
    "availability_status",
    "available_date",
    "bathrooms",
    "bedrooms",
    "contact_info",
    "created_at",
    "days_until_available",
    "description",
    "features",
    "id",
    "latitude",
    "longitude",
    "price",
    "property_address",
    "property_type",
    "source_type",
    "square_feet",
    "time_zone",
    "updated_at",
    "url",
    "user_id",
    "version",
    "website",
];

async fn add(system: &TestSystem, fields: Value) -> Value {
    let mut fields = fields;
    if fields.get("user_id").is_none() {
        fields["user_id"] = json!("demo");
    }
    let mut answer = system.post("/rentals", &fields).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.body["rental"].take()
}

fn path(rental: &Value) -> String {
    format!("/rentals/{}", rental["id"].as_str().unwrap())
}

fn addresses(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let rentals = answer.body["rentals"].as_array().unwrap().iter();
    rentals
        .map(|rental| rental["property_address"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_rental_is_added_shown_changed_and_removed() {
    let system = TestSystem::empty().await;
    let rental = add(
        &system,
        json!({
            "property_address": "14 Mill Lane", "price": 1450.5, "bedrooms": 2, "bathrooms": 1.5,
            "square_feet": 1100, "property_type": "apartment", "available_date": "2031-12-01",
            "features": ["Dishwasher"], "latitude": 41.88, "longitude": -87.63,
        }),
    )
    .await;
    let names: Vec<&str> = rental
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(names, FIELDS);
    assert_eq!(system.get(&path(&rental)).await.body["rental"], rental);
    assert_eq!(rental["price"].to_string(), "1450.5");
    assert_eq!(rental["bathrooms"].to_string(), "1.5");
    assert_eq!(
        (
            &rental["availability_status"],
            &rental["days_until_available"]
        ),
        (&json!("upcoming"), &json!(7))
    );

    system.pass(7 * 24 * 60);
    let change = json!({"version": 1, "price": 1400, "features": null});
    let changed = system.patch(&path(&rental), &change).await.body["rental"].take();
    assert_eq!(changed["price"].to_string(), "1400");
    assert_eq!(
        (&changed["version"], &changed["features"]),
        (&json!(2), &json!([]))
    );
    assert_eq!(
        (
            &changed["availability_status"],
            &changed["days_until_available"]
        ),
        (&json!("available"), &json!(0))
    );

    let stale = system.patch(&path(&rental), &change).await;
    assert_eq!(
        stale.error(),
        "409 rental_changed: Somebody else changed this rental. Read it again, and change what is there now."
    );
    assert_eq!(
        system
            .delete(&format!("{}?version=1", path(&rental)))
            .await
            .status,
        409
    );
    assert_eq!(
        system
            .delete(&format!("{}?version=2", path(&rental)))
            .await
            .status,
        200
    );
    for answer in [
        system.get(&path(&rental)).await,
        system.delete(&path(&rental)).await,
    ] {
        assert_eq!(answer.error(), "404 not_found: There is no such rental.");
    }
    let stats = system.get("/database/status").await.body["database_stats"].take();
    assert_eq!(
        (&stats["total_rentals"], &stats["websites"]),
        (&json!(0), &json!({}))
    );
}

#[tokio::test]
async fn an_address_is_listed_once_and_stays() {
    let system = TestSystem::empty().await;
    let rental = add(&system, json!({"property_address": "14 Mill Lane, Apt 2"})).await;
    let again = json!({"user_id": "pat", "property_address": "14 MILL LN #2"});
    let again = system.post("/rentals", &again).await;
    assert_eq!(
        again.error(),
        "409 rental_exists: There is a rental at this address of this website. Change that one."
    );
    assert_eq!(again.body["id"], rental["id"]);
    let spelled = system
        .patch(
            &path(&rental),
            &json!({"property_address": "14 Mill Ln, Unit 2"}),
        )
        .await;
    assert_eq!(
        spelled.body["rental"]["property_address"],
        "14 Mill Ln, Unit 2"
    );
    let mut refused = Vec::new();
    for change in [
        json!({"property_address": "15 Mill Lane"}),
        json!({"website": "zillow.com"}),
        json!({"price": "cheap", "bedrooms": "many", "garden": true}),
        json!({"version": "two"}),
        json!({"user_id": 5}),
    ] {
        refused.push(system.patch(&path(&rental), &change).await.error());
    }
    refused.push(
        system
            .post("/rentals", &json!({"user_id": "demo"}))
            .await
            .error(),
    );
    refused.push(
        system
            .post("/rentals", &json!({"property_address": "1 Elm"}))
            .await
            .error(),
    );
    insta::assert_snapshot!(refused.join("\n"), @"
    400 invalid_request (property_address): property_address cannot become another one; add a new rental for that.
    400 invalid_request (website): website cannot become another one; add a new rental for that.
    400 invalid_request (bedrooms): bedrooms must be a number of bedrooms such as 2, or studio. 2 more fields are wrong.
    400 invalid_request (version): version must be the version that was last read.
    400 invalid_request (user_id): user_id is not a user id.
    400 invalid_request (property_address): property_address is missing.
    400 invalid_request (user_id): user_id is missing.
    ");
}

#[tokio::test]
async fn lists_are_paged_to_their_end() {
    let system = TestSystem::empty().await;
    let rows: Vec<Value> = (0..60)
        .map(|number| {
            json!({
                "address": format!("{number} Elm"), "website": (["crm", "zillow.com"][number % 2]),
                "available": format!("2031-12-{:02}", number % 30 + 1),
                "user_id": (["demo", "pat", "casey"][number % 3]),
            })
        })
        .collect();
    let imported = system.post("/rentals/import", &json!(rows)).await;
    assert_eq!(imported.body["created"], 60, "{imported:?}");
    for (list, count) in [
        ("/rentals?", 60),
        ("/rentals?user_id=pat&", 20),
        ("/rentals?user_id=nobody&", 0),
        ("/database/rentals?", 60),
        ("/database/rentals/zillow.com?", 30),
        ("/database/rentals/www.Zillow.com?", 30),
        ("/database/rentals/zillow.com?user_id=pat&", 10),
        ("/database/rentals/nowhere?", 0),
        ("/database/available?date=2031-12-15&", 30),
        ("/database/available?date=2031-12-15&user_id=pat&", 10),
        ("/database/available?", 0),
    ] {
        let mut found = BTreeSet::new();
        let mut cursor = String::new();
        let mut pages = 0;
        loop {
            let answer = system.get(&format!("{list}limit=7{cursor}")).await;
            for address in addresses(&answer) {
                assert!(found.insert(address.to_owned()), "{list}: {address} twice");
            }
            for total in ["total", "total_available"] {
                if let Some(total) = answer.body.get(total) {
                    assert_eq!(*total, count, "{list}");
                }
            }
            pages += 1;
            match answer.body["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(found.len(), count, "{list}");
        assert!(pages <= count / 7 + 3, "{list}: {pages} pages");
    }
    let stats = system.get("/database/status").await.body["database_stats"].take();
    assert_eq!(
        (&stats["total_rentals"], &stats["websites_tracked"]),
        (&json!(60), &json!(2))
    );
    assert_eq!(stats["websites"]["zillow.com"]["rental_count"], 30);
    let own = system.get("/database/status?user_id=pat").await;
    assert_eq!(
        own.body["database_stats"]["websites"]["crm"]["rental_count"],
        10
    );
}

#[tokio::test]
async fn what_can_be_had_first_is_listed_first() {
    let system = TestSystem::empty().await;
    for (address, date) in [
        ("1 Elm", json!(null)),
        ("2 Elm", json!("2031-12-24")),
        ("3 Elm", json!("now")),
        ("4 Elm", json!("2031-11-25")),
        ("5 Elm", json!("rented")),
        ("6 Elm", json!("2031-11-24")),
    ] {
        add(
            &system,
            json!({"property_address": address, "available_date": date}),
        )
        .await;
    }
    let list = system.get("/rentals?user_id=demo").await;
    assert_eq!(
        addresses(&list),
        ["3 Elm", "6 Elm", "4 Elm", "2 Elm", "1 Elm", "5 Elm"]
    );
    let available = system.get("/database/available?user_id=demo").await;
    assert_eq!(addresses(&available), ["3 Elm", "6 Elm"]);
    assert_eq!(
        (
            &available.body["total_available"],
            &available.body["current_date"]
        ),
        (&json!(2), &json!("2031-11-24"))
    );
    let statuses = list.body["rentals"].as_array().unwrap().iter();
    let statuses: Vec<_> = statuses
        .map(|rental| rental["availability_status"].as_str().unwrap())
        .collect();
    assert_eq!(
        statuses,
        [
            "available",
            "available",
            "upcoming",
            "upcoming",
            "unknown",
            "unavailable"
        ]
    );
}

#[tokio::test]
async fn unusable_questions_name_the_parameter() {
    let system = TestSystem::empty().await;
    for number in 0..3 {
        add(
            &system,
            json!({"property_address": format!("{number} Elm"), "available_date": "now"}),
        )
        .await;
    }
    let first = system.get("/rentals?user_id=demo&limit=2").await;
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let mut refused = Vec::new();
    for query in [
        "/rentals?limit=0".to_owned(),
        "/rentals?limit=101".to_owned(),
        "/rentals?cursor=x".to_owned(),
        format!("/rentals?user_id=pat&cursor={cursor}"),
        format!("/database/rentals/crm?cursor={cursor}"),
        "/rentals?user_id=two%20words".to_owned(),
        "/database/available?date=tomorrow".to_owned(),
        "/database/rentals/a%2Cb".to_owned(),
    ] {
        let answer = system.get(&query).await;
        refused.push(format!(
            "{}: {}",
            query.replace(cursor, "CURSOR"),
            answer.error()
        ));
    }
    insta::assert_snapshot!(refused.join("\n"), @"
    /rentals?limit=0: 400 invalid_request (limit): limit must be a whole number from 1 to 100.
    /rentals?limit=101: 400 invalid_request (limit): limit must be a whole number from 1 to 100.
    /rentals?cursor=x: 400 invalid_request (cursor): cursor must be one that an earlier page gave.
    /rentals?user_id=pat&cursor=CURSOR: 400 invalid_request (cursor): cursor must be one that an earlier page gave.
    /database/rentals/crm?cursor=CURSOR: 400 invalid_request (cursor): cursor must be one that an earlier page gave.
    /rentals?user_id=two%20words: 400 invalid_request (user_id): user_id is not a user id.
    /database/available?date=tomorrow: 400 invalid_request (date): date must be a date such as 2026-12-01.
    /database/rentals/a%2Cb: 404 not_found: There is no such website.
    ");
}

/// DynamoDB refuses such a key, which is no failure of ours or of its.
#[tokio::test]
async fn an_id_that_is_longer_than_any_is_of_nothing() {
    let system = TestSystem::start().await;
    let id = "a".repeat(3000);
    let source = format!("/database/sources/{id}/refresh");
    let times = format!("/calendar/availability?user_id=demo&property_id={id}");
    let answers = [
        system.get(&format!("/rentals/{id}")).await,
        system.post(&source, &json!({})).await,
        system.get(&times).await,
    ];
    assert_eq!(
        answers.map(|answer| answer.error()),
        [
            "404 not_found: There is no such rental.",
            "404 not_found: There is no such source.",
            "400 invalid_request (property_id): property_id is not the id of a rental.",
        ]
    );
}

#[tokio::test]
async fn many_who_write_at_once_are_all_counted() {
    let system = TestSystem::empty().await;
    let add = |number: usize| {
        let fields = json!({"user_id": "demo", "property_address": format!("{number} Elm")});
        let request = system.request(Method::POST, "/rentals").json(&fields);
        Answer::of(request.header("x-api-key", API_KEY))
    };
    // Each address by two at once.
    let answers = join_all((0..40).map(|number| add(number / 2))).await;
    let count = |status| {
        answers
            .iter()
            .filter(|answer| answer.status == status)
            .count()
    };
    assert_eq!((count(201), count(409)), (20, 20), "{answers:?}");
    let stats = system.get("/database/status").await.body["database_stats"].take();
    assert_eq!(stats["total_rentals"], 20);
}

#[tokio::test]
async fn a_staff_member_keeps_their_own_rentals_and_sees_no_others() {
    let (issuer, key) = Issuer::start().await;
    let system = TestSystem::start_with(issuer.options(), MONDAY).await;
    let as_pat = |method: Method, path: &str, body: Value| {
        let token = key.sign(&issuer.claims("pat", system.clock.now()));
        let request = system.request(method, path).bearer_auth(token);
        Answer::of(if body.is_null() {
            request
        } else {
            request.json(&body)
        })
    };
    let theirs = add(&system, json!({"property_address": "14 Mill Lane"})).await;
    let own = as_pat(
        Method::POST,
        "/rentals",
        json!({"property_address": "8 Elm"}),
    )
    .await;
    assert_eq!(own.body["rental"]["user_id"], "pat", "{own:?}");

    for list in ["/rentals", "/database/rentals", "/database/rentals/crm"] {
        let answer = as_pat(Method::GET, list, Value::Null).await;
        assert_eq!(addresses(&answer), ["8 Elm"], "{list}");
    }
    let stats = as_pat(Method::GET, "/database/status", Value::Null).await;
    assert_eq!(stats.body["database_stats"]["total_rentals"], 1);

    let path = path(&theirs);
    let mut refused = Vec::new();
    for (method, body) in [
        (Method::GET, Value::Null),
        (Method::PATCH, json!({"price": 1})),
        (Method::DELETE, Value::Null),
    ] {
        refused.push(as_pat(method, &path, body).await.error());
    }
    let own = self::path(&own.body["rental"]);
    refused.push(
        as_pat(Method::PATCH, &own, json!({"user_id": "demo"}))
            .await
            .error(),
    );
    insta::assert_snapshot!(refused.join("\n"), @"
    404 not_found: There is no such rental.
    404 not_found: There is no such rental.
    404 not_found: There is no such rental.
    403 forbidden: You can only do this for yourself. Leave user_id out, or give your own.
    ");

    let rows = json!([
        {"address": "14 Mill Ln", "website": "crm", "rent": 1},
        {"address": "9 Elm", "website": "crm", "agent": "demo"},
        {"address": "10 Elm", "website": "crm"},
    ]);
    let imported = as_pat(Method::POST, "/rentals/import", rows).await;
    assert_eq!(imported.body["created"], 1, "{imported:?}");
    insta::assert_snapshot!(serde_json::to_string(&imported.body["errors"]).unwrap(), @r#"[{"errors":[{"field":"property_address","message":"property_address is another staff member's on this website."}],"line":null,"row":1},{"errors":[{"field":"user_id","message":"user_id must be your own, or be left out."}],"line":null,"row":2}]"#);
    assert_eq!(system.get(&path).await.body["rental"], theirs);
}
