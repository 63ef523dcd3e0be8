use oauth_status::OAuthStatus;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::http::run::<OAuthStatus>().await
}
