//! The login authority.

use base64::{Engine, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::harness::{DEMO, REDIRECT, Simulator, VERIFIER, get, redirect_parameters};

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[tokio::test]
async fn the_sign_in_page_lists_accounts_and_permissions_with_the_hinted_one_first() {
    let simulator = Simulator::start().await;
    let url = simulator.authorize_url(&[
        ("login_hint", "pat@lakeside.example"),
        ("state", "\"><script>"),
    ]);
    let answer = simulator.http.get(url).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let page = answer.text().await.unwrap();
    assert!(page.contains("name=viewport"));
    assert!(page.contains("Viewings &lt;Lakeside&gt;"));
    assert!(page.contains("Have full access to your calendars"));
    assert!(page.contains("value=cancel"));
    assert!(!page.contains("<script"));
    let at = |text: &str| page.find(text).unwrap();
    assert!(at("value=\"pat@lakeside.example\"") < at("value=\"demo@lakeside.example\""));
}

#[tokio::test]
async fn a_bad_client_or_redirect_uri_shows_a_page_and_never_redirects() {
    let simulator = Simulator::start().await;
    for changes in [
        ("client_id", "other"),
        ("client_id", ""),
        (
            "redirect_uri",
            "http://127.0.0.1:9000/calendar/auth/callback/",
        ),
        ("redirect_uri", "https://evil.example/"),
        ("redirect_uri", ""),
    ] {
        let url = simulator.authorize_url(&[changes]);
        for request in [
            simulator.http.get(&url),
            simulator.http.post(&url).form(&[("account", DEMO)]),
        ] {
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{changes:?}");
            assert!(answer.headers().get("location").is_none(), "{changes:?}");
        }
    }
    let url = simulator
        .authorize_url(&[])
        .replace("/organizations/", "/elsewhere.example/");
    let answer = simulator.http.get(url).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn other_faults_of_a_request_go_to_the_redirect_uri() {
    let simulator = Simulator::start().await;
    for (change, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("response_type", ""), "invalid_request"),
        (("scope", ""), "invalid_request"),
        (("scope", "openid Calendars.Everything"), "invalid_request"),
        (("scope", "User.Read .default"), "invalid_request"),
        (("code_challenge_method", "S512"), "invalid_request"),
        (("code_challenge", "short"), "invalid_request"),
        (("prompt", "none"), "login_required"),
    ] {
        let url = simulator.authorize_url(&[change]);
        let answer = simulator.http.get(url).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FOUND, "{change:?}");
        let parameters = redirect_parameters(&answer);
        assert_eq!(get(&parameters, "error"), Some(error), "{change:?}");
        assert_eq!(get(&parameters, "state"), Some("st&te=1"), "{change:?}");
    }
}

#[tokio::test]
async fn declining_and_a_missing_approval_end_with_access_denied() {
    let simulator = Simulator::start().await;
    for choice in [
        ("decision", "cancel"),
        ("account", "avery@lakeside.example"),
    ] {
        let parameters = simulator.choose(&[], choice).await;
        assert_eq!(get(&parameters, "error"), Some("access_denied"));
        assert_eq!(get(&parameters, "error_subcode"), Some("cancel"));
        assert_eq!(get(&parameters, "state"), Some("st&te=1"));
        assert_eq!(get(&parameters, "code"), None);
    }
}

