use oauth_start::OAuthStart;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::http::run::<OAuthStart>().await
}
