use appointments::AppointmentsList;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    shared::http::run::<AppointmentsList>().await
}
