//! `GET /calendar/availability` and `/calendar/settings`: when a staff member,
//! or several together, can be booked, and by which rules.

mod list;
mod settings;
mod together;

use std::time::Duration;

use shared::aws::Aws;
use shared::booking::{Desk, SlotIds};
use shared::config::{Settings, StartError};
use shared::http::{Access, Function, Routes};
use shared::https;
use shared::store::Rentals;

/// The availability function.
pub struct Availability {
    access: Access,
    desk: Desk,
    slot_ids: SlotIds,
    rentals: Rentals,
    deadline: Duration,
}

impl Function for Availability {
    const NAME: &'static str = "Availability";

    fn start(settings: &Settings) -> Result<Self, StartError> {
        let http = https::client()?;
        let aws = Aws::new(settings, &http);
        Ok(Self {
            access: Access::new(settings, &aws)?,
            desk: Desk::new(settings, &aws, &http)?,
            slot_ids: SlotIds::new(settings, &aws)?,
            rentals: Rentals::new(settings, &aws)?,
            deadline: settings.milliseconds("READ_DEADLINE_MS", 4000)?,
        })
    }

    async fn warm(&self) {
        let key = self.slot_ids.key();
        let ((), (), _) = tokio::join!(self.access.warm(), self.desk.warm(), key);
    }

    fn routes() -> Routes<Self> {
        Routes::new()
            .on("GET /calendar/availability", list::list)
            .on("GET /calendar/settings", settings::show)
            .on("PUT /calendar/settings", settings::replace)
    }
}
