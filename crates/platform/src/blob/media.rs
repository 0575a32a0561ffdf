//! What a file is, and what it may be called: told by its content, never by the client's word.
//!
//! **Invariants**
//! - A declared type is believed only between kinds of harmless text.
//! - What a browser could run is given out as bytes ([`served_as`]), always to be saved and never to be shown.
//! - A name holds no path, no control characters and none that turn the direction of writing.

use http::HeaderValue;

/// Bytes of which nothing is known.
pub const BYTES: &str = "application/octet-stream";

/// Types of programs, which are refused unless an administrator says otherwise.
pub const PROGRAMS: &[&str] = &[
    "application/vnd.microsoft.portable-executable",
    "application/x-executable",
    "application/x-mach-binary",
    "application/vnd.android.dex",
    "application/x-google-chrome-extension",
    "application/x-shockwave-flash",
];

/// Kinds of text that do nothing when they are opened.
const TEXTS: &[&str] = &[
    "text/plain",
    "text/csv",
    "text/markdown",
    "text/x-log",
    "text/x-patch",
    "text/x-diff",
    "text/tab-separated-values",
    "application/json",
    "application/x-ndjson",
    "application/yaml",
    "application/toml",
];

/// Types that are given out as what they are.
const SERVED: &[&str] = &[
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
    "image/tiff",
    "image/bmp",
    "image/heif",
    "application/pdf",
    "application/zip",
    "application/gzip",
    "application/x-7z-compressed",
    "application/x-xz",
    "application/zstd",
    "application/x-tar",
    "application/msword",
    "application/rtf",
];

/// The type of a content by its first bytes; `declared` is what the client says.
pub fn sniff(head: &[u8], declared: Option<&str>) -> String {
    match infer::get(head).map(|found| found.mime_type()) {
        // Text is looked at below, with the same eyes for all of it.
        Some("text/html" | "text/xml" | "text/x-shellscript") | None => {}
        Some(found) => return found.to_owned(),
    }
    let Some(text) = text(head) else { return BYTES.to_owned() };
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('<') {
        let text = text.to_ascii_lowercase();
        let kind = if text.contains("<svg") {
            "image/svg+xml"
        } else if text.starts_with("<?xml") && !text.contains("<html") {
            "application/xml"
        } else {
            "text/html"
        };
        return kind.to_owned();
    }
    let declared = declared.and_then(|kind| kind.split(';').next()).map(|kind| kind.trim().to_ascii_lowercase());
    declared.filter(|kind| TEXTS.contains(&kind.as_str())).unwrap_or_else(|| "text/plain".to_owned())
}

/// The content as text, when it is text; its end may stand in the middle of a letter.
fn text(head: &[u8]) -> Option<&str> {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&head[..error.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    let strange = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t' | '\u{c}' | '\u{1b}');
    (!text.contains(strange)).then_some(text)
}

/// What the answer with this content says that it is. Whatever a browser might run goes out as bytes.
pub fn served_as(media_type: &str) -> &str {
    let media = ["audio/", "video/"].iter().any(|kind| media_type.starts_with(kind));
    let office = media_type.starts_with("application/vnd.openxmlformats-officedocument.")
        || media_type.starts_with("application/vnd.oasis.opendocument.")
        || media_type.starts_with("application/vnd.ms-");
    match media_type {
        served if SERVED.contains(&served) || media || office => served,
        text if TEXTS.contains(&text) => "text/plain; charset=utf-8",
        _ => BYTES,
    }
}

/// The longest name, in letters.
const LONGEST: usize = 150;

/// A file name that is safe to store and to show: the last part of a path, without letters that hide something.
pub fn safe_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|letter| !hides(*letter)).collect();
    let kept = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    let kept = kept.trim_matches(['.', ' ']);
    if kept.is_empty() {
        return "file".to_owned();
    }
    if kept.chars().count() <= LONGEST {
        return kept.to_owned();
    }
    // The ending tells most: it stays.
    let ending = kept.rsplit_once('.').map(|(_, ending)| ending).filter(|ending| ending.chars().count() <= 12);
    match ending {
        Some(ending) => {
            let stem: String = kept.chars().take(LONGEST - ending.chars().count() - 1).collect();
            format!("{stem}.{ending}")
        }
        None => kept.chars().take(LONGEST).collect(),
    }
}

