//! Delegated permissions by name: how requests may spell them and how answers
//! list them (Learn: scopes-oidc). A bare name means Microsoft Graph.

const GRAPH: &str = "https://graph.microsoft.com/";

/// Permissions of `OpenID` Connect: never prefixed, and no resource's.
const OPENID: &[&str] = &["openid", "profile", "email", "offline_access"];

const KNOWN: &[&str] = &[
    "openid",
    "profile",
    "email",
    "offline_access",
    "Calendars.Read",
    "Calendars.ReadBasic",
    "Calendars.Read.Shared",
    "Calendars.ReadWrite",
    "Calendars.ReadWrite.Shared",
    "MailboxSettings.Read",
    "MailboxSettings.ReadWrite",
    "Mail.Read",
    "Mail.Send",
    "User.Read",
    "User.ReadBasic.All",
];

/// Reads a space-separated list into canonical names; the first unknown one
/// otherwise. `.default` is unknown: it may not be mixed with these.
pub(super) fn parse(text: &str) -> Result<Vec<String>, String> {
    let mut scopes: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let bare = match word.get(..GRAPH.len()) {
            Some(prefix) if prefix.eq_ignore_ascii_case(GRAPH) => &word[GRAPH.len()..],
            _ => word,
        };
        let known = KNOWN.iter().find(|known| known.eq_ignore_ascii_case(bare));
        let known = known.ok_or_else(|| word.to_owned())?;
        if !scopes.iter().any(|scope| scope == known) {
            scopes.push((*known).to_owned());
        }
    }
    Ok(scopes)
}

/// The `scope` of a token answer. `offline_access` is not listed; the rest
/// comes rotated by `turn`, and prefixed on every third.
pub(super) fn present(scopes: &[String], turn: u64, variety: bool) -> String {
    let mut listed: Vec<String> = scopes
        .iter()
        .filter(|scope| *scope != "offline_access")
        .cloned()
        .collect();
    if variety && !listed.is_empty() {
        let by = usize::try_from(turn).unwrap_or(0) % listed.len();
        listed.rotate_left(by);
        if turn % 3 == 2 {
            for scope in &mut listed {
                if !OPENID.contains(&scope.as_str()) {
                    scope.insert_str(0, GRAPH);
                }
            }
        }
    }
    listed.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_in_any_case_and_with_the_graph_prefix() {
        let read = parse("OpenID https://graph.microsoft.com/calendars.readwrite openid");
        assert_eq!(read.unwrap(), ["openid", "Calendars.ReadWrite"]);
        assert_eq!(parse("User.Read .default").unwrap_err(), ".default");
    }

    #[test]
    fn presented_scopes_vary_by_turns_but_mean_the_same() {
        let granted = parse("openid offline_access User.Read Calendars.ReadWrite").unwrap();
        let texts: Vec<_> = (0..6).map(|turn| present(&granted, turn, true)).collect();
        assert_eq!(texts[0], "openid User.Read Calendars.ReadWrite");
        assert_ne!(texts[0], texts[1]);
        assert!(texts[2].contains("https://graph.microsoft.com/User.Read"));
        assert!(!texts[2].contains("https://graph.microsoft.com/openid"));
    }
}
