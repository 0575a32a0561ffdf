//! Priority from impact and urgency, with its reason.
//!
//! *Impact* is how much is affected; its default comes from the tier of the affected service. *Urgency* is how fast
//! it has to be fixed; an alert's own priority sets it. The [`Matrix`] gives the [`Priority`]. An agent may override
//! the result, with a reason.
//!
//! **Invariants**
//! - A priority is never stored without a [`Reason`].
//! - An override survives every re-computation until somebody lifts it.
//! - P1 is the most pressing and sorts first.

use std::fmt;

use kernel::{FieldError, PersonId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How much is affected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Impact {
    /// The whole organisation, or its customers.
    Extensive,
    /// A large part.
    Significant,
    /// A team or a function.
    Moderate,
    /// A person or two.
    Minor,
}

/// How fast it has to be fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Now.
    Critical,
    /// Today.
    High,
    /// This week.
    Medium,
    /// Some time.
    Low,
}

/// How pressing a piece of work is: P1 (most) to P5 (least).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub enum Priority {
    /// Critical.
    P1,
    /// High.
    P2,
    /// Moderate; the default of an alert.
    P3,
    /// Low.
    P4,
    /// Informational.
    P5,
}

/// Gives a plain enum its list of values, its stored spelling and the way back.
macro_rules! spelled {
    ($type:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        impl $type {
            /// All of them, most pressing first.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The stored spelling.
            pub fn as_str(self) -> &'static str { match self { $(Self::$variant => $text),+ } }
            /// Reads the stored spelling, in any case.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str().eq_ignore_ascii_case(text.trim()))
            }
        }
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.as_str()) }
        }
    };
}

spelled!(Impact { Extensive = "extensive", Significant = "significant", Moderate = "moderate", Minor = "minor" });
spelled!(Urgency { Critical = "critical", High = "high", Medium = "medium", Low = "low" });
spelled!(Priority { P1 = "P1", P2 = "P2", P3 = "P3", P4 = "P4", P5 = "P5" });

impl Priority {
    /// 1 for P1 to 5 for P5: how it is stored and sorted.
    pub fn rank(self) -> i16 {
        self as i16 + 1
    }

    /// The priority of a stored rank.
    pub fn of_rank(rank: i16) -> Option<Self> {
        Self::ALL.iter().copied().find(|priority| priority.rank() == rank)
    }

    /// Whether it is at least as pressing as `other`: P1 is at least P3.
    pub fn at_least(self, other: Self) -> bool {
        self <= other
    }

    /// Whether it wakes people: pages of P1 and P2 are never held by quiet hours, repeat, and reach administrators.
    pub fn is_pressing(self) -> bool {
        self <= Self::P2
    }
}

/// The default impact of something that affects a service of this tier (1 to 4; anything else counts as 4).
pub fn impact_of_tier(tier: i16) -> Impact {
    match tier {
        1 => Impact::Extensive,
        2 => Impact::Significant,
        3 => Impact::Moderate,
        _ => Impact::Minor,
    }
}

/// The urgency that an alert of this priority has.
pub fn urgency_of_alert(priority: Priority) -> Urgency {
    match priority {
        Priority::P1 => Urgency::Critical,
        Priority::P2 => Urgency::High,
        Priority::P3 => Urgency::Medium,
        Priority::P4 | Priority::P5 => Urgency::Low,
    }
}

/// The priority for each impact (row) and urgency (column), both most pressing first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Matrix(pub [[Priority; 4]; 4]);

impl Default for Matrix {
    fn default() -> Self {
        use Priority::{P1, P2, P3, P4, P5};
        Self([[P1, P1, P2, P3], [P1, P2, P3, P3], [P2, P3, P3, P4], [P3, P4, P4, P5]])
    }
}

impl Matrix {
    /// The priority of this impact and urgency.
    pub fn priority(&self, impact: Impact, urgency: Urgency) -> Priority {
        self.0[impact as usize][urgency as usize]
    }
}

/// Where an impact or urgency came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Source {
    /// The tier of the affected service gave the impact.
    ServiceTier {
        /// Name of the service.
        service: String,
        /// Its tier, 1 to 4.
        tier: i16,
    },
    /// The priority of an alert gave the urgency.
    Alert {
        /// That priority.
        priority: Priority,
    },
    /// A person stated it.
    Stated,
    /// Nobody said anything: the default.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ServiceTier { service, tier } => write!(f, "{service} is tier {tier}"),
            Self::Alert { priority } => write!(f, "the alert is {priority}"),
            Self::Stated => f.write_str("as stated"),
            Self::Default => f.write_str("by default"),
        }
    }
}

/// Why a priority is what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reason {
    /// The matrix gave it.
    Matrix {
        /// The impact used.
        impact: Impact,
        /// Why that impact.
        impact_from: Source,
        /// The urgency used.
        urgency: Urgency,
        /// Why that urgency.
        urgency_from: Source,
    },
    /// A person set it.
    Override {
        /// Who.
        by: PersonId,
        /// Why, in their words.
        reason: String,
        /// What the matrix says instead.
        computed: Priority,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Matrix { impact, impact_from, urgency, urgency_from } => {
                write!(f, "impact {impact} ({impact_from}), urgency {urgency} ({urgency_from})")
            }
            Self::Override { reason, computed, .. } => write!(f, "set by hand: {reason} (the matrix says {computed})"),
        }
    }
}

/// An impact or urgency with where it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub from: Source,
}

impl<T> Sourced<T> {
    /// A value that a person stated.
    pub fn stated(value: T) -> Self {
        Self { value, from: Source::Stated }
    }