#[tokio::test]
async fn an_administrators_approval_lets_the_refused_sign_in() {
    let simulator = Simulator::start().await;
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", "app-1")
        .append_pair("redirect_uri", REDIRECT)
        .append_pair("scope", "Calendars.ReadWrite")
        .append_pair("state", "s")
        .finish();
    let url = |tenant: &str| format!("{}/{tenant}/v2.0/adminconsent?{query}", simulator.base);
    let page = simulator
        .http
        .get(url("organizations"))
        .send()
        .await
        .unwrap();
    assert!(page.text().await.unwrap().contains("value=accept"));
    let refused = simulator.http.get(url("common")).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    let decide = |decision: &'static str| {
        simulator
            .http
            .post(url("organizations"))
            .form(&[("decision", decision)])
            .send()
    };

    let parameters = redirect_parameters(&decide("cancel").await.unwrap());
    assert_eq!(get(&parameters, "error"), Some("access_denied"));
    let refused = simulator
        .choose(&[], ("account", "avery@lakeside.example"))
        .await;
    assert_eq!(get(&refused, "error"), Some("access_denied"));

    let parameters = redirect_parameters(&decide("accept").await.unwrap());
    assert_eq!(get(&parameters, "admin_consent"), Some("True"));
    assert_eq!(get(&parameters, "error"), None);
    assert_eq!(get(&parameters, "state"), Some("s"));
    let code = simulator.code(&[], "avery@lakeside.example").await;
    assert_eq!(simulator.redeem(&code).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_code_becomes_tokens_and_an_id_token_for_the_person() {
    let simulator = Simulator::start().await;
    let code = simulator.code(&[], DEMO).await;
    let (status, body) = simulator.redeem(&code).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert_eq!(body["token_type"], "Bearer");
    assert!((3_600..=5_400).contains(&body["expires_in"].as_i64().unwrap()));
    assert!(
        body["scope"]
            .as_str()
            .unwrap()
            .contains("Calendars.ReadWrite")
    );
    assert!(!body["scope"].as_str().unwrap().contains("offline_access"));
    assert!(!body["access_token"].as_str().unwrap().contains('.'));

    let claims = claims(body["id_token"].as_str().unwrap());
    let tenant = claims["tid"].as_str().unwrap();
    assert_eq!(claims["iss"], format!("{}/{tenant}/v2.0", simulator.base));
    assert_eq!(claims["aud"], "app-1");
    assert_eq!(claims["nonce"], "n-1");
    assert_eq!(claims["name"], "Dana Demo");
    assert_eq!(claims["email"], DEMO);
    assert_eq!(claims["preferred_username"], DEMO);
    assert!(claims["oid"].as_str().is_some());
    assert!(claims["exp"].as_i64() > claims["nbf"].as_i64());
}

#[tokio::test]
async fn id_tokens_are_signed_with_the_published_key() {
    let simulator = Simulator::start().await;
    let code = simulator.code(&[], DEMO).await;
    let (_, body) = simulator.redeem(&code).await;
    let (signed, signature) = body["id_token"].as_str().unwrap().rsplit_once('.').unwrap();
    let configuration = format!(
        "{}/organizations/v2.0/.well-known/openid-configuration",
        simulator.base
    );
    let configuration: Value = simulator
        .http
        .get(configuration)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        configuration["issuer"],
        format!("{}/{{tenantid}}/v2.0", simulator.base)
    );
    let keys = configuration["jwks_uri"].as_str().unwrap();
    let keys: Value = simulator
        .http
        .get(keys)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let number = |name: &str| {
        URL_SAFE_NO_PAD
            .decode(keys["keys"][0][name].as_str().unwrap())
            .unwrap()
    };
    let key = aws_lc_rs::rsa::PublicKeyComponents {
        n: number("n"),
        e: number("e"),
    };
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    key.verify(
        &aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256,
        signed.as_bytes(),
        &signature,
    )
    .expect("a valid signature");
}

#[tokio::test]
async fn a_code_is_redeemed_once_in_time_at_its_place_and_with_its_proof() {
    let simulator = Simulator::start().await;
    let code = simulator.code(&[], DEMO).await;
    assert_eq!(simulator.redeem(&code).await.0, StatusCode::OK);
    let (status, body) = simulator.redeem(&code).await;
    assert_eq!(
        (status, &body["error"], &body["error_codes"][0]),
        (
            StatusCode::BAD_REQUEST,
            &json!("invalid_grant"),
            &json!(54005)
        )
    );
    for name in [
        "error_description",
        "timestamp",
        "trace_id",
        "correlation_id",
    ] {
        assert!(body[name].is_string(), "{name}");
    }

    let code = simulator.code(&[], DEMO).await;
    simulator.pass(601);
    assert_eq!(simulator.redeem(&code).await.1["error_codes"][0], 70008);

    for (change, error, number) in [
        (
            (
                "code_verifier",
                "another-verifier-that-is-long-enough-012345",
            ),
            "invalid_grant",
            501_481,
        ),
        (("code_verifier", ""), "invalid_grant", 501_481),
        (
            ("redirect_uri", "http://127.0.0.1:9000/other"),
            "invalid_request",
            50011,
        ),
        (("client_secret", "wrong"), "invalid_client", 7_000_215),
        (("client_secret", ""), "invalid_client", 7_000_218),
        (("client_id", "other"), "unauthorized_client", 700_016),
        (
            ("scope", "Calendars.ReadWrite Mail.Read"),
            "invalid_grant",
            65001,
        ),
        (("grant_type", "password"), "unsupported_grant_type", 70003),
        (("grant_type", ""), "invalid_request", 900_144),
        (("code", "unknown"), "invalid_grant", 70000),
    ] {
        let code = simulator.code(&[], DEMO).await;
        let usual = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
        ];
        let (_, body) = simulator.token(&[usual[0], usual[1], change]).await;
        assert_eq!(
            (&body["error"], &body["error_codes"][0]),
            (&json!(error), &json!(number)),
            "{change:?}"
        );
        // Refusals do not use the code up.
        assert_eq!(
            simulator.redeem(&code).await.0,
            StatusCode::OK,
            "{change:?}"
        );
    }
}

