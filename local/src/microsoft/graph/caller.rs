//! Who is calling Graph, with what permissions, and how they prefer answers.

use axum::http::{HeaderMap, header};

use super::{error::GraphError, event_json::EventView};
use crate::microsoft::{
    options::Account, records::fingerprint, simulator::Microsoft, zones::graph_zone,
};

/// The person behind a bearer token.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub account: Account,
    scopes: Vec<String>,
    pub preferences: Preferences,
}

/// What the `Prefer` headers ask for (Learn: user-list-calendarview,
/// outlook-immutable-id).
#[derive(Clone, Debug, Default)]
pub(crate) struct Preferences {
    /// `outlook.timezone`.
    pub time_zone: Option<String>,
    /// `IdType="ImmutableId"`.
    pub immutable_ids: bool,
}

/// Reads the token and the preferences of a request.
pub(crate) fn authenticate(
    microsoft: &Microsoft,
    headers: &HeaderMap,
) -> Result<Caller, GraphError> {
    let missing = || GraphError::unauthorized("Access token is empty.");
    let value = headers.get(header::AUTHORIZATION).ok_or_else(missing)?;
    let (scheme, token) = value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or_else(missing)?;
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Err(missing());
    }
    let key = fingerprint(token.trim());
    let (grant, is_current) = microsoft
        .store()
        .read(|state| {
            let grant = state.access_tokens.get(&key)?;
            Some((grant.clone(), state.is_current(grant)))
        })
        .ok_or_else(|| GraphError::unauthorized("IDX14100: the token is not well formed."))?;
    if grant.expires <= microsoft.now() {
        return Err(GraphError::unauthorized(
            "Lifetime validation failed, the token is expired.",
        ));
    }
    let account = microsoft.account(&grant.email).filter(|_| is_current);
    let account = account
        .ok_or_else(|| GraphError::unauthorized("The access token has been revoked."))?
        .clone();
    Ok(Caller {
        account,
        scopes: grant.scopes,
        preferences: Preferences::of(headers),
    })
}

impl Caller {
    /// Whether the permission was granted.
    pub(crate) fn may(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }

    /// How to show this caller events.
    pub(crate) fn view(&self) -> Result<EventView, GraphError> {
        let name = self.preferences.time_zone.as_deref().unwrap_or("UTC");
        let zone = graph_zone(name).ok_or_else(|| GraphError::unknown_time_zone(name))?;
        Ok(EventView {
            zone_name: name.to_owned(),
            zone,
            immutable_ids: self.preferences.immutable_ids,
            select: None,
            expand: Vec::new(),
            variety: false,
        })
    }
}

impl Preferences {
    /// Several preferences may share a line or have one each (RFC 7240).
    fn of(headers: &HeaderMap) -> Self {
        let mut preferences = Self::default();
        for value in headers.get_all("prefer") {
            for preference in split_outside_quotes(value.to_str().unwrap_or_default()) {
                let Some((name, value)) = preference.split_once('=') else {
                    continue;
                };
                let value = value.trim().trim_matches('"');
                if name.trim().eq_ignore_ascii_case("outlook.timezone") {
                    preferences.time_zone = Some(value.to_owned());
                } else if name.trim().eq_ignore_ascii_case("IdType") {
                    preferences.immutable_ids = value.eq_ignore_ascii_case("ImmutableId");
                }
            }
        }
        preferences
    }

    /// The `Preference-Applied` header, when anything was asked for.
    pub(crate) fn applied(&self, shows_times: bool) -> Option<String> {
        let zone = self.time_zone.as_ref().filter(|_| shows_times);
        let zone = zone.map(|name| format!("outlook.timezone=\"{name}\""));
        let ids = self
            .immutable_ids
            .then(|| "IdType=\"ImmutableId\"".to_owned());
        let applied: Vec<String> = ids.into_iter().chain(zone).collect();
        (!applied.is_empty()).then(|| applied.join(", "))
    }
}

fn split_outside_quotes(text: &str) -> Vec<&str> {
    let mut quoted = false;
    text.split(|character| {
        quoted ^= character == '"';
        character == ',' && !quoted
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&'static str]) -> Preferences {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("prefer", header::HeaderValue::from_static(line));
        }
        Preferences::of(&headers)
    }

    #[test]
    fn preferences_share_a_line_or_have_their_own() {
        for lines in [
            &["IdType=\"ImmutableId\", outlook.timezone=\"UTC\""][..],
            &["idtype=ImmutableId", "Outlook.TimeZone=\"UTC\""][..],
        ] {
            let preferences = read(lines);
            assert!(preferences.immutable_ids, "{lines:?}");
            assert_eq!(preferences.time_zone.as_deref(), Some("UTC"), "{lines:?}");
        }
        assert!(!read(&["respond-async"]).immutable_ids);
    }
}
