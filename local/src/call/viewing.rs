//! Whether a viewing is in the calendar as it was agreed on the phone.

use jiff::civil::Date;
use shared::vapi::speech;

use super::backend::Event;
use super::finding::Finding;
use super::heard::Slot;
use super::scenario::ViewingCheck;

/// What is known when the call is over.
pub(super) struct After<'a> {
    /// The events that overlap the viewing's time.
    pub(super) events: &'a [Event],
    /// The times that are open now.
    pub(super) open: &'a [Slot],
    /// Everything that the tools had the assistant say.
    pub(super) spoken: &'a [String],
    pub(super) today: Date,
    /// To whom messages were sent, where that can be told.
    pub(super) mailed: Option<&'a [String]>,
}

/// Judges one viewing. The texts of `check` are filled in already.
pub(super) fn judge(check: &ViewingCheck, slot: &Slot, after: &After<'_>) -> Finding {
    let mut finding = about(slot);
    let there = after.events_at(slot);
    finding.expect(there.len() == 1, "exactly one event", || subjects(&there));
    finding.expect(!after.is_open(slot), "no longer open", || {
        "it on offer again".to_owned()
    });

    let ours = there
        .iter()
        .find(|event| event.start_time == Some(slot.start));
    if let Some(event) = ours.or(there.first()) {
        judge_event(check, slot, event, after, &mut finding);
    }
    if let (Some(address), Some(mailed)) = (&check.mailed, after.mailed) {
        let sent = mailed
            .iter()
            .filter(|to| to.eq_ignore_ascii_case(address))
            .count();
        let wanted = format!("one message to {address}");
        finding.expect(sent == 1, wanted, || sent.to_string());
    }
    finding
}

/// Judges a time at which there must be nothing.
pub(super) fn judge_open(slot: &Slot, after: &After<'_>) -> Finding {
    let mut finding = about(slot);
    let there = after.events_at(slot);
    finding.expect(there.is_empty(), "no event", || subjects(&there));
    finding.expect(after.is_open(slot), "open again", || {
        "it not on offer".to_owned()
    });
    finding
}

fn about(slot: &Slot) -> Finding {
    Finding::about(slot.local.strftime("%a %b %-d, %-I:%M %p").to_string())
}

fn subjects(events: &[&Event]) -> String {
    if events.is_empty() {
        return "none".to_owned();
    }
    let subjects: Vec<String> = events.iter().map(|event| quoted(&event.subject)).collect();
    subjects.join(", ")
}

impl After<'_> {
    /// The events in the way of a slot.
    fn events_at(&self, slot: &Slot) -> Vec<&Event> {
        let overlaps = |event: &&Event| {
            event.show_as != "free"
                && event.start_time.is_some_and(|start| start < slot.end)
                && event.end_time.is_some_and(|end| end > slot.start)
        };
        self.events.iter().filter(overlaps).collect()
    }

    fn is_open(&self, slot: &Slot) -> bool {
        self.open.iter().any(|open| open.start == slot.start)
    }
}

fn judge_event(
    check: &ViewingCheck,
    slot: &Slot,
    event: &Event,
    after: &After<'_>,
    finding: &mut Finding,
) {
    let times = (event.start_time, event.end_time);
    finding.expect(
        times == (Some(slot.start), Some(slot.end)),
        "the agreed time",
        || {
            let [start, end] =
                [times.0, times.1].map(|at| at.map(|at| at.to_string()).unwrap_or_default());
            format!("{start} to {end}")
        },
    );
    finding.expect(
        event.appointment_id.is_some(),
        "an appointment that agrees",
        || "an event without one".to_owned(),
    );
    if let Some(subject) = &check.subject {
        finding.expect(
            event.subject == *subject,
            format!("subject {}", quoted(subject)),
            || quoted(&event.subject),
        );
    }
    if let Some(location) = &check.location {
        let found = event.location.as_deref().unwrap_or_default();
        finding.expect(
            found == location,
            format!("location {}", quoted(location)),
            || quoted(found),
        );
    }
    if let Some(address) = &check.attendee {
        let invited =
            |attendee: &super::backend::Attendee| attendee.email.eq_ignore_ascii_case(address);
        finding.expect(
            event.attendees.iter().any(invited),
            format!("{address} invited"),
            || {
                let emails: Vec<&str> = event
                    .attendees
                    .iter()
                    .map(|one| one.email.as_str())
                    .collect();
                if emails.is_empty() {
                    "nobody".to_owned()
                } else {
                    emails.join(", ")
                }
            },
        );
    }
    let body = event.body.as_deref().unwrap_or_default();
    for text in &check.mentions {
        finding.expect(
            body.contains(text.as_str()),
            format!("{} in its text", quoted(text)),
            || quoted(body),
        );
    }
    if check.code_heard {
        let heard = code_heard(body, &slot.spoken(after.today), after.spoken);
        finding.expect(heard, "the code that was said", || quoted(body));
    }
}

