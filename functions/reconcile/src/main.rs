use std::sync::Arc;

use lambda_http::lambda_runtime::{Error, LambdaEvent, run, service_fn};
use reconcile::Reconcile;
use serde_json::Value;
use shared::clock::Clock;
use shared::config::Settings;
use shared::telemetry;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = Settings::from_process();
    telemetry::start(&settings);
    let reconcile = Arc::new(Reconcile::start(&settings)?);
    let clock = Clock::default();
    run(service_fn(move |_: LambdaEvent<Value>| {
        let (reconcile, now) = (Arc::clone(&reconcile), clock.now());
        async move { Ok::<_, Error>(reconcile.run(now).await?) }
    }))
    .await
}