/// Letters that are not seen, or that change how others are seen.
fn hides(letter: char) -> bool {
    (letter.is_control() && !letter.is_whitespace())
        || matches!(letter,
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{61c}' | '\u{feff}'
            | '\u{ad}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// `Content-Disposition` that lets a browser save a file under its name (RFC 6266).
pub fn disposition(name: &str) -> HeaderValue {
    let plain: String = name
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || " .-_()+,=@".contains(letter) { letter } else { '_' })
        .collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    HeaderValue::from_str(&format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"))
        .unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_told_by_content() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        let cases: &[(&[u8], Option<&str>, &str)] = &[
            (png, Some("text/html"), "image/png"),
            (b"%PDF-1.7 \xff", Some("text/plain"), "application/pdf"),
            (b"MZ\x90\0", Some("image/png"), "application/vnd.microsoft.portable-executable"),
            (
                b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0\x01\0\0\0 0123456789012345678901234567890123",
                Some("text/plain"),
                "application/x-executable",
            ),
            (b"a,b\n1,2\n", Some("text/csv"), "text/csv"),
            (b"a,b\n1,2\n", Some("text/html"), "text/plain"),
            (b"a,b\n1,2\n", Some("TEXT/CSV; charset=x"), "text/csv"),
            (b"{\"a\": 1}", Some("application/json"), "application/json"),
            (b"{\"a\": 1}", Some("image/svg+xml"), "text/plain"),
            (b"  <svg xmlns='http://www.w3.org/2000/svg'><script>", Some("image/png"), "image/svg+xml"),
            (b"<?xml version='1.0'?>\n<!-- x --><SVG onload='x'>", None, "image/svg+xml"),
            (b"<?xml version='1.0'?><html xmlns='x'>", None, "text/html"),
            (b"<?xml version='1.0'?><a/>", None, "application/xml"),
            (b"\xef\xbb\xbf <!doctype html><p>", Some("text/plain"), "text/html"),
            (b"<img src=x onerror=alert(1)>", Some("text/plain"), "text/html"),
            (b"#!/bin/sh\necho", Some("application/octet-stream"), "text/plain"),
            (b"2026-11-22 \x1b[31merror\x1b[0m", None, "text/plain"),
            (b"\0\x01\x02\x03", Some("text/plain"), BYTES),
            (b"caf\xc3", None, "text/plain"),
            (b"caf\xc3\x28", None, BYTES),
            (b"", Some("image/png"), "text/plain"),
        ];
        for (head, declared, expected) in cases {
            assert_eq!(&sniff(head, *declared), expected, "{:?}", String::from_utf8_lossy(head));
        }
    }

    #[test]
    fn what_a_browser_runs_goes_out_as_bytes() {
        for kind in ["image/svg+xml", "text/html", "application/xml", "application/x-shockwave-flash", "made/up"] {
            assert_eq!(served_as(kind), BYTES);
        }
        assert_eq!(served_as("image/png"), "image/png");
        assert_eq!(served_as("text/markdown"), "text/plain; charset=utf-8");
        assert_eq!(served_as("video/mp4"), "video/mp4");
    }

    #[test]
    fn names_hide_nothing() {
        let cases = [
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\ana\\disk.png", "disk.png"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("a\0b\r\nc\t.txt", "ab c .txt"),
            ("..", "file"),
            ("\u{200b}", "file"),
            (".htaccess", "htaccess"),
            ("Zahlung – März.pdf", "Zahlung – März.pdf"),
            ("", "file"),
        ];
        for (given, expected) in cases {
            assert_eq!(safe_name(given), expected, "{given:?}");
        }
        let long = safe_name(&format!("{}.tar.gz", "ü".repeat(400)));
        assert_eq!(long.chars().count(), LONGEST);
        assert!(long.ends_with(".gz"));
    }

    #[test]
    fn dispositions_cannot_be_broken_out_of() {
        let shown = |name| disposition(name).to_str().unwrap().to_owned();
        assert_eq!(
            shown("a\"; filename=\"b.html"),
            "attachment; filename=\"a__ filename=_b.html\"; filename*=UTF-8''a%22%3B%20filename%3D%22b.html"
        );
        assert_eq!(shown("März.pdf"), "attachment; filename=\"M_rz.pdf\"; filename*=UTF-8''M%C3%A4rz.pdf");
    }
}
