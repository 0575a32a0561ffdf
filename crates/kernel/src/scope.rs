//! Which records a caller may see.

use crate::{PersonId, ProjectId, TeamId};

/// The part of the data that a caller may see. Every store function that returns records takes one and puts
/// it into its SQL.
///
/// Teams and projects are open to all agents unless marked private; a private one is open to its members only.
/// The scope holds the private ones that this caller is *not* a member of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything: administrators and Bridgewatch itself.
    All,
    /// An agent, or a token or integration that acts with an agent's sight.
    Agent {
        /// Private teams whose services, alerts, schedules and policies are hidden.
        hidden_teams: Vec<TeamId>,
        /// Private projects whose tickets are hidden.
        hidden_projects: Vec<ProjectId>,
    },
    /// An integration or token bound to one team: it sees that team's records only, and no tickets.
    Team(TeamId),
    /// A customer: own requests only.
    Customer(PersonId),
}

impl Scope {
    /// Whether records owned by this team (or by none) may be seen.
    pub fn sees_team(&self, team: Option<TeamId>) -> bool {
        match self {
            Self::All => true,
            Self::Agent { hidden_teams, .. } => team.is_none_or(|team| !hidden_teams.contains(&team)),
            Self::Team(own) => team == Some(*own),
            Self::Customer(_) => false,
        }
    }
}
