//! The rows of a file. They are read one after the other, so that a file of any length
//! takes no more memory than its longest row.

use std::io::{BufRead, Read};

use csv::{ByteRecord, ReaderBuilder, Terminator};
use jiff::civil::Date;
use serde_json::Value;

use super::field::Field;
use super::form::RentalForm;
use crate::field_problem::FieldProblem;

/// The longest row that anybody means; a longer one comes of a quote that is not
/// closed.
pub(super) const ROW_LIMIT: usize = 64 * 1024;

/// One row of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its place in the file, from 1; the header does not count.
    pub row: u64,
    /// The line on which it begins, of a file that has lines.
    pub line: Option<u64>,
    pub form: Result<RentalForm, Vec<FieldProblem>>,
}

/// Why a file has no rows at all.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    /// The file cannot be read to its end.
    #[error("the file cannot be read")]
    Unreadable(#[from] csv::Error),
    /// Its first line names no address.
    #[error("no column is an address; name one property_address in the first line")]
    NoAddress,
}

/// The rows of a CSV file. Its first line names the columns; cells are separated by
/// commas, semicolons, tabs or bars, whichever that line has most of.
pub struct CsvRows<R> {
    reader: csv::Reader<R>,
    headers: Vec<(String, Option<Field>)>,
    record: ByteRecord,
    today: Date,
    row: u64,
}

impl<R: BufRead> CsvRows<R> {
    /// Reads the first line. `today` is what dates without a year are near to.
    pub fn new(source: R, today: Date) -> Result<Self, RowsError> {
        let mut reader = csv_reader(source)?;
        let headers = reader.byte_headers()?.iter().map(|header| {
            let header = String::from_utf8_lossy(header);
            let header = header.trim_start_matches('\u{feff}').trim().to_owned();
            let field = Field::of_header(&header);
            (header, field)
        });
        let headers: Vec<_> = headers.collect();
        if !headers
            .iter()
            .any(|(_, field)| *field == Some(Field::Address))
        {
            return Err(RowsError::NoAddress);
        }
        Ok(Self {
            reader,
            headers,
            record: ByteRecord::new(),
            today,
            row: 0,
        })
    }
}

/// A reader of the rows as they are written, the first line among them as its headers.
pub fn csv_reader<R: BufRead>(mut source: R) -> csv::Result<csv::Reader<R>> {
    let start = source.fill_buf()?;
    let reader = ReaderBuilder::new()
        .delimiter(delimiter(start))
        .flexible(true)
        // Lines are counted right this way; the return before it is trimmed with its cell.
        .terminator(Terminator::Any(b'\n'))
        .from_reader(source);
    Ok(reader)
}

impl<R: Read> CsvRows<R> {
    fn form(&self) -> Result<RentalForm, Vec<FieldProblem>> {
        if self.record.as_slice().len() > ROW_LIMIT {
            return Err(whole_row("is too long; a quote may not be closed"));
        }
        let mut further = self.record.iter().skip(self.headers.len());
        if further.any(|cell| !cell.trim_ascii().is_empty()) {
            return Err(whole_row(
                "has more cells than the first line; put cells with commas into quotes",
            ));
        }
        let cells: Option<Vec<&str>> = self
            .record
            .iter()
            .map(|cell| std::str::from_utf8(cell).ok())
            .collect();
        let Some(cells) = cells else {
            return Err(whole_row("is not UTF-8; save the file as CSV UTF-8"));
        };
        let cells = self.headers.iter().zip(cells);
        let cells = cells.map(|((header, field), cell)| {
            (header.as_str(), *field, Value::String(cell.to_owned()))
        });
        with_address(RentalForm::of_row(cells, self.today))
    }
}

impl<R: Read> Iterator for CsvRows<R> {
    type Item = Result<Row, RowsError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.reader.read_byte_record(&mut self.record) {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some(Err(error.into())),
            }
            self.row += 1;
            if !is_blank(&self.record) {
                break;
            }
        }
        Some(Ok(Row {
            row: self.row,
            line: self.record.position().map(csv::Position::line),
            form: self.form(),
        }))
    }
}

