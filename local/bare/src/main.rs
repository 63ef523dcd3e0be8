//! A function that does nothing, built with our profile and linked as usual: what the
//! bench compares the others with.

use std::convert::Infallible;

use lambda_http::{Body, Error, Request, Response, run, service_fn};

#[tokio::main]
async fn main() -> Result<(), Error> {
    run(service_fn(async |_: Request| {
        Ok::<_, Infallible>(Response::new(Body::from("{}")))
    }))
    .await
}
