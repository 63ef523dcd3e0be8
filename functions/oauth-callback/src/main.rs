use oauth_callback::OAuthCallback;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::http::run::<OAuthCallback>().await
}
