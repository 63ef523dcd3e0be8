//! `/vapi/assistants`, `/vapi/calls`, `/vapi/analytics` and `/vapi/bindings`: what the
//! CRM knows and decides of the voice assistants.

mod analytics;
mod bindings;
mod calls;
mod dashboard;
mod listed;
mod theirs;

use shared::aws::Aws;
use shared::config::{Settings, StartError};
use shared::http::{Access, ApiRequest, Function, HttpError, Routes};
use shared::https;
use shared::store::{Calls, Staff};

use dashboard::Dashboard;

/// The function for everything about assistants.
pub struct Assistants {
    access: Access,
    calls: Calls,
    staff: Staff,
    dashboard: Dashboard,
    /// Where this API is reached.
    base: String,
}

impl Function for Assistants {
    const NAME: &'static str = "Assistants";

    fn start(settings: &Settings) -> Result<Self, StartError> {
        let aws = Aws::new(settings, &https::client()?);
        Ok(Self {
            access: Access::new(settings, &aws)?,
            calls: Calls::new(settings, &aws)?,
            staff: Staff::new(settings, &aws)?,
            dashboard: Dashboard::new(settings, &aws)?,
            base: settings.base_url("PUBLIC_BASE_URL", None)?,
        })
    }

    async fn warm(&self) {
        self.access.warm().await;
    }

    fn routes() -> Routes<Self> {
        Routes::new()
            .on("GET /vapi/assistants", listed::list)
            .on("GET /vapi/calls", calls::list)
            .on("GET /vapi/analytics", analytics::show)
            .on("GET /vapi/bindings", bindings::show)
            .on("PUT /vapi/bindings", bindings::replace)
            .on("DELETE /vapi/bindings", bindings::remove)
    }
}

impl Assistants {
    /// Lets only those in who may act for every staff member: calls and assistants are
    /// nobody's own.
    async fn admit(&self, request: &ApiRequest) -> Result<(), HttpError> {
        let caller = self.access.caller(request).await?;
        if caller.acts_for_everyone() {
            return Ok(());
        }
        Err(HttpError::forbidden("This needs the API key of the CRM."))
    }
}
