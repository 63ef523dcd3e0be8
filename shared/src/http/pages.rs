//! The pages that a staff member sees in a browser: what happened, and what to do
//! next. Plain HTML without scripts, readable on a phone.

/// A page with one message.
#[derive(Debug)]
pub struct Page<'a> {
    pub tone: Tone,
    pub title: &'a str,
    /// Paragraphs of plain text.
    pub paragraphs: &'a [&'a str],
    /// A link to go on with, as its text and address.
    pub action: Option<(&'a str, &'a str)>,
}

/// Whether a page brings good news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Success,
    Problem,
}

const STYLE: &str = "
:root{color-scheme:light dark;--ground:#f4f5f7;--card:#fff;--ink:#1d2330;--soft:#5b6474;--line:#e3e6eb;--good:#0f7b4f;--bad:#b3401d;--act:#1f5fd0}
@media(prefers-color-scheme:dark){:root{--ground:#14171d;--card:#1d222b;--ink:#eef1f6;--soft:#a7b0bf;--line:#2d3440;--good:#4cc38f;--bad:#f0845c;--act:#79a8ff}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:flex;align-items:center;justify-content:center;padding:24px;background:var(--ground);color:var(--ink);font:17px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}
main{width:100%;max-width:460px;background:var(--card);border:1px solid var(--line);border-radius:16px;padding:36px 32px;box-shadow:0 8px 30px rgb(0 0 0/.06)}
.mark{width:52px;height:52px;border-radius:50%;display:flex;align-items:center;justify-content:center;font-size:26px;font-weight:700;color:var(--card);margin-bottom:20px}
.success .mark{background:var(--good)}.problem .mark{background:var(--bad)}
h1{font-size:24px;line-height:1.25;margin:0 0 12px}
p{margin:0 0 12px;color:var(--soft);overflow-wrap:anywhere}
a{display:inline-block;margin-top:12px;padding:12px 22px;border-radius:10px;background:var(--act);color:var(--card);text-decoration:none;font-weight:600}
a:focus-visible{outline:3px solid var(--act);outline-offset:3px}
";

impl Page<'_> {
    /// The page as HTML. Every text is escaped.
    pub fn render(&self) -> String {
        let (class, mark) = match self.tone {
            Tone::Success => ("success", "\u{2713}"),
            Tone::Problem => ("problem", "!"),
        };
        let title = escape(self.title);
        let paragraphs: Vec<String> = self
            .paragraphs
            .iter()
            .map(|text| format!("<p>{}</p>\n", escape(text)))
            .collect();
        let paragraphs = paragraphs.concat();
        let action = self.action.map(|(text, address)| {
            format!("<a href=\"{}\">{}</a>\n", escape(address), escape(text))
        });
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n\
             <body>\n<main class=\"{class}\">\n<div class=\"mark\" aria-hidden=\"true\">{mark}</div>\n\
             <h1>{title}</h1>\n{paragraphs}{}</main>\n</body>\n</html>\n",
            action.unwrap_or_default()
        )
    }
}

/// Text as it stands in HTML, between tags or as the value of an attribute.
pub fn escape(text: &str) -> String {
    text.chars().fold(
        String::with_capacity(text.len()),
        |mut escaped, character| {
            match character {
                '&' => escaped.push_str("&amp;"),
                '<' => escaped.push_str("&lt;"),
                '>' => escaped.push_str("&gt;"),
                '"' => escaped.push_str("&quot;"),
                '\'' => escaped.push_str("&#39;"),
                other => escaped.push(other),
            }
            escaped
        },
    )
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
        };
        let html = page.render();
        assert!(html.contains("&lt;script&gt;") && html.contains("a=1&amp;b=&quot;"));
        assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("<b>"));
    }
}
