//! How long answers took, and what went wrong.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use hdrhistogram::Histogram;

/// The longest that is told apart, in microseconds.
const LONGEST: u64 = 60_000_000;

/// What a caller does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Ask,
    Book,
    Change,
    Cancel,
}

const STEPS: [(Step, &str); 4] = [
    (Step::Ask, "ask"),
    (Step::Book, "book"),
    (Step::Change, "change"),
    (Step::Cancel, "cancel"),
];

/// The figures of any number of calls.
pub(super) struct Figures {
    steps: [OfStep; STEPS.len()],
    /// What was said or happened instead of an answer, and how often.
    failures: BTreeMap<String, u64>,
}

/// Microseconds, and what came of it.
struct OfStep {
    took: Histogram<u64>,
    taken: u64,
    failed: u64,
}

impl Figures {
    pub(super) fn new() -> anyhow::Result<Self> {
        let step = || -> anyhow::Result<OfStep> {
            Ok(OfStep {
                took: Histogram::new_with_bounds(1, LONGEST, 3)?,
                taken: 0,
                failed: 0,
            })
        };
        Ok(Self {
            steps: [step()?, step()?, step()?, step()?],
            failures: BTreeMap::new(),
        })
    }

    pub(super) fn took(&mut self, step: Step, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(LONGEST);
        self.of(step)
            .took
            .saturating_record(micros.clamp(1, LONGEST));
    }

    pub(super) fn was_taken(&mut self, step: Step) {
        self.of(step).taken += 1;
    }

    pub(super) fn failed(&mut self, step: Step, how: String) {
        self.of(step).failed += 1;
        *self.failures.entry(how).or_default() += 1;
    }

    pub(super) fn add(&mut self, other: &Self) -> anyhow::Result<()> {
        for (own, others) in self.steps.iter_mut().zip(&other.steps) {
            own.took.add(&others.took)?;
            own.taken += others.taken;
            own.failed += others.failed;
        }
        for (how, often) in &other.failures {
            *self.failures.entry(how.clone()).or_default() += often;
        }
        Ok(())
    }

    pub(super) fn failures(&self) -> u64 {
        self.failures.values().sum()
    }

    fn of(&mut self, step: Step) -> &mut OfStep {
        &mut self.steps[step as usize]
    }

    /// A table, the rate, and each failure.
    pub(super) fn shown(&self, within: Duration) -> String {
        let mut table = Table::new();
        table
            .load_preset(UTF8_BORDERS_ONLY)
            .set_content_arrangement(ContentArrangement::Disabled)
            .set_header([
                "step",
                "answers",
                "was taken",
                "failed",
                "p50 ms",
                "p90 ms",
                "p99 ms",
                "max ms",
            ]);
        for ((_, name), step) in STEPS.iter().zip(&self.steps) {
            table.add_row(step.row(name));
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        let answers: u64 = self.steps.iter().map(|step| step.took.len()).sum();
        let seconds = within.as_secs_f64();
        let mut shown = format!("{table}\n\n{answers} answers in {seconds:.1} s, ");
        #[expect(clippy::cast_precision_loss, reason = "a rate for a person to read")]
        let rate = answers as f64 / seconds;
        let _ = writeln!(shown, "{rate:.1} a second; failures: {}", self.failures());
        for (how, often) in &self.failures {
            let _ = writeln!(shown, "{often:>8} × {how}");
        }
        shown
    }
}

impl OfStep {
    fn row(&self, name: &str) -> [String; 8] {
        #[expect(
            clippy::cast_precision_loss,
            reason = "less than a minute in microseconds"
        )]
        let milliseconds = |micros: u64| format!("{:.1}", micros as f64 / 1000.0);
        let at = |quantile| milliseconds(self.took.value_at_quantile(quantile));
        [
            name.to_owned(),
            self.took.len().to_string(),
            self.taken.to_string(),
            self.failed.to_string(),
            at(0.5),
            at(0.9),
            at(0.99),
            milliseconds(self.took.max()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_several_callers_add_up() {
        let (mut one, mut other) = (Figures::new().unwrap(), Figures::new().unwrap());
        for millisecond in 1..=100 {
            one.took(Step::Ask, Duration::from_millis(millisecond));
        }
        other.took(Step::Book, Duration::from_hours(1));
        other.was_taken(Step::Book);
        other.failed(Step::Cancel, "nothing answers".to_owned());
        one.add(&other).unwrap();
        assert_eq!(one.failures(), 1);
        let shown = one.shown(Duration::from_secs(10));
        insta::assert_snapshot!(shown, @"
        ┌───────────────────────────────────────────────────────────────────────────────┐
        │ step     answers   was taken   failed    p50 ms    p90 ms    p99 ms    max ms │
        ╞═══════════════════════════════════════════════════════════════════════════════╡
        │ ask          100           0        0      50.0      90.0      99.0     100.0 │
        │ book           1           1        0   60031.0   60031.0   60031.0   60031.0 │
        │ change         0           0        0       0.0       0.0       0.0       0.0 │
        │ cancel         0           0        1       0.0       0.0       0.0       0.0 │
        └───────────────────────────────────────────────────────────────────────────────┘

        101 answers in 10.0 s, 10.1 a second; failures: 1
               1 × nothing answers
        ");
    }
}
