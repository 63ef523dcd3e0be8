//! What is wrong with one field of a form: told by name, so that it can be put right.

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// Where it is, as `weekly_hours.monday[0].start`.
    pub field: String,
    /// What it would have to be, to be read after the field's name.
    pub problem: String,
}
