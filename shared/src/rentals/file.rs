//! A whole file of rentals that is in memory: CSV, or a JSON list.

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::import::{CsvRows, ROW_LIMIT, Row, RowsError, json_row, whole_row};

/// What a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    Csv,
    Json,
}

/// Why none of a file is taken in.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// More rows than are taken in at once.
    #[error("it has more than {0} rows")]
    TooManyRows(usize),
    #[error("it is not JSON")]
    NotJson,
    /// JSON, and neither a list nor what a list route answers.
    #[error("it is no list of rentals")]
    NoList,
    #[error(transparent)]
    Rows(#[from] RowsError),
}

/// All rows of a file, or none when there are more than `limit`. `today` is what dates
/// without a year are near to.
pub fn rows_of(
    file: &[u8],
    format: FileFormat,
    today: Date,
    limit: usize,
) -> Result<Vec<Row>, FileError> {
    let rows: Vec<Row> = match format {
        FileFormat::Csv => {
            let rows = CsvRows::new(file, today)?;
            rows.take(limit + 1).collect::<Result<_, _>>()?
        }
        FileFormat::Json => {
            let entries = entries(file)?;
            let numbered = (1..).zip(entries.iter().take(limit + 1));
            numbered
                .map(|(row, entry)| row_of(row, entry, today))
                .collect()
        }
    };
    if rows.len() > limit {
        return Err(FileError::TooManyRows(limit));
    }
    Ok(rows)
}

/// What a list route answers.
#[derive(Deserialize)]
struct Listed<'a> {
    #[serde(borrow)]
    rentals: Vec<&'a RawValue>,
}

/// The entries of a list, or of what a list route answers, as they are written: some
/// megabytes of small values are hundreds of them in memory.
fn entries(file: &[u8]) -> Result<Vec<&RawValue>, FileError> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let whole: &RawValue = serde_json::from_slice(file).map_err(|_| FileError::NotJson)?;
    let entries = if whole.get().starts_with('{') {
        serde_json::from_str(whole.get()).map(|listed: Listed<'_>| listed.rentals)
    } else {
        serde_json::from_str(whole.get())
    };
    entries.map_err(|_| FileError::NoList)
}

fn row_of(row: u64, entry: &RawValue, today: Date) -> Row {
    if entry.get().len() > ROW_LIMIT {
        return Row {
            row,
            line: None,
            form: Err(whole_row("is too long")),
        };
    }
    // What is nested too deeply to be read is no object of ours.
    let entry = serde_json::from_str(entry.get()).unwrap_or(Value::Null);
    json_row(row, &entry, today)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(file: &str) -> String {
        let rows = rows_of(
            file.as_bytes(),
            FileFormat::Json,
            jiff::civil::date(2026, 11, 25),
            3,
        );
        let told = |row: &Row| match &row.form {
            Ok(form) => form.address.clone().unwrap_or_default(),
            Err(problems) => problems[0].problem.clone(),
        };
        match rows {
            Ok(rows) => rows.iter().map(told).collect::<Vec<_>>().join(", "),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_list_is_read_with_or_without_what_stands_around_it() {
        let deep = format!("[{}{}]", "[".repeat(30_000), "]".repeat(30_000));
        let long = format!(
            r#"[{{"address": "8 Elm", "x": "{}"}}]"#,
            "a".repeat(ROW_LIMIT)
        );
        for (file, expected) in [
            (r#"[{"address": "8 Elm"}, 5]"#, "8 Elm, must be an object"),
            (
                "\u{feff} {\"status\": \"success\", \"rentals\": [{\"address\": \"8 Elm\"}]} ",
                "8 Elm",
            ),
            ("[]", ""),
            (&deep, "must be an object"),
            (&long, "is too long"),
            ("[1, 2, 3, 4]", "it has more than 3 rows"),
            ("[1, 2", "it is not JSON"),
            ("", "it is not JSON"),
            ("5", "it is no list of rentals"),
            ("{}", "it is no list of rentals"),
            (r#"{"rentals": 5}"#, "it is no list of rentals"),
        ] {
            assert_eq!(told(file), expected);
        }
    }
}
