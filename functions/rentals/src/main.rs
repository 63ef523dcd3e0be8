use rentals::RentalsInventory;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    shared::http::run::<RentalsInventory>().await
}
