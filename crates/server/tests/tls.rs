//! Serving over TLS, with a certificate that can be replaced while the server runs.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo, middleware, routing::get};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use server::listener::{self, Certificate, Listener, Peer, TlsFiles};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsConnector;

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/tls").join(name)
}

fn files() -> TlsFiles {
    TlsFiles { cert: file("server.pem"), key: file("server.key") }
}

async fn start(certificate: Certificate) -> SocketAddr {
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = tcp.local_addr().unwrap();
    let routes = Router::new()
        .route("/", get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { format!("you are {}", peer.ip()) }))
        .layer(middleware::from_fn(listener::tell_peer))
        .into_make_service_with_connect_info::<Peer>();
    let listener = Listener::tls(tcp, certificate).unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}

async fn ask(address: SocketAddr) -> String {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(file("ca.pem")).unwrap()).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let stream = TcpStream::connect(address).await.unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

fn provider() {
    // Another test of this process may have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

#[tokio::test]
async fn requests_come_through_tls_with_their_peer() {
    provider();
    let address = start(Certificate::read(files()).unwrap()).await;
    // Somebody who connects and says nothing holds nobody up.
    let _silent = TcpStream::connect(address).await.unwrap();
    let answer = tokio::time::timeout(Duration::from_secs(5), ask(address)).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("you are 127.0.0.1"), "{answer}");
    // Plain text is no handshake: the connection ends and the server goes on.
    let mut plain = TcpStream::connect(address).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut rest = Vec::new();
    let _ = plain.read_to_end(&mut rest).await;
    assert!(!String::from_utf8_lossy(&rest).contains("200 OK"));
    assert!(ask(address).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_is_said_and_leaves_the_old_one() {
    provider();
    let folder = tempfile::tempdir().unwrap();
    let own = TlsFiles { cert: folder.path().join("c.pem"), key: folder.path().join("k.pem") };
    std::fs::copy(files().cert, &own.cert).unwrap();
    std::fs::copy(files().key, &own.key).unwrap();
    let certificate = Certificate::read(own.clone()).unwrap();
    let address = start(certificate.clone()).await;
    std::fs::write(&own.cert, "nothing").unwrap();
    let error = certificate.reload().unwrap_err().to_string();
    assert!(error.contains("c.pem"), "{error}");
    assert!(ask(address).await.starts_with("HTTP/1.1 200"));
    // A key of another certificate.
    std::fs::copy(file("ca.pem"), &own.cert).unwrap();
    let error = certificate.reload().unwrap_err().to_string();
    assert!(error.contains("do not belong together"), "{error}");
    std::fs::copy(files().cert, &own.cert).unwrap();
    certificate.reload().unwrap();
    assert!(ask(address).await.starts_with("HTTP/1.1 200"));
}
