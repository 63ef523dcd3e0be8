//! What was expected of one thing, and what was found.

/// The expectations of one tool call, or of one viewing in the calendar.
#[derive(Clone, Debug, Default)]
pub(super) struct Finding {
    /// The thing, in a few words.
    pub(super) about: String,
    /// What held.
    pub(super) held: Vec<String>,
    /// What did not, as "expected …, found …".
    pub(super) broken: Vec<String>,
}

impl Finding {
    pub(super) fn about(thing: impl Into<String>) -> Self {
        Self {
            about: thing.into(),
            ..Self::default()
        }
    }

    /// Notes an expectation; `found` says what there was instead.
    pub(super) fn expect(
        &mut self,
        holds: bool,
        expected: impl Into<String>,
        found: impl FnOnce() -> String,
    ) {
        let expected = expected.into();
        if holds {
            self.held.push(expected);
        } else {
            self.broken
                .push(format!("expected {expected}, found {}", found()));
        }
    }

    /// Notes one expectation that several problems can break.
    pub(super) fn expect_none(&mut self, problems: Vec<String>, expected: &str) {
        if problems.is_empty() {
            self.held.push(expected.to_owned());
        }
        let broken = problems
            .into_iter()
            .map(|problem| format!("expected {expected}, found {problem}"));
        self.broken.extend(broken);
    }
}
