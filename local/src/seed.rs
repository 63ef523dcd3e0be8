//! The demo staff member: their calendar is connected through the real flow, as a
//! browser would do it, and has some events in it. VAPI has an assistant for them, and
//! the number that it answers.

use anyhow::{Context as _, bail, ensure};
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use shared::clock::Clock;
use shared::ids::UserId;
use shared::store::{Binding, Staff};
use shared::vapi::Tool;

use crate::defaults::{ACCOUNT, API_KEY, ASSISTANT, PHONE, PHONE_NUMBER, USER};
use crate::system::LocalSystem;
use crate::vapi_api::Kind;

/// Where the demo staff member lives.
const ZONE: &str = "America/Chicago";

/// When they do not work, as month and day.
const HOLIDAYS: [&str; 3] = ["01-01", "07-04", "12-25"];

/// What is on in the working days after today: day, from, until, subject.
const EVENTS: [(usize, &str, &str, &str); 8] = [
    (0, "09:00", "10:00", "Team meeting"),
    (0, "12:00", "13:00", "Lunch"),
    (0, "14:00", "15:30", "Move-in inspection, 8 Harbor Street"),
    (1, "10:30", "11:30", "Owner call"),
    (1, "15:00", "17:00", "Key handover, 22 Elm Court"),
    (2, "09:00", "12:00", "Training"),
    (3, "13:00", "14:00", "Dentist"),
    (8, "08:00", "18:00", "Move-in day, Harbor Street"),
];

/// What the demo staff member shows: address, rent, bedrooms and bathrooms, square feet,
/// in how many days it can be had, and what it has.
const RENTALS: [(&str, &str, &str, &str, i64, &str); 6] = [
    (
        "14 Mill Lane",
        "$1,450",
        "2BR/1BA",
        "880",
        0,
        "Dishwasher, Cats allowed, Parking",
    ),
    (
        "14 Mill Lane, Apt 2",
        "$1,250",
        "1BR/1BA",
        "640",
        21,
        "Dishwasher, Cats allowed",
    ),
    (
        "8 Harbor Street",
        "$2,300",
        "3BR/2.5BA",
        "1,540",
        0,
        "Garage, Washer and dryer, Dogs allowed",
    ),
    (
        "22 Elm Court",
        "$1,675.50",
        "2BR/1.5BA",
        "1,010",
        45,
        "Balcony, Elevator",
    ),
    (
        "305 Maple Avenue, Unit B",
        "$1,100",
        "Studio/1BA",
        "420",
        0,
        "Furnished",
    ),
    (
        "9 Orchard Road",
        "$2,850",
        "4BR/3BA",
        "2,200",
        90,
        "Garden, Garage, Dogs allowed, Cats allowed",
    ),
];

/// Connects the demo calendar and fills it, unless an earlier run did.
pub(crate) async fn demo(system: &LocalSystem, clock: &Clock) -> anyhow::Result<()> {
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    if is_connected(&http, system).await? {
        return Ok(());
    }
    bind_assistant(system).await?;
    fill_dashboard(system)?;
    choose_rules(&http, system, clock.now()).await?;
    connect(&http, system, USER, ACCOUNT).await?;
    list_rentals(&http, system, clock.now()).await?;
    fill(&http, system, clock.now()).await
}

async fn is_connected(http: &reqwest::Client, system: &LocalSystem) -> anyhow::Result<bool> {
    let url = format!(
        "{}/calendar/auth/status?user_id={USER}&verify=false",
        system.gateway
    );
    let status: Value = http
        .get(url)
        .header("x-api-key", API_KEY)
        .send()
        .await?
        .json()
        .await?;
    Ok(status["calendar_email"].is_string())
}

async fn bind_assistant(system: &LocalSystem) -> anyhow::Result<()> {
    let (aws, settings) = system.tables()?;
    let staff = Staff::new(&settings, &aws)?;
    let users = vec![UserId::new(USER)];
    staff
        .bind(&Binding::of_assistant(ASSISTANT, users.clone()))
        .await?;
    let answered_by = Some(ASSISTANT.to_owned());
    staff
        .bind(&Binding::of_phone_number(PHONE_NUMBER, users, answered_by))
        .await?;
    Ok(())
}

/// An assistant with all tools, each tool on its own, and a phone number.
fn fill_dashboard(system: &LocalSystem) -> anyhow::Result<()> {
    let server = json!({"url": format!("{}/vapi/webhook", system.gateway)});
    let mut ids = Vec::new();
    for tool in Tool::ALL {
        let name = tool.definition().name;
        let mut tool = tool.on_dashboard();
        tool["id"] = json!(format!("demo-{name}"));
        tool["server"]["url"] = server["url"].clone();
        ids.push(tool["id"].clone());
        system.vapi_api.put(Kind::Tool, tool)?;
    }
    let assistant = json!({
        "id": ASSISTANT,
        "name": "Viewing desk",
        "firstMessage": "Hello, this is the viewing desk. Which property is it about?",
        "model": {
            "provider": "openai",
            "model": "gpt-4.1",
            "messages": [{"role": "system", "content": "You book viewings of rentals."}],
            "toolIds": ids,
        },
        "voice": {"provider": "vapi", "voiceId": "Elliot"},
        "server": server,
    });
    system.vapi_api.put(Kind::Assistant, assistant)?;
    let number = json!({
        "id": PHONE_NUMBER,
        "provider": "vapi",
        "number": PHONE,
        "name": "Leasing line",
        "status": "active",
        "assistantId": ASSISTANT,
    });
    system.vapi_api.put(Kind::PhoneNumber, number)?;
    Ok(())
}

