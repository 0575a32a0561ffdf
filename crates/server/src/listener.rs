//! The listener: plain, or with TLS when a certificate is set.
//!
//! A TLS handshake runs beside the accept loop, so that a client that stalls in it holds up nobody, and ends after
//! [`HANDSHAKE`]. Certificate and key are read anew on SIGHUP; files that cannot be used leave the old ones in place.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    pin::Pin,
    sync::{Arc, PoisonError, RwLock},
    task::{self, Poll},
    time::Duration,
};

use anyhow::Context;
use axum::{
    extract::{ConnectInfo, Request, connect_info::Connected},
    middleware::Next,
    response::Response,
    serve::{IncomingStream, Listener as Accept},
};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// A client gets this long for the handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Handshakes that have ended and wait to be served.
const READY: usize = 64;

/// Where the certificate is.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The chain, PEM, the server's own certificate first.
    pub cert: PathBuf,
    /// Its key, PEM.
    pub key: PathBuf,
}

/// A listener of either kind.
pub enum Listener {
    /// Without TLS.
    Plain(TcpListener),
    /// With TLS: connections whose handshake has ended.
    Tls {
        /// The connections.
        ready: mpsc::Receiver<(Io, SocketAddr)>,
        /// Where it listens.
        address: SocketAddr,
    },
}

/// The certificate in use, for reading it anew.
#[derive(Clone)]
pub struct Certificate {
    files: TlsFiles,
    current: Arc<RwLock<Arc<ServerConfig>>>,
}

impl Certificate {
    /// Reads certificate and key.
    ///
    /// # Errors
    /// When a file cannot be read, or the two do not belong together; says which.
    pub fn read(files: TlsFiles) -> anyhow::Result<Self> {
        let current = Arc::new(RwLock::new(config(&files)?));
        Ok(Self { files, current })
    }

    /// Reads them anew; connections from now on use them.
    ///
    /// # Errors
    /// As [`Certificate::read`]; the old ones stay.
    pub fn reload(&self) -> anyhow::Result<()> {
        let fresh = config(&self.files)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.current.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

fn config(files: &TlsFiles) -> anyhow::Result<Arc<ServerConfig>> {
    let shown = |file: &Path| format!("cannot use {}", file.display());
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_file_iter(&files.cert).and_then(Iterator::collect).with_context(|| shown(&files.cert))?;
    anyhow::ensure!(!chain.is_empty(), "{} holds no certificate (PEM)", files.cert.display());
    let key = PrivateKeyDer::from_pem_file(&files.key).with_context(|| shown(&files.key))?;
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .with_context(|| format!("{} and {} do not belong together", files.cert.display(), files.key.display()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

impl Listener {
    /// Puts TLS in front of a listener.
    ///
    /// # Errors
    /// When the listener has no address.
    pub fn tls(listener: TcpListener, certificate: Certificate) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (hand_over, ready) = mpsc::channel(READY);
        tokio::spawn(async move {
            let mut listener = listener;
            while !hand_over.is_closed() {
                // axum's own accept waits a little when the process has no file descriptors left.
                let (stream, peer) = Accept::accept(&mut listener).await;
                let (acceptor, hand_over) = (certificate.acceptor(), hand_over.clone());
                tokio::spawn(async move {
                    match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                        Ok(Ok(stream)) => {
                            // The server has stopped when nobody takes it.
                            let _ = hand_over.send((Io::Tls(Box::new(stream)), peer)).await;
                        }
                        Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
                        Err(_) => tracing::debug!("a TLS handshake took too long"),
                    }
                });
            }
        });
        Ok(Self::Tls { ready, address })
    }
}

impl Accept for Listener {
    type Io = Io;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Io, SocketAddr) {
        match self {
            Self::Plain(listener) => {
                let (stream, peer) = Accept::accept(listener).await;
                (Io::Plain(stream), peer)
            }
            Self::Tls { ready, .. } => match ready.recv().await {
                Some(connection) => connection,
                // The accept loop ends only with this listener.
                None => std::future::pending().await,
            },
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Plain(listener) => listener.local_addr(),
            Self::Tls { address, .. } => Ok(*address),
        }
    }
}

/// A connection of either kind.
pub enum Io {
    /// Without TLS.
    Plain(TcpStream),
    /// With TLS.
    Tls(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Io {
    fn poll_read(self: Pin<&mut Self>, cx: &mut task::Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Io {
    fn poll_write(self: Pin<&mut Self>, cx: &mut task::Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

/// The other end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(SocketAddr);

impl Connected<IncomingStream<'_, Listener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Listener>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// Tells handlers the peer as they ask for it, whichever the listener.
pub async fn tell_peer(mut request: Request, next: Next) -> Response {
    if let Some(ConnectInfo(Peer(address))) = request.extensions().get::<ConnectInfo<Peer>>().copied() {
        request.extensions_mut().insert(ConnectInfo(address));
    }
    next.run(request).await
}
