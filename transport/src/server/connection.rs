//! One connection: who it is, and what each of its streams wants.
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use bytes::Bytes;
use causeway_message::ParticipantId;
use causeway_message::frame::{self, Template};
use causeway_message::limits::FRAME_BYTES_MAX;
use causeway_message::refusal::{Refusal, RefusalCode};
use causeway_message::wire::{read_number, write_refusal};
use quinn::{Connection, SendStream, VarInt};
use rustls::pki_types::CertificateDer;

use super::frames::{busy, in_time};
use super::participants::Participant;
use super::place::Place;
use super::{State, feed, query, session};
use crate::close::Close;
use crate::error::ClientError;
use crate::framing::{FrameReader, write};
use crate::limits::FIRST_MESSAGE_BYTES_MAX;
use crate::tls::participant_of;

/// The participant that the verified certificate names.
fn identify(connection: &Connection) -> Option<ParticipantId> {
    let identity = connection.peer_identity()?;
    let chain = identity.downcast::<Vec<CertificateDer<'static>>>().ok()?;
    participant_of(chain.first()?)
}

fn close(connection: &Connection, close: Close, why: &str) {
    metrics::counter!("causeway_transport_refused_total", "reason" => close.name()).increment(1);
    close.connection(connection, why);
}

pub(super) async fn serve(connection: Connection, state: &Arc<State>, thread: usize) {
    let Some(id) = identify(&connection) else {
        let why = "the certificate names no participant";
        return close(&connection, Close::Certificate, why);
    };
    let participant = state.participants.of(id);
    let own_max = state.bounds.connections_per_participant;
    let Some(_own) = Place::take(&participant.connections, own_max, None) else {
        let why = "the participant has too many connections";
        return close(&connection, Close::Connections, why);
    };
    let gauge = Some("causeway_transport_connections");
    let Some(_place) = Place::take(&state.connections, state.connections_max, gauge) else {
        return close(
            &connection,
            Close::Connections,
            "the node has too many connections",
        );
    };
    while let Ok((send, recv)) = connection.accept_bi().await {
        let stream = Stream {
            state: state.clone(),
            participant: participant.clone(),
            thread,
        };
        tokio::spawn(async move {
            let frames = FrameReader::bounded(recv, FIRST_MESSAGE_BYTES_MAX);
            if let Err(error) = stream.serve(send, frames).await {
                tracing::debug!(%error, participant = %stream.participant.id, "a stream ended");
            }
        });
    }
}

/// Whose stream it is, and on which thread.
#[derive(Debug)]
pub(super) struct Stream {
    pub state: Arc<State>,
    pub participant: Arc<Participant>,
    pub thread: usize,
}

impl Stream {
    /// Tells the client why, and ends the stream.
    pub async fn refuse(&self, send: &mut SendStream, refusal: &Refusal) -> Result<(), ClientError> {
        metrics::counter!("causeway_transport_refused_total", "reason" => refusal.code.name()).increment(1);
        self.tell(send, write_refusal(refusal)).await
    }

    /// Sends the last message of a stream. A client that does not take it in time loses it.
    pub async fn tell(&self, send: &mut SendStream, message: Vec<u8>) -> Result<(), ClientError> {
        let written = write(send, Bytes::from(message));
        let told = in_time(self.state.bounds.answer_time, "an answer was not read", written).await;
        if told.is_err() {
            // The stream may be gone already.
            let _ = send.reset(VarInt::from_u32(RefusalCode::TooSlow as u32));
            return told;
        }
        send.finish()?;
        Ok(())
    }

    async fn serve(&self, mut send: SendStream, mut frames: FrameReader) -> Result<(), ClientError> {
        let what = "the stream does not say what it is";
        let first = match in_time(self.state.bounds.first_message_time, what, frames.next()).await {
            Ok(Some(first)) => first,
            Ok(None) => return Ok(()),
            Err(ClientError::Format(error)) => return self.refuse(&mut send, &error.into()).await,
            Err(ClientError::Refused(refusal)) => return self.refuse(&mut send, &refusal).await,
            Err(error) => return Err(error),
        };
        let opened = frame::open(&first).and_then(|(template, reader)| match template {
            Template::OpenSession | Template::Subscribe => Ok((template, read_number(reader)?)),
            _ => Ok((template, 0)),
        });
        match opened {
            Ok((Template::OpenSession, number)) => self.session(number, send, frames).await,
            Ok((Template::Subscribe, number)) => self.feed(number, send, frames).await,
            Ok(_) => query::serve(self, &first, send).await,
            Err(error) => self.refuse(&mut send, &error.into()).await,
        }
    }

    /// A place among the participant's own, and one among all.
    fn places<'a>(&'a self, own: &'a AtomicUsize, own_max: usize) -> Result<[Place<'a>; 2], Refusal> {
        let gauge = Some("causeway_transport_sessions");
        let own = Place::take(own, own_max, None).ok_or_else(|| busy("the participant has too many"))?;
        let place = Place::take(&self.state.sessions, self.state.sessions_max, gauge);
        Ok([own, place.ok_or_else(|| busy("the node has too many"))?])
    }

    async fn session(
        &self,
        number: u64,
        mut send: SendStream,
        mut frames: FrameReader,
    ) -> Result<(), ClientError> {
        let own_max = self.state.bounds.sessions_per_participant;
        match self.places(&self.participant.sessions, own_max) {
            Ok(_places) => {
                frames.set_bound(FRAME_BYTES_MAX);
                session::serve(self, number, send, frames).await
            }
            Err(busy) => self.refuse(&mut send, &busy).await,
        }
    }

    async fn feed(&self, from: u64, mut send: SendStream, frames: FrameReader) -> Result<(), ClientError> {
        let own_max = self.state.bounds.feeds_per_participant;
        match self.places(&self.participant.feeds, own_max) {
            Ok(_places) => feed::serve(self, from, send, frames).await,
            Err(busy) => self.refuse(&mut send, &busy).await,
        }
    }
}
