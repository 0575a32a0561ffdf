//! The decision itself.

use catalog::service::{IncidentAction, IncidentRule};
use domain::priority::Priority;
use kernel::TicketId;

use super::IncidentRules;

/// What the decision looks at.
#[derive(Clone, Debug)]
pub struct Situation<'a> {
    /// The rules by tier, and their version.
    pub rules: (&'a IncidentRules, i64),
    /// The service's name, tier and own rule.
    pub service: (&'a str, i64, &'a IncidentRule),
    /// The alert's priority.
    pub priority: Priority,
    /// Whether a person asked for an incident.
    pub asked: bool,
    /// The open incident that collects this service's alerts.
    pub open: Option<TicketId>,
    /// Incidents that the rule opened within the storm cap's window, and the newest of them that is still open.
    pub recent: (i64, Option<TicketId>),
}

/// What to do, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Open an incident.
    Open(String),
    /// Propose one to the people on call.
    Propose(String),
    /// Leave it.
    Ignore(String),
    /// Add the alert to the service's open incident.
    Join(TicketId, String),
    /// Add it to the incident that collects a storm.
    Fold(TicketId, String),
}

/// Decides.
pub fn decide(on: &Situation<'_>) -> Decision {
    let (name, tier, own) = on.service;
    let (rules, version) = on.rules;
    let rule = match own.by_priority.get(&on.priority) {
        Some(action) => (*action, format!("the rule of {name} for {} alerts", on.priority.as_str())),
        None => {
            let action = rules.by_tier.get(&tier.to_string()).and_then(|by| by.get(&on.priority)).copied();
            let rules = if version == 0 {
                "default incident rules".to_owned()
            } else {
                format!("incident rules version {version}")
            };
            let text = format!("{} alert on the tier {tier} service {name}, {rules}", on.priority.as_str());
            (action.unwrap_or(IncidentAction::Ignore), text)
        }
    };
    let (action, because) = if on.asked { (IncidentAction::Open, "a person asked for it".to_owned()) } else { rule };
    match (action, on.open) {
        (IncidentAction::Ignore, _) => Decision::Ignore(because),
        // Also what would only be proposed belongs to the incident that is open for the service already.
        (_, Some(open)) => Decision::Join(open, format!("{name} has this open incident already; {because}")),
        (IncidentAction::Propose, None) => Decision::Propose(because),
        (IncidentAction::Open, None) => match on.recent {
            (count, Some(newest)) if count >= rules.storm_cap.max_incidents && !on.asked => Decision::Fold(
                newest,
                format!(
                    "{count} incidents were opened in {} minutes, which is the storm cap; {because}",
                    rules.storm_cap.window_min
                ),
            ),
            _ => Decision::Open(because),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn at(
        tier: i64,
        priority: Priority,
        own: &IncidentRule,
        open: Option<TicketId>,
        recent: (i64, Option<TicketId>),
        asked: bool,
    ) -> Decision {
        let rules = IncidentRules::default();
        decide(&Situation { rules: (&rules, 3), service: ("Payments API", tier, own), priority, asked, open, recent })
    }

    #[test]
    fn the_tier_decides_unless_the_service_says_otherwise() {
        let none = IncidentRule::default();
        assert!(
            matches!(at(1, Priority::P1, &none, None, (0, None), false), Decision::Open(why) if why.contains("tier 1") && why.contains("version 3"))
        );
        assert!(matches!(at(2, Priority::P2, &none, None, (0, None), false), Decision::Propose(_)));
        assert!(matches!(at(4, Priority::P1, &none, None, (0, None), false), Decision::Ignore(_)));
        let own = IncidentRule { by_priority: BTreeMap::from([(Priority::P1, IncidentAction::Ignore)]) };
        assert!(
            matches!(at(1, Priority::P1, &own, None, (0, None), false), Decision::Ignore(why) if why.contains("the rule of Payments API"))
        );
    }

    #[test]
    fn one_incident_collects_the_alerts_of_a_service() {
        let open = TicketId(uuid::Uuid::from_u128(7));
        let none = IncidentRule::default();
        assert!(
            matches!(at(1, Priority::P1, &none, Some(open), (1, Some(open)), false), Decision::Join(id, _) if id == open)
        );
        assert!(
            matches!(at(1, Priority::P3, &none, Some(open), (1, Some(open)), false), Decision::Join(id, _) if id == open)
        );
        assert!(matches!(at(1, Priority::P5, &none, Some(open), (1, Some(open)), false), Decision::Ignore(_)));
    }

    #[test]
    fn a_storm_is_folded_but_a_person_is_obeyed() {
        let newest = TicketId(uuid::Uuid::from_u128(9));
        let none = IncidentRule::default();
        assert!(matches!(at(1, Priority::P1, &none, None, (9, Some(newest)), false), Decision::Open(_)));
        assert!(
            matches!(at(1, Priority::P1, &none, None, (10, Some(newest)), false), Decision::Fold(id, _) if id == newest)
        );
        assert!(
            matches!(at(1, Priority::P1, &none, None, (10, None), false), Decision::Open(_)),
            "nothing to fold into"
        );
        assert!(matches!(at(4, Priority::P5, &none, None, (10, Some(newest)), true), Decision::Open(_)));
    }
}
