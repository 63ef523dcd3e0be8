//! The fields of a rental, by the names of the API and by those that files give them.

/// What a value is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    UserId,
    Address,
    /// Parts of an address in cells of their own.
    Unit,
    City,
    State,
    Zip,
    Price,
    Bedrooms,
    Bathrooms,
    /// Bedrooms and bathrooms in one.
    Rooms,
    SquareFeet,
    PropertyType,
    AvailableDate,
    AvailabilityStatus,
    TimeZone,
    Description,
    Features,
    ContactInfo,
    Website,
    Url,
    Latitude,
    Longitude,
}

/// The fields that the API takes, by name.
const NAMES: [(&str, Field); 17] = [
    ("user_id", Field::UserId),
    ("property_address", Field::Address),
    ("price", Field::Price),
    ("bedrooms", Field::Bedrooms),
    ("bathrooms", Field::Bathrooms),
    ("square_feet", Field::SquareFeet),
    ("property_type", Field::PropertyType),
    ("available_date", Field::AvailableDate),
    ("availability_status", Field::AvailabilityStatus),
    ("time_zone", Field::TimeZone),
    ("description", Field::Description),
    ("features", Field::Features),
    ("contact_info", Field::ContactInfo),
    ("website", Field::Website),
    ("url", Field::Url),
    ("latitude", Field::Latitude),
    ("longitude", Field::Longitude),
];

/// What the API answers and does not take, so that a rental can be sent back as it was
/// read.
const COMPUTED: [&str; 6] = [
    "id",
    "version",
    "source_type",
    "days_until_available",
    "created_at",
    "updated_at",
];

/// Headers of files beside those names, in lower case and with letters and digits only.
const HEADERS: [(&str, Field); 84] = [
    ("agent", Field::UserId),
    ("agentid", Field::UserId),
    ("owner", Field::UserId),
    ("staff", Field::UserId),
    ("staffid", Field::UserId),
    ("address", Field::Address),
    ("addressline1", Field::Address),
    ("fulladdress", Field::Address),
    ("location", Field::Address),
    ("property", Field::Address),
    ("street", Field::Address),
    ("streetaddress", Field::Address),
    ("addressline2", Field::Unit),
    ("apartment", Field::Unit),
    ("apt", Field::Unit),
    ("unit", Field::Unit),
    ("unitnumber", Field::Unit),
    ("city", Field::City),
    ("town", Field::City),
    ("state", Field::State),
    ("postalcode", Field::Zip),
    ("postcode", Field::Zip),
    ("zip", Field::Zip),
    ("zipcode", Field::Zip),
    ("askingrent", Field::Price),
    ("monthlyrent", Field::Price),
    ("priceusd", Field::Price),
    ("pricepermonth", Field::Price),
    ("rent", Field::Price),
    ("rentmonth", Field::Price),
    ("rentpermonth", Field::Price),
    ("rentprice", Field::Price),
    ("bd", Field::Bedrooms),
    ("bed", Field::Bedrooms),
    ("bedroomcount", Field::Bedrooms),
    ("beds", Field::Bedrooms),
    ("br", Field::Bedrooms),
    ("numbedrooms", Field::Bedrooms),
    ("ba", Field::Bathrooms),
    ("bath", Field::Bathrooms),
    ("bathroomcount", Field::Bathrooms),
    ("baths", Field::Bathrooms),
    ("numbathrooms", Field::Bathrooms),
    ("bdba", Field::Rooms),
    ("bedbath", Field::Rooms),
    ("bedsbaths", Field::Rooms),
    ("bedroomsbathrooms", Field::Rooms),
    ("brba", Field::Rooms),
    ("layout", Field::Rooms),
    ("rooms", Field::Rooms),
    ("area", Field::SquareFeet),
    ("livingarea", Field::SquareFeet),
    ("size", Field::SquareFeet),
    ("sizesqft", Field::SquareFeet),
    ("sqft", Field::SquareFeet),
    ("squarefootage", Field::SquareFeet),
    ("hometype", Field::PropertyType),
    ("type", Field::PropertyType),
    ("unittype", Field::PropertyType),
    ("available", Field::AvailableDate),
    ("availablefrom", Field::AvailableDate),
    ("availableon", Field::AvailableDate),
    ("availability", Field::AvailableDate),
    ("dateavailable", Field::AvailableDate),
    ("movein", Field::AvailableDate),
    ("moveindate", Field::AvailableDate),
    ("status", Field::AvailabilityStatus),
    ("timezone", Field::TimeZone),
    ("details", Field::Description),
    ("notes", Field::Description),
    ("remarks", Field::Description),
    ("amenities", Field::Features),
    ("contact", Field::ContactInfo),
    ("phone", Field::ContactInfo),
    ("phonenumber", Field::ContactInfo),
    ("listedon", Field::Website),
    ("site", Field::Website),
    ("source", Field::Website),
    ("link", Field::Url),
    ("listingurl", Field::Url),
    ("lat", Field::Latitude),
    ("lng", Field::Longitude),
    ("lon", Field::Longitude),
    ("long", Field::Longitude),
];

impl Field {
    /// The field that the API calls so.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        let mut names = NAMES.iter();
        let found = names.find(|(known, _)| *known == name);
        found.map(|(_, field)| *field)
    }

    /// The field that a header of a file is most likely meant for.
    pub(super) fn of_header(header: &str) -> Option<Self> {
        let plain = |text: &str| -> String {
            let letters = text.chars().filter(|c| c.is_alphanumeric());
            letters.flat_map(char::to_lowercase).collect()
        };
        let header = plain(header);
        let names = NAMES.iter().find(|(name, _)| plain(name) == header);
        let found = names.or_else(|| HEADERS.iter().find(|(name, _)| *name == header));
        found.map(|(_, field)| *field)
    }
}

/// Whether the API answers a field of that name and does not take it.
pub(super) fn is_computed(name: &str) -> bool {
    COMPUTED.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_known_however_it_is_written() {
        for (header, expected) in [
            ("Rent", Some(Field::Price)),
            ("Rent / Month", Some(Field::Price)),
            ("PRICE (USD)", Some(Field::Price)),
            ("Property Address", Some(Field::Address)),
            ("property_address", Some(Field::Address)),
            ("Beds/Baths", Some(Field::Rooms)),
            ("Sq. Ft.", Some(Field::SquareFeet)),
            ("Move-In Date", Some(Field::AvailableDate)),
            ("Religion", None),
            ("", None),
        ] {
            assert_eq!(Field::of_header(header), expected, "{header}");
        }
    }

    #[test]
    fn every_header_is_as_it_is_looked_up() {
        for (header, field) in HEADERS {
            assert_eq!(Field::of_header(header), Some(field), "{header}");
        }
    }
}
