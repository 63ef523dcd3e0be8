use oauth_start::OAuthStart;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    shared::http::run::<OAuthStart>().await
}
