//! Functions: those that every kind of record has, and how a kind of record declares its own.
//!
//! | function | gives |
//! |---|---|
//! | `now()` | this instant |
//! | `startOfDay("+1d")`, `Week`, `Month`, `Year`, and `endOf...` | a boundary in the asker's zone |
//! | `currentUser()` | the asker |
//! | `breached()`, `everBreached()`, `completed()`, `running()`, `paused()`, `withinCalendarHours()` | `=` and `!=` on a service level |
//! | `elapsed("2h")`, `remaining("30m")` | `<`, `<=`, `>`, `>=` on a service level that runs |

use super::near::near;
use super::time::Unit;
use super::typed::SlaState;
use super::vocabulary::{Field, FieldKey, FieldKind, PERSON, Vocabulary};

/// What an argument is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// A text, taken as it is.
    Text,
    /// A record of this kind, by name or id.
    Reference(String),
    /// A point in time.
    Instant,
}

/// On which fields a function can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applies {
    /// On these.
    Fields(Vec<FieldKey>),
    /// On every reference to this kind.
    References(String),
    /// On every [`FieldKind::State`].
    States,
}

/// A function of a kind of record. What it means is decided where records are: in
/// [`Record::ask`](super::Record::ask) and [`Mapping::ask`](super::Mapping::ask).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// How many of them have to be given.
    pub required: usize,
    /// Whether the last one may be repeated.
    pub repeats: bool,
    /// Whether it gives several values, and so needs IN; else it needs = or !=.
    pub many: bool,
    /// On which fields it can be asked.
    pub applies: Applies,
    /// A few words for completion.
    pub description: String,
}

impl Function {
    /// A function with these parameters, all of which have to be given.
    pub fn new(name: impl Into<String>, parameters: Vec<Parameter>, applies: Applies) -> Self {
        let required = parameters.len();
        let (name, description) = (name.into(), String::new());
        Self { name, parameters, required, repeats: false, many: false, applies, description }
    }

    /// It gives several values and stands behind IN.
    #[must_use]
    pub fn many(mut self) -> Self {
        self.many = true;
        self
    }

    /// Only so many parameters have to be given.
    #[must_use]
    pub fn required(mut self, required: usize) -> Self {
        self.required = required;
        self
    }

    /// The last parameter may be repeated.
    #[must_use]
    pub fn repeating(mut self) -> Self {
        self.repeats = true;
        self
    }

    /// With a few words for completion.
    #[must_use]
    pub fn described(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Whether it can be asked on a field.
    pub fn fits(&self, field: &Field) -> bool {
        match (&self.applies, &field.kind) {
            (Applies::Fields(keys), _) => keys.contains(&field.key),
            (Applies::References(wanted), FieldKind::Reference(kind)) => wanted == kind,
            (Applies::States, FieldKind::State) => true,
            _ => false,
        }
    }

    /// The parameter at this place.
    pub(super) fn parameter(&self, place: usize) -> Option<&Parameter> {
        self.parameters.get(place).or_else(|| self.parameters.last().filter(|_| self.repeats))
    }
}

/// The functions that tickets know, with the names by which other systems know them. `keys` are the fields that name
/// the ticket itself, on which `linkedIssues` and `updatedBy` are asked.
pub fn ticket_functions(keys: &[FieldKey]) -> Vec<Function> {
    let reference = |kind: &str| Parameter::Reference(kind.to_owned());
    let people = || Applies::References(PERSON.to_owned());
    let on_keys = || Applies::Fields(keys.to_vec());
    let state = |name: &str, parameters| Function::new(name, parameters, Applies::States);
    let assets = |name: &str| {
        Function::new(name, vec![Parameter::Text], Applies::References("asset".to_owned()))
            .many()
            .described("assets for which a query holds")
    };
    vec![
        Function::new("membersOf", vec![reference("team")], people()).many().described("the people in a team"),
        Function::new("organizationMembers", vec![reference("organization")], people())
            .many()
            .described("the people of an organisation"),
        Function::new("linkedIssues", vec![reference("ticket"), Parameter::Text], on_keys())
            .required(1)
            .many()
            .described("tickets linked to one, by any or by one type of link"),
        Function::new("updatedBy", vec![reference(PERSON), Parameter::Instant, Parameter::Instant], on_keys())
            .required(1)
            .many()
            .described("tickets that a person changed, since and until an instant"),
        state("approved", vec![]).described("every approval was given"),
        state("pending", vec![]).described("an approval is awaited"),
        state("myPending", vec![]).described("my approval is awaited"),
        state("myApproval", vec![]).described("I am or was asked for approval"),
        state("pendingBy", vec![reference(PERSON)]).repeating().described("the approval of one of these is awaited"),
        state("approver", vec![reference(PERSON)]).repeating().described("one of these is or was asked for approval"),
        assets("aqlFunction"),
        assets("iqlFunction"),
    ]
}

/// A function that every kind of record has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Builtin {
    Now,
    CurrentUser,
    StartOf(Unit),
    EndOf(Unit),
    Sla(SlaState),
    Elapsed,
    Remaining,
}

