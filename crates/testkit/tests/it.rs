//! The cluster that the tests share.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::Command;
use std::time::Duration;

use jiff::SignedDuration;
use testkit::TestApp;

#[test]
fn the_shared_cluster_answers() {
    let url = testkit::pg::admin_url();
    let answer = Command::new("psql").args([url, "-Atc", "select 1"]).output().expect("psql");
    assert_eq!(String::from_utf8_lossy(&answer.stdout).trim(), "1");
}

#[test]
fn mail_is_delivered_into_a_maildir_and_survives_a_pause() {
    let mut server = testkit::mail_server::MailServer::start();
    send(server.port, "Jonas.Li@nordhaven.example", "first");
    let message = server.expect("jonas.li@nordhaven.example", Duration::from_secs(10), |_| true);
    assert_eq!(message.header("subject").as_deref(), Some("first"));
    assert_eq!(message.text().trim(), "the body");
    server.pause();
    assert!(!testkit::process::listens(server.port));
    server.resume().expect("back on the same port");
    send(server.port, "jonas.li@nordhaven.example", "second");
    server.expect("jonas.li@nordhaven.example", Duration::from_secs(10), |m| m.raw.contains("Subject: second"));
    assert_eq!(server.messages("jonas.li@nordhaven.example").len(), 2);
}

fn send(port: u16, to: &str, subject: &str) {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("connect");
    let commands = [
        "EHLO test".to_owned(),
        "MAIL FROM:<bw@test.example>".to_owned(),
        format!("RCPT TO:<{to}>"),
        "DATA".to_owned(),
        format!("From: bw@test.example\r\nTo: {to}\r\nSubject: {subject}\r\n\r\nthe body\r\n."),
        "QUIT".to_owned(),
    ];
    let mut reader = BufReader::new(stream.try_clone().expect("clone"));
    let mut answer = move || {
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).expect("an answer");
            if line.as_bytes().get(3) != Some(&b'-') {
                assert!(line.starts_with(['2', '3']), "{line}");
                return;
            }
        }
    };
    answer();
    for command in commands {
        write!(stream, "{command}\r\n").expect("write");
        answer();
    }
}

#[test]
fn alertmanager_sends_what_prometheus_posts() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("bind");
    let port = listener.local_addr().expect("port").port();
    let manager = testkit::alertmanager::Alertmanager::start(&format!(
        "webhook_configs:\n  - url: http://127.0.0.1:{port}/hook\n"
    ));
    manager.post(&serde_json::json!([{"labels": {"alertname": "DiskFull", "service": "db"}}]));
    let (mut stream, _) = listener.accept().expect("the notification");
    let mut got = vec![0; 4096];
    let read = stream.read(&mut got).expect("a request");
    assert!(String::from_utf8_lossy(&got[..read]).starts_with("POST /hook"));
}

testkit::both_databases! {
    async fn each_test_has_a_fresh_database_and_its_own_time(backend) {
        let app = TestApp::builder().build(backend).await;
        assert_eq!(app.app.db.backend(), backend);
        let before = app.app.now();
        app.advance(SignedDuration::from_hours(30)).await;
        assert_eq!(app.app.now().duration_since(before), SignedDuration::from_hours(30));
        let other = TestApp::builder().build(backend).await;
        assert_eq!(other.app.now(), before);
        let answer = app.get("", "/api/v1/nothing").await;
        assert_eq!(answer.status, 404);
    }
}
