use rental_search::RentalSearch;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::http::run::<RentalSearch>().await
}
