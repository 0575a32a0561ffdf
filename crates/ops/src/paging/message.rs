//! What a page says, as mail and as webhook.

use domain::{priority::Priority, zone::Zone};
use jiff::Timestamp;
use kernel::{AlertId, PersonId, timestamp};
use platform::db::FromRow;
use platform::{App, DbError, Mail, Read, Webhook};
use serde_json::json;

use super::{
    flow,
    store::{self, PageRow},
};

/// The alert and the person, as a message needs them.
pub(super) struct Facts {
    pub(super) alert: AlertFacts,
    pub(super) service: Option<String>,
    pub(super) person: String,
    pub(super) zone: Zone,
    goes_on: bool,
}

/// The alert, as a message needs it.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct AlertFacts {
    pub(super) id: uuid::Uuid,
    pub(super) seq: i64,
    pub(super) message: String,
    pub(super) description: String,
    pub(super) status: String,
    pub(super) priority: String,
    pub(super) count: i64,
    pub(super) acknowledged_at: Option<i64>,
    pub(super) acknowledged_by: Option<uuid::Uuid>,
    pub(super) snoozed_until: Option<i64>,
    pub(super) service_id: Option<uuid::Uuid>,
    pub(super) created_at: i64,
}

impl AlertFacts {
    /// The priority; the least pressing for a text that nothing writes.
    pub(super) fn priority(&self) -> Priority {
        Priority::parse(&self.priority).unwrap_or(Priority::P5)
    }
}

impl Facts {
    /// Whether telling the person still makes sense.
    pub(super) fn is_wanted(&self) -> bool {
        let alert = &self.alert;
        alert.status == "open" && alert.snoozed_until.is_none() && (alert.acknowledged_at.is_none() || self.goes_on)
    }

    fn since(&self) -> String {
        in_zone(timestamp(self.alert.created_at), &self.zone)
    }
}

/// An instant as the person's clock shows it.
pub(super) fn in_zone(at: Timestamp, zone: &Zone) -> String {
    at.to_zoned(zone.rules().clone()).strftime("%Y-%m-%d %H:%M %Z").to_string()
}

/// Loads what the message of a page needs; none when the alert or the person is gone or disabled.
pub(super) async fn load(read: &Read, page: &PageRow) -> Result<Option<Facts>, DbError> {
    let Some(alert) = store::find_alert(read, AlertId(page.alert_id)).await? else { return Ok(None) };
    let person = PersonId(page.person_id);
    let mut people = identity::lookup::people(read, &[person]).await?;
    let Some(person) = people.remove(&person).filter(|person| person.active) else { return Ok(None) };
    let service = match alert.service_id {
        Some(id) => store::find_service(read, id).await?.map(|service| service.name),
        None => None,
    };
    let run = match store::find_escalation(read, page.escalation_id).await? {
        Some(row) => row.run()?,
        None => None,
    };
    Ok(Some(Facts {
        alert,
        service,
        person: person.name,
        zone: Zone::parse(&person.time_zone).unwrap_or_else(|_| Zone::utc()),
        goes_on: flow::goes_on(run.as_ref(), page.step),
    }))
}

/// The lines that every message has: label and value.
fn lines(page: &PageRow, facts: &Facts) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    if let Some(service) = &facts.service {
        lines.push(("Service", service.clone()));
    }
    lines.push(("Since", facts.since()));
    if facts.alert.count > 1 {
        lines.push(("Reports", facts.alert.count.to_string()));
    }
    lines.push(("Why you", page.because.clone()));
    lines
}

/// The mail.
pub(super) fn mail(app: &App, page: &PageRow, facts: &Facts, link: &str) -> Mail {
    let alert = &facts.alert;
    let page_of_alert = app.url(&format!("/alerts/{}", page.alert_id));
    let mut text = format!("{} {}\n\n", alert.priority, alert.message);
    let mut rows = String::new();
    for (label, value) in lines(page, facts) {
        text.push_str(&format!("{label}: {value}\n"));
        rows.push_str(&format!(
            "<tr><td style=\"padding:2px 12px 2px 0;color:#5b6470;vertical-align:top\">{label}</td><td>{}</td></tr>",
            escape(&value)
        ));
    }
    text.push_str(&format!("\nAcknowledge: {link}\nAlert: {page_of_alert}\n"));
    if !alert.description.trim().is_empty() {
        text.push_str(&format!("\n{}\n", alert.description.trim()));
    }
    text.push_str(&format!("\n{}\n", footer(app)));
    let description = if alert.description.trim().is_empty() {
        String::new()
    } else {
        format!("<p style=\"white-space:pre-wrap\">{}</p>", escape(alert.description.trim()))
    };
    let html = format!(
        "<!doctype html><html><body style=\"font:14px/1.5 sans-serif;color:#1b2430\">\
         <h1 style=\"font-size:18px;margin:0 0 12px\">{priority} {message}</h1><table>{rows}</table>{description}\
         <p><a href=\"{link}\" style=\"display:inline-block;padding:10px 18px;background:#1f4f7a;color:#fff;\
         text-decoration:none;border-radius:4px\">Acknowledge</a></p>\
         <p><a href=\"{page_of_alert}\">Open the alert</a></p><p style=\"color:#5b6470\">{footer}</p></body></html>",
        priority = escape(&alert.priority),
        message = escape(&alert.message),
        link = escape(link),
        page_of_alert = escape(&page_of_alert),
        footer = escape(&footer(app)),
    );
    Mail {
        to: page.address.clone(),
        subject: subject(&alert.priority, &alert.message),
        text,
        html: Some(html),
        message_id: page.id.to_string(),
        thread: None,
        headers: vec![
            ("X-Bridgewatch-Alert".to_owned(), page.alert_id.to_string()),
            ("Auto-Submitted".to_owned(), "auto-generated".to_owned()),
        ],
    }
}

fn footer(app: &App) -> String {
    format!("Sent by Bridgewatch for {}. The link acts for you: do not pass it on.", app.settings.organisation)
}

/// `[P1] message`, on one line of a bearable length.
fn subject(priority: &str, message: &str) -> String {
    let line: String = message.chars().map(|c| if c.is_control() { ' ' } else { c }).take(180).collect();
    format!("[{priority}] {}", line.trim())
}

/// The webhook, to this address.
pub(super) fn webhook(app: &App, url: String, page: &PageRow, facts: &Facts, link: &str) -> Webhook {
    let alert = &facts.alert;
    Webhook {
        url,
        body: json!({
            "type": "page",
            "page_id": page.id,
            "alert": {
                "id": page.alert_id,
                "tiny_id": alert.seq.to_string(),
                "message": alert.message,
                "description": alert.description,
                "priority": alert.priority,
                "count": alert.count,
                "created_at": timestamp(alert.created_at),
                "url": app.url(&format!("/alerts/{}", page.alert_id)),
            },
            "service": facts.service,
            "person": { "id": page.person_id, "name": facts.person },
            "because": page.because,
            "acknowledge_url": link,
        }),
        headers: Vec::new(),
        id: page.id.to_string(),
    }
}

/// Text as HTML.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_stay_on_one_line() {
        assert_eq!(subject("P1", "disk full\r\nBcc: x@y"), "[P1] disk full  Bcc: x@y");
        assert!(subject("P2", &"x".repeat(999)).len() < 200);
    }

    #[test]
    fn html_is_escaped() {
        assert_eq!(escape("<b title=\"'&\">"), "&lt;b title=&quot;&#39;&amp;&quot;&gt;");
    }
}
