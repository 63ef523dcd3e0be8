//! What was found, a line each, with what to do about it.

use std::fmt;

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Well,
    /// It works, and will not for long or not for everybody.
    Soon,
    Wrong,
    Skipped,
}

struct Finding {
    what: &'static str,
    verdict: Verdict,
    said: String,
    /// What to do; empty when all is well.
    advice: String,
}

/// All of them, in the order in which they were made.
#[derive(Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn well(&mut self, what: &'static str, said: impl Into<String>) {
        self.add(what, Verdict::Well, said, "");
    }

    pub(super) fn wrong(
        &mut self,
        what: &'static str,
        said: impl Into<String>,
        advice: impl Into<String>,
    ) {
        self.add(what, Verdict::Wrong, said, advice);
    }

    pub(super) fn add(
        &mut self,
        what: &'static str,
        verdict: Verdict,
        said: impl Into<String>,
        advice: impl Into<String>,
    ) {
        self.0.push(Finding {
            what,
            verdict,
            said: said.into(),
            advice: advice.into(),
        });
    }

    /// Whether nothing is wrong.
    pub(super) fn are_well(&self) -> bool {
        self.0
            .iter()
            .all(|finding| finding.verdict != Verdict::Wrong)
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.0.iter().map(|finding| finding.what.len()).max();
        let width = width.unwrap_or_default();
        for finding in &self.0 {
            let mark = match finding.verdict {
                Verdict::Well => "ok   ",
                Verdict::Soon => "soon ",
                Verdict::Wrong => "WRONG",
                Verdict::Skipped => "-    ",
            };
            writeln!(
                formatter,
                "{mark}  {:width$}  {}",
                finding.what, finding.said
            )?;
            if !finding.advice.is_empty() {
                writeln!(
                    formatter,
                    "{:indent$}{}",
                    "",
                    finding.advice,
                    indent = width + 9
                )?;
            }
        }
        Ok(())
    }
}
