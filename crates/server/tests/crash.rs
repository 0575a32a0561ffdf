//! What is left after SIGKILL: writers post alerts and tickets while the server is killed at random moments; see
//! `load` for what must hold afterwards.

mod load;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use testkit::Backend;
use testkit::binary::{Bridgewatch, Settings};
use testkit::mail_server::MailServer;

use load::{Accepted, Random, WRITERS, Writing};

const KILLS: u32 = 25;
/// Beside those, on an empty database.
const KILLS_AT_START: u32 = 5;

testkit::both_databases! {
    async fn nothing_acknowledged_is_lost_and_nobody_is_paged_twice(backend) {
        crash(backend).await;
    }
}

async fn crash(backend: Backend) {
    let (database, _folder) = testkit::database::empty(backend).await;
    let mail = MailServer::start();
    let settings = Settings { database: Some(database), smtp_port: Some(mail.port), ..Settings::default() };
    let mut server = Bridgewatch::ready(env!("CARGO_BIN_EXE_bridgewatch"), settings);
    let mut random = Random::new(0x5eed ^ backend as u64);
    for _ in 0..KILLS_AT_START {
        // Also while it makes its tables.
        kill_while_starting(&mut server, &mut random).await;
    }
    server.resume().expect("it starts on half-made tables");
    let writing = Arc::new(Writing::set_up(&[&server]).await);

    let writers: Vec<_> = (0..WRITERS).map(|writer| tokio::spawn(writing.clone().run(writer))).collect();
    let began = Instant::now();
    for _ in 0..KILLS {
        // From at once, when the server has only just begun to take up what was left, to the middle of its work.
        writing.progress(random.below(20)).await;
        tokio::time::sleep(Duration::from_millis(random.below(100))).await;
        server.kill();
        if random.below(4) == 0 {
            kill_while_starting(&mut server, &mut random).await;
        }
        server.resume().expect("it starts again on what the kill left");
    }
    writing.stop();
    let mut accepted = Accepted::default();
    for writer in writers {
        accepted.add(writer.await.expect("a writer"));
    }
    let unanswered = writing.unanswered.load(Ordering::Relaxed);
    eprintln!(
        "{backend:?}: {KILLS} kills in {:?}; accepted: {} reports, {} posts, {} closes, {} tickets; {unanswered} unanswered",
        began.elapsed(),
        accepted.reports.values().sum::<i64>(),
        accepted.posts.values().sum::<i64>(),
        accepted.closed.len(),
        accepted.tickets.len()
    );
    assert!(accepted.tickets.len() > 20, "only {} tickets were accepted", accepted.tickets.len());
    assert!(unanswered >= u64::from(KILLS), "the kills met too few writes in flight: {unanswered}");

    writing.everything_is_there(&accepted, &mail).await;
    eprintln!("{backend:?}: all in {:?}", began.elapsed());
}

async fn kill_while_starting(server: &mut Bridgewatch, random: &mut Random) {
    server.launch().expect("a process");
    tokio::time::sleep(Duration::from_millis(random.below(300))).await;
    server.kill();
}
