//! The sign of life goes out again and again, whatever the watcher answers, and never twice for one time.

use jiff::SignedDuration;
use platform::{SendError, Work};
use server::{config, system::heartbeat};
use testkit::TestApp;

testkit::both_databases! {
    async fn it_is_posted_every_so_often_and_goes_on_after_a_failure(backend) {
        let settings = config::Heartbeat { url: "https://watcher.example.com/ping".to_owned(), every_s: 60 };
        let test = TestApp::builder()
            .work(move |app| Work::new().job(heartbeat::Heartbeat::new(app, settings)))
            .build(backend)
            .await;
        heartbeat::start(&test.app).await.unwrap();
        test.settle().await;
        let first = test.webhooks.take();
        assert_eq!(first.len(), 1);
        assert_eq!(first[0].url, "https://watcher.example.com/ping");
        test.advance(SignedDuration::from_mins(3)).await;
        assert_eq!(test.webhooks.take().len(), 3);

        test.webhooks.fail(Some(SendError::temporary("no route")));
        test.advance(SignedDuration::from_mins(2)).await;
        test.webhooks.fail(None);
        test.advance(SignedDuration::from_mins(1)).await;
        let sent = test.webhooks.take();
        assert_eq!(sent.len(), 1, "the watcher misses two and gets the next");
        // A restart sets it anew, and does not double it.
        heartbeat::start(&test.app).await.unwrap();
        test.advance(SignedDuration::from_mins(1)).await;
        assert_eq!(test.webhooks.take().len(), 2, "one at the start, one a minute later");
    }
}
