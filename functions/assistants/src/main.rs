use assistants::Assistants;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    shared::http::run::<Assistants>().await
}
