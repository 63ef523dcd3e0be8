//! A whole file of rentals that is in memory: CSV, or a JSON list.

use jiff::civil::Date;
use serde_json::Value;

use super::import::{CsvRows, Row, RowsError, json_row};

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
                .map(|(row, entry)| json_row(row, entry, today))
                .collect()
        }
    };
    if rows.len() > limit {
        return Err(FileError::TooManyRows(limit));
    }
    Ok(rows)
}

/// A list, or what a list route answers.
fn entries(file: &[u8]) -> Result<Vec<Value>, FileError> {
    let list = match serde_json::from_slice(file).map_err(|_| FileError::NotJson)? {
        Value::Object(mut fields) => fields.remove("rentals"),
        list => Some(list),
    };
    match list {
        Some(Value::Array(entries)) => Ok(entries),
        _ => Err(FileError::NoList),
    }
}
