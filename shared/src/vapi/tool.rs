//! The tools that an assistant can use: one table, from which calls are dispatched
//! and the definitions that VAPI needs are made.

use serde_json::{Value, json};

/// A tool, by what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    GetAvailability,
    SetAppointment,
    FindAppointments,
    CancelAppointment,
    RescheduleAppointment,
    SendConfirmationEmail,
    GetPropertyDetails,
    SearchRentals,
}

/// What VAPI and the language model need to know of a tool.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    pub name: &'static str,
    /// When to use it, for the model.
    pub description: &'static str,
    pub parameters: &'static [Parameter],
}

/// One argument of a tool.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    pub name: &'static str,
    pub kind: Kind,
    pub required: bool,
    /// What to fill in, for the model.
    pub description: &'static str,
}

/// The JSON type of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    WholeNumber,
    /// One of these texts.
    OneOf(&'static [&'static str]),
}

const PROPERTY_ADDRESS: Parameter = optional(
    "property_address",
    Kind::Text,
    "The address of the property, as the caller said it.",
);

const PROPERTY_ID: Parameter = optional(
    "property_id",
    Kind::Text,
    "The id of the property, if one is known from an earlier answer.",
);

const USER_ID: Parameter = optional(
    "user_id",
    Kind::Text,
    "The staff member. Leave it out unless the instructions name one.",
);

const DURATION_MINUTES: Parameter = optional(
    "duration_minutes",
    Kind::WholeNumber,
    "How long the viewing takes, if not as long as usual.",
);

const GET_AVAILABILITY: Definition = Definition {
    name: "get_availability",
    description: "Find times at which a property can be viewed. Use it before offering or \
                  booking any time, and again when the caller asks for another day. Offer only \
                  times that it gave.",
    parameters: &[
        PROPERTY_ADDRESS,
        PROPERTY_ID,
        optional(
            "date",
            Kind::Text,
            "The day or days that the caller asked for, in their own words, such as tomorrow, \
             next Tuesday or December third. Leave it out for the nearest times.",
        ),
        optional(
            "part_of_day",
            Kind::OneOf(&["morning", "afternoon", "evening"]),
            "If the caller said so.",
        ),
        optional(
            "after",
            Kind::Text,
            "The earliest time of day that suits, such as 3 PM.",
        ),
        optional(
            "before",
            Kind::Text,
            "The latest time of day that suits, such as noon.",
        ),
        optional(
            "days_ahead",
            Kind::WholeNumber,
            "How many days ahead to look, 1 to 60. Usually 7.",
        ),
        DURATION_MINUTES,
        optional(
            "limit",
            Kind::WholeNumber,
            "How many times to offer, at most 3.",
        ),
        USER_ID,
    ],
};

const SET_APPOINTMENT: Definition = Definition {
    name: "set_appointment",
    description: "Book a property viewing at a time that get_availability offered, after the \
                  caller agreed to the day, the time and the name.",
    parameters: &[
        optional(
            "start_time",
            Kind::Text,
            "The agreed start in the property's local time, such as 2026-11-24T10:00:00. Needed \
             unless slot_id is given.",
        ),
        optional(
            "slot_id",
            Kind::Text,
            "The id of an offered slot, if one is known.",
        ),
        required(
            "attendee_name",
            Kind::Text,
            "The full name of whoever comes to the viewing.",
        ),
        optional(
            "attendee_email",
            Kind::Text,
            "Their e-mail address, if they want an invitation. Spell it back to them first.",
        ),
        optional(
            "attendee_phone",
            Kind::Text,
            "Another number than the one they call from.",
        ),
        PROPERTY_ADDRESS,
        PROPERTY_ID,
        DURATION_MINUTES,
        optional(
            "timezone",
            Kind::Text,
            "The IANA zone of start_time, if it is not the property's.",
        ),
        optional(
            "notes",
            Kind::Text,
            "Anything that the staff member should know beforehand.",
        ),
        USER_ID,
    ],
};

const CONFIRMATION_CODE: Parameter = optional(
    "confirmation_code",
    Kind::Text,
    "The six letters and digits that the caller was given for the viewing.",
);

const APPOINTMENT_ID: Parameter = optional(
    "appointment_id",
    Kind::Text,
    "The id of the viewing, if one is known.",
);

const EVENT_ID: Parameter = optional(
    "event_id",
    Kind::Text,
    "The id of the calendar event, if one is known.",
);