/// Whether nothing is in any cell: a spreadsheet ends in such rows.
pub fn is_blank(record: &ByteRecord) -> bool {
    record.iter().all(|cell| cell.trim_ascii().is_empty())
}

/// One entry of a JSON list, whose names are headers like those of CSV.
pub(super) fn json_row(row: u64, entry: &Value, today: Date) -> Row {
    let form = match entry {
        Value::Object(fields) => {
            let cells = fields
                .iter()
                .map(|(name, value)| (name.as_str(), Field::of_header(name), value.clone()));
            with_address(RentalForm::of_row(cells, today))
        }
        _ => Err(whole_row("must be an object")),
    };
    Row {
        row,
        line: None,
        form,
    }
}

pub(super) fn whole_row(problem: &str) -> Vec<FieldProblem> {
    vec![FieldProblem {
        field: "the row".to_owned(),
        problem: problem.to_owned(),
    }]
}

fn with_address(
    form: Result<RentalForm, Vec<FieldProblem>>,
) -> Result<RentalForm, Vec<FieldProblem>> {
    let form = form?;
    if form.address.is_some() {
        return Ok(form);
    }
    Err(vec![FieldProblem {
        field: "property_address".to_owned(),
        problem: "is missing".to_owned(),
    }])
}

/// What separates the cells of a file that begins so.
fn delimiter(start: &[u8]) -> u8 {
    let first_line = start.split(|byte| *byte == b'\n').next().unwrap_or(start);
    let count = |delimiter: u8| first_line.split(|byte| *byte == delimiter).count();
    // The last of equals wins: a comma, when there is none of any.
    let usual = [b'|', b'\t', b';', b','];
    usual
        .into_iter()
        .max_by_key(|delimiter| count(*delimiter))
        .unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::UserId;
    use crate::store::{Rental, SourceType};
    use jiff::Timestamp;
    use jiff::civil::date;
    use serde_json::json;

    const TODAY: Date = date(2026, 11, 25);

    fn rows(file: &[u8]) -> Vec<Row> {
        let rows = CsvRows::new(file, TODAY).unwrap();
        rows.map(|row| row.unwrap()).collect()
    }

    fn rental(row: &Row) -> Rental {
        let form = row.form.as_ref().unwrap();
        let made = form.rental(
            &UserId::new("demo"),
            "sheet",
            SourceType::Import,
            Timestamp::MIN,
        );
        made.unwrap()
    }

    fn problems(row: &Row) -> Vec<String> {
        let problems = row.form.as_ref().unwrap_err().iter();
        problems
            .map(|wrong| format!("{} {}", wrong.field, wrong.problem))
            .collect()
    }

    #[test]
    fn a_messy_file_is_read() {
        let rows = rows(
            "\u{feff}Street Address,Unit,City,State,Zip,Rent / Month,Beds/Baths,Sq. Ft.,\
             Available,Type,Amenities,Religion\r\n\
             14 Mill Lane,2,Austin,TX,78701,\"$1,450/mo\",2BR/1.5BA,\"1,100 sq ft\",July 15,Apt,\
             \"Dishwasher, Cats OK\",any\r\n\
             \"8 Harbor\nStreet\",,,,,call,Studio,,Now,,,\r\n\
             ,,,,,,,,,,,\r\n\
             22 Elm Court,,,,,995,1/1,n/a,rented,,,\r\n"
                .as_bytes(),
        );
        let shown = rows.iter().map(|row| {
            let rental = rental(row);
            let price = rental.price.map(|price| price.to_json().to_string());
            let bathrooms = rental
                .bathrooms
                .map(|bathrooms| bathrooms.to_json().to_string());
            format!(
                "{} {:?}: {} | {:?} | {:?} | {:?} | {:?} | {:?} | {} | {:?} | {:?}",
                row.row,
                row.line,
                rental.property_address,
                price,
                rental.bedrooms,
                bathrooms,
                rental.square_feet,
                rental.available_date,
                rental.off_market,
                rental.property_type,
                rental.features,
            )
        });
        assert_eq!(
            shown.collect::<Vec<_>>(),
            [
                "1 Some(2): 14 Mill Lane, Unit 2, Austin, TX 78701 | Some(\"1450\") | Some(2) | \
             Some(\"1.5\") | Some(1100) | Some(On(2027-07-15)) | false | Some(\"apartment\") | \
             [\"Dishwasher\", \"Cats OK\"]",
                "2 Some(3): 8 Harbor Street | None | Some(0) | None | None | Some(Now) | false | \
             None | []",
                "4 Some(6): 22 Elm Court | Some(\"995\") | Some(1) | Some(\"1\") | None | None | \
             true | None | []",
            ]
        );
    }

    #[test]
    fn a_row_that_cannot_be_used_says_why() {
        let rows = rows(
            b"address;rent;beds;available\n\
              ;1450;2;now\n\
              14 Mill Lane;$400/wk;2;soon\n\
              8 Harbor Street;1450;2;now;more\n\
              caf\xe9;1450;2;now\n\
              22 Elm Court;1450\n",
        );
        let told: Vec<_> = rows[..4].iter().map(problems).collect();
        assert_eq!(
            told,
            [
                vec!["property_address is missing"],
                vec![
                    "rent must be the rent of a month",
                    "available must be a date such as 2026-07-15, or now",
                ],
                vec![
                    "the row has more cells than the first line; put cells with commas into quotes"
                ],
                vec!["the row is not UTF-8; save the file as CSV UTF-8"],
            ]
        );
        assert_eq!(rental(&rows[4]).price.unwrap().cents(), 145_000);
    }

    #[test]
    fn a_quote_that_is_not_closed_is_told() {
        let file = format!(
            "address,rent\n\"14 Mill Lane,1450\n{}",
            "8 Elm,1\n".repeat(20_000)
        );
        let rows = rows(file.as_bytes());
        assert_eq!(rows.len(), 1);
        assert_eq!(
            problems(&rows[0]),
            ["the row is too long; a quote may not be closed"]
        );
    }

    #[test]
    fn a_file_without_addresses_has_no_rows() {
        for file in ["", "price,beds\n1450,2\n", "{\"rentals\": []}"] {
            let refused = CsvRows::new(file.as_bytes(), TODAY).err().unwrap();
            assert!(matches!(refused, RowsError::NoAddress), "{file}: {refused}");
        }
    }

    #[test]
    fn an_entry_of_a_list_may_be_as_messy() {
        let entry = json!({
            "Address": "14 Mill Lane", "rent": "$1,450/mo", "beds": "2BR/1.5BA", "baths": 2,
            "sqft": 1100, "available": null, "amenities": ["Dishwasher"], "pets": {"any": true},
        });
        let rental = rental(&json_row(7, &entry, TODAY));
        assert_eq!(
            (rental.bedrooms, rental.bathrooms.unwrap().halves()),
            (Some(2), 4)
        );
        assert_eq!(
            problems(&json_row(8, &json!(5), TODAY)),
            ["the row must be an object"]
        );
    }

    proptest::proptest! {
        #[test]
        fn no_file_is_too_messy(file in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let file = [b"address,rent,beds,baths,layout,sqft,available,status\n".as_slice(), &file].concat();
            for row in CsvRows::new(file.as_slice(), TODAY).unwrap() {
                let _ = row.unwrap();
            }
        }

        #[test]
        fn no_value_is_too_messy(
            text in "[0-9$/.,a-z ½²€-]{0,20}|(now|july|studio|br|ba|half|full|k|th|/|-|,|[0-9]{1,9}| ){0,9}",
            month in 1i8..=12, year in 2000i16..2100,
        ) {
            let entry = json!({
                "address": text, "rent": text, "beds": text, "baths": text, "layout": text,
                "sqft": text, "available": text, "status": text, "website": text, "url": text,
            });
            let _ = json_row(1, &entry, date(year, month, 28));
        }
    }
}
