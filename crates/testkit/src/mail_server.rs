//! A real SMTP server (OpenSMTPD) that takes every recipient and delivers into Maildirs.
//!
//! OpenSMTPD keeps its queue and its control socket at fixed paths and wants to be root, so each
//! server runs in a mount and process namespace of its own: several run side by side, beside the
//! machine's own mail service too, and all its children end with it. An ordinary user starts it through
//! sudo and cannot kill it then, so its first process ends when its standard input closes.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Context;
use tempfile::TempDir;

use crate::process::{Process, eventually, free_port, listens};

/// The user and group that own delivered mail when root runs the tests (`nobody`): OpenSMTPD refuses root's.
const NOBODY: u32 = 65534;

/// Who runs the tests; user and group.
fn ourselves() -> std::io::Result<(u32, u32)> {
    let own = fs::metadata("/proc/self")?;
    Ok((own.uid(), own.gid()))
}

/// A running server. Its mail goes with it.
#[derive(Debug)]
pub struct MailServer {
    /// The loopback port that speaks SMTP.
    pub port: u16,
    process: Option<Process>,
    folder: TempDir,
}

/// One delivered message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The file it was delivered to; its name is unique.
    pub file: PathBuf,
    /// Headers and body as received.
    pub raw: String,
}

impl Message {
    /// The value of a header, unfolded; `None` when the message has none of that name.
    pub fn header(&self, name: &str) -> Option<String> {
        let mut found: Option<String> = None;
        for line in self.raw.lines().take_while(|line| !line.is_empty()) {
            if let Some(value) = &mut found {
                if line.starts_with([' ', '\t']) {
                    value.push(' ');
                    value.push_str(line.trim());
                    continue;
                }
                return found;
            }
            if let Some((key, value)) = line.split_once(':')
                && key.eq_ignore_ascii_case(name)
            {
                found = Some(value.trim().to_owned());
            }
        }
        found
    }

    /// Everything after the headers, with quoted-printable line ends and escapes undone.
    pub fn text(&self) -> String {
        let body = self.raw.replace("\r\n", "\n");
        let body = body.split_once("\n\n").map_or("", |(_, body)| body);
        if body.contains("=3D") || body.contains("=\n") || self.raw.contains("quoted-printable") {
            unquote(body)
        } else {
            body.to_owned()
        }
    }
}

fn unquote(body: &str) -> String {
    let joined = body.replace("=\n", "");
    let bytes = joined.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'=')
            .then(|| joined.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let Some(byte) = escaped {
            out.push(byte);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

impl MailServer {
    /// Starts a server on a free port.
    ///
    /// # Panics
    /// When OpenSMTPD is not installed or does not start.
    pub fn start() -> Self {
        Self::try_start().expect("a real SMTP server")
    }

    fn try_start() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("bwmail").tempdir()?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711))?;
        let boxes = folder.path().join("boxes");
        fs::create_dir(&boxes)?;
        fs::set_permissions(&boxes, fs::Permissions::from_mode(0o777))?;
        if ourselves()?.0 == 0 {
            chown(&boxes, Some(NOBODY), Some(NOBODY))?;
        }
        let mut server = Self { port: free_port(), process: None, folder };
        server.write_configuration()?;
        server.resume()?;
        Ok(server)
    }

    fn write_configuration(&self) -> anyhow::Result<()> {
        let boxes = self.boxes();
        let boxes = boxes.display();
        let (user, group) = match ourselves()? {
            (0, _) => (NOBODY, NOBODY),
            others => others,
        };
        fs::write(
            self.folder.path().join("smtpd.conf"),
            format!(
                "table everyone {{ \"@\" = \"box\" }}\n\
                 table owner {{ \"box\" = \"{user}:{group}:{boxes}\" }}\n\
                 listen on 127.0.0.1 port {port} hostname mail.test\n\
                 action \"box\" maildir \"{boxes}/%{{dest:lowercase}}\" virtual <everyone> userbase <owner>\n\
                 match from any for any action \"box\"\n",
                port = self.port,
            ),
        )?;
        // It looks up who connects. Without a name server within reach that takes five seconds per mail.
        fs::write(self.folder.path().join("resolv.conf"), "lookup file\n")?;
        fs::write(
            self.folder.path().join("start.sh"),
            format!(
                "set -e\n\
                 mount -t tmpfs tmpfs /run\n\
                 mount -t tmpfs tmpfs /var/spool\n\
                 mkdir -p -m 711 /var/spool/smtpd\n\
                 [ ! -e /etc/resolv.conf ] || mount --bind {folder}/resolv.conf /etc/resolv.conf\n\
                 exec 3<&0 </dev/null\n\
                 trap 'exit 0' TERM\n\
                 {{ cat <&3 >/dev/null; kill -TERM $$; }} &\n\
                 /usr/sbin/smtpd -d -f {folder}/smtpd.conf 3<&- &\n\
                 wait $!\n",
                folder = self.folder.path().display()
            ),
        )?;
        Ok(())
    }

    fn boxes(&self) -> PathBuf {
        self.folder.path().join("boxes")
    }

    /// Stops taking mail, as a server that went down; what was delivered stays.
    pub fn pause(&mut self) {
        self.process = None;
        // The kernel ends the namespace's processes a moment after its first one.
        eventually("smtpd to be gone", Duration::from_secs(10), || (!listens(self.port)).then_some(()));
    }

    /// Takes mail again on the same port.
    pub fn resume(&mut self) -> anyhow::Result<()> {
        let root = ourselves()?.0 == 0;
        let mut command = if root { Command::new("unshare") } else { Command::new("sudo") };
        if !root {
            command.args(["-n", "unshare"]);
        }
        command
            .args(["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh"])
            .arg(self.folder.path().join("start.sh"));
        let mut process = Process::start_tied("smtpd", &mut command, &self.folder.path().join("log"))
            .context("OpenSMTPD needs root, or sudo without a password")?;
        let port = self.port;
        process.wait_until(Duration::from_secs(20), || listens(port))?;
        self.process = Some(process);
        Ok(())
    }

    /// The messages delivered to `address` so far, oldest first.
    pub fn messages(&self, address: &str) -> Vec<Message> {
        let mut found: Vec<_> = [self.boxes().join(address.to_lowercase()).join("new")]
            .iter()
            .filter_map(|folder| fs::read_dir(folder).ok())
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter_map(|file| {
                let at = fs::metadata(&file).and_then(|data| data.modified()).ok()?;
                Some((at, read(&file)?))
            })
            .collect();
        found.sort_by_key(|(at, message)| (*at, message.file.clone()));
        found.into_iter().map(|(_, message)| message).collect()
    }

    /// Waits for a message to `address` that `wanted` accepts.
    ///
    /// # Panics
    /// When none came within `limit`; says what did come.
    pub fn expect(&self, address: &str, limit: Duration, wanted: impl Fn(&Message) -> bool) -> Message {
        eventually(format_args!("a mail to {address}; so far: {:#?}", Subjects(self, address)), limit, || {
            self.messages(address).into_iter().find(|message| wanted(message))
        })
    }
}

/// Prints the subjects of a mailbox.
struct Subjects<'a>(&'a MailServer, &'a str);

impl std::fmt::Debug for Subjects<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.messages(self.1).iter().map(|message| message.header("Subject"))).finish()
    }
}

fn read(file: &Path) -> Option<Message> {
    Some(Message { file: file.to_owned(), raw: String::from_utf8_lossy(&fs::read(file).ok()?).into_owned() })
}
