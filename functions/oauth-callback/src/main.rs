use oauth_callback::OAuthCallback;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    shared::http::run::<OAuthCallback>().await
}
