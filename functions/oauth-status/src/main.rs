use oauth_status::OAuthStatus;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    shared::http::run::<OAuthStatus>().await
}
