//! What a property is told apart by.

/// A property that may be meant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Property {
    pub id: String,
    /// As it is written: "14 Mill Lane, Apt 2B, Austin, TX 78701".
    pub address: String,
    /// 0 for a studio.
    pub bedrooms: Option<f64>,
    pub bathrooms: Option<f64>,
    /// Dollars a month.
    pub rent: Option<f64>,
    /// "House", "Condo": as the listing has it.
    pub property_type: Option<String>,
}
