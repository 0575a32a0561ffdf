//! Contents in the store: kept whole, given out as asked, and never swept while something uses them.

use std::sync::Arc;

use futures::TryStreamExt;
use jiff::SignedDuration;
use kernel::BlobId;
use platform::{
    App, BlobError, Ctx, DbError, Lane,
    blob::{self, Blob, Kept},
};
use testkit::{Backend, TestApp};
use uuid::Uuid;

async fn app(backend: Backend) -> TestApp {
    TestApp::builder().work(blob::work).build(backend).await
}

async fn keep(app: &App, content: &[u8]) -> Kept {
    app.blobs.keep(&app.db, app.blobs.drafted(content.to_vec())).await.expect("the content is kept")
}

async fn refer(app: &App, blob: BlobId, record: Uuid) -> Result<(), BlobError> {
    app.db
        .write(&Ctx::system("test"), Lane::Front, move |tx| {
            Box::pin(async move { blob::refer(tx, blob, record, "test").await })
        })
        .await
}

async fn release(app: &App, record: Uuid) {
    let done: Result<(), DbError> = app
        .db
        .write(&Ctx::system("test"), Lane::Front, move |tx| Box::pin(async move { blob::release(tx, record).await }))
        .await;
    done.expect("the use ends");
}

async fn find(app: &App, id: BlobId) -> Option<Blob> {
    blob::find(&app.db.read(), id).await.expect("the database")
}

async fn bytes(app: &App, id: BlobId) -> Vec<u8> {
    let blob = find(app, id).await.expect("a row");
    app.blobs.bytes(&blob).await.expect("a content").to_vec()
}

/// Files in the folder, but for those that are being written.
fn files(app: &TestApp) -> usize {
    fn count(folder: &std::path::Path) -> usize {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| if entry.path().is_dir() { count(&entry.path()) } else { 1 }).sum()
    }
    count(app.files())
}

async fn sweep(app: &TestApp) {
    blob::start(&app.app).await.expect("a sweep");
    app.settle().await;
}

