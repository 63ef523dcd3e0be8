use events::Events;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    shared::http::run::<Events>().await
}
