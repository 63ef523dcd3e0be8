//! A case, and asking the engine for its answer.

use jiff::Timestamp;

use super::{
    super::{
        Busy, Host, Interval, Rules, Verdict, any_host_slots, common_slots, explain, rotating_slots,
    },
    error::CaseError,
    format,
};

/// A question to the engine, and what is expected of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// What the case is called.
    pub name: String,
    /// How binding it is: "must", "should", "optional", "stretch" or "policy".
    pub level: String,
    /// How the hosts go together.
    pub mode: Mode,
    /// The hosts; one, unless the case is about several.
    pub hosts: Vec<CaseHost>,
    /// The window that is asked about.
    pub window: Interval,
    /// The current time.
    pub now: Timestamp,
    /// The answer, if the case states one.
    pub expected: Option<Vec<Timestamp>>,
    /// Other answers that a case of level "policy" leaves open.
    pub also_acceptable: Vec<Vec<Timestamp>>,
}

/// A host of a case.
#[derive(Clone, Debug)]
pub struct CaseHost {
    /// The host's rules.
    pub rules: Rules,
    /// The host's entries.
    pub busy: Vec<Busy>,
}

/// How several hosts go together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// All must be free.
    #[default]
    Collective,
    /// One free host is enough.
    Any,
    /// One free host is enough, and it is the one whose turn it is.
    Rotation,
}

impl Case {
    /// Reads one case, an array of them, or a whole file.
    ///
    /// ```
    /// use shared::scheduling::cases::Case;
    ///
    /// let cases = Case::parse(
    ///     r#"{
    ///         "name": "noon", "host_timezone": "UTC",
    ///         "working_hours": [{"days": ["tue"], "start": "12:00", "end": "13:00"}],
    ///         "window_start": "2026-06-16T00:00:00Z", "window_end": "2026-06-17T00:00:00Z",
    ///         "now": "2026-06-15T00:00:00Z", "slot_minutes": 60, "interval_minutes": 60
    ///     }"#,
    /// )?;
    /// assert_eq!(cases[0].slots(), ["2026-06-16T12:00:00Z".parse()?]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse(json: &str) -> Result<Vec<Self>, CaseError> {
        format::read(json)
    }

    /// What the engine answers: each start once, in chronological order.
    pub fn slots(&self) -> Vec<Timestamp> {
        let hosts: Vec<Host<'_>> = self
            .hosts
            .iter()
            .map(|CaseHost { rules, busy }| Host { rules, busy })
            .collect();
        let offers = match self.mode {
            Mode::Collective => return common_slots(&hosts, self.window, self.now),
            Mode::Any => any_host_slots(&hosts, self.window, self.now),
            Mode::Rotation => rotating_slots(&hosts, self.window, self.now),
        };
        let mut starts: Vec<Timestamp> = offers.into_iter().map(|offer| offer.start).collect();
        starts.dedup();
        starts
    }

    /// The verdicts on one start, for each host in turn and as if alone.
    pub fn explain(&self, start: Timestamp) -> Vec<Vec<Verdict>> {
        self.hosts
            .iter()
            .map(|host| explain(&host.rules, &host.busy, self.window, start, self.now))
            .collect()
    }

    /// Whether an answer is the expected one or one of those left open; also
    /// when the case does not state any.
    pub fn accepts(&self, slots: &[Timestamp]) -> bool {
        let mut answers = self.expected.iter().chain(&self.also_acceptable);
        self.expected.is_none() || answers.any(|answer| answer == slots)
    }
}