    /// A value that nobody stated.
    pub fn by_default(value: T) -> Self {
        Self { value, from: Source::Default }
    }
}

/// The impact that a service's tier gives.
pub fn impact_of_service(service: &str, tier: i16) -> Sourced<Impact> {
    Sourced { value: impact_of_tier(tier), from: Source::ServiceTier { service: service.to_owned(), tier } }
}

/// The urgency that an alert's priority gives.
pub fn urgency_from_alert(priority: Priority) -> Sourced<Urgency> {
    Sourced { value: urgency_of_alert(priority), from: Source::Alert { priority } }
}

/// A priority that knows why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Assessed {
    /// The priority in force.
    pub priority: Priority,
    /// Why.
    pub reason: Reason,
}

impl Assessed {
    /// Assesses something new.
    pub fn assess(matrix: &Matrix, impact: Sourced<Impact>, urgency: Sourced<Urgency>) -> Self {
        Self {
            priority: matrix.priority(impact.value, urgency.value),
            reason: Reason::Matrix {
                impact: impact.value,
                impact_from: impact.from,
                urgency: urgency.value,
                urgency_from: urgency.from,
            },
        }
    }

    /// Assesses again after impact or urgency changed. An override stays and only notes what the matrix now says.
    #[must_use]
    pub fn reassess(&self, matrix: &Matrix, impact: Sourced<Impact>, urgency: Sourced<Urgency>) -> Self {
        let fresh = Self::assess(matrix, impact, urgency);
        match &self.reason {
            Reason::Override { by, reason, .. } => Self {
                priority: self.priority,
                reason: Reason::Override { by: *by, reason: reason.clone(), computed: fresh.priority },
            },
            Reason::Matrix { .. } => fresh,
        }
    }

    /// A person sets the priority. Refuses an empty reason.
    pub fn override_with(&self, priority: Priority, by: PersonId, reason: &str) -> Result<Self, FieldError> {
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(FieldError::new("priority_reason", "Say why this priority is set by hand."));
        }
        let computed = match self.reason {
            Reason::Override { computed, .. } => computed,
            Reason::Matrix { .. } => self.priority,
        };
        Ok(Self { priority, reason: Reason::Override { by, reason: reason.to_owned(), computed } })
    }

    /// Whether a person set it.
    pub fn is_override(&self) -> bool {
        matches!(self.reason, Reason::Override { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    fn person() -> PersonId {
        PersonId(kernel_uuid(7))
    }

    fn kernel_uuid(n: u128) -> uuid::Uuid {
        uuid::Uuid::from_u128(n)
    }

    #[test]
    fn the_default_matrix() {
        let matrix = Matrix::default();
        let mut table = String::new();
        for impact in Impact::ALL {
            let row: Vec<_> = Urgency::ALL.iter().map(|urgency| matrix.priority(*impact, *urgency).as_str()).collect();
            table.push_str(&format!("{impact}: {}\n", row.join(" ")));
        }
        assert_snapshot!(table, @r"
        extensive: P1 P1 P2 P3
        significant: P1 P2 P3 P3
        moderate: P2 P3 P3 P4
        minor: P3 P4 P4 P5
        ");
    }

    #[test]
    fn a_tier_one_service_with_a_p1_alert_is_p1_and_says_why() {
        let assessed =
            Assessed::assess(&Matrix::default(), impact_of_service("checkout", 1), urgency_from_alert(Priority::P1));
        assert_eq!(assessed.priority, Priority::P1);
        assert_snapshot!(assessed.reason, @"impact extensive (checkout is tier 1), urgency critical (the alert is P1)");
    }

    #[test]
    fn an_override_survives_recomputation() {
        let matrix = Matrix::default();
        let assessed = Assessed::assess(&matrix, impact_of_service("wiki", 4), Sourced::by_default(Urgency::Low));
        assert_eq!(assessed.priority, Priority::P5);
        let set = assessed.override_with(Priority::P2, person(), " board meeting ").expect("has a reason");
        let again = set.reassess(&matrix, impact_of_service("wiki", 4), Sourced::stated(Urgency::Critical));
        assert_eq!(again.priority, Priority::P2);
        assert_snapshot!(again.reason, @"set by hand: board meeting (the matrix says P3)");
        let twice = again.override_with(Priority::P1, person(), "now the chair").expect("has a reason");
        assert_snapshot!(twice.reason, @"set by hand: now the chair (the matrix says P3)");
        assert!(assessed.override_with(Priority::P1, person(), "  ").is_err());
    }

    #[test]
    fn tiers_and_alerts() {
        let tiers: Vec<_> = [0, 1, 2, 3, 4, 5].map(|tier| impact_of_tier(tier).as_str()).into();
        assert_eq!(tiers, ["minor", "extensive", "significant", "moderate", "minor", "minor"]);
        let urgencies: Vec<_> = Priority::ALL.iter().map(|priority| urgency_of_alert(*priority).as_str()).collect();
        assert_eq!(urgencies, ["critical", "high", "medium", "low", "low"]);
    }

    #[test]
    fn spellings_and_ranks_go_both_ways() {
        for priority in Priority::ALL {
            assert_eq!(Priority::parse(&priority.as_str().to_lowercase()), Some(*priority));
            assert_eq!(Priority::of_rank(priority.rank()), Some(*priority));
            assert_eq!(serde_json::to_value(priority).expect("serializes"), priority.as_str());
        }
        assert!(Priority::P1.at_least(Priority::P3) && !Priority::P4.at_least(Priority::P3));
        assert_eq!(Priority::parse("P9"), None);
        assert_eq!(serde_json::to_value(Impact::Extensive).expect("serializes"), "extensive");
    }
}
