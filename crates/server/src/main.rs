//! `bridgewatch`: the binary.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    // One TLS provider for everything, before anything can ask for one.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        eprintln!("bridgewatch: a TLS provider was installed twice");
        return ExitCode::FAILURE;
    }
    // Statements on SQLite run where they are asked: as many threads more as may wait for one.
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = cores + platform::db::READERS;
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("bridgewatch: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(server::cli::run(server::cli::Cli::parse())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bridgewatch: {error:#}");
            ExitCode::FAILURE
        }
    }
}
