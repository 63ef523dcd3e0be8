use webhook_dispatch::WebhookDispatch;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::http::run::<WebhookDispatch>().await
}
