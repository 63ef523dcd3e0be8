//! `/rentals` and `/database`: the inventory, as it is kept and as the CRM's pages
//! show it.

mod body;
mod database;
mod import;
mod list;
mod single;
mod sources;

use std::time::Duration;

use jiff::tz::TimeZone;
use shared::aws::Aws;
use shared::config::{Settings, StartError};
use shared::http::{Access, ApiRequest, Caller, Function, HttpError, Routes};
use shared::https;
use shared::ids::UserId;
use shared::sources::Refresher;
use shared::store::Rentals;

/// How long a request may take.
const DEADLINE: Duration = Duration::from_secs(29);

/// By when a source is read that somebody waits for: API Gateway gives up after thirty
/// seconds.
const REFRESH_DEADLINE: Duration = Duration::from_secs(25);

/// The function for everything about rentals.
pub struct RentalsInventory {
    access: Access,
    rentals: Rentals,
    refresher: Refresher,
    /// Of rentals that name no zone, and of today where nobody says which day.
    zone: TimeZone,
}

impl Function for RentalsInventory {
    const NAME: &'static str = "Rentals";

    fn start(settings: &Settings) -> Result<Self, StartError> {
        let http = https::client()?;
        let aws = Aws::new(settings, &http);
        Ok(Self {
            access: Access::new(settings, &aws)?,
            rentals: Rentals::new(settings, &aws)?,
            refresher: Refresher::new(settings, &aws, &http)?,
            zone: settings.default_zone()?,
        })
    }

    async fn warm(&self) {
        self.access.warm().await;
    }

    fn routes() -> Routes<Self> {
        Routes::new()
            .on("GET /rentals", list::list)
            .on("POST /rentals", single::add)
            .on("GET /rentals/{id}", single::show)
            .on("PATCH /rentals/{id}", single::change)
            .on("DELETE /rentals/{id}", single::remove)
            .on("POST /rentals/import", import::import)
            .on("GET /database/status", database::status)
            .on("GET /database/rentals", database::all)
            .on("GET /database/rentals/{website}", database::of_website)
            .on("GET /database/available", database::available)
            .on("GET /database/sources", sources::list)
            .on("POST /database/sources", sources::add)
            .on("DELETE /database/sources/{id}", sources::remove)
            .on("POST /database/sources/{id}/refresh", sources::refresh)
    }
}

impl RentalsInventory {
    /// Whose rentals a request without a body is about; everybody's without.
    async fn owner(&self, request: &ApiRequest) -> Result<Option<UserId>, HttpError> {
        self.caller(request).await?.asking_for(request, None)
    }

    async fn caller(&self, request: &ApiRequest) -> Result<Caller, HttpError> {
        self.access.caller(request).await
    }
}
