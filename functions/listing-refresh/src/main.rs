use std::sync::Arc;

use lambda_http::lambda_runtime::{Error, LambdaEvent, run, service_fn};
use listing_refresh::ListingRefresh;
use serde_json::Value;
use shared::clock::Clock;
use shared::config::Settings;
use shared::telemetry;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = Settings::from_process();
    telemetry::start(&settings);
    let refresh = Arc::new(ListingRefresh::start(&settings)?);
    let clock = Clock::default();
    run(service_fn(move |_: LambdaEvent<Value>| {
        let (refresh, now) = (Arc::clone(&refresh), clock.now());
        async move { Ok::<_, Error>(refresh.run(now).await?) }
    }))
    .await
}
