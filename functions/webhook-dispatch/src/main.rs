use webhook_dispatch::WebhookDispatch;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    shared::http::run::<WebhookDispatch>().await
}