const VIEWING_DATE: Parameter = optional(
    "viewing_date",
    Kind::Text,
    "When the viewing is now, in the caller's words, if they have several.",
);

const FIND_APPOINTMENTS: Definition = Definition {
    name: "find_appointments",
    description: "Tell the caller about their upcoming viewings. They are found by the number \
                  that the caller calls from, or by a confirmation code.",
    parameters: &[
        CONFIRMATION_CODE,
        optional(
            "attendee_email",
            Kind::Text,
            "The e-mail address that one of several viewings is under.",
        ),
        optional(
            "attendee_phone",
            Kind::Text,
            "The phone number that one of several viewings is under.",
        ),
        USER_ID,
    ],
};

const CANCEL_APPOINTMENT: Definition = Definition {
    name: "cancel_appointment",
    description: "Cancel a viewing of the caller, after they confirmed which one. It is found \
                  by the number that they call from, or by a confirmation code.",
    parameters: &[
        CONFIRMATION_CODE,
        VIEWING_DATE,
        PROPERTY_ADDRESS,
        APPOINTMENT_ID,
        EVENT_ID,
        optional(
            "reason",
            Kind::Text,
            "Why, if the caller said so. Whoever was invited can read it.",
        ),
        USER_ID,
    ],
};

const RESCHEDULE_APPOINTMENT: Definition = Definition {
    name: "reschedule_appointment",
    description: "Move a viewing of the caller to a time that get_availability offered, after \
                  they agreed to it. The old time is kept if the new one cannot be had.",
    parameters: &[
        optional(
            "new_start_time",
            Kind::Text,
            "The agreed new start in the property's local time, such as 2026-11-24T10:00:00. \
             Needed unless slot_id is given.",
        ),
        optional(
            "slot_id",
            Kind::Text,
            "The id of an offered slot, if one is known.",
        ),
        CONFIRMATION_CODE,
        VIEWING_DATE,
        PROPERTY_ADDRESS,
        APPOINTMENT_ID,
        EVENT_ID,
        optional(
            "timezone",
            Kind::Text,
            "The IANA zone of new_start_time, if it is not the property's.",
        ),
        USER_ID,
    ],
};

const SEND_CONFIRMATION_EMAIL: Definition = Definition {
    name: "send_confirmation_email",
    description: "Send the caller the details of a viewing of theirs by e-mail, with a file for \
                  their calendar, when they ask for that. It goes to the address that the viewing \
                  is under; without one, ask for it and spell it back first.",
    parameters: &[
        CONFIRMATION_CODE,
        VIEWING_DATE,
        optional(
            "attendee_email",
            Kind::Text,
            "The e-mail address, if the viewing was booked without one.",
        ),
        PROPERTY_ADDRESS,
        APPOINTMENT_ID,
        USER_ID,
    ],
};

const GET_PROPERTY_DETAILS: Definition = Definition {
    name: "get_property_details",
    description: "Tell the caller about one property, such as its rooms, its rent and from when \
                  it can be had. Never answer such questions from memory.",
    parameters: &[
        optional(
            "property_address",
            Kind::Text,
            "The property in the caller's own words, such as fourteen Mill Lane flat two, or the \
             two bedroom on Maple.",
        ),
        PROPERTY_ID,
        USER_ID,
    ],
};

const SEARCH_RENTALS: Definition = Definition {
    name: "search_rentals",
    description: "Find rentals that suit the caller. Fill in only what they said. Never search by \
                  who lives somewhere, such as race, religion, nationality, families, children or \
                  disability.",
    parameters: &[
        optional("location", Kind::Text, "A street, a town or a postal code."),
        optional(
            "price_range",
            Kind::Text,
            "The rent a month in the caller's own words, such as under fifteen hundred.",
        ),
        optional(
            "min_price",
            Kind::Text,
            "The least rent a month in dollars.",
        ),
        optional("max_price", Kind::Text, "The most rent a month in dollars."),
        optional(
            "bedrooms",
            Kind::Text,
            "How many bedrooms, such as 2, two or three, at least two, or studio.",
        ),
        optional(
            "bathrooms",
            Kind::Text,
            "How many bathrooms at least, such as 1.5.",
        ),
        optional(
            "available_by",
            Kind::Text,
            "By when they would like to move in, in their own words, such as next month.",
        ),
        optional(
            "features",
            Kind::Text,
            "What the home should have or allow, such as parking, a dog, laundry or a yard.",
        ),
        optional(
            "website",
            Kind::Text,
            "The website that it is listed on, if they saw it there.",
        ),
        USER_ID,
    ],
};

