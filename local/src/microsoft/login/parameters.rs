//! Request parameters from a query string and a form, by name.

/// Decoded name-value pairs in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Decodes `a=1&b=2`, as a query or a form body has it.
    pub(super) fn decode(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// These, and those of another source behind them.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The first non-empty value; an empty parameter counts as absent.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut pairs = self.0.iter();
        pairs
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// The first name of `names` that is given with two different values.
    pub(super) fn contradiction<'a>(&self, names: &[&'a str]) -> Option<&'a str> {
        names.iter().copied().find(|name| {
            let first = self.get(name);
            let mut values = self.0.iter().filter(|(key, _)| key == name);
            values.any(|(_, value)| first != Some(value.as_str()))
        })
    }
}
