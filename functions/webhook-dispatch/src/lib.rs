//! `POST /vapi/webhook`: everything that VAPI sends.

use std::sync::Arc;

use serde_json::json;
use shared::aws::Aws;
use shared::config::{Settings, StartError};
use shared::http::{ApiRequest, Function, HttpError, Response, Routes, WebhookAccess, ok};
use shared::https;
use shared::vapi::{Webhook, wire};

/// The largest delivery that is read. VAPI repeats the whole conversation in each.
const BODY_LIMIT: usize = 5 * 1024 * 1024;

/// The webhook function.
pub struct WebhookDispatch {
    access: WebhookAccess,
    webhook: Webhook,
}

impl Function for WebhookDispatch {
    const NAME: &'static str = "WebhookDispatch";

    fn start(settings: &Settings) -> Result<Self, StartError> {
        let http = https::client()?;
        let aws = Aws::new(settings, &http);
        Ok(Self {
            access: WebhookAccess::new(settings, &aws)?,
            webhook: Webhook::new(settings, &aws, &http)?,
        })
    }

    async fn warm(&self) {
        // One after the other, over one connection: the second is not needed before the
        // first let somebody in and DynamoDB has answered.
        self.access.warm().await;
        self.webhook.warm().await;
    }

    fn routes() -> Routes<Self> {
        Routes::new().on("POST /vapi/webhook", deliver)
    }
}

/// Once the credential holds, the answer is 200 whatever happened: VAPI ignores
/// any other (VAPI docs, Custom tools).
async fn deliver(
    function: Arc<WebhookDispatch>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    function.access.check(&request).await?;
    request.require_json()?;
    let body = request.body(BODY_LIMIT)?;
    match wire::parse(&body) {
        Ok(delivery) => {
            let turn = request.turn(function.webhook.write_deadline());
            let (reply, unwritten) = function.webhook.answer(&delivery, &turn).await;
            let writes = Arc::clone(&function);
            request.later().push(async move {
                let webhook = &writes.webhook;
                webhook.write(unwritten, &delivery.call, &turn).await;
            });
            ok(&reply.to_json())
        }
        Err(error) => ok(&json!({"error": error.to_string()})),
    }
}
