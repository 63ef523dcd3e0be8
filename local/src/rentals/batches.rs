//! A file in parts that the API takes at once. It is read as it is sent, so that its
//! length does not matter.

use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::mem;

use anyhow::{Context as _, bail};
use csv::{ByteRecord, Writer, WriterBuilder};
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::Value;
use shared::rentals::{csv_reader, is_blank};
use tokio::sync::mpsc::Sender;

/// The most rows of a part, and the size that ends it. Both are well within what the
/// API takes, so that progress shows and a part that has to be sent again is small.
const ROWS: usize = 500;
const BYTES: usize = 1024 * 1024;

/// Some rows of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Batch {
    pub(super) media_type: &'static str,
    pub(super) body: Vec<u8>,
    /// Where each row is in the file: its line, or its place in the list.
    pub(super) places: Vec<u64>,
}

/// Reads a CSV file or a JSON list, whichever it is, and hands its parts over.
pub(super) fn read(source: impl Read, parts: &Sender<Batch>) -> anyhow::Result<()> {
    let mut source = BufReader::new(source);
    let start = source.fill_buf()?;
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    match start.trim_ascii_start().first() {
        Some(b'[' | b'{') => read_json(source, parts),
        _ => read_csv(source, parts),
    }
}

fn read_csv(source: impl BufRead, parts: &Sender<Batch>) -> anyhow::Result<()> {
    let mut reader = csv_reader(source)?;
    let header = reader.byte_headers()?.clone();
    let mut part = CsvPart::new(&header)?;
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record)? {
        if is_blank(&record) {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        part.writer.write_byte_record(&record)?;
        part.places.push(line);
        part.bytes += record.as_slice().len();
        if part.places.len() == ROWS || part.bytes >= BYTES {
            send(
                parts,
                mem::replace(&mut part, CsvPart::new(&header)?).finish()?,
            )?;
        }
    }
    if !part.places.is_empty() {
        send(parts, part.finish()?)?;
    }
    Ok(())
}

struct CsvPart {
    writer: Writer<Vec<u8>>,
    places: Vec<u64>,
    bytes: usize,
}

impl CsvPart {
    fn new(header: &ByteRecord) -> anyhow::Result<Self> {
        let mut writer = WriterBuilder::new().flexible(true).from_writer(Vec::new());
        writer.write_byte_record(header)?;
        Ok(Self {
            writer,
            places: Vec::new(),
            bytes: 0,
        })
    }

    fn finish(self) -> anyhow::Result<Batch> {
        let body = self
            .writer
            .into_inner()
            .context("a part could not be written")?;
        Ok(Batch {
            media_type: "text/csv",
            body,
            places: self.places,
        })
    }
}

fn read_json(source: impl BufRead, parts: &Sender<Batch>) -> anyhow::Result<()> {
    let mut entries = Entries {
        parts,
        list: Vec::new(),
        places: Vec::new(),
        count: 0,
    };
    let mut source = serde_json::Deserializer::from_reader(source);
    DeserializeSeed::deserialize(&mut entries, &mut source)
        .context("the file is not a JSON list of rentals")?;
    source.end().context("something follows the JSON list")?;
    entries.finish()
}

/// The entries of a list, or of the list `rentals` of an object, one after the other.
struct Entries<'a> {
    parts: &'a Sender<Batch>,
    /// The entries of the part so far, as JSON with commas between them.
    list: Vec<u8>,
    places: Vec<u64>,
    count: u64,
}

impl Entries<'_> {
    fn add(&mut self, entry: &Value) -> anyhow::Result<()> {
        self.count += 1;
        self.list
            .push(if self.places.is_empty() { b'[' } else { b',' });
        serde_json::to_writer(&mut self.list, entry)?;
        self.places.push(self.count);
        if self.places.len() == ROWS || self.list.len() >= BYTES {
            self.finish()?;
        }
        Ok(())
    }

    fn finish(&mut self) -> anyhow::Result<()> {
        if self.places.is_empty() {
            return Ok(());
        }
        self.list.push(b']');
        let batch = Batch {
            media_type: "application/json",
            body: mem::take(&mut self.list),
            places: mem::take(&mut self.places),
        };
        send(self.parts, batch)
    }
}

impl<'de> DeserializeSeed<'de> for &mut Entries<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Entries<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list, or an object with a list `rentals`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(entry) = list.next_element()? {
            self.add(&entry).map_err(A::Error::custom)?;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let mut found = false;
        while let Some(name) = object.next_key::<String>()? {
            if name == "rentals" {
                object.next_value_seed(&mut *self)?;
                found = true;
            } else {
                object.next_value::<IgnoredAny>()?;
            }
        }
        if found {
            return Ok(());
        }
        Err(A::Error::missing_field("rentals"))
    }
}

/// Waits until there is room. Nobody to hand it to means that sending it failed.
fn send(parts: &Sender<Batch>, batch: Batch) -> anyhow::Result<()> {
    if parts.blocking_send(batch).is_err() {
        bail!("the parts are no longer wanted");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc::channel;

    fn parts(file: &[u8]) -> anyhow::Result<Vec<Batch>> {
        let (sender, mut receiver) = channel(64);
        read(file, &sender)?;
        drop(sender);
        Ok(std::iter::from_fn(|| receiver.try_recv().ok()).collect())
    }

    #[test]
    fn each_part_of_a_csv_file_has_its_header_and_knows_its_lines() {
        let rows: Vec<String> = (0..1200)
            .map(|number| format!("{number} Elm; 1450"))
            .collect();
        let rows = rows.join("\r\n\r\n");
        let parts = parts(format!("\u{feff}address;rent\r\n{rows}").as_bytes()).unwrap();
        let lengths: Vec<usize> = parts.iter().map(|part| part.places.len()).collect();
        assert_eq!(lengths, [500, 500, 200]);
        assert_eq!(parts[1].places[..2], [1002, 1004]);
        let body = String::from_utf8(parts[1].body.clone()).unwrap();
        assert!(
            body.trim_start_matches('\u{feff}')
                .starts_with("address,\"rent\r\""),
            "{body:.60}"
        );
    }

    #[test]
    fn a_list_may_be_in_an_object() {
        for file in [
            r#"[{"address": "14 Mill Lane"}, {"address": "8 Elm"}]"#,
            r#"{"total": 2, "rentals": [{"address": "14 Mill Lane"}, {"address": "8 Elm"}]}"#,
        ] {
            let parts = parts(file.as_bytes()).unwrap();
            assert_eq!(parts.len(), 1);
            assert_eq!(parts[0].places, [1, 2]);
            let list: Value = serde_json::from_slice(&parts[0].body).unwrap();
            assert_eq!(list[1]["address"], "8 Elm");
        }
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for file in [
            r#"{"address": "14 Mill Lane"}"#,
            "[1",
            "[] []",
            r#"{"rentals": 5}"#,
        ] {
            assert!(parts(file.as_bytes()).is_err(), "{file}");
        }
    }
}
