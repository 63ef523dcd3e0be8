//! Plain text as HTML, and what is text in HTML.

use html5gum::{DefaultEmitter, Token, Tokenizer};

/// Elements whose text nobody reads.
const UNREAD: [&[u8]; 4] = [b"script", b"style", b"template", b"noscript"];

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

/// Elements that stand within a word or a line, and end neither.
const INLINE: [&[u8]; 9] = [
    b"a", b"b", b"em", b"i", b"mark", b"small", b"span", b"strong", b"u",
];

/// What is text in HTML that somebody else wrote, on one line. Nothing in it can be taken
/// for a tag any more, also where it was written to look like one.
pub fn text_of(html: &str) -> String {
    let mut text = String::new();
    let mut unread = false;
    for Ok(token) in tokens(html) {
        match token {
            Token::StartTag(tag) => {
                unread = UNREAD.contains(&tag.name.as_slice());
                text.push_str(between(&tag.name));
            }
            Token::EndTag(tag) => {
                unread = false;
                text.push_str(between(&tag.name));
            }
            Token::String(words) if !unread => text.push_str(&String::from_utf8_lossy(&words)),
            Token::String(_) | Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    one_line(&text)
}

/// What a tag puts between the words around it.
fn between(element: &[u8]) -> &'static str {
    if INLINE.contains(&element) { "" } else { " " }
}

/// The pieces of an HTML document.
pub fn tokens(html: &str) -> Tokenizer<html5gum::StringReader<'_>, DefaultEmitter> {
    let mut emitter = DefaultEmitter::default();
    // A script holds no tags.
    emitter.naively_switch_states(true);
    Tokenizer::new_with_emitter(html, emitter)
}

/// Words with single spaces between them, without what cannot be seen and could hide
/// something or turn the text around.
pub fn one_line(text: &str) -> String {
    let seen: String = text
        .chars()
        .map(|c| match c {
            '<' | '>' => ' ',
            c if c.is_control() => ' ',
            c => c,
        })
        .filter(|c| !is_invisible(*c))
        .collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Zero-width characters, and those that change the direction of text (Unicode Technical
/// Report 36, section 2).
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_text_is_left_of_markup() {
        for (html, text) in [
            ("Two <strong>bed</strong>, one<br>bath", "Two bed, one bath"),
            (
                "a &amp; b &lt;script&gt;x&lt;/script&gt;",
                "a & b script x /script",
            ),
            ("<script>if (a < b) { steal() }</script>rent", "rent"),
            ("<style>p { }</style>rent<!-- secret -->", "rent"),
            ("<img src=x onerror=alert(1)>rent", "rent"),
            ("<b", ""),
            ("5 < 6", "5 6"),
            ("one\u{200b}two \u{202e}three\n\nfour", "onetwo three four"),
            ("", ""),
        ] {
            assert_eq!(text_of(html), text, "{html}");
        }
    }
}
