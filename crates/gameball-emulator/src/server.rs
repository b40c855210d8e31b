//! Listening: binds the address, serves connections and sends webhooks until told to stop.

use std::{
    net::{SocketAddr, TcpListener as StdListener},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hyper::{server::conn::http1, service::service_fn};
use tokio::net::{TcpListener, TcpStream};

use crate::{StartError, connection::Connection, http, options::Options, webhooks, world::World};

/// The world behind its lock, and what may be known without taking it.
pub(crate) struct Shared {
    world: Mutex<World>,
    pub(crate) address: SocketAddr,
}

impl Shared {
    /// The lock is never held across an await, so that taking it is always short.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A server that has its address but does not serve yet.
pub(crate) struct Server {
    listener: StdListener,
    pub(crate) shared: Arc<Shared>,
}

impl Server {
    pub(crate) fn bind(options: Options) -> Result<Self, StartError> {
        options.check()?;
        let address = format!("{}:{}", options.host, options.port);
        let failed = |source| StartError::Bind { address: address.clone(), source };
        let host = options.host.trim_start_matches('[').trim_end_matches(']');
        let listener = StdListener::bind((host, options.port)).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, shared: Arc::new(Shared { world: Mutex::new(World::new(options)), address }) })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.shared.address)
    }

    /// Serves until `shutdown` is done; what is in progress then is dropped with the runtime.
    pub(crate) async fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), StartError> {
        let listener = TcpListener::from_std(self.listener).map_err(StartError::Runtime)?;
        let accepting = accept(listener, self.shared.clone());
        tokio::select! {
            () = shutdown => {}
            () = accepting => {}
            () = webhooks::send_all(self.shared) => {}
        }
        Ok(())
    }
}

/// Serves an emulator on the current runtime until `shutdown` is done.
///
/// # Errors
/// [`StartError`] where an option cannot work or the address cannot be listened on.
pub async fn serve(options: Options, shutdown: impl Future<Output = ()>) -> Result<(), StartError> {
    Server::bind(options)?.run(shutdown).await
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(connection(stream, shared.clone()));
            }
            // Out of file descriptors, most likely: there will be some again.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    let Ok((connection, link)) = Connection::new(stream) else { return };
    let service = service_fn(move |request| http::respond(shared.clone(), link.clone(), request));
    // A client that goes away, or a reset on purpose, is no error of the server.
    drop(http1::Builder::new().serve_connection(connection, service).await);
}
