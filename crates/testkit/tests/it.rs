//! The cluster that the tests share.

use std::process::Command;

#[test]
fn the_shared_cluster_answers() {
    let url = testkit::pg::admin_url();
    let answer = Command::new("psql").args([url, "-Atc", "select 1"]).output().expect("psql");
    assert_eq!(String::from_utf8_lossy(&answer.stdout).trim(), "1");
}