impl Tool {
    /// All tools.
    pub const ALL: [Self; 8] = [
        Self::GetAvailability,
        Self::SetAppointment,
        Self::FindAppointments,
        Self::CancelAppointment,
        Self::RescheduleAppointment,
        Self::SendConfirmationEmail,
        Self::GetPropertyDetails,
        Self::SearchRentals,
    ];

    /// Whether it changes anything, and so must not be carried out twice.
    pub const fn writes(self) -> bool {
        match self {
            Self::GetAvailability
            | Self::FindAppointments
            | Self::GetPropertyDetails
            | Self::SearchRentals => false,
            Self::SetAppointment
            | Self::CancelAppointment
            | Self::RescheduleAppointment
            | Self::SendConfirmationEmail => true,
        }
    }

    /// Whether it works on the calendar of a staff member.
    pub const fn opens_a_calendar(self) -> bool {
        match self {
            Self::FindAppointments | Self::GetPropertyDetails | Self::SearchRentals => false,
            Self::GetAvailability
            | Self::SetAppointment
            | Self::CancelAppointment
            | Self::RescheduleAppointment
            | Self::SendConfirmationEmail => true,
        }
    }

    /// Whether it is about a property, or may be.
    pub const fn names_a_property(self) -> bool {
        match self {
            Self::GetAvailability
            | Self::SetAppointment
            | Self::GetPropertyDetails
            | Self::SearchRentals => true,
            Self::FindAppointments
            | Self::CancelAppointment
            | Self::RescheduleAppointment
            | Self::SendConfirmationEmail => false,
        }
    }

    /// The tool of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|tool| tool.definition().name == name)
    }

    /// What VAPI needs to know of it.
    pub const fn definition(self) -> &'static Definition {
        match self {
            Self::GetAvailability => &GET_AVAILABILITY,
            Self::SetAppointment => &SET_APPOINTMENT,
            Self::FindAppointments => &FIND_APPOINTMENTS,
            Self::CancelAppointment => &CANCEL_APPOINTMENT,
            Self::RescheduleAppointment => &RESCHEDULE_APPOINTMENT,
            Self::SendConfirmationEmail => &SEND_CONFIRMATION_EMAIL,
            Self::GetPropertyDetails => &GET_PROPERTY_DETAILS,
            Self::SearchRentals => &SEARCH_RENTALS,
        }
    }
}

impl Definition {
    /// What the model is told of it, in the form of VAPI's API (VAPI docs, Custom tools).
    pub fn to_json(self) -> Value {
        let property = |parameter: &Parameter| {
            let mut schema = json!({
                "type": parameter.kind.json_type(),
                "description": parameter.description,
            });
            if let Kind::OneOf(values) = parameter.kind {
                schema["enum"] = json!(values);
            }
            (parameter.name.to_owned(), schema)
        };
        let required = self
            .parameters
            .iter()
            .filter(|parameter| parameter.required);
        json!({
            "type": "function",
            "function": {
                "name": self.name,
                "description": self.description,
                "parameters": {
                    "type": "object",
                    "properties": Value::Object(self.parameters.iter().map(property).collect()),
                    "required": required.map(|parameter| parameter.name).collect::<Vec<_>>(),
                },
            },
        })
    }
}

impl Kind {
    const fn json_type(self) -> &'static str {
        match self {
            Self::Text | Self::OneOf(_) => "string",
            Self::WholeNumber => "integer",
        }
    }
}

const fn optional(name: &'static str, kind: Kind, description: &'static str) -> Parameter {
    Parameter {
        name,
        kind,
        required: false,
        description,
    }
}

const fn required(name: &'static str, kind: Kind, description: &'static str) -> Parameter {
    Parameter {
        name,
        kind,
        required: true,
        description,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_is_found_by_its_name() {
        for tool in Tool::ALL {
            assert_eq!(Tool::named(tool.definition().name), Some(tool));
        }
        assert_eq!(Tool::named("drop_tables"), None);
        assert_eq!(Tool::named(""), None);
    }

    #[test]
    fn nobody_s_number_is_left_to_the_model() {
        // Whose call it is comes from the call itself.
        for tool in Tool::ALL {
            for parameter in tool.definition().parameters {
                assert!(!parameter.name.contains("caller"), "{}", parameter.name);
            }
        }
    }
}
