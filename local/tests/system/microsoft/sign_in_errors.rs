//! How a sign-in can be made to end: consent, approval, other directories, and the
//! errors of the login authority.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::harness::{DEMO, REDIRECT, Simulator, get, redirect_parameters};

const ROBIN: &str = "robin@lakeside.example";
const HARPER: &str = "harper@harbor.example";
const HARLOW: &str = "harlow@harbor.example";
const PERCY: &str = "percy@personal.example";

/// What is answered to a choice at the sign-in page of a tenant.
async fn choose(simulator: &Simulator, tenant: &str, form: &[(&str, &str)]) -> reqwest::Response {
    let url = simulator.authorize_url(&[]);
    let url = url.replace("/organizations/", &format!("/{tenant}/"));
    simulator.http.post(url).form(form).send().await.unwrap()
}

#[tokio::test]
async fn every_error_shows_where_the_page_says() {
    let simulator = Simulator::start().await;
    let listed = simulator
        .control(Method::GET, "/sign-in-errors", Value::Null)
        .await;
    let errors = listed.1["errors"].as_array().unwrap().clone();
    assert!(errors.len() > 45, "{}", errors.len());
    let page = simulator.http.get(simulator.authorize_url(&[]));
    let page = page.send().await.unwrap().text().await.unwrap();
    for error in errors {
        let number = error["number"].to_string();
        assert!(
            page.contains(&format!("<option value={number}>")),
            "{number}"
        );
        for place in ["", "page", "callback", "token"] {
            let form = [("account", DEMO), ("outcome", &number), ("place", place)];
            let answer = choose(&simulator, "organizations", &form).await;
            let shown = if place.is_empty() {
                error["place"].as_str().unwrap()
            } else {
                place
            };
            if shown == "page" {
                assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{number}");
                assert!(answer.text().await.unwrap().contains(&number));
                continue;
            }
            let parameters = redirect_parameters(&answer);
            if shown == "callback" {
                assert_eq!(get(&parameters, "error"), error["error"].as_str());
                assert_eq!(get(&parameters, "code"), None);
                continue;
            }
            let code = get(&parameters, "code").expect("a code");
            let (status, body) = simulator.redeem(code).await;
            assert!(status.is_client_error() || status.is_server_error());
            assert_eq!(body["error"], error["error"], "{number}");
            assert_eq!(body["error_codes"], json!([error["number"]]));
        }
    }
}

#[tokio::test]
async fn the_control_api_sets_how_the_sign_ins_of_an_account_end() {
    let simulator = Simulator::start().await;
    let set = async |sign_ins: Value| {
        let settings = json!({"sign_ins": sign_ins});
        let answer = simulator.control(Method::PUT, "/settings", settings);
        answer.await.0
    };
    assert_eq!(
        set(json!({"Demo@Lakeside.example": {"refused": 50_105}})).await,
        StatusCode::OK
    );
    let refused = simulator.choose(&[], ("account", DEMO)).await;
    assert_eq!(get(&refused, "error"), Some("access_denied"));
    assert_eq!(get(&refused, "error_subcode"), None);
    // Nobody else is hit, and the form decides over the setting.
    simulator.code(&[], "pat@lakeside.example").await;
    let form = [("account", DEMO), ("outcome", "allowed")];
    let answer = choose(&simulator, "organizations", &form).await;
    assert!(get(&redirect_parameters(&answer), "code").is_some());

    for unknown in [
        json!({"nobody@x": "allowed"}),
        json!({DEMO: {"refused": 1}}),
    ] {
        assert_eq!(set(unknown).await, StatusCode::NOT_FOUND);
    }
    assert_eq!(set(json!({DEMO: "maybe"})).await, StatusCode::BAD_REQUEST);
    assert_eq!(set(json!({})).await, StatusCode::OK);
    simulator.code(&[], DEMO).await;
}

#[tokio::test]
async fn a_person_is_asked_to_consent_once() {
    let simulator = Simulator::start().await;
    let asked = choose(&simulator, "organizations", &[("account", ROBIN)]).await;
    assert_eq!(asked.status(), StatusCode::OK);
    let page = asked.text().await.unwrap();
    assert!(page.contains("Permissions requested") && page.contains(ROBIN));
    let form = [("account", ROBIN), ("decision", "cancel")];
    let declined = choose(&simulator, "organizations", &form).await;
    let declined = redirect_parameters(&declined);
    assert_eq!(get(&declined, "error"), Some("access_denied"));

    let form = [("account", ROBIN), ("decision", "accept")];
    let accepted = choose(&simulator, "organizations", &form).await;
    assert!(get(&redirect_parameters(&accepted), "code").is_some());
    simulator.code(&[], ROBIN).await;
}

#[tokio::test]
async fn an_approval_is_for_the_directory_of_the_administrator() {
    let simulator = Simulator::start().await;
    let directories = simulator
        .control(Method::GET, "/accounts", Value::Null)
        .await;
    let harbor = directories.1["directories"][1]["tenant_id"].clone();
    let harbor = harbor.as_str().unwrap();
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", "app-1")
        .append_pair("redirect_uri", REDIRECT)
        .finish();
    let base = &simulator.base;
    let approve = async |tenant: &str, directory: &str| {
        let url = format!("{base}/{tenant}/v2.0/adminconsent?{query}");
        let form = [("decision", "accept"), ("directory", directory)];
        simulator.http.post(url).form(&form).send().await.unwrap()
    };
    let error = async |account: &str| {
        let parameters = simulator.choose(&[], ("account", account)).await;
        get(&parameters, "error").map(str::to_owned)
    };
    let answer = approve("organizations", "").await;
    assert_ne!(get(&redirect_parameters(&answer), "tenant"), Some(harbor));
    assert_eq!(error("avery@lakeside.example").await, None);
    assert_eq!(error(HARLOW).await.as_deref(), Some("access_denied"));

    let answer = approve("lakeside.example", harbor).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let answer = approve("organizations", harbor).await;
    assert_eq!(get(&redirect_parameters(&answer), "tenant"), Some(harbor));
    assert_eq!(error(HARLOW).await, None);
}

#[tokio::test]
async fn an_authority_lets_in_the_accounts_that_are_its_own() {
    let simulator = Simulator::start().await;
    for (tenant, lets_in) in [
        ("organizations", vec![DEMO, HARPER]),
        ("common", vec![DEMO, HARPER, PERCY]),
        ("consumers", vec![PERCY]),
        ("harbor.example", vec![HARPER]),
        ("6c1d7a52-0f3e-4b9a-8d27-51c09a4e1f01", vec![DEMO]),
    ] {
        for account in [DEMO, HARPER, PERCY] {
            let answer = choose(&simulator, tenant, &[("account", account)]).await;
            let is_in = answer.status() == StatusCode::SEE_OTHER;
            assert_eq!(is_in, lets_in.contains(&account), "{tenant} {account}");
        }
    }
}
