//! Mail through an SMTP server.

use async_trait::async_trait;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, MultiPart, header},
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};

use super::{Mail, Mailer, SendError, guard::AddressGuard};

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum SmtpTls {
    /// Plain text: for a server on the same host or a protected network.
    None,
    /// STARTTLS when the server offers it.
    Opportunistic,
    /// STARTTLS, or nothing is sent.
    #[default]
    Starttls,
    /// TLS from the first byte (port 465).
    Implicit,
}

/// Where mail goes.
#[derive(Clone, serde::Deserialize)]
pub struct SmtpSettings {
    /// Host name or address.
    pub host: String,
    /// Port: 587 with STARTTLS, 465 with implicit TLS, 25 without.
    pub port: u16,
    /// Protection.
    #[serde(default)]
    pub tls: SmtpTls,
    /// User name, when the server asks for one.
    pub username: Option<String>,
    /// Its password.
    pub password: Option<String>,
    /// The sender, such as `Bridgewatch <alerts@example.com>`.
    pub from: String,
}

impl std::fmt::Debug for SmtpSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpSettings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

/// A mailer that hands over to an SMTP server.
pub struct Smtp {
    settings: SmtpSettings,
    from: Mailbox,
    guard: AddressGuard,
}

impl Smtp {
    /// Checks the sender address; connects at the first mail.
    ///
    /// # Errors
    /// When the sender is no address.
    pub fn new(settings: SmtpSettings, guard: AddressGuard) -> Result<Self, SendError> {
        let from = settings
            .from
            .parse()
            .map_err(|error| SendError::permanent(format!("the setting `smtp.from` is no mail address: {error}")))?;
        Ok(Self { settings, from, guard })
    }

    /// Greets the mail server and signs in, without sending anything.
    ///
    /// # Errors
    /// Why mail would not be taken.
    pub async fn check(&self) -> Result<(), SendError> {
        match self.transport().await?.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(SendError::temporary("the mail server closed the connection")),
            Err(error) => Err(SendError::temporary(format!("the mail server does not answer as it should: {error}"))),
        }
    }

    /// A transport to an address that the guard has checked.
    async fn transport(&self) -> Result<AsyncSmtpTransport<Tokio1Executor>, SendError> {
        let settings = &self.settings;
        let addresses = self.guard.resolve(&settings.host, settings.port).await?;
        let address = addresses.first().ok_or_else(|| SendError::temporary("the mail server has no address"))?;
        let parameters = || {
            TlsParameters::new(settings.host.clone())
                .map_err(|error| SendError::permanent(format!("TLS cannot be set up: {error}")))
        };
        let tls = match settings.tls {
            SmtpTls::None => Tls::None,
            SmtpTls::Opportunistic => Tls::Opportunistic(parameters()?),
            SmtpTls::Starttls => Tls::Required(parameters()?),
            SmtpTls::Implicit => Tls::Wrapper(parameters()?),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(address.ip().to_string())
            .port(settings.port)
            .tls(tls)
            .timeout(Some(std::time::Duration::from_secs(20)));
        if let (Some(user), Some(password)) = (&settings.username, &settings.password) {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(builder.build())
    }
}

/// The mail as it goes over the wire.
fn message(from: &Mailbox, mail: &Mail) -> Result<Message, SendError> {
    let to: Mailbox =
        mail.to.parse().map_err(|error| SendError::permanent(format!("`{}` is no mail address: {error}", mail.to)))?;
    let domain = from.email.domain().to_owned();
    let subject = mail.subject.replace(['\r', '\n'], " ");
    let mut builder = Message::builder()
        .from(from.clone())
        .to(to)
        .subject(subject)
        .message_id(Some(format!("<{}@{domain}>", mail.message_id)))
        .raw_header(raw("Auto-Submitted", "auto-generated"));
    if let Some(thread) = &mail.thread {
        // No mail has this id: all of them answer the same one, so that they stand together in whatever order they come.
        let id = format!("<{}@{domain}>", thread.replace(['\r', '\n', ' '], "-"));
        builder = builder.in_reply_to(id.clone()).references(id);
    }
    for (name, value) in &mail.headers {
        let name = header::HeaderName::new_from_ascii(name.clone())
            .map_err(|_| SendError::permanent(format!("`{name}` is no header name")))?;
        builder = builder.raw_header(header::HeaderValue::new(name, value.replace(['\r', '\n'], " ")));
    }
    let built = match &mail.html {
        Some(html) => builder.multipart(MultiPart::alternative_plain_html(mail.text.clone(), html.clone())),
        None => builder.header(header::ContentType::TEXT_PLAIN).body(mail.text.clone()),
    };
    built.map_err(|error| SendError::permanent(format!("the mail cannot be written: {error}")))
}

fn raw(name: &'static str, value: &str) -> header::HeaderValue {
    header::HeaderValue::new(header::HeaderName::new_from_ascii_str(name), value.to_owned())
}

#[async_trait]
impl Mailer for Smtp {
    async fn send(&self, mail: Mail) -> Result<(), SendError> {
        let message = message(&self.from, &mail)?;
        match self.transport().await?.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => {
                Err(SendError::permanent(format!("the mail server refused: {error}")))
            }
            Err(error) => Err(SendError::temporary(format!("the mail server does not take the mail: {error}"))),
        }
    }
}

/// Stands in when no mail server is configured: every mail fails, with the reason.
pub struct NoMail;

#[async_trait]
impl Mailer for NoMail {
    async fn send(&self, _mail: Mail) -> Result<(), SendError> {
        Err(SendError::temporary("no mail server is configured; set `smtp.host` and `smtp.from`"))
    }
}

/// Writes mails into a folder, one `.eml` file each: for trying out without a mail server.
pub struct MailFolder(std::path::PathBuf);

impl MailFolder {
    /// Mails go into this folder, which is made at the first one.
    pub fn new(folder: std::path::PathBuf) -> Self {
        Self(folder)
    }
}

#[async_trait]
impl Mailer for MailFolder {
    async fn send(&self, mail: Mail) -> Result<(), SendError> {
        let from: Mailbox = "Bridgewatch <bridgewatch@localhost.localdomain>"
            .parse()
            .map_err(|error| SendError::permanent(format!("{error}")))?;
        let text = message(&from, &mail)?.formatted();
        let failed =
            |error: std::io::Error| SendError::temporary(format!("cannot write to {}: {error}", self.0.display()));
        tokio::fs::create_dir_all(&self.0).await.map_err(failed)?;
        tokio::fs::write(self.0.join(format!("{}.eml", mail.message_id)), text).await.map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_of_a_conversation_name_it() {
        let from: Mailbox = "Bridgewatch <bw@nordhaven.test>".parse().expect("an address");
        let mail = Mail {
            to: "ana@nordhaven.test".to_owned(),
            subject: "INC-1".to_owned(),
            text: "Hello".to_owned(),
            html: None,
            message_id: "notification.1".to_owned(),
            thread: Some("ticket.7".to_owned()),
            headers: vec![],
        };
        let text = String::from_utf8(message(&from, &mail).expect("a mail").formatted()).expect("text");
        for line in [
            "Message-ID: <notification.1@nordhaven.test>",
            "In-Reply-To: <ticket.7@nordhaven.test>",
            "References: <ticket.7@nordhaven.test>",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }
}
