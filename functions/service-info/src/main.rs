use service_info::ServiceInfo;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    shared::http::run::<ServiceInfo>().await
}
