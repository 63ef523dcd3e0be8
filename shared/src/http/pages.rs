//! The pages that a staff member sees in a browser: what happened, and what to do
//! next. Plain HTML without scripts, readable on a phone.

use crate::markup::escape;

/// A page with one message.
#[derive(Debug, Default)]
pub struct Page<'a> {
    pub tone: Tone,
    pub title: &'a str,
    /// Paragraphs of plain text.
    pub paragraphs: &'a [&'a str],
    /// A link to go on with, as its text and address.
    pub action: Option<(&'a str, &'a str)>,
    /// What the person has to decide.
    pub choice: Option<Choice<'a>>,
    /// An address that the person sends to somebody else.
    pub pass_on: Option<PassOn<'a>>,
}

/// Whether a page brings good news.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    Success,
    Question,
    #[default]
    Problem,
}

/// A form with buttons. It posts `token`, and as `decision` the button's value.
#[derive(Debug)]
pub struct Choice<'a> {
    /// Where the form is posted to.
    pub action: &'a str,
    pub token: &'a str,
    /// Value and text of each button, the likelier one first.
    pub buttons: &'a [(&'a str, &'a str)],
}

/// An address with the e-mail in which it can be sent on.
#[derive(Debug)]
pub struct PassOn<'a> {
    pub address: &'a str,
    /// The text of the button that opens the e-mail.
    pub button: &'a str,
    pub subject: &'a str,
    /// What the e-mail says above the address.
    pub message: &'a str,
}

const STYLE: &str = "
:root{color-scheme:light dark;--ground:#f4f5f7;--card:#fff;--ink:#1d2330;--soft:#5b6474;--line:#e3e6eb;--good:#0f7b4f;--bad:#b3401d;--ask:#7a5b00;--act:#1f5fd0}
@media(prefers-color-scheme:dark){:root{--ground:#14171d;--card:#1d222b;--ink:#eef1f6;--soft:#a7b0bf;--line:#2d3440;--good:#4cc38f;--bad:#f0845c;--ask:#e2bb4a;--act:#79a8ff}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:flex;align-items:center;justify-content:center;padding:24px;background:var(--ground);color:var(--ink);font:17px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}
main{width:100%;max-width:460px;background:var(--card);border:1px solid var(--line);border-radius:16px;padding:36px 32px;box-shadow:0 8px 30px rgb(0 0 0/.06)}
.mark{width:52px;height:52px;border-radius:50%;display:flex;align-items:center;justify-content:center;font-size:26px;font-weight:700;color:var(--card);margin-bottom:20px}
.success .mark{background:var(--good)}.problem .mark{background:var(--bad)}.question .mark{background:var(--ask)}
h1{font-size:24px;line-height:1.25;margin:0 0 12px}
p{margin:0 0 12px;color:var(--soft);overflow-wrap:anywhere}
a,button{display:inline-block;margin-top:12px;padding:12px 22px;border:0;border-radius:10px;background:var(--act);color:var(--card);font:inherit;text-decoration:none;font-weight:600;cursor:pointer}
button{display:block;width:100%}
a+a{margin-left:8px}a.quiet,button.quiet{background:none;border:1px solid var(--line);color:var(--act)}
a:focus-visible,button:focus-visible{outline:3px solid var(--act);outline-offset:3px}
.address{margin-top:20px;padding:12px;border:1px solid var(--line);border-radius:10px;font:13px/1.5 ui-monospace,monospace;user-select:all}
";

impl Page<'_> {
    /// The page as HTML. Every text is escaped.
    pub fn render(&self) -> String {
        let (class, mark) = match self.tone {
            Tone::Success => ("success", "\u{2713}"),
            Tone::Question => ("question", "?"),
            Tone::Problem => ("problem", "!"),
        };
        let title = escape(self.title);
        let paragraphs: Vec<String> = self
            .paragraphs
            .iter()
            .map(|text| format!("<p>{}</p>\n", escape(text)))
            .collect();
        let action = self.action.map(|(text, address)| {
            format!("<a href=\"{}\">{}</a>\n", escape(address), escape(text))
        });
        let pass_on = self.pass_on.as_ref().map(PassOn::render);
        let choice = self.choice.as_ref().map(Choice::render);
        let parts = [pass_on, action, choice].map(Option::unwrap_or_default);
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n\
             <body>\n<main class=\"{class}\">\n<div class=\"mark\" aria-hidden=\"true\">{mark}</div>\n\
             <h1>{title}</h1>\n{}{}</main>\n</body>\n</html>\n",
            paragraphs.concat(),
            parts.concat()
        )
    }
}

impl Choice<'_> {
    fn render(&self) -> String {
        let buttons: Vec<String> = self
            .buttons
            .iter()
            .enumerate()
            .map(|(place, (value, text))| {
                let class = if place == 0 { "" } else { " class=\"quiet\"" };
                format!(
                    "<button name=\"decision\" value=\"{}\"{class}>{}</button>\n",
                    escape(value),
                    escape(text)
                )
            })
            .collect();
        format!(
            "<form method=\"post\" action=\"{}\">\n\
             <input type=\"hidden\" name=\"token\" value=\"{}\">\n{}</form>\n",
            escape(self.action),
            escape(self.token),
            buttons.concat()
        )
    }
}

impl PassOn<'_> {
    fn render(&self) -> String {
        let query = [
            ("subject", self.subject),
            ("body", &format!("{}\n\n{}", self.message, self.address)),
        ]
        .map(|(name, value)| {
            let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
            // In an address of mail, a plus is a plus (RFC 6068 §5).
            format!("{name}={}", encoded.replace('+', "%20"))
        });
        format!(
            "<p class=\"address\">{}</p>\n<a class=\"quiet\" href=\"{}\">{}</a>\n",
            escape(self.address),
            escape(&format!("mailto:?{}", query.join("&"))),
            escape(self.button)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_on_a_page_is_never_markup() {
        let page = Page {
            tone: Tone::Problem,
            title: "<script>",
            paragraphs: &["\"><img onerror='x'>&"],
            action: Some(("<b>", "https://example.com/?a=1&b=\"")),
            choice: Some(Choice {
                action: "\"><script>",
                token: "\"><script>",
                buttons: &[("\"><b>", "<b>")],
            }),
            pass_on: Some(PassOn {
                address: "<b>\"",
                button: "<b>",
                subject: "\"<b>",
                message: "<b>",
            }),
        };
        let html = page.render();
        assert!(html.contains("&lt;script&gt;") && html.contains("a=1&amp;b=&quot;"));
        assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("<b>"));
    }

    #[test]
    fn an_address_is_passed_on_whole() {
        let pass_on = PassOn {
            address: "https://example.com/start?link=a.b&c=d+e",
            button: "Send it",
            subject: "Please approve",
            message: "Hello",
        };
        let html = pass_on.render();
        let mail = "subject=Please%20approve&amp;body=Hello%0A%0Ahttps%3A%2F%2Fexample.com%2Fstart%3Flink%3Da.b%26c%3Dd%2Be";
        assert!(html.contains(mail), "{html}");
    }
}
