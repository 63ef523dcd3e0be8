//! `restore`, as an operator runs it with a table that DynamoDB restored.

use std::collections::HashMap;
use std::process::{Command, Output};

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType,
    ScalarAttributeType,
};

use crate::settings;
use crate::system::TestSystem;
use crate::voice::Call;

const TABLE: &str = "AppointmentsTable";
const RESTORED: &str = "appointments-at-noon";

/// A table as the appointments were, before one more was booked.
async fn restored(system: &TestSystem) {
    let settings = settings::of_staff(&system.local);
    let client = settings::aws(&settings).dynamodb;
    let key = KeySchemaElement::builder().attribute_name("appointment_id");
    let attribute = AttributeDefinition::builder().attribute_name("appointment_id");
    client
        .create_table()
        .table_name(RESTORED)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key.key_type(KeyType::Hash).build().unwrap())
        .attribute_definitions(
            attribute
                .attribute_type(ScalarAttributeType::S)
                .build()
                .unwrap(),
        )
        .send()
        .await
        .unwrap();
    for row in system.rows(TABLE).await {
        system.put_row(RESTORED, row).await;
    }
}

async fn restore(system: &TestSystem, arguments: &'static [&'static str]) -> Output {
    let aws = system.local.aws.clone();
    let run = move || {
        Command::new(env!("CARGO_BIN_EXE_local"))
            .arg("restore")
            .args(arguments)
            .env("AWS_ENDPOINT_URL_DYNAMODB", aws)
            .envs(settings::role())
            .output()
            .unwrap()
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

#[tokio::test]
async fn a_table_holds_what_the_restored_one_holds_and_nothing_else() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    for hour in 9..=16 {
        for minutes in ["00", "30"] {
            for day in ["25", "26"] {
                let start = format!("2031-11-{day}T{hour:02}:{minutes}:00");
                assert!(call.book(&system, &start).await.done, "{start}");
            }
        }
    }
    let before = system.rows(TABLE).await;
    restored(&system).await;
    assert!(call.book(&system, "2031-12-01T10:00:00").await.done);
    let id = before[0]["appointment_id"].as_s().unwrap();
    let path = format!("/calendar/events/{id}?user_id=demo");
    assert_eq!(system.delete(&path).await.status, 200);
    let after = system.rows(TABLE).await;

    let dry = restore(&system, &["--from", RESTORED, "--to", TABLE, "--dry-run"]).await;
    assert!(dry.status.success(), "{dry:?}");
    insta::assert_snapshot!(String::from_utf8(dry.stdout).unwrap(), @"
    AppointmentsTable: 1 to be written, 1 to be deleted, 31 as in appointments-at-noon
    Nothing was changed.
    ");
    assert_eq!(sorted(system.rows(TABLE).await), sorted(after));

    let done = restore(&system, &["--from", RESTORED, "--to", TABLE]).await;
    assert!(done.status.success(), "{done:?}");
    assert_eq!(sorted(system.rows(TABLE).await), sorted(before));
    let again = restore(&system, &["--from", RESTORED, "--to", TABLE]).await;
    insta::assert_snapshot!(String::from_utf8(again.stdout).unwrap(), @"
    AppointmentsTable: 0 to be written, 0 to be deleted, 32 as in appointments-at-noon
    AppointmentsTable holds what appointments-at-noon holds.
    ");
}

#[tokio::test]
async fn what_cannot_be_restored_is_said() {
    let system = TestSystem::start().await;
    for (arguments, said) in [
        (
            &["--from", TABLE, "--to", TABLE],
            "error: --from and --to are the same table",
        ),
        (
            &["--from", "StaffTable", "--to", TABLE],
            "error: StaffTable and AppointmentsTable have different keys",
        ),
        (
            &["--from", TABLE, "--to", "NoTable"],
            "error: the table NoTable cannot be described: ResourceNotFoundException",
        ),
    ] {
        let output = restore(&system, arguments).await;
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(
            !output.status.success() && error.starts_with(said),
            "{error}"
        );
    }
}

type Row = HashMap<String, AttributeValue>;

fn sorted(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by_key(|row| row["appointment_id"].as_s().unwrap().clone());
    rows
}
