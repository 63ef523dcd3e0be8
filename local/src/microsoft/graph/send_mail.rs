//! `POST /me/sendMail`: accepted and recorded, never delivered (Learn:
//! user-sendmail). It is not idempotent: a repeat is a second message.

use axum::{
    body::Bytes,
    extract::{Extension, State, rejection::BytesRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{
    caller::Caller,
    error::GraphError,
    event_body::{item_body, recipient},
    json_fields::{Fields, list, mismatch, read_body, truth},
};
use crate::microsoft::{
    event::{Mail, MailKind},
    simulator::Microsoft,
    state::Change,
};

/// 202 without a body.
pub(super) async fn send_mail(
    State(microsoft): State<Microsoft>,
    Extension(caller): Extension<Caller>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, GraphError> {
    let body = read_body(body)?;
    let action = Fields::of("sendMail", &body)?;
    let message = action
        .any_case("message")
        .ok_or_else(|| mismatch("message"))?;
    if let Some(save) = action.any_case("saveToSentItems") {
        truth("saveToSentItems", save)?;
    }
    let fields = Fields::of("message", message)?;
    let mut to = Vec::new();
    for name in ["toRecipients", "ccRecipients", "bccRecipients"] {
        for entry in fields
            .get(name)
            .map_or(Ok(&Vec::new()), |value| list(name, value))?
        {
            to.push(recipient(entry)?.address);
        }
    }
    if to.is_empty() {
        let message = "At least one recipient isn't valid.";
        return Err(GraphError::bad("ErrorInvalidRecipients", message));
    }
    if let Some(content) = fields.get("body") {
        item_body(content)?;
    }
    check_attachments(fields)?;
    let mail = Mail {
        at: microsoft.now(),
        kind: MailKind::Message,
        from: caller.account.email.clone(),
        to,
        subject: fields.text("subject")?.unwrap_or_default().to_owned(),
        event_id: None,
        comment: None,
        message: Some(message.clone()),
    };
    let sent = Change::MailSent {
        mailbox: caller.account.email,
        mail: Box::new(mail),
    };
    microsoft
        .store()
        .write(|_| Ok::<_, GraphError>((vec![sent], ())))
        .await?;
    Ok(StatusCode::ACCEPTED.into_response())
}

fn check_attachments(message: Fields<'_>) -> Result<(), GraphError> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let Some(attachments) = message.get("attachments") else {
        return Ok(());
    };
    for attachment in list("attachments", attachments)? {
        let fields = Fields::of("attachments", attachment)?;
        if fields.text("@odata.type")? != Some("#microsoft.graph.fileAttachment") {
            return Err(mismatch("attachments/@odata.type"));
        }
        fields
            .text("name")?
            .ok_or_else(|| mismatch("attachments/name"))?;
        fields.text("contentType")?;
        let content = fields.text("contentBytes")?.unwrap_or_default();
        STANDARD
            .decode(content)
            .map_err(|_| mismatch("attachments/contentBytes"))?;
    }
    Ok(())
}
