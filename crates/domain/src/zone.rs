//! Time zones by name, and local times as the API spells them (`09:00`, `2026-01-05T09:00`).
//!
//! **Invariants**
//! - A [`Zone`] that exists is known to the bundled zone database; the machine's own is never read, so that every
//!   node and every test agrees.

use std::{fmt, str::FromStr, sync::LazyLock};

use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};

static BUNDLED: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A time zone of the IANA database, such as `Europe/Oslo`. In a schema it is a string:
/// `#[schema(value_type = String)]`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

/// No time zone has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no time zone {0:?}; names look like \"Europe/Oslo\"")]
pub struct UnknownZone(pub String);

impl Zone {
    /// The zone of this name.
    pub fn parse(name: &str) -> Result<Self, UnknownZone> {
        match BUNDLED.get(name.trim()) {
            Ok(rules) => Ok(Self { name: rules.iana_name().unwrap_or(name.trim()).to_owned(), rules }),
            Err(_) => Err(UnknownZone(name.to_owned())),
        }
    }

    /// Coordinated Universal Time.
    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), rules: TimeZone::UTC }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its rules.
    pub fn rules(&self) -> &TimeZone {
        &self.rules
    }
}

impl TryFrom<String> for Zone {
    type Error = UnknownZone;
    fn try_from(name: String) -> Result<Self, UnknownZone> {
        Self::parse(&name)
    }
}

impl FromStr for Zone {
    type Err = UnknownZone;
    fn from_str(name: &str) -> Result<Self, UnknownZone> {
        Self::parse(name)
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// A time of day as `09:00`.
pub mod hour_minute {
    use jiff::civil::Time;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes `09:00`.
    pub fn serialize<S: Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:02}:{:02}", time.hour(), time.minute()))
    }

    /// Reads `09:00` or `09:00:00`; seconds are dropped.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time: Time = text.parse().map_err(|_| D::Error::custom(format!("{text:?} is not a time such as 09:00")))?;
        Time::new(time.hour(), time.minute(), 0, 0).map_err(D::Error::custom)
    }
}

/// A local date and time as `2026-01-05T09:00`.
pub mod local_minute {
    use jiff::civil::DateTime;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes `2026-01-05T09:00`.
    pub fn serialize<S: Serializer>(at: &DateTime, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}T{:02}:{:02}", at.date(), at.hour(), at.minute()))
    }

    /// Reads it; seconds are dropped.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime, D::Error> {
        read(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }

    fn read(text: &str) -> Result<DateTime, String> {
        let at: DateTime =
            text.parse().map_err(|_| format!("{text:?} is not a local date and time such as 2026-01-05T09:00"))?;
        Ok(at.date().at(at.hour(), at.minute(), 0, 0))
    }

    /// The same for a field that may be absent.
    pub mod option {
        use jiff::civil::DateTime;
        use serde::{Deserialize, Deserializer, Serializer, de::Error};

        /// Writes it or null.
        pub fn serialize<S: Serializer>(at: &Option<DateTime>, serializer: S) -> Result<S::Ok, S::Error> {
            match at {
                Some(at) => super::serialize(at, serializer),
                None => serializer.serialize_none(),
            }
        }

        /// Reads it or null.
        pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime>, D::Error> {
            let text = Option::<String>::deserialize(deserializer)?;
            text.map(|text| super::read(&text).map_err(D::Error::custom)).transpose()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_checked_when_read() {
        assert_eq!(serde_json::from_str::<Zone>("\"Europe/Oslo\"").expect("exists").name(), "Europe/Oslo");
        let error = serde_json::from_str::<Zone>("\"Europe/Atlantis\"").expect_err("does not exist");
        insta::assert_snapshot!(error, @r#"there is no time zone "Europe/Atlantis"; names look like "Europe/Oslo""#);
    }
}