/// Connects the calendar of `account` to `user`, step by step as a browser goes.
pub(crate) async fn connect(
    http: &reqwest::Client,
    system: &LocalSystem,
    user: &str,
    account: &str,
) -> anyhow::Result<()> {
    let url = format!("{}/calendar/auth/start?user_id={user}", system.gateway);
    let start = http.get(url).header("x-api-key", API_KEY).send().await?;
    ensure!(
        start.status() == StatusCode::TEMPORARY_REDIRECT,
        "the sign-in did not start"
    );
    let cookie = start
        .headers()
        .get(SET_COOKIE)
        .and_then(|cookie| cookie.to_str().ok());
    let cookie = cookie
        .and_then(|cookie| cookie.split(';').next())
        .map(str::to_owned);
    let cookie = cookie.context("the sign-in set no cookie")?;

    let chosen = http
        .post(location(&start)?)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(format!("account={account}"));
    let back = location(&chosen.send().await?)?;
    let end = http.get(back).header(COOKIE, cookie).send().await?;
    if end.status() != StatusCode::OK {
        bail!("the sign-in of {account} ended with {}", end.status());
    }
    Ok(())
}

fn location(response: &Response) -> anyhow::Result<String> {
    let location = response.headers().get(LOCATION).context("no redirect")?;
    Ok(location.to_str()?.to_owned())
}

/// Nine to five on working days, but for the holidays of this year and the next.
async fn choose_rules(
    http: &reqwest::Client,
    system: &LocalSystem,
    now: Timestamp,
) -> anyhow::Result<()> {
    let year = TimeZone::get(ZONE)?.to_datetime(now).year();
    let holidays = [year, year + 1].map(|year| {
        let holidays = HOLIDAYS.iter();
        holidays.map(move |day| format!("{year}-{day}"))
    });
    let office_hours = json!([{"start": "09:00", "end": "17:00"}]);
    let chosen = json!({
        "version": 0,
        "settings": {
            "time_zone": ZONE,
            "weekly_hours": {
                "monday": office_hours, "tuesday": office_hours, "wednesday": office_hours,
                "thursday": office_hours, "friday": office_hours,
            },
            "holidays": holidays.into_iter().flatten().collect::<Vec<_>>(),
        },
    });
    let url = format!("{}/calendar/settings?user_id={USER}", system.gateway);
    let answer = http.put(url).header("x-api-key", API_KEY).json(&chosen);
    let answer = answer.send().await?;
    ensure!(
        answer.status() == StatusCode::OK,
        "the demo rules were refused with {}",
        answer.status()
    );
    Ok(())
}

async fn list_rentals(
    http: &reqwest::Client,
    system: &LocalSystem,
    now: Timestamp,
) -> anyhow::Result<()> {
    let today = TimeZone::get(ZONE)?.to_datetime(now).date();
    let rentals = RENTALS.map(|(address, rent, layout, area, days, features)| {
        let available = match days {
            0 => "now".to_owned(),
            days => today.saturating_add(days.days()).to_string(),
        };
        json!({
            "address": address, "rent": rent, "layout": layout, "area": area,
            "available": available, "features": features, "time zone": ZONE,
        })
    });
    let url = format!(
        "{}/rentals/import?user_id={USER}&website=crm",
        system.gateway
    );
    let answer = http.post(url).header("x-api-key", API_KEY).json(&rentals);
    let report: Value = answer.send().await?.error_for_status()?.json().await?;
    ensure!(
        report["rejected"] == 0,
        "demo rentals were rejected: {report}"
    );
    Ok(())
}

async fn fill(http: &reqwest::Client, system: &LocalSystem, now: Timestamp) -> anyhow::Result<()> {
    let Some(microsoft) = &system.microsoft else {
        return Ok(());
    };
    let zone = TimeZone::get(ZONE)?;
    let days = working_days_after(zone.to_datetime(now).date());
    for (day, from, until, subject) in EVENTS {
        let date = days.get(day).context("no such day")?;
        let at = |time: &str| -> anyhow::Result<String> {
            let time: jiff::civil::Time = time.parse()?;
            Ok(date
                .to_datetime(time)
                .to_zoned(zone.clone())?
                .timestamp()
                .to_string())
        };
        let event = json!({"subject": subject, "start": at(from)?, "end": at(until)?});
        let url = format!("{microsoft}/control/mailboxes/{ACCOUNT}/events");
        http.post(url)
            .json(&event)
            .send()
            .await?
            .error_for_status()?;
    }
    Ok(())
}

/// The nine working days after a date.
fn working_days_after(date: Date) -> Vec<Date> {
    date.series(1.day())
        .skip(1)
        .filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday))
        .take(9)
        .collect()
}
