//! What the person reads at the end of a sign-in: what happened, and what to do.

use shared::http::pages::{Choice, Page, PassOn, Tone};

use crate::ending::{Ending, Question, Ways};

/// What a person does to whom no link can be given.
const OPEN_THE_LINK: &str =
    "Open the link that you were sent once more. If it has expired, ask for a new one.";

/// The page for an ending, as HTML.
pub(super) fn of(ending: &Ending, ways: &Ways) -> String {
    let (title, paragraphs) = words(ending);
    let again = ways.again.as_deref();
    match ending {
        Ending::Connected { user, email } => connected(title, paragraphs, user, email),
        Ending::OtherAccount(question) => asking(title, paragraphs, question),
        Ending::Approved => Page {
            tone: Tone::Success,
            title,
            paragraphs,
            ..Page::default()
        }
        .render(),
        Ending::Declined | Ending::ApprovalNeeded => Page {
            title,
            paragraphs,
            action: again.map(|address| ("Try again", address)),
            pass_on: ways.approval.as_deref().map(for_administrator),
            ..Page::default()
        }
        .render(),
        Ending::Kept
        | Ending::Stale
        | Ending::OtherBrowser
        | Ending::StartAgain
        | Ending::NotApproved
        | Ending::NotAssigned
        | Ending::BlockedByPolicy
        | Ending::AccountDisabled
        | Ending::SignInAgain
        | Ending::NoCalendarScope
        | Ending::NoMailbox
        | Ending::MicrosoftFailed
        | Ending::OurFault => {
            let in_words: &[&str] = if again.is_some() {
                &[]
            } else {
                &[OPEN_THE_LINK]
            };
            Page {
                title,
                paragraphs: &[paragraphs, in_words].concat(),
                action: again.map(|address| ("Try again", address)),
                ..Page::default()
            }
            .render()
        }
    }
}

/// The title, and the paragraphs that are always the same.
#[expect(clippy::too_many_lines, reason = "a table of texts")]
fn words(ending: &Ending) -> (&'static str, &'static [&'static str]) {
    match ending {
        Ending::Connected { .. } => (
            "Your calendar is connected",
            &["You can close this page. Nothing else is needed."],
        ),
        Ending::OtherAccount(_) => (
            "Connect another account?",
            &["Viewings that are booked already stay where they are."],
        ),
        Ending::Kept => (
            "Nothing was changed",
            &["The account that you signed in with was not connected."],
        ),
        Ending::Stale => (
            "This sign-in is over",
            &["It was finished before, or it took longer than ten minutes."],
        ),
        Ending::OtherBrowser => (
            "This sign-in was begun elsewhere",
            &[
                "For your safety, a sign-in has to be finished in the browser in which it was \
               begun. Nothing was connected.",
            ],
        ),
        Ending::StartAgain => (
            "Please sign in again",
            &[
                "This sign-in can no longer be used: it was used before, it took too long, or it \
               is not the one that was begun here. Nothing was connected.",
            ],
        ),
        Ending::Declined => (
            "Your calendar was not connected",
            &[
                "The sign-in was cancelled, or your organisation wants an administrator to \
               approve this app first.",
                "If you cancelled by mistake, try again and accept. If Microsoft asked for an \
               approval, send this link to your administrator:",
            ],
        ),
        Ending::ApprovalNeeded => (
            "An administrator has to approve first",
            &[
                "Your organisation lets an administrator decide which apps may use its calendars. \
               Nothing was connected.",
                "Send this link to your administrator. When they have approved, try again.",
            ],
        ),
        Ending::Approved => (
            "The app is approved",
            &[
                "Staff of your organisation can now connect their calendars.",
                "Please tell the person who sent you this link to open theirs once more. You can \
               close this page.",
            ],
        ),
        Ending::NotApproved => (
            "The app was not approved",
            &[
                "Staff of your organisation cannot connect their calendars. If you meant to \
               approve, try again and accept.",
            ],
        ),
        Ending::NotAssigned => (
            "Your account may not use this app",
            &[
                "Your organisation decides who may use it. Nothing was connected.",
                "Ask your IT department to assign you to this app.",
            ],
        ),
        Ending::BlockedByPolicy => (
            "Your organisation does not allow this",
            &[
                "A rule of your organisation keeps this app, device or place out. Nothing was \
               connected.",
                "Ask your IT department, or use a device that they know.",
            ],
        ),
        Ending::AccountDisabled => (
            "This account is switched off",
            &["Nothing was connected. Ask your IT department, or choose another account."],
        ),
        Ending::SignInAgain => (
            "Microsoft asks you to sign in again",
            &["Your organisation may want another proof that it is you. Nothing was connected."],
        ),
        Ending::NoCalendarScope => (
            "The calendar was left out",
            &[
                "You signed in, but did not allow the use of your calendar, so viewings cannot be \
               booked.",
                "Try again and accept everything that is asked for.",
            ],
        ),
        Ending::NoMailbox => (
            "This account has no mailbox",
            &[
                "You signed in with an account that has no Exchange Online mailbox yet. A new \
               licence can take fifteen minutes.",
                "Choose your work account.",
            ],
        ),
        Ending::MicrosoftFailed => (
            "Microsoft did not answer",
            &["Nothing was connected. This usually passes."],
        ),
        Ending::OurFault => (
            "Something went wrong on our side",
            &["Nothing was connected, and there is nothing for you to put right. We look into it."],
        ),
    }
}

/// Whoever opened somebody else's link can tell by the name.
fn connected(title: &str, always: &[&str], user: &str, email: &str) -> String {
    let where_to = format!("Viewings with {user} will be booked into the calendar of {email}.");
    let not_you = format!(
        "If you are not {user}, you were sent somebody else's link: tell them, and take the \
         access back at myapps.microsoft.com."
    );
    Page {
        tone: Tone::Success,
        title,
        paragraphs: &[&[where_to.as_str()], always, &[not_you.as_str()]].concat(),
        ..Page::default()
    }
    .render()
}

fn asking(title: &str, always: &[&str], question: &Question) -> String {
    let Question {
        user,
        signed_in,
        expected,
        is_connected,
        token,
    } = question;
    let (situation, keep) = if *is_connected {
        (
            format!("The calendar of {expected} is connected for {user}."),
            format!("Keep {expected}"),
        )
    } else {
        (
            format!("This link was made for {expected}."),
            "Do not connect it".to_owned(),
        )
    };
    let consequence = format!(
        "You signed in as {signed_in}. If you go on, viewings with {user} will be booked into \
         that calendar."
    );
    Page {
        tone: Tone::Question,
        title,
        paragraphs: &[&[situation.as_str(), &consequence], always].concat(),
        choice: Some(Choice {
            action: "/calendar/auth/confirm",
            token,
            buttons: &[("keep", &keep), ("use", &format!("Connect {signed_in}"))],
        }),
        ..Page::default()
    }
    .render()
}

/// The link as a staff member sends it on.
fn for_administrator(address: &str) -> PassOn<'_> {
    PassOn {
        address,
        button: "Send it by e-mail",
        subject: "Please approve an app for our calendars",
        message: "Hello, I would like viewings to be booked into my calendar. Microsoft wants an \
                  administrator to approve the app first. This link leads to the approval; it can \
                  be opened for seven days.",
    }
}
