//! Messages that the adapters send: pacs.008 with a few payments from one bank to another.
use std::fmt::Write;

use causeway_message::Uetr;

use super::place::CURRENCIES;
use crate::random::Random;

/// Largest number of payments in a message.
const PAYMENTS_MAX: u64 = 4;
/// Largest payment in minor units.
const AMOUNT_MAX: u64 = 400;

/// A payment of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transfer {
    /// Its reference, unique in the run.
    pub uetr: Uetr,
    /// ISO 4217 number.
    pub currency: u16,
    /// Minor units.
    pub amount: u64,
}

/// A message.
#[derive(Debug, Clone)]
pub struct Message {
    /// Its id.
    pub id: String,
    /// Its payments.
    pub transfers: Vec<Transfer>,
}

impl Message {
    /// Draws a message.
    pub fn draw(id: String, random: &mut Random) -> Self {
        let count = 1 + random.below(PAYMENTS_MAX);
        // One currency for each message, as messages have one settlement amount each and totals are optional.
        let (currency, _) = CURRENCIES[random.below(CURRENCIES.len() as u64) as usize];
        let transfers = (0..count).map(|_| {
            let mut uetr = random.id();
            // A UUID of version 4.
            uetr[6] = (uetr[6] & 0x0f) | 0x40;
            uetr[8] = (uetr[8] & 0x3f) | 0x80;
            Transfer {
                uetr: Uetr(uetr),
                currency,
                amount: 1 + random.below(AMOUNT_MAX),
            }
        });
        Self {
            transfers: transfers.collect(),
            id,
        }
    }

    /// Its text.
    pub fn text(&self, from: &str, to: &str) -> String {
        let mut text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08\"><FIToFICstmrCdtTrf>\n\
             <GrpHdr><MsgId>{}</MsgId><CreDtTm>2026-03-02T09:15:00Z</CreDtTm><NbOfTxs>{}</NbOfTxs>\
             <SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr>\n",
            self.id,
            self.transfers.len()
        );
        let agent = |bic: &str| format!("<FinInstnId><BICFI>{bic}</BICFI></FinInstnId>");
        let (from, to) = (agent(from), agent(to));
        for (at, transfer) in self.transfers.iter().enumerate() {
            let (digits, code) = written(transfer);
            let _ = writeln!(
                text,
                "<CdtTrfTxInf><PmtId><InstrId>{id}-{at}</InstrId><EndToEndId>E2E-{id}-{at}</EndToEndId>\
                 <UETR>{uetr}</UETR></PmtId><IntrBkSttlmAmt Ccy=\"{code}\">{digits}</IntrBkSttlmAmt>\
                 <ChrgBr>SHAR</ChrgBr><InstgAgt>{from}</InstgAgt><InstdAgt>{to}</InstdAgt>\
                 <Dbtr><Nm>Anna Adler</Nm></Dbtr><DbtrAgt>{from}</DbtrAgt><CdtrAgt>{to}</CdtrAgt>\
                 <Cdtr><Nm>Bruno Blanc</Nm></Cdtr></CdtTrfTxInf>",
                id = self.id,
                uetr = transfer.uetr,
            );
        }
        text.push_str("</FIToFICstmrCdtTrf></Document>\n");
        text
    }
}

/// An amount with the digits of its currency, and the currency.
fn written(transfer: &Transfer) -> (String, &'static str) {
    match causeway_fx::Currency::from_numeric(transfer.currency) {
        Some(currency) => {
            let digits = causeway_fx::format_minor(i128::from(transfer.amount), currency.minor_units);
            (digits, currency.alpha())
        }
        None => (transfer.amount.to_string(), ""),
    }
}
