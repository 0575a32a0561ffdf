//! `bridgewatch`: the binary.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    // One TLS provider for everything, before anything can ask for one.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        eprintln!("bridgewatch: a TLS provider was installed twice");
        return ExitCode::FAILURE;
    }
    match server::cli::run(server::cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bridgewatch: {error:#}");
            ExitCode::FAILURE
        }
    }
}
