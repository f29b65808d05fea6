//! One connection: who it is, and what each of its streams wants.
use std::sync::Arc;

use bytes::Bytes;
use causeway_message::ParticipantId;
use causeway_message::frame::{self, Template};
use causeway_message::refusal::{Refusal, RefusalCode};
use causeway_message::wire::{read_number, write_refusal};
use quinn::{Connection, SendStream, VarInt};
use rustls::pki_types::CertificateDer;

use super::{Place, State, feed, query, session};
use crate::error::ClientError;
use crate::framing::{FrameReader, write};
use crate::limits::BUSY_RETRY_MS;
use crate::tls::participant_of;

/// The participant that the verified certificate names.
fn identify(connection: &Connection) -> Option<ParticipantId> {
    let identity = connection.peer_identity()?;
    let chain = identity.downcast::<Vec<CertificateDer<'static>>>().ok()?;
    participant_of(chain.first()?)
}

pub(super) async fn serve(connection: Connection, state: &Arc<State>) {
    let Some(participant) = identify(&connection) else {
        metrics::counter!("causeway_transport_refused_total", "reason" => "certificate").increment(1);
        connection.close(VarInt::from_u32(1), b"the certificate names no participant");
        return;
    };
    while let Ok((send, recv)) = connection.accept_bi().await {
        let state = state.clone();
        tokio::spawn(async move {
            if let Err(error) = stream(&state, participant, send, FrameReader::new(recv)).await {
                tracing::debug!(%error, %participant, "a stream ended");
            }
        });
    }
}

/// Tells the client why, and ends the stream.
pub(super) async fn refuse(send: &mut SendStream, refusal: &Refusal) -> Result<(), ClientError> {
    metrics::counter!("causeway_transport_refused_total", "reason" => refusal.code.name()).increment(1);
    write(send, Bytes::from(write_refusal(refusal))).await?;
    send.finish()?;
    Ok(())
}

async fn stream(
    state: &Arc<State>,
    participant: ParticipantId,
    mut send: SendStream,
    mut frames: FrameReader,
) -> Result<(), ClientError> {
    let first = match frames.next().await {
        Ok(Some(first)) => first,
        Ok(None) => return Ok(()),
        Err(ClientError::Format(error)) => return refuse(&mut send, &error.into()).await,
        Err(error) => return Err(error),
    };
    let opened = frame::open(&first).and_then(|(template, reader)| match template {
        Template::OpenSession | Template::Subscribe => Ok((template, read_number(reader)?)),
        _ => Ok((template, 0)),
    });
    let (template, number) = match opened {
        Ok(opened) => opened,
        Err(error) => return refuse(&mut send, &error.into()).await,
    };
    match template {
        Template::OpenSession | Template::Subscribe => {
            let place = Place::take(&state.sessions, state.sessions_max, "causeway_transport_sessions");
            let Some(_place) = place else {
                let mut busy = Refusal::new(RefusalCode::Busy, "");
                busy.retry_after_ms = BUSY_RETRY_MS;
                return refuse(&mut send, &busy).await;
            };
            if template == Template::Subscribe {
                feed::serve(state, participant, number, send, frames).await
            } else {
                session::serve(state, participant, number, send, frames).await
            }
        }
        _ => query::serve(state, participant, &first, send).await,
    }
}
