//! Contact details of a caller, parsed once at the edge.

/// An e-mail address that mail can be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads an address as a person or a language model wrote it: one `@`, a dotted
    /// domain, no spaces, at most 254 characters (RFC 5321 §4.5.3.1.3).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('.').to_ascii_lowercase();
        let (local, domain) = text.split_once('@')?;
        let local_fits = (1..=64).contains(&local.len())
            && local
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c))
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..");
        let label_fits = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let domain_fits = domain.contains('.') && domain.split('.').all(label_fits);
        (text.len() <= 254 && local_fits && domain_fits).then_some(Self(text))
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

/// A phone number, in digits with a leading `+` where the country is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a number as it is written: 7 to 15 digits (ITU-T E.164), with spaces,
    /// dots, dashes and brackets between them. Ten digits are North American.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let known = |c: char| c.is_ascii_digit() || " +-.()/".contains(c);
        if !text.chars().all(known) || text.rfind('+').is_some_and(|at| at > 0) {
            return None;
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let with_country = match (text.starts_with('+'), digits.len()) {
            (true, 7..=15) => format!("+{digits}"),
            (false, 10) => format!("+1{digits}"),
            (false, 11) if digits.starts_with('1') => format!("+{digits}"),
            (false, 7..=15) => digits,
            _ => return None,
        };
        Some(Self(with_country))
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_or_refused() {
        for (text, expected) in [
            ("Casey@Example.com", Some("casey@example.com")),
            (
                " casey.o'neil+home@mail.example.co.uk. ",
                Some("casey.o'neil+home@mail.example.co.uk"),
            ),
            ("casey", None),
            ("casey@example", None),
            ("casey@@example.com", None),
            ("casey at example dot com", None),
            ("casey@exa mple.com", None),
            (".casey@example.com", None),
            ("casey@-example.com", None),
            ("casey@example..com", None),
            ("casey\r\nbcc:all@example.com", None),
            ("", None),
        ] {
            assert_eq!(
                EmailAddress::parse(text).map(String::from).as_deref(),
                expected,
                "{text:?}"
            );
        }
    }

    #[test]
    fn numbers_are_read_or_refused() {
        for (text, expected) in [
            ("+15125550142", Some("+15125550142")),
            ("(512) 555-0142", Some("+15125550142")),
            ("1 512 555 0142", Some("+15125550142")),
            ("+44 20 7946 0000", Some("+442079460000")),
            ("5550142", Some("5550142")),
            ("12345", None),
            ("call me", None),
            ("5+12", None),
            ("+1234567890123456", None),
            ("", None),
        ] {
            assert_eq!(
                PhoneNumber::parse(text).map(String::from).as_deref(),
                expected,
                "{text:?}"
            );
        }
    }
}
