use rental_search::RentalSearch;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    shared::http::run::<RentalSearch>().await
}
