//! Names of people and teams for other slices' lists.

use async_trait::async_trait;
use kernel::{PersonId, Scope, TeamId};
use platform::{DbError, Read, RecordTitles, Title};
use uuid::Uuid;

use crate::{person, team};

/// Names of people. Everybody who sees a record may see the names on it; customers too.
pub struct PersonTitles;

#[async_trait]
impl RecordTitles for PersonTitles {
    fn kind(&self) -> &'static str {
        "person"
    }

    async fn titles(&self, read: &Read, _scope: &Scope, ids: &[Uuid]) -> Result<Vec<Title>, DbError> {
        let ids: Vec<PersonId> = ids.iter().copied().map(PersonId).collect();
        let names = person::store::names(read, &ids).await?;
        Ok(names.into_iter().map(|(id, title)| Title { id: id.0, key: None, title, status: None }).collect())
    }
}

/// Names of teams, those that the scope may see.
pub struct TeamTitles;

#[async_trait]
impl RecordTitles for TeamTitles {
    fn kind(&self) -> &'static str {
        "team"
    }

    async fn titles(&self, read: &Read, scope: &Scope, ids: &[Uuid]) -> Result<Vec<Title>, DbError> {
        let ids: Vec<TeamId> = ids.iter().copied().map(TeamId).filter(|id| scope.sees_team(Some(*id))).collect();
        let names = team::store::names(read, &ids).await?;
        Ok(names.into_iter().map(|(id, title)| Title { id: id.0, key: None, title, status: None }).collect())
    }
}
