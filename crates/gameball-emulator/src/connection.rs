//! One client's connection: hyper's view of a TCP stream, and the switch that makes it end in a reset.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

const CHUNK: usize = 16 * 1024;

/// What a request may do to its connection, and what it knows of it.
#[derive(Clone)]
pub(crate) struct Link {
    reset: Arc<AtomicBool>,
    pub(crate) local: SocketAddr,
}

impl Link {
    /// Makes the connection end in a reset (RST) instead of an orderly close.
    pub(crate) fn reset(&self) {
        self.reset.store(true, Ordering::Relaxed);
    }
}

pub(crate) struct Connection {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> io::Result<(Self, Link)> {
        stream.set_nodelay(true)?;
        let reset = Arc::new(AtomicBool::new(false));
        let link = Link { reset: reset.clone(), local: stream.local_addr()? };
        Ok((Self { stream, reset }, link))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            // Closing with a linger of zero is what sends RST. Failing to is an orderly close.
            drop(self.stream.set_zero_linger());
        }
    }
}

impl Read for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        // Hyper's cursor hands out its memory only to unsafe code, hence the copy.
        let mut chunk = [0; CHUNK];
        let room = buffer.remaining().min(CHUNK);
        let mut chunk = ReadBuf::new(chunk.get_mut(..room).unwrap_or_default());
        let done = Pin::new(&mut self.stream).poll_read(context, &mut chunk);
        if matches!(done, Poll::Ready(Ok(()))) {
            buffer.put_slice(chunk.filled());
        }
        done
    }
}

impl Write for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.reset.load(Ordering::Relaxed) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
