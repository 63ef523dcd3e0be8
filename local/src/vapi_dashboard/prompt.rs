//! What a prompt has to say of the date. A model knows today only when it is told, and
//! VAPI's own words for it are UTC.

use jiff::tz::TimeZone;

/// VAPI's variables that are in UTC (VAPI docs, Dynamic variables).
const IN_UTC: [&str; 6] = ["now", "date", "time", "day", "month", "year"];

/// What is wrong with a prompt, if anything.
pub(super) fn problem(prompt: &str) -> Option<String> {
    let mut tells_the_date = false;
    for expression in expressions(prompt) {
        if IN_UTC.contains(&expression) {
            return Some(format!(
                "its prompt has {{{{{expression}}}}}, which is in UTC"
            ));
        }
        let Some((_, arguments)) = expression.split_once("date:") else {
            continue;
        };
        match zone(arguments) {
            None => return Some("its prompt has a date without a time zone".to_owned()),
            Some(name) if TimeZone::get(name).is_err() => {
                return Some(format!(
                    "its prompt has a time zone {name}, which is unknown"
                ));
            }
            Some(_) => tells_the_date = true,
        }
    }
    (!tells_the_date).then(|| "its prompt does not say what day it is".to_owned())
}

/// What is between `{{` and `}}`.
fn expressions(prompt: &str) -> impl Iterator<Item = &str> {
    let opened = prompt.split("{{").skip(1);
    opened.filter_map(|rest| Some(rest.split_once("}}")?.0.trim()))
}

/// The second argument of Liquid's `date` filter: `"%A", "America/Chicago"`.
fn zone(arguments: &str) -> Option<&str> {
    arguments.split(['"', '\'']).nth(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_tells_the_local_date() {
        for (prompt, expected) in [
            (
                r#"It is {{"now" | date: "%A, %B %d", "America/Chicago"}}."#,
                None,
            ),
            ("It is {{ 'now' | date: '%A', 'America/Denver' }}.", None),
            ("Be kind.", Some("its prompt does not say what day it is")),
            (
                "Today is {{date}}.",
                Some("its prompt has {{date}}, which is in UTC"),
            ),
            (
                r#"{{"now" | date: "%A"}}"#,
                Some("its prompt has a date without a time zone"),
            ),
            (
                r#"{{"now" | date: "%A", "Chicago"}}"#,
                Some("its prompt has a time zone Chicago, which is unknown"),
            ),
            (
                "You are for {{staff_name}}",
                Some("its prompt does not say what day it is"),
            ),
        ] {
            assert_eq!(problem(prompt).as_deref(), expected, "{prompt}");
        }
    }

    #[test]
    fn the_prompts_in_infra_do() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/vapi/assistants");
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "md") {
                let prompt = std::fs::read_to_string(&path).unwrap();
                assert_eq!(problem(&prompt), None, "{}", path.display());
            }
        }
    }
}