#[tokio::test]
async fn a_code_is_bound_to_the_authority_that_issued_it() {
    let simulator = Simulator::start().await;
    let code = simulator.code(&[], DEMO).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("client_id", "app-1"),
        ("client_secret", "s3cret/+ value"),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    let url = format!("{}/common/oauth2/v2.0/token", simulator.base);
    let body: Value = simulator
        .http
        .post(url)
        .form(&form)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(body["error_codes"][0], 700_005);
}

#[tokio::test]
async fn a_challenge_without_a_method_is_compared_as_it_is() {
    let simulator = Simulator::start().await;
    let plain = [("code_challenge", VERIFIER), ("code_challenge_method", "")];
    let code = simulator.code(&plain, DEMO).await;
    assert_eq!(simulator.redeem(&code).await.0, StatusCode::OK);
    let code = simulator.code(&[("code_challenge_method", "")], DEMO).await;
    assert_eq!(simulator.redeem(&code).await.1["error_codes"][0], 501_481);
}

#[tokio::test]
async fn a_basic_header_proves_the_client_too() {
    let simulator = Simulator::start().await;
    let code = simulator.code(&[], DEMO).await;
    let credential = STANDARD.encode("app-1:s3cret%2F%2B+value");
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    let url = format!("{}/organizations/oauth2/v2.0/token", simulator.base);
    let request = simulator
        .http
        .post(url)
        .form(&form)
        .header("authorization", format!("Basic {credential}"));
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_refresh_brings_a_new_token_and_leaves_the_old_one_valid() {
    let simulator = Simulator::start().await;
    let code = simulator.code(&[], DEMO).await;
    let first = simulator.redeem(&code).await.1;
    let old = first["refresh_token"].as_str().unwrap();
    let (status, second) = simulator.refresh(old).await;
    assert_eq!(status, StatusCode::OK, "{second}");
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert_ne!(second["expires_in"], first["expires_in"]);
    assert_ne!(second["scope"], first["scope"]);
    assert_eq!(simulator.refresh(old).await.0, StatusCode::OK);

    simulator.pass(90 * 24 * 3600 + 1);
    assert_eq!(simulator.refresh(old).await.1["error_codes"][0], 700_082);
}

#[tokio::test]
async fn a_strict_server_ends_the_grant_when_an_old_token_is_used() {
    let simulator = Simulator::start().await;
    simulator
        .control(Method::PUT, "/settings", json!({"strict_refresh": true}))
        .await;
    let code = simulator.code(&[], DEMO).await;
    let first = simulator.redeem(&code).await.1;
    let second = simulator
        .refresh(first["refresh_token"].as_str().unwrap())
        .await
        .1;
    assert_eq!(
        simulator
            .refresh(first["refresh_token"].as_str().unwrap())
            .await
            .0,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        simulator
            .refresh(second["refresh_token"].as_str().unwrap())
            .await
            .0,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn without_offline_access_there_is_no_refresh_token() {
    let simulator = Simulator::start().await;
    let code = simulator.code(&[("scope", "User.Read")], DEMO).await;
    let (_, body) = simulator.redeem(&code).await;
    assert!(body.get("refresh_token").is_none());
    assert!(body.get("id_token").is_none());
}

#[tokio::test]
async fn revocation_ends_refresh_and_access_tokens_but_not_later_ones() {
    let simulator = Simulator::start().await;
    let code = simulator.code(&[], DEMO).await;
    let tokens = simulator.redeem(&code).await.1;
    let graph = simulator.sign_in(DEMO).await;
    let path = format!("/accounts/{DEMO}/revoke");
    assert_eq!(
        simulator.control(Method::POST, &path, Value::Null).await.0,
        StatusCode::NO_CONTENT
    );
    let (status, body) = simulator
        .refresh(tokens["refresh_token"].as_str().unwrap())
        .await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(
        (&body["error"], &body["error_codes"][0]),
        (&json!("invalid_grant"), &json!(50173))
    );
    assert_eq!(graph.get("/me").await.0, StatusCode::UNAUTHORIZED);
    let again = simulator.sign_in(DEMO).await;
    assert_eq!(again.get("/me").await.0, StatusCode::OK);
}
