//! `/database/sources`: rentals that are listed elsewhere are read from there, every day,
//! by one at a time, and from nowhere that is not public.

use futures_util::future::join_all;
use local::Options;
use local::defaults::USER;
use reqwest::Method;
use serde_json::{Value, json};
use shared::sources::RefreshReport;
use tempfile::TempDir;

use crate::feed_server::{FeedServer, Manner};
use crate::issuer::Issuer;
use crate::settings;
use crate::system::{Answer, MONDAY, TestSystem};

const PATH: &str = "/database/sources";

const DAY: i64 = 24 * 60;

fn csv(rows: &str) -> Manner {
    Manner::File(
        "text/csv",
        format!("address,rent,beds,website,user_id\n{rows}"),
    )
}

/// A feed of two rentals, one of which claims to be of somebody else and elsewhere.
fn two_rentals() -> Manner {
    csv("14 Mill Lane,\"$1,450/mo\",2,,\n8 Harbor Street,995,Studio,crm,pat\n")
}

impl TestSystem {
    async fn add_source(&self, body: &Value) -> Value {
        let mut body = body.clone();
        if body.get("user_id").is_none() {
            body["user_id"] = json!(USER);
        }
        let mut answer = self.post(PATH, &body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.body["source"].take()
    }

    async fn refresh_source(&self, source: &Value) -> Answer {
        let path = format!("{PATH}/{}/refresh", source["id"].as_str().unwrap());
        self.post(&path, &json!({})).await
    }

    async fn sources(&self, query: &str) -> Vec<Value> {
        let mut answer = self.get(&format!("{PATH}{query}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        serde_json::from_value(answer.body["sources"].take()).unwrap()
    }

    async fn refresh_listings(&self) -> RefreshReport {
        self.local.refresh_listings().await.unwrap()
    }

    /// Every rental as address, rent, owner, website and how it came here.
    async fn listed(&self) -> String {
        let answer = self.get("/rentals").await;
        let mut rentals: Vec<String> = answer.body["rentals"]
            .as_array()
            .unwrap()
            .iter()
            .map(|rental| {
                [
                    "property_address",
                    "price",
                    "user_id",
                    "website",
                    "source_type",
                ]
                .map(|field| rental[field].to_string().replace('"', ""))
                .join(" | ")
            })
            .collect();
        rentals.sort();
        rentals.join("\n")
    }
}

fn outcome(source: &Value) -> String {
    let outcome = &source["last_outcome"];
    ["status", "added", "updated", "rejected", "message"]
        .map(|field| outcome[field].to_string().replace('"', ""))
        .join(" ")
}

#[tokio::test]
async fn a_feed_is_read_every_day_and_its_rows_are_its_owners() {
    let system = TestSystem::empty().await;
    let host = FeedServer::start(two_rentals()).await;
    let url = format!("{}/feed.csv", host.url);
    let source = system
        .add_source(&json!({"url": format!(" {url}#top "), "website": "Our-Site.example"}))
        .await;
    assert_eq!(
        (&source["url"], &source["kind"]),
        (&json!(url), &json!("feed"))
    );
    assert_eq!(host.asked().len(), 0);

    let report = system.refresh_listings().await;
    assert_eq!((report.due, report.refreshed, report.added), (1, 1, 2));
    insta::assert_snapshot!(system.listed().await, @"
    14 Mill Lane | 1450 | demo | our-site.example | feed
    8 Harbor Street | 995 | demo | our-site.example | feed
    ");
    let [after] = system.sources("").await.try_into().unwrap();
    insta::assert_snapshot!(outcome(&after), @"succeeded 2 0 0 Added 2, updated 0, unchanged 0.");
    let at = |field: &str| -> jiff::Timestamp { after[field].as_str().unwrap().parse().unwrap() };
    let wait = at("next_refresh_at").duration_since(at("last_refreshed_at"));
    assert_eq!(wait.as_hours(), 24);

    // Not due again before tomorrow.
    system.pass(DAY - 2);
    assert_eq!(system.refresh_listings().await.due, 0);
    // What a feed lost stays as it is: it may only be cut short.
    host.set(csv(
        "14 Mill Ln.,1500,2,,\n,900,1,,\n9 Elm Court,about,1,,\n",
    ));
    system.pass(3);
    let report = system.refresh_listings().await;
    assert_eq!((report.updated, report.rejected), (1, 2));
    insta::assert_snapshot!(system.listed().await, @"
    14 Mill Ln. | 1500 | demo | our-site.example | feed
    8 Harbor Street | 995 | demo | our-site.example | feed
    ");
    let [after] = system.sources("").await.try_into().unwrap();
    insta::assert_snapshot!(outcome(&after), @"succeeded 0 1 2 Added 0, updated 1, unchanged 0, rejected 2; the first is line 3, property_address is missing.");
    assert_eq!(host.asked(), ["feed.csv", "feed.csv"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_feed_is_said_with_its_source() {
    let system = TestSystem::empty().await;
    let host = FeedServer::start(two_rentals()).await;
    let source = system
        .add_source(&json!({"url": format!("{}/feed", host.url)}))
        .await;
    let file = |kind, text: &str| Manner::File(kind, text.to_owned());
    let mut told = Vec::new();
    for manner in [
        Manner::Endless,
        Manner::Redirect("/other"),
        Manner::Packed,
        Manner::Status(404),
        Manner::Status(503),
        file("text/html", "<!DOCTYPE html><p>Sign in"),
        file("text/plain", ""),
        file("application/json", "[{"),
        file("application/json", "{\"listings\": []}"),
        file("text/csv", "rent,beds\n1450,2\n"),
        file("text/csv", &format!("address\n{}", "8 Elm\n".repeat(2501))),
        two_rentals(),
    ] {
        host.set(manner);
        system.pass(2);
        let answer = system.refresh_source(&source).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        told.push(outcome(&answer.body["source"]));
        if answer.body["source"]["last_outcome"]["status"] == "failed" {
            assert_eq!(system.listed().await, "");
        }
    }
    insta::assert_snapshot!(told.join("\n"), @"
    failed 0 0 0 The feed was not read: it is larger than 4 MiB.
    failed 0 0 0 The feed was not read: it has moved; redirects are not followed, so add the address that it has now.
    failed 0 0 0 The feed was not read: it was sent compressed.
    failed 0 0 0 The feed was not read: its host answered with status 404.
    failed 0 0 0 The feed was not read: its host answered with status 503.
    failed 0 0 0 The feed was not read: it is neither CSV nor JSON.
    failed 0 0 0 The feed was not read: it is neither CSV nor JSON.
    failed 0 0 0 The feed was not read: it is not JSON.
    failed 0 0 0 The feed was not read: it is no list of rentals.
    failed 0 0 0 The feed was not read: no column is an address; name one property_address in the first line.
    failed 0 0 0 The feed was not read: it has more than 2500 rows.
    succeeded 2 0 0 Added 2, updated 0, unchanged 0.
    ");
    // Nobody went where the redirect led.
    assert!(host.asked().iter().all(|path| path == "feed"));
    // After a failure, the next hour tries again.
    system.pass(2);
    host.set(Manner::Status(500));
    system.refresh_source(&source).await;
    system.pass(58);
    assert_eq!(system.refresh_listings().await.due, 0);
    system.pass(3);
    assert_eq!(system.refresh_listings().await.failed, 1);
}

/// A template whose functions wait for a feed for half a second only.
fn impatient_template() -> (std::path::PathBuf, TempDir) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("template.yaml");
    let template = std::fs::read_to_string(settings::template_path()).unwrap();
    let setting = "ALLOW_LOOPBACK_SOURCES: !Ref AllowLoopbackSources";
    let impatient = template.replace(
        setting,
        &format!("{setting}\n          FEED_DEADLINE_MS: 500"),
    );
    assert_ne!(impatient, template);
    std::fs::write(&path, impatient).unwrap();
    (path, folder)
}

#[tokio::test]
async fn one_that_is_slow_is_in_the_way_of_no_other() {
    let (template, _folder) = impatient_template();
    let options = Options {
        template: Some(template),
        ..Options::default()
    };
    let system = TestSystem::start_with(options, MONDAY).await;
    let slow = FeedServer::start(Manner::Silent).await;
    for number in 0..4 {
        system
            .add_source(&json!({"url": format!("{}/{number}.csv", slow.url)}))
            .await;
    }
    system.pass(1);
    let quick = FeedServer::start(two_rentals()).await;
    system
        .add_source(&json!({"url": format!("{}/feed.csv", quick.url)}))
        .await;
    let report = system.refresh_listings().await;
    assert_eq!((report.due, report.refreshed, report.failed), (5, 1, 4));
    let told: Vec<String> = system.sources("").await.iter().map(outcome).collect();
    let late = "failed 0 0 0 The feed was not read: it did not arrive in time.";
    assert_eq!(
        told.iter().filter(|told| *told == late).count(),
        4,
        "{told:?}"
    );
}

#[tokio::test]
async fn an_address_that_may_lead_to_us_is_no_source() {
    let system = TestSystem::empty().await;
    let mut told = Vec::new();
    for body in [
        json!({}),
        json!({"user_id": USER}),
        json!({"user_id": USER, "url": 5}),
        json!({"user_id": USER, "url": "listings.example/feed.csv"}),
        json!({"user_id": USER, "url": "http://listings.example/feed.csv"}),
        json!({"user_id": USER, "url": "https://user:pass@listings.example/feed.csv"}),
        json!({"user_id": USER, "url": "https://listings.example:8443/feed.csv"}),
        json!({"user_id": USER, "url": "https://169.254.169.254/latest/meta-data"}),
        json!({"user_id": USER, "url": "http://169.254.169.254/latest/meta-data"}),
        json!({"user_id": USER, "url": "https://metadata.google.internal/"}),
        json!({"user_id": USER, "url": "http://localhost:9000/database/status"}),
        json!({"user_id": USER, "url": "https://listings.example/", "website": "a/b"}),
        json!({"user_id": USER, "url": "https://listings.example/", "kind": "page"}),
        json!({"user_id": USER, "url": "https://listings.example/", "location": "Austin"}),
        json!({
            "user_id": USER, "url": "https://listings.example/", "kind": "search",
            "location": "a".repeat(400),
        }),
    ] {
        told.push(system.post(PATH, &body).await.error());
    }
    insta::assert_snapshot!(told.join("\n"), @"
    400 invalid_request (user_id): user_id is missing.
    400 invalid_request (url): url is missing.
    400 invalid_request (url): url has a value of the wrong kind.
    400 invalid_request (url): url must be an address such as https://www.example.com/rentals.csv.
    400 invalid_request (url): url must begin with https://.
    400 invalid_request (url): url must have no user name and no password in it.
    400 invalid_request (url): url must have no port, or 443.
    400 invalid_request (url): url must have a name of the public internet, not a number or a name of a local network.
    400 invalid_request (url): url must begin with https://.
    400 invalid_request (url): url must have a name of the public internet, not a number or a name of a local network.
    400 invalid_request (url): url must begin with https://.
    400 invalid_request (website): website must be a host such as zillow.com, or a name.
    400 invalid_request (kind): kind must be feed or search.
    400 invalid_request (location): location is for sources that are searched.
    400 invalid_request (location): location is too long.
    ");
    assert!(system.rows("RentalsTable").await.is_empty());
}

/// A source from when loopback was allowed is not read any more when it is not.
#[tokio::test]
async fn loopback_is_read_only_where_the_setting_allows_it() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("template.yaml");
    let template = std::fs::read_to_string(settings::template_path()).unwrap();
    // The function that serves the API still takes such an address.
    let (before, refresh) = template.split_once("\n  ListingRefresh:").unwrap();
    let strict = refresh.replacen("!Ref AllowLoopbackSources", "'false'", 1);
    std::fs::write(&path, format!("{before}\n  ListingRefresh:{strict}")).unwrap();
    let options = Options {
        template: Some(path),
        ..Options::default()
    };
    let system = TestSystem::start_with(options, MONDAY).await;
    let host = FeedServer::start(two_rentals()).await;
    system
        .add_source(&json!({"url": format!("{}/feed.csv", host.url)}))
        .await;
    assert_eq!(system.refresh_listings().await.failed, 1);
    let [after] = system.sources("").await.try_into().unwrap();
    insta::assert_snapshot!(outcome(&after), @"failed 0 0 0 The feed was not read: its address must begin with https://.");
    assert_eq!(host.asked().len(), 0);
}

#[tokio::test]
async fn each_staff_member_has_their_own_and_none_is_a_rental() {
    let (issuer, key) = Issuer::start().await;
    let system = TestSystem::start_with(issuer.options(), MONDAY).await;
    let host = FeedServer::start(two_rentals()).await;
    let url = format!("{}/feed.csv", host.url);
    let own = system.add_source(&json!({"url": url})).await;
    let theirs = system
        .add_source(&json!({"url": url, "user_id": "pat"}))
        .await;
    assert_ne!(own["id"], theirs["id"]);

    // Adding it again is the same source; as something else it is refused.
    let again = system
        .post(PATH, &json!({"url": url, "user_id": USER}))
        .await;
    assert_eq!(
        (again.status, &again.body["source"]["id"]),
        (200, &own["id"])
    );
    let other = json!({"url": url, "user_id": USER, "kind": "search"});
    insta::assert_snapshot!(system.post(PATH, &other).await.error(), @"409 source_exists: This address is a source already, with another kind, website or location. Remove that one first.");

    assert_eq!(system.sources("").await.len(), 2);
    assert_eq!(
        system.sources("?user_id=pat").await,
        std::slice::from_ref(&theirs)
    );
    assert_eq!(system.sources("?user_id=nobody").await.len(), 0);
    let ask = |method, path: &str| {
        let token = key.sign(&issuer.claims("pat", system.clock.now()));
        system.request(method, path).bearer_auth(token)
    };
    let seen = Answer::of(ask(Method::GET, PATH)).await;
    assert_eq!(seen.body["sources"], json!([theirs]));
    let path = format!("{PATH}/{}", own["id"].as_str().unwrap());
    for request in [
        ask(Method::DELETE, &path),
        ask(Method::POST, &format!("{path}/refresh")),
    ] {
        assert_eq!(
            Answer::of(request).await.error(),
            "404 not_found: There is no such source."
        );
    }

    // A source is in no list of rentals, and its row cannot be had as one.
    for list in ["/rentals", "/rentals?user_id=demo", "/database/available"] {
        assert_eq!(system.get(list).await.body["rentals"], json!([]), "{list}");
    }
    let status = system.get("/database/status").await;
    assert_eq!(status.body["database_stats"]["websites"], json!({}));
    for id in [own["id"].as_str().unwrap(), "count"] {
        for path in [format!("/rentals/{id}"), format!("/rentals/source%23{id}")] {
            assert_eq!(system.get(&path).await.status, 404, "{path}");
        }
    }

    // What came of a source stays when it is removed.
    system.refresh_source(&own).await;
    let their_path = format!("{PATH}/{}", theirs["id"].as_str().unwrap());
    let removed = Answer::of(ask(Method::DELETE, &their_path)).await;
    assert_eq!(removed.status, 200);
    assert_eq!(system.delete(&path).await.status, 200);
    assert_eq!(system.sources("").await.len(), 0);
    assert_eq!(system.listed().await.lines().count(), 2);
}

#[tokio::test]
async fn many_sources_come_in_pages_and_too_many_are_refused() {
    let system = TestSystem::empty().await;
    for number in 0..20 {
        system
            .add_source(&json!({"url": format!("https://listings.example/{number}.csv")}))
            .await;
    }
    let more = json!({"user_id": USER, "url": "https://listings.example/more.csv"});
    insta::assert_snapshot!(system.post(PATH, &more).await.error(), @"409 too_many_sources: There are as many sources as one staff member may have. Remove one first.");
    for owner in ["", "&user_id=demo"] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = system.get(&format!("{PATH}?limit=8{owner}{cursor}")).await;
            let sources = page.body["sources"].as_array().unwrap().iter();
            seen.extend(sources.map(|source| source["id"].to_string()));
            match page.body["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 20);
        let foreign = system.get(&format!("{PATH}?user_id=pat{cursor}")).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(foreign.error(), @"400 invalid_request (cursor): cursor must be one that an earlier page gave.");
        }
    }
}

#[tokio::test]
async fn a_source_is_read_by_one_at_a_time() {
    let system = TestSystem::empty().await;
    let host = FeedServer::start(two_rentals()).await;
    let source = system
        .add_source(&json!({"url": format!("{}/feed.csv", host.url)}))
        .await;
    let runs = join_all((0..4).map(|_| system.refresh_listings())).await;
    assert_eq!(host.asked().len(), 1, "{runs:?}");
    assert_eq!(runs.iter().map(|run| run.refreshed).sum::<u32>(), 1);
    assert_eq!(runs.iter().map(|run| run.failed).sum::<u32>(), 0);
    insta::assert_snapshot!(system.refresh_source(&source).await.error(), @"409 source_busy: This source is being refreshed, or was within the last minute.");
    system.pass(2);
    assert_eq!(system.refresh_source(&source).await.status, 200);
}

#[tokio::test]
async fn a_source_that_is_removed_while_it_is_read_does_not_come_back() {
    let system = TestSystem::empty().await;
    let host = FeedServer::start(Manner::Silent).await;
    let source = system
        .add_source(&json!({"url": format!("{}/feed.csv", host.url)}))
        .await;
    let remove = async {
        host.is_asked().await;
        let path = format!("{PATH}/{}", source["id"].as_str().unwrap());
        let removed = system.delete(&path).await;
        host.set(two_rentals());
        removed
    };
    let (refreshed, removed) = tokio::join!(system.refresh_source(&source), remove);
    assert_eq!(
        (refreshed.status, removed.status),
        (404, 200),
        "{refreshed:?}"
    );
    assert_eq!(system.sources("").await.len(), 0);
}

#[tokio::test]
async fn a_run_that_is_cut_off_leaves_its_source_due() {
    let system = TestSystem::empty().await;
    let host = FeedServer::start(Manner::Silent).await;
    system
        .add_source(&json!({"url": format!("{}/feed.csv", host.url)}))
        .await;
    tokio::select! {
        _ = system.refresh_listings() => panic!("it cannot end"),
        () = host.is_asked() => {}
    }
    host.set(two_rentals());
    assert_eq!(system.refresh_listings().await.due, 0);
    system.pass(6);
    assert_eq!(system.refresh_listings().await.refreshed, 1);
}

#[tokio::test]
async fn a_website_that_is_searched_is_seen_and_not_taken_in() {
    let system = TestSystem::empty().await;
    let source = system
        .add_source(&json!({
            "url": "https://www.homes.example/rent", "kind": "search", "location": "Austin, TX",
        }))
        .await;
    assert_eq!(system.refresh_listings().await.refreshed, 1);
    let [seen] = system.sources("").await.try_into().unwrap();
    insta::assert_snapshot!(outcome(&seen), @"succeeded 1 0 0 Seen 1 pages, new 1. They are not in the inventory, since what is found on the web is a claim.");
    assert_eq!(
        seen["seen_listings"][0]["url"],
        "https://rent.homes.example/lofts"
    );
    assert_eq!(seen["seen_listings"].as_array().unwrap().len(), 1);
    assert_eq!(system.listed().await, "");

    // A failure forgets nothing.
    system.local.misbehave(vec!["brave=500".parse().unwrap()]);
    system.pass(DAY + 1);
    let failed = system.refresh_source(&source).await.body["source"].take();
    insta::assert_snapshot!(outcome(&failed), @"failed 0 0 0 The website was not searched: the search engine failed: status 500.");
    assert_eq!(failed["seen_listings"], seen["seen_listings"]);
}
