//! Files on tickets: who may attach, see and remove them, and that hostile ones do no harm.

use axum::http::{Method, Request};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::SignedDuration;
use platform::app::AttachmentLimits;
use serde_json::{Value, json};
use testkit::{Answer, TestApp};

use crate::support::{caller_without, count, desk, desk_with, incident, project_id};

/// A picture of 640 x 400 pixels.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAoAAAAGQCAIAAACxkUZyAAAFAElEQVR42u3VMQ0AAAgEsZeCNKQhFRcMpEkV3HKpHgDgWCQAAAMGAAMGAAwYAAwYADBgADBgAMCAAcCAAQADBgADBgADBgAMGAAMGAAwYAAwYADAgAHAgAEAAwYAAwYAAwYADBgADBgAMGAAMGAAwIABwIABAAMGAAMGAAMGAAwYAAwYADBgADBgAMCAAcCAAQADBgADBgADBgAMGAAMGAAwYAAwYADAgAHAgAEAAwYAAwYAAwYADBgADBgAMGAAMGAAwIABwIABAAMGAAMGAAMGAAwYAAwYADBgADBgAMCAAcCAAQADBgADBgADBgAMGAAMGAAwYAAwYADAgAHAgAEAAwYAAwYAAwYADBgADBgAMGAAMGAAwIABwIABAAMGAAMGAANWAQAMGAAMGAAwYAAwYADAgAHAgAEAAwYAAwYADBgADBgADBgAMGAAMGAAwIABwIABAAMGAAMGAAwYAAwYAAwYADBgADBgAMCAAcCAAQADBgADBgAMGAAMGAAMGAAwYAAwYADAgAHAgAEAAwYAAwYADBgADBgADBgAMGAAMGAAwIABwIABAAMGAAMGAAwYAAwYAAwYADBgADBgAMCAAcCAAQADBgADBgAMGAAMGAAMGAAwYAAwYADAgAHAgAEAAwYAAwYADBgADBgADBgAMGAAMGAAwIABwIABAAMGAAMGAAwYAAwYAAwYADBgADBgAMCAAcCAAQADBgADBgAMGAAMGAAMWAUAMGAAMGAAwIABwIABAAMGAAMGAAwYAAwYADBgADBgADBgAMCAAcCAAQADBgADBgAMGAAMGAAwYAAwYAAwYADAgAHAgAEAAwYAAwYADBgADBgAMGAAMGAAMGAAwIABwIABAAMGAAMGAAwYAAwYADBgADBgADBgAMCAAcCAAQADBgADBgAMGAAMGAAwYAAwYAAwYADAgAHAgAEAAwYAAwYADBgADBgAMGAAMGAAMGAAwIABwIABAAMGAAMGAAwYAAwYADBgADBgADBgAMCAAcCAAQADBgADBgAMGAAMGAAwYAAwYAAwYADAgAHAgAEAAwYAAwYADBgADBgAMGAAMGAAMGAAwIABwIABAAMGAAMGAAwYAAwYADBgADBgADBgCQDAgAHAgAEAAwYAAwYADBgADBgAMGAAMGAAwIABwIABwIABAAMGAAMGAAwYAAwYADBgADBgAMCAAcCAAcCAAQADBgADBgAMGAAMGAAwYAAwYADAgAHAgAHAgAEAAwYAAwYADBgADBgAMGAAMGAAwIABwIABwIABAAMGAAMGAAwYAAwYADBgADBgAMCAAcCAAcCAAQADBgADBgAMGAAMGAAwYAAwYADAgAHAgAHAgAEAAwYAAwYADBgADBgAMGAAMGAAwIABwIABwIABAAMGAAMGAAwYAAwYADBgADBgAMCAAcCAAcCAAQADBgADBgAMGAAMGAAwYAAwYADAgAHAgAHAgFUAAAMGAAMGAAwYAAwYADBgADBgAMCAAcCAAQADBgADBgADBgAMGAAMGAAwYAAwYADAgAHAgAEAAwYAAwYAAwYADBgADBgAMGAAMGAAwIABwIABAAMGAAMGAAMGAAwYAAwYADBgADBgAMCAAcCAAQADBgADBgADBgAMGAAMGAAwYAAwYADAgAHAgAEAAwYAAwYAAwYADBgADBgAMGAAMGAAwIABwIABAAMGAAMGAAMGAAwYAP5atmpB7CnLBl8AAAAASUVORK5CYII=";

