use rentals::RentalsInventory;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::http::run::<RentalsInventory>().await
}
