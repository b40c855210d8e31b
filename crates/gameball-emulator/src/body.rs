//! The bodies of answers: whole ones, and those that misbehave on the wire.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// How a body reaches the client.
pub(crate) enum Body {
    /// All at once.
    Whole(Option<Bytes>),
    /// One byte per second.
    Slow { rest: Bytes, pause: Option<Pin<Box<Sleep>>> },
    /// The same bytes for ever.
    Endless(Bytes),
    /// Some bytes, and then the connection breaks although more were announced.
    Truncated { start: Option<Bytes>, announced: u64, pause: Pin<Box<Sleep>> },
}

impl Body {
    pub(crate) fn whole(bytes: impl Into<Bytes>) -> Self {
        Self::Whole(Some(bytes.into()))
    }

    pub(crate) fn slow(bytes: impl Into<Bytes>) -> Self {
        Self::Slow { rest: bytes.into(), pause: None }
    }

    pub(crate) fn endless(bytes: impl Into<Bytes>) -> Self {
        Self::Endless(bytes.into())
    }

    /// The first half of the bytes, announced as all of them.
    pub(crate) fn truncated(bytes: impl Into<Bytes>) -> Self {
        let mut bytes = bytes.into();
        let announced = bytes.len().max(1) as u64;
        bytes.truncate(bytes.len() / 2);
        // The pause lets the first half leave before the break discards what is still buffered.
        Self::Truncated { start: Some(bytes), announced, pause: Box::pin(sleep(Duration::from_millis(20))) }
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match &mut *self {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Slow { rest, pause } => {
                if rest.is_empty() {
                    return Poll::Ready(None);
                }
                if let Some(running) = pause
                    && running.as_mut().poll(context).is_pending()
                {
                    return Poll::Pending;
                }
                *pause = Some(Box::pin(sleep(Duration::from_secs(1))));
                Poll::Ready(Some(Ok(Frame::data(rest.split_to(1)))))
            }
            Self::Endless(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes.clone())))),
            Self::Truncated { start, pause, .. } => match start.take() {
                Some(bytes) if !bytes.is_empty() => Poll::Ready(Some(Ok(Frame::data(bytes)))),
                _ => match pause.as_mut().poll(context) {
                    Poll::Pending => Poll::Pending,
                    Poll::Ready(()) => Poll::Ready(Some(Err(io::Error::other("truncated on purpose")))),
                },
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Slow { rest, .. } => SizeHint::with_exact(rest.len() as u64),
            Self::Endless(_) => SizeHint::default(),
            Self::Truncated { announced, .. } => SizeHint::with_exact(*announced),
        }
    }
}
