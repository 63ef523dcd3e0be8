//! The body of a request that sends a message (Microsoft Learn, "user: sendMail").
//!
//! Graph takes one body. It is HTML; Exchange makes the plain text for readers that
//! want it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

/// A message to be sent to one person.
#[derive(Debug)]
pub struct NewMail<'a> {
    pub to: &'a str,
    pub subject: &'a str,
    pub html: &'a str,
    pub attachment: Attachment<'a>,
}

/// A file that goes with a message.
#[derive(Debug)]
pub struct Attachment<'a> {
    pub name: &'a str,
    pub media_type: &'a str,
    pub content: &'a str,
}

impl NewMail<'_> {
    /// The body of the request.
    pub fn to_json(&self) -> String {
        let file = &self.attachment;
        json!({
            "message": {
                "subject": self.subject,
                "body": {"contentType": "html", "content": self.html},
                "toRecipients": [{"emailAddress": {"address": self.to}}],
                "attachments": [{
                    "@odata.type": "#microsoft.graph.fileAttachment",
                    "name": file.name,
                    "contentType": file.media_type,
                    "contentBytes": STANDARD.encode(file.content),
                }],
            },
            "saveToSentItems": true,
        })
        .to_string()
    }
}
