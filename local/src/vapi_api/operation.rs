//! The operations of the simulator by name: what counters count and what fault rules
//! match.

use axum::http::Method;
use serde::{Deserialize, Serialize};

use super::kind::Kind;

/// Something that a client can ask of VAPI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    ListAssistants,
    GetAssistant,
    CreateAssistant,
    UpdateAssistant,
    DeleteAssistant,
    ListTools,
    GetTool,
    CreateTool,
    UpdateTool,
    DeleteTool,
    ListPhoneNumbers,
    GetPhoneNumber,
    CreatePhoneNumber,
    UpdatePhoneNumber,
    DeletePhoneNumber,
    ListCalls,
    GetCall,
    Analytics,
    /// A path or a method that is not simulated.
    Unknown,
}

impl Operation {
    /// What a request asks, and about which id.
    pub(super) fn of<'a>(method: &Method, path: &'a str) -> (Self, Option<&'a str>) {
        let path = path.trim_matches('/');
        if path == "analytics" && method == Method::POST {
            return (Self::Analytics, None);
        }
        let (segment, id) = match path.split_once('/') {
            Some((segment, id)) => (segment, Some(id)),
            None => (path, None),
        };
        let kind = Kind::ALL.into_iter().find(|kind| kind.segment() == segment);
        let operation = kind.and_then(|kind| Self::on(kind, method.as_str(), id.is_some()));
        (operation.unwrap_or(Self::Unknown), id)
    }

    fn on(kind: Kind, method: &str, is_one: bool) -> Option<Self> {
        let all = match kind {
            Kind::Assistant => [
                Self::ListAssistants,
                Self::GetAssistant,
                Self::CreateAssistant,
                Self::UpdateAssistant,
                Self::DeleteAssistant,
            ],
            Kind::Tool => [
                Self::ListTools,
                Self::GetTool,
                Self::CreateTool,
                Self::UpdateTool,
                Self::DeleteTool,
            ],
            Kind::PhoneNumber => [
                Self::ListPhoneNumbers,
                Self::GetPhoneNumber,
                Self::CreatePhoneNumber,
                Self::UpdatePhoneNumber,
                Self::DeletePhoneNumber,
            ],
            Kind::Call => [
                Self::ListCalls,
                Self::GetCall,
                Self::Unknown,
                Self::Unknown,
                Self::Unknown,
            ],
        };
        let place = match (method, is_one) {
            ("GET", false) => 0,
            ("GET", true) => 1,
            ("POST", false) => 2,
            ("PATCH", true) => 3,
            ("DELETE", true) => 4,
            _ => return None,
        };
        Some(all[place])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_known_by_its_method_and_path() {
        for (method, path, expected, id) in [
            ("GET", "/assistant", Operation::ListAssistants, None),
            (
                "PATCH",
                "/assistant/a",
                Operation::UpdateAssistant,
                Some("a"),
            ),
            (
                "GET",
                "/phone-number/b",
                Operation::GetPhoneNumber,
                Some("b"),
            ),
            ("POST", "/tool", Operation::CreateTool, None),
            ("PATCH", "/tool", Operation::Unknown, None),
            ("POST", "/call", Operation::Unknown, None),
            ("POST", "/analytics", Operation::Analytics, None),
            ("GET", "/analytics", Operation::Unknown, None),
            ("GET", "/squad", Operation::Unknown, None),
        ] {
            let method: Method = method.parse().unwrap();
            assert_eq!(
                Operation::of(&method, path),
                (expected, id),
                "{method} {path}"
            );
        }
    }
}