impl Builtin {
    pub const ALL: [(&'static str, Self); 18] = [
        ("now", Self::Now),
        ("startOfDay", Self::StartOf(Unit::Day)),
        ("endOfDay", Self::EndOf(Unit::Day)),
        ("startOfWeek", Self::StartOf(Unit::Week)),
        ("endOfWeek", Self::EndOf(Unit::Week)),
        ("startOfMonth", Self::StartOf(Unit::Month)),
        ("endOfMonth", Self::EndOf(Unit::Month)),
        ("startOfYear", Self::StartOf(Unit::Year)),
        ("endOfYear", Self::EndOf(Unit::Year)),
        ("currentUser", Self::CurrentUser),
        ("breached", Self::Sla(SlaState::Breached)),
        ("everBreached", Self::Sla(SlaState::EverBreached)),
        ("completed", Self::Sla(SlaState::Completed)),
        ("running", Self::Sla(SlaState::Running)),
        ("paused", Self::Sla(SlaState::Paused)),
        ("withinCalendarHours", Self::Sla(SlaState::WithinCalendarHours)),
        ("elapsed", Self::Elapsed),
        ("remaining", Self::Remaining),
    ];

    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, builtin)| *builtin)
    }

    /// Whether the function can stand as a value of the field.
    pub fn fits(self, field: &Field) -> bool {
        match self {
            Self::Now | Self::StartOf(_) | Self::EndOf(_) => {
                matches!(field.kind, FieldKind::Instant | FieldKind::Date)
            }
            Self::CurrentUser => matches!(&field.kind, FieldKind::Reference(kind) if kind == PERSON),
            Self::Sla(_) | Self::Elapsed | Self::Remaining => matches!(field.kind, FieldKind::Sla),
        }
    }

    /// Whether it needs an argument.
    pub fn needs_argument(self) -> bool {
        matches!(self, Self::Elapsed | Self::Remaining)
    }
}

/// The names of all functions that can be asked on a field.
pub(super) fn names_for<'v>(vocabulary: &'v Vocabulary, field: &Field) -> Vec<&'v str> {
    let own = vocabulary.functions().iter().filter(|function| function.fits(field)).map(|f| f.name.as_str());
    let builtin = Builtin::ALL.iter().filter(|(_, builtin)| builtin.fits(field)).map(|(name, _)| *name);
    builtin.chain(own).collect()
}

/// Functions near to a misspelt one, those that fit the field.
pub(super) fn near_functions(vocabulary: &Vocabulary, field: &Field, name: &str) -> Vec<String> {
    let names = names_for(vocabulary, field);
    near(name, names).into_iter().map(|name| format!("{name}()")).collect()
}