testkit::both_databases! {
    async fn contents_come_back_whole_and_in_parts(backend) {
        let test = app(backend).await;
        let app = &test.app;
        // More than waits in memory, in pieces that fit nowhere.
        let large: Vec<u8> = (0..20_000_003_u32).map(|at| (at % 251) as u8).collect();
        let mut draft = app.blobs.draft(u64::MAX);
        for piece in large.chunks(777_777) {
            draft.write(piece.to_vec().into()).await.expect("a piece");
        }
        let drafted = draft.finish().await.expect("a whole");
        assert_eq!(drafted.head, large[..8192]);
        assert_eq!(drafted.hash, app.blobs.drafted(large.clone()).hash);
        let kept = app.blobs.keep(&app.db, drafted).await.expect("kept");
        refer(app, kept.id, Uuid::from_u128(1)).await.expect("a use");
        assert_eq!(bytes(app, kept.id).await, large);
        let blob = find(app, kept.id).await.expect("a row");
        let part = app.blobs.content(&blob, Some(9_999_990..10_000_010)).await.expect("a part");
        let part: Vec<_> = part.stream.try_collect().await.expect("bytes");
        assert_eq!(part.concat(), large[9_999_990..10_000_010]);
        // The same content again is the same blob, and one file.
        let again = keep(app, &large).await;
        assert_eq!((again.id, files(&test)), (kept.id, 1));
        // A content that somebody removed from the store is healed by whoever brings it again.
        std::fs::remove_dir_all(test.files().join("sha256")).expect("the folder is there");
        assert!(matches!(app.blobs.bytes(&blob).await, Err(BlobError::Missing)));
        assert!(!app.blobs.holds_newest(&app.db.read()).await.expect("a look"));
        keep(app, &large).await;
        assert_eq!(bytes(app, kept.id).await, large);
        app.blobs.probe().await.expect("the store works");
        assert_eq!(files(&test), 1);
    }

    async fn what_is_too_large_leaves_nothing(backend) {
        let test = app(backend).await;
        let mut draft = test.app.blobs.draft(20 << 20);
        let mut refused = None;
        for _ in 0..30 {
            refused = draft.write(vec![7; 1 << 20].into()).await.err();
            if refused.is_some() { break }
        }
        assert!(matches!(refused, Some(BlobError::TooLarge { limit }) if limit == 20 << 20), "{refused:?}");
        drop(draft);
        testkit::process::shows("the pieces to go", || async { (files(&test) == 0).then_some(()) }).await;
        // Nor does a whole one that nobody keeps.
        let mut draft = test.app.blobs.draft(20 << 20);
        draft.write(vec![7; 10 << 20].into()).await.expect("a piece");
        drop(draft.finish().await.expect("a whole"));
        testkit::process::shows("the pieces to go", || async { (files(&test) == 0).then_some(()) }).await;
    }

    async fn only_what_nothing_uses_is_swept_and_not_at_once(backend) {
        let test = app(backend).await;
        let app = &test.app;
        let (one, two, three) = (keep(app, b"one").await, keep(app, b"two").await, keep(app, b"three").await);
        let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(2));
        refer(app, one.id, first).await.expect("a use");
        refer(app, one.id, second).await.expect("a use");
        refer(app, two.id, first).await.expect("a use");
        test.advance(SignedDuration::from_hours(23)).await;
        sweep(&test).await;
        assert_eq!(files(&test), 3);
        test.advance(SignedDuration::from_hours(2)).await;
        sweep(&test).await;
        assert_eq!(files(&test), 2);
        assert!(find(app, three.id).await.is_none());
        assert!(matches!(refer(app, three.id, first).await, Err(BlobError::Gone)));
        // The first record goes: one is used by the second all the same.
        release(app, first).await;
        sweep(&test).await;
        assert_eq!(files(&test), 2);
        assert_eq!(blob::tally(&app.db.read()).await.expect("numbers").unused, 1);
        test.advance(SignedDuration::from_hours(25)).await;
        sweep(&test).await;
        assert_eq!((files(&test), bytes(app, one.id).await), (1, b"one".to_vec()));
        let tally = blob::tally(&app.db.read()).await.expect("numbers");
        assert_eq!((tally.blobs, tally.bytes, tally.unused), (1, 3, 0));
    }

    async fn a_content_that_comes_again_is_not_hit_by_a_slow_deletion(backend) {
        let test = app(backend).await;
        let app = &test.app;
        let old = keep(app, b"again").await;
        let place = find(app, old.id).await.expect("a row");
        test.advance(SignedDuration::from_hours(25)).await;
        // A sweep that ended between forgetting the row and emptying its place.
        let text = "INSERT INTO blob_garbage (place, at) SELECT place, 0 FROM blobs";
        let done: Result<(), DbError> = app.db.write(&Ctx::system("test"), Lane::Front, move |tx| Box::pin(async move {
            use platform::Sql;
            tx.execute(text, vec![]).await?;
            tx.execute("DELETE FROM blobs", vec![]).await.map(drop)
        })).await;
        done.expect("the row goes");
        let new = keep(app, b"again").await;
        refer(app, new.id, Uuid::from_u128(1)).await.expect("a use");
        assert_ne!(new.id, old.id);
        sweep(&test).await;
        assert!(matches!(app.blobs.bytes(&place).await, Err(BlobError::Missing)));
        assert_eq!(bytes(app, new.id).await, b"again");
    }

    async fn uploads_and_sweeps_at_once_lose_nothing(backend) {
        let test = Arc::new(app(backend).await);
        let contents: Vec<Vec<u8>> = (0..4_u8).map(|content| vec![content; 100]).collect();
        let uploads = (0..4_u128).map(|worker| {
            let (test, contents) = (test.clone(), contents.clone());
            tokio::spawn(async move {
                let mut used = Vec::new();
                for round in 0..12_u128 {
                    let record = Uuid::from_u128(1 + worker * 1000 + round);
                    let kept = keep(&test.app, &contents[((worker + round) % 4) as usize]).await;
                    match refer(&test.app, kept.id, record).await {
                        Ok(()) if round % 3 == 0 => used.push(kept.id),
                        Ok(()) => release(&test.app, record).await,
                        Err(BlobError::Gone) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
                used
            })
        });
        let uploads: Vec<_> = uploads.collect();
        // Each look of the sweep is a day later: whatever is not used at that moment goes.
        while !uploads.iter().all(tokio::task::JoinHandle::is_finished) {
            test.clock.set(test.app.now() + SignedDuration::from_hours(25));
            sweep(&test).await;
        }
        for upload in uploads {
            for id in upload.await.expect("an upload") {
                assert_eq!(bytes(&test.app, id).await.len(), 100);
            }
        }
    }
}
