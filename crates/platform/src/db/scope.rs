//! The caller's scope as SQL.

use kernel::Scope;
use sea_orm::Value;

use super::{IntoParam, placeholders};

/// A boolean SQL expression that is true for records whose owning team the scope may see. `column` names the
/// team id column (may be null); parameters are appended.
pub fn scope_team(scope: &Scope, column: &str, params: &mut Vec<Value>) -> String {
    match scope {
        Scope::All => "TRUE".to_owned(),
        Scope::Agent { hidden_teams, .. } if hidden_teams.is_empty() => "TRUE".to_owned(),
        Scope::Agent { hidden_teams, .. } => {
            let list = placeholders(params.len() + 1, hidden_teams.len());
            params.extend(hidden_teams.iter().map(|team| (*team).into_param()));
            format!("({column} IS NULL OR {column} NOT IN ({list}))")
        }
        Scope::Team(team) => {
            params.push((*team).into_param());
            format!("({column} = ${})", params.len())
        }
        Scope::Customer(_) => "FALSE".to_owned(),
    }
}

/// As [`scope_team`], for tickets: by project, and for customers by the reporter column.
pub fn scope_project(scope: &Scope, project: &str, reporter: &str, params: &mut Vec<Value>) -> String {
    match scope {
        Scope::All => "TRUE".to_owned(),
        Scope::Agent { hidden_projects, .. } if hidden_projects.is_empty() => "TRUE".to_owned(),
        Scope::Agent { hidden_projects, .. } => {
            let list = placeholders(params.len() + 1, hidden_projects.len());
            params.extend(hidden_projects.iter().map(|project| (*project).into_param()));
            format!("({project} NOT IN ({list}))")
        }
        Scope::Team(_) => "FALSE".to_owned(),
        Scope::Customer(person) => {
            params.push((*person).into_param());
            format!("({reporter} = ${})", params.len())
        }
    }
}
