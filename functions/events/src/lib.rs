//! `/calendar/events`: a staff member's calendar for the CRM, listed, added to,
//! changed and cancelled in.

mod cancel;
mod change;
mod create;
mod fields;
mod list;
mod once;

use std::time::Duration;

use shared::aws::Aws;
use shared::booking::Desk;
use shared::config::{Settings, StartError};
use shared::http::{Access, Function, Routes};
use shared::https;
use shared::store::{Answers, Rentals};

/// The events function.
pub struct Events {
    access: Access,
    desk: Desk,
    answers: Answers,
    rentals: Rentals,
    read_deadline: Duration,
    write_deadline: Duration,
}

impl Function for Events {
    const NAME: &'static str = "Events";

    fn start(settings: &Settings) -> Result<Self, StartError> {
        let http = https::client()?;
        let aws = Aws::new(settings, &http);
        Ok(Self {
            access: Access::new(settings, &aws)?,
            desk: Desk::new(settings, &aws, &http)?,
            answers: Answers::new(settings, &aws)?,
            rentals: Rentals::new(settings, &aws)?,
            read_deadline: settings.milliseconds("READ_DEADLINE_MS", 4000)?,
            write_deadline: settings.milliseconds("WRITE_DEADLINE_MS", 8000)?,
        })
    }

    async fn warm(&self) {
        tokio::join!(self.access.warm(), self.desk.warm());
    }

    fn routes() -> Routes<Self> {
        Routes::new()
            .on("GET /calendar/events", list::list)
            .on("POST /calendar/events", create::create)
            .on("PATCH /calendar/events/{id}", change::change)
            .on("DELETE /calendar/events/{id}", cancel::cancel)
    }
}
