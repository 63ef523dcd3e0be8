use service_info::ServiceInfo;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::http::run::<ServiceInfo>().await
}