fn png() -> Vec<u8> {
    STANDARD.decode(PNG).expect("base64")
}

fn path_of(ticket: &Value) -> String {
    format!("/api/v1/tickets/{}/attachments", ticket["key"].as_str().expect("a key"))
}

fn one(attachment: &Value) -> String {
    format!("/api/v1/attachments/{}", attachment["id"].as_str().expect("an id"))
}

async fn note(app: &TestApp, name: &str, ticket: &Value, content: &[u8]) -> Value {
    app.upload(name, &path_of(ticket), ("notes.txt", "text/plain", content), &[]).await.expect(201)
}

async fn fetch(app: &TestApp, name: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().uri(path).header("authorization", format!("Bearer {name}"));
    for (header, value) in headers {
        request = request.header(*header, *value);
    }
    app.send(request.body(axum::body::Body::empty()).expect("a request")).await
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).map_or("", |value| value.to_str().expect("text"))
}

testkit::both_databases! {
    async fn a_picture_is_attached_shown_and_removed(backend) {
        let app = desk(backend).await;
        let ticket = incident(&app, "Rack door open", json!({})).await;
        let file = ("C:\\Photos\\rack \u{202e}gnp.exe.png", "image/svg+xml", &png()[..]);
        let made = app.upload("ana", &path_of(&ticket), file, &[]).await.expect(201);
        assert_eq!(made["name"], "rack gnp.exe.png");
        assert_eq!(made["media_type"], "image/png");
        assert_eq!((&made["size"], &made["width"], &made["height"]), (&json!(png().len()), &json!(640), &json!(400)));
        assert_eq!((&made["internal"], &made["thumbnail"]), (&json!(false), &json!(true)));
        assert_eq!(made["created_by"]["name"], "ana");
        assert_eq!(made["actions"], json!([{"name": "delete", "allowed": true}]));
        let listed = app.get("bo", &path_of(&ticket)).await.expect(200);
        assert_eq!(listed["items"][0]["id"], made["id"]);
        assert_eq!(listed["items"][0]["actions"][0]["allowed"], false);

        let small = fetch(&app, "bo", &format!("{}/thumbnail", one(&made)), &[]).await;
        assert_eq!((small.status.as_u16(), header(&small, "content-type")), (200, "image/jpeg"));
        let whole = fetch(&app, "bo", &format!("{}/content", one(&made)), &[]).await;
        assert_eq!(whole.status, 200);
        assert_eq!(header(&whole, "content-type"), "image/png");
        assert_eq!(header(&whole, "content-length"), png().len().to_string());
        assert!(header(&whole, "content-disposition").starts_with("attachment; filename=\"rack gnp.exe.png\""));
        assert_eq!(header(&whole, "x-content-type-options"), "nosniff");
        assert!(header(&whole, "content-security-policy").starts_with("sandbox; default-src 'none'"));
        assert_eq!(header(&whole, "cache-control"), "private, no-cache");

        app.call("bo", Method::DELETE, &one(&made), Value::Null).await.expect(403);
        app.call("ana", Method::DELETE, &one(&made), Value::Null).await.expect(204);
        app.get("ana", &one(&made)).await.expect(404);
        let feed = app.get("ana", &format!("/api/v1/tickets/{}/activity", ticket["key"].as_str().expect("a key"))).await;
        let feed = feed.expect(200);
        let told: Vec<&str> = feed["items"].as_array().expect("items").iter().filter_map(|one| one["text"].as_str()).collect();
        assert_eq!(told[told.len() - 2..], ["attached a file", "removed a file"], "{feed:#}");
        // The content goes when nothing uses it.
        assert_eq!(count(&app.app, "blobs").await, 2);
        platform::blob::start(&app.app).await.expect("a sweep");
        app.advance(SignedDuration::from_hours(26)).await;
        assert_eq!((count(&app.app, "blobs").await, count(&app.app, "blob_uses").await), (0, 0));
    }

    async fn parts_and_repeats_are_answered_as_asked(backend) {
        let app = desk(backend).await;
        let ticket = incident(&app, "A log", json!({})).await;
        let made = note(&app, "ana", &ticket, b"0123456789").await;
        assert_eq!(made["media_type"], "text/plain");
        let path = format!("{}/content", one(&made));
        let whole = fetch(&app, "ana", &path, &[]).await;
        let tag = header(&whole, "etag").to_owned();
        assert!(!tag.contains("84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882"), "the hash is not told");
        let part = fetch(&app, "ana", &path, &[("range", "bytes=2-4")]).await;
        assert_eq!((part.status.as_u16(), header(&part, "content-range"), &part.body), (206, "bytes 2-4/10", &json!(234)));
        let end = fetch(&app, "ana", &path, &[("range", "bytes=-3"), ("if-range", tag.as_str())]).await;
        assert_eq!((end.status.as_u16(), &end.body), (206, &json!(789)));
        let other = fetch(&app, "ana", &path, &[("range", "bytes=-3"), ("if-range", "\"other\"")]).await;
        assert_eq!((other.status.as_u16(), header(&other, "content-length")), (200, "10"));
        let outside = fetch(&app, "ana", &path, &[("range", "bytes=10-")]).await;
        assert_eq!((outside.status.as_u16(), header(&outside, "content-range")), (416, "bytes */10"));
        let known = fetch(&app, "ana", &path, &[("if-none-match", tag.as_str())]).await;
        assert_eq!((known.status.as_u16(), known.body), (304, Value::Null));
        app.get("ana", &format!("{}/thumbnail", one(&made))).await.expect(404);

        // The same request again attaches nothing; another file under the same key is refused.
        let send = async |content: &[u8]| {
            let (kind, body) = testkit::form("a.txt", "text/plain", content, &[]);
            let request = Request::builder().method(Method::POST).uri(path_of(&ticket));
            let request = request.header("authorization", "Bearer ana").header("idempotency-key", "k1");
            app.send(request.header("content-type", kind).body(body.into()).expect("a request")).await
        };
        let first = send(b"once").await.expect(201);
        assert_eq!(send(b"once").await.expect(201)["id"], first["id"]);
        send(b"twice").await.expect(409);
        let listed = app.get("ana", &path_of(&ticket)).await.expect(200);
        assert_eq!(listed["items"].as_array().map(Vec::len), Some(2));
        // Two files of one content are one content.
        let before = count(&app.app, "blobs").await;
        note(&app, "ana", &ticket, b"once").await;
        assert_eq!(count(&app.app, "blobs").await, before);
    }

    async fn customers_see_what_is_public_on_their_own_tickets(backend) {
        let app = desk(backend).await;
        let body = json!({"project_key": "REQ", "kind": "request", "summary": "A new chair"});
        let ticket = app.post("cem", "/api/v1/tickets", body).await.expect(201);
        let public = note(&app, "ana", &ticket, b"for all").await;
        let secret = app.upload("ana", &path_of(&ticket), ("s.txt", "text/plain", b"secret"), &[("internal", "true")]).await;
        let secret = secret.expect(201);
        assert_eq!(secret["internal"], true);
        let own = note(&app, "cem", &ticket, b"my own").await;
        let listed = app.get("cem", &path_of(&ticket)).await.expect(200);
        let seen: Vec<&Value> = listed["items"].as_array().expect("items").iter().map(|one| &one["id"]).collect();
        assert_eq!(seen, [&public["id"], &own["id"]]);
        for what in ["", "/content", "/thumbnail"] {
            app.get("cem", &format!("{}{what}", one(&secret))).await.expect(404);
            app.get("eve", &format!("{}{what}", one(&public))).await.expect(404);
        }
        app.get("cem", &format!("{}/content", one(&public))).await.expect(200);
        app.call("cem", Method::DELETE, &one(&secret), Value::Null).await.expect(404);
        app.call("cem", Method::DELETE, &one(&public), Value::Null).await.expect(403);
        app.call("cem", Method::DELETE, &one(&own), Value::Null).await.expect(204);
        app.upload("cem", &path_of(&ticket), ("s.txt", "text/plain", b"x"), &[("internal", "true")]).await.expect(403);
        app.upload("eve", &path_of(&ticket), ("s.txt", "text/plain", b"x"), &[]).await.expect(404);
        // Agents from whom the project is hidden, and viewers.
        let hidden = project_id(&app, "REQ").await.parse().expect("an id");
        app.know("outsider", caller_without("bo", vec![hidden]));
        app.get("outsider", &format!("{}/content", one(&public))).await.expect(404);
        // Nothing tells the customer that there was more.
        let feed = app.get("cem", &format!("/api/v1/tickets/{}/activity", ticket["key"].as_str().expect("a key"))).await;
        assert!(!feed.expect(200).to_string().contains("file"));
    }

    async fn files_belong_to_comments(backend) {
        let app = desk(backend).await;
        let ticket = incident(&app, "Talk", json!({})).await;
        let path = format!("/api/v1/tickets/{}", ticket["key"].as_str().expect("a key"));
        let (one, two) = (note(&app, "ana", &ticket, b"one").await, note(&app, "bo", &ticket, b"two").await);
        let body = json!({"body": "See the file.", "attachment_ids": [one["id"]]});
        let comment = app.post("ana", &format!("{path}/comments"), body.clone()).await.expect(201);
        let feed = app.get("bo", &format!("{path}/activity")).await.expect(200);
        let shown = feed["items"].as_array().expect("items").iter().find(|entry| entry["id"] == comment["id"]);
        let shown = shown.expect("the comment");
        assert_eq!((&shown["attachments"][0]["id"], &shown["attachments"][0]["comment_id"]), (&one["id"], &comment["id"]));
        // Not those of others, of other tickets, of another comment, or none at all; and then no comment either.
        let other = incident(&app, "Other", json!({})).await;
        let elsewhere = note(&app, "ana", &other, b"three").await;
        let nothing = json!("01a17f18-01cb-7b5a-b928-20c1c19c1cbd");
        for id in [&two["id"], &elsewhere["id"], &one["id"], &nothing] {
            let body = json!({"body": "Mine", "attachment_ids": [id]});
            let refused = app.post("ana", &format!("{path}/comments"), body).await.expect(422);
            assert_eq!(refused["errors"][0]["field"], "attachment_ids[0]");
        }
        assert_eq!(count(&app.app, "ticket_comments").await, 1);
        // Files take the visibility of the comment, which their author sends: internal ones are staged while it is written.
        let drawn = note(&app, "ana", &ticket, b"four").await;
        let body = json!({"body": "For us", "visibility": "internal", "attachment_ids": [drawn["id"]]});
        app.post("ana", &format!("{path}/comments"), body).await.expect(201);
        assert_eq!(app.get("ana", &format!("/api/v1/attachments/{}", drawn["id"].as_str().expect("an id"))).await.expect(200)["internal"], true);
        let secret = app.upload("ana", &path_of(&ticket), ("s.txt", "text/plain", b"five"), &[("internal", "true")]).await;
        let staged = secret.expect(201);
        let body = json!({"body": "For all", "attachment_ids": [staged["id"]]});
        app.post("ana", &format!("{path}/comments"), body).await.expect(201);
        let shown = app.get("ana", &format!("/api/v1/attachments/{}", staged["id"].as_str().expect("an id"))).await;
        assert_eq!(shown.expect(200)["internal"], false);
    }

    async fn hostile_files_do_no_harm(backend) {
        let app = desk(backend).await;
        let ticket = incident(&app, "Watch out", json!({})).await;
        let path = path_of(&ticket);
        let bytes = "application/octet-stream";
        // What a browser would run is told, kept, and given out as bytes to be saved.
        for (content, declared, told) in [
            (&b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"[..], "image/png", "image/svg+xml"),
            (b"<!doctype html><script>alert(1)</script>", "image/png", "text/html"),
            (b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><script/></html>", "text/plain", "text/html"),
        ] {
            let made = app.upload("ana", &path, ("cat.png", declared, content), &[]).await.expect(201);
            assert_eq!((made["media_type"].as_str(), &made["thumbnail"]), (Some(told), &json!(false)));
            let served = fetch(&app, "ana", &format!("{}/content", one(&made)), &[]).await;
            assert_eq!(header(&served, "content-type"), bytes);
            assert!(header(&served, "content-disposition").starts_with("attachment;"));
        }
        // A file that is a picture and a page at once is a picture, and one that cannot be shown small.
        let polyglot = app.upload("ana", &path, ("a.gif", "text/html", b"GIF89a/*<html><script>*/=1;"), &[]).await.expect(201);
        assert_eq!((&polyglot["media_type"], &polyglot["thumbnail"]), (&json!("image/gif"), &json!(false)));
        // A few bytes that say that they are a picture of 65,000 by 65,000 pixels.
        let mut bomb = png();
        bomb[16..24].copy_from_slice(&[0, 0, 0xfd, 0xe8, 0, 0, 0xfd, 0xe8]);
        let bomb = app.upload("ana", &path, ("bomb.png", "image/png", &bomb), &[]).await.expect(201);
        assert_eq!((&bomb["thumbnail"], &bomb["width"]), (&json!(false), &Value::Null));
        // Programs, whatever they are called.
        let refused = app.upload("ana", &path, ("invoice.pdf", "application/pdf", b"MZ\x90\0\x03\0\0\0"), &[]).await;
        let refused = refused.expect(415);
        assert_eq!(refused["code"], "file_refused");
        // Names.
        for (given, kept) in [
            ("../../../etc/passwd", "passwd"), ("a%22;b.txt", "a%22;b.txt"), ("\u{202e}txt.exe", "txt.exe"), ("..", "file"),
        ] {
            let made = app.upload("ana", &path, (given, "text/plain", b"x"), &[]).await.expect(201);
            assert_eq!(made["name"], kept);
            let served = fetch(&app, "ana", &format!("{}/content", one(&made)), &[]).await;
            assert_eq!(header(&served, "content-disposition").matches("filename=").count(), 1);
        }
        // No form, no file, an empty one, two, a part that nobody knows, and one that is cut off.
        app.post("ana", &path, json!({})).await.expect(415);
        app.upload("ana", &path, ("a.txt", "text/plain", b""), &[]).await.expect(422);
        app.upload("ana", &path, ("a.txt", "text/plain", b"x"), &[("file", "x")]).await.expect(422);
        app.upload("ana", &path, ("a.txt", "text/plain", b"x"), &[("internal", "maybe")]).await.expect(422);
        app.upload("ana", &path, ("a.txt", "text/plain", b"x"), &[("other", "x")]).await.expect(422);
        let (kind, body) = testkit::form("a.txt", "text/plain", b"half of it", &[]);
        let cut = Request::builder().method(Method::POST).uri(&path).header("authorization", "Bearer ana");
        let cut = cut.header("content-type", kind).body(body[..body.len() - 40].to_vec().into()).expect("a request");
        app.send(cut).await.expect(400);
    }

    async fn limits_hold(backend) {
        let limits = AttachmentLimits { bytes: 1 << 20, per_record: 2, refused: vec!["text/plain".to_owned()] };
        let app = desk_with(backend, limits).await;
        let ticket = incident(&app, "Full", json!({})).await;
        let path = path_of(&ticket);
        let large = vec![0; (1 << 20) + 1];
        let refused = app.upload("ana", &path, ("a.bin", "x/y", &large), &[]).await.expect(413);
        assert_eq!((&refused["code"], &refused["detail"]), (&json!("too_large"), &json!("The file is larger than 1 MiB, which is the limit.")));
        // Said before anything is read, when the sender says how much is to come.
        let (kind, _) = testkit::form("a.bin", "x/y", b"", &[]);
        let request = Request::builder().method(Method::POST).uri(&path).header("authorization", "Bearer ana");
        let request = request.header("content-type", kind).header("content-length", "99999999");
        app.send(request.body(axum::body::Body::empty()).expect("a request")).await.expect(413);
        app.upload("ana", &path, ("a.txt", "text/plain", b"text"), &[]).await.expect(415);
        app.upload("ana", &path, ("a.bin", "x/y", &large[1..]), &[]).await.expect(201);
        app.upload("ana", &path, ("b.bin", "x/y", b"\0\x01"), &[]).await.expect(201);
        let full = app.upload("ana", &path, ("c.bin", "x/y", b"\0\x02"), &[]).await.expect(422);
        assert_eq!(full["errors"][0]["message"], "the ticket has 2 files already, which is the limit");
    }
}
