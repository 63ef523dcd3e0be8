//! A part of a row that is only ever read whole, stored as one text of JSON, for
//! `#[serde(with = "json_text")]`.
//!
//! In `DynamoDB`'s own form each value is a map of its own, which takes several times as
//! long to read while somebody waits.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, DeserializeOwned, MapAccess, Visitor};
use serde::ser::Error as _;
use serde::{Deserializer, Serialize, Serializer};

pub(super) fn serialize<S: Serializer>(
    value: &impl Serialize,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let text = serde_json::to_string(value).map_err(S::Error::custom)?;
    serializer.serialize_str(&text)
}

pub(super) fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_any(TextOrMap(PhantomData))
}

/// The text, or the map that rows had at first.
struct TextOrMap<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for TextOrMap<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text of JSON, or a map")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        serde_json::from_str(text).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;
    use serde::Deserialize;

    use super::*;
    use crate::store::table::{Item, attributes, text};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Row {
        #[serde(with = "super")]
        part: Part,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Part {
        days: Vec<u8>,
    }

    fn read(part: AttributeValue) -> Option<Row> {
        serde_dynamo::from_item(attributes([("part", part)])).ok()
    }

    #[test]
    fn a_part_is_one_text() {
        let row = Row {
            part: Part { days: vec![1, 7] },
        };
        let item: Item = serde_dynamo::to_item(&row).unwrap();
        assert_eq!(item, attributes([("part", text(r#"{"days":[1,7]}"#))]));
        assert_eq!(serde_dynamo::from_item::<_, Row>(item).unwrap(), row);
    }

    #[test]
    fn the_map_of_an_earlier_row_is_read_too() {
        let day = |day: &str| AttributeValue::N(day.to_owned());
        let days = AttributeValue::L(vec![day("1"), day("7")]);
        let row = read(AttributeValue::M(attributes([("days", days)])));
        assert_eq!(row.unwrap().part.days, [1, 7]);
    }

    #[test]
    fn what_is_neither_is_refused() {
        for part in [text("{"), text("[]"), text(""), AttributeValue::Bool(true)] {
            assert_eq!(read(part.clone()), None, "{part:?}");
        }
    }
}