/// Whether a code in the event's text was said together with the time.
fn code_heard(body: &str, time: &str, spoken: &[String]) -> bool {
    let is_code = |word: &&str| {
        let of_code = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
        (4..=12).contains(&word.len()) && word.chars().all(of_code)
    };
    let words = body.split(|c: char| !c.is_alphanumeric());
    words.filter(is_code).map(speech::code).any(|code| {
        let mut with_time = spoken.iter().filter(|said| said.contains(time));
        with_time.any(|said| said.contains(&code))
    })
}

/// One line of a text, in quotation marks.
fn quoted(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    format!("\"{}\"", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use serde_json::json;

    fn slot() -> Slot {
        Slot::new(
            "2026-11-24T16:00:00Z".parse().unwrap(),
            date(2026, 11, 24).at(10, 0, 0, 0),
        )
    }

    fn check() -> ViewingCheck {
        serde_json::from_value(json!({
            "viewing": "chosen", "subject": "Viewing: 14 Mill Lane", "location": "14 Mill Lane",
            "attendee": "Dana@example.com", "mentions": ["Dana Whitfield"], "code_heard": true,
        }))
        .unwrap()
    }

    fn event() -> Event {
        serde_json::from_value(json!({
            "subject": "Viewing: 14 Mill Lane",
            "start_time": "2026-11-24T10:00:00-06:00",
            "end_time": "2026-11-24T10:30:00-06:00",
            "location": "14 Mill Lane",
            "attendees": [{"name": "Dana Whitfield", "email": "dana@example.com", "status": "none"}],
            "body": "Attendee: Dana Whitfield\nConfirmation code: 7KQ2AC",
            "show_as": "busy", "is_all_day": false, "appointment_id": "a-1", "web_link": null,
        }))
        .unwrap()
    }

    fn after<'a>(events: &'a [Event], open: &'a [Slot]) -> After<'a> {
        After {
            events,
            open,
            spoken: &[],
            today: date(2026, 11, 22),
            mailed: None,
        }
    }

    #[test]
    fn a_time_that_was_given_up_is_open_and_empty() {
        let open = [slot()];
        let held = judge_open(&slot(), &after(&[], &open));
        assert_eq!(held.held, ["no event", "open again"]);
        let there = [event()];
        let broken = judge_open(&slot(), &after(&there, &[]));
        insta::assert_snapshot!(broken.broken.join("\n"), @r#"
        expected no event, found "Viewing: 14 Mill Lane"
        expected open again, found it not on offer
        "#);
    }

    fn judged(events: &[Event], open: &[Slot]) -> Finding {
        let spoken = [
            "Booked for Dana Whitfield on Tuesday, November twenty fourth, at ten AM. The \
                       confirmation code is seven, K, Q, two, A, C."
                .to_owned(),
        ];
        let after = After {
            events,
            open,
            spoken: &spoken,
            today: date(2026, 11, 22),
            mailed: None,
        };
        judge(&check(), &slot(), &after)
    }

    #[test]
    fn a_viewing_as_agreed_has_nothing_against_it() {
        let lunch = Event {
            show_as: "free".to_owned(),
            ..event()
        };
        let finding = judged(&[event(), lunch], &[]);
        assert_eq!(finding.about, "Tue Nov 24, 10:00 AM");
        assert_eq!(finding.broken, Vec::<String>::new());
        assert_eq!(finding.held.len(), 9);
    }

    #[test]
    fn what_is_wrong_is_said_with_what_there_is() {
        let other = Event {
            subject: "Dentist".to_owned(),
            location: None,
            attendees: Vec::new(),
            body: Some("Confirmation code: 999999".to_owned()),
            appointment_id: None,
            ..event()
        };
        insta::assert_snapshot!(judged(&[other], &[slot()]).broken.join("\n"), @r#"
        expected no longer open, found it on offer again
        expected an appointment that agrees, found an event without one
        expected subject "Viewing: 14 Mill Lane", found "Dentist"
        expected location "14 Mill Lane", found ""
        expected Dana@example.com invited, found nobody
        expected "Dana Whitfield" in its text, found "Confirmation code: 999999"
        expected the code that was said, found "Confirmation code: 999999"
        "#);
        assert_eq!(
            judged(&[event(), event()], &[]).broken,
            [
                r#"expected exactly one event, found "Viewing: 14 Mill Lane", "Viewing: 14 Mill Lane""#
            ]
        );
        assert_eq!(
            judged(&[], &[]).broken,
            ["expected exactly one event, found none"]
        );
    }
}
