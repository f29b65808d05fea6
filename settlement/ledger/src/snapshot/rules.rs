//! What came with the second version of the rules: conditional payments, questions, returns, fees, sweeps.
use causeway_message::action::FeeGrant;
use causeway_message::codec::{Put, Reader};
use causeway_message::{FormatError, InstructionId, ParticipantId, mutated};

use super::dates::{put_dates, read_dates};
use super::default::put_default;
use super::queues::{put_origin, put_waiting, read_origin};
use super::rises;
use crate::apply::Ledger;
use crate::due::Due;
use crate::instruction::{Conditional, Question};
use crate::sweep::{Stage, Sweep};

type Key = (ParticipantId, InstructionId);

fn put_key(out: &mut Vec<u8>, key: &Key) {
    out.put_u32(key.0.0).put(&key.1.0);
}

fn read_key(r: &mut Reader<'_>, field: &'static str) -> Result<Key, FormatError> {
    Ok((ParticipantId(r.u32(field)?), InstructionId(r.array(field)?)))
}

impl Ledger {
    pub(super) fn write_rules(&self, out: &mut Vec<u8>) {
        out.put_u32(self.conditionals.len() as u32);
        for conditional in self.conditionals.values() {
            put_waiting(out, &conditional.payment);
            out.put_u64(conditional.left).put_u32(conditional.closes);
        }
        out.put_u32(self.questions.len() as u32);
        for question in self.questions.values() {
            put_waiting(out, &question.asked);
            out.put(&question.original.0);
        }
        let kept = if mutated!(LoseReturns) {
            0
        } else {
            self.returned.len()
        };
        out.put_u32(kept as u32);
        for (key, amount) in self.returned.iter().take(kept) {
            put_key(out, key);
            out.put_u64(*amount);
        }
        out.put_u32(self.fees.schedule.len() as u32);
        for fee in self.fees.schedule.values() {
            out.put_u16(fee.currency)
                .put_u8(fee.kind)
                .put_u32(fee.collector.0);
            out.put_u64(fee.flat)
                .put_u32(fee.per_million)
                .put_u64(fee.min)
                .put_u64(fee.max);
        }
        let owing: Vec<(u32, u64)> = (0..)
            .zip(self.fees.accrued.iter().copied())
            .filter(|(_, owed)| *owed != 0)
            .collect();
        out.put_u32(owing.len() as u32);
        for (account, owed) in owing {
            out.put_u32(account).put_u64(owed);
        }
        out.put_u32(self.sweeps.len() as u32);
        for sweep in &self.sweeps {
            match sweep {
                Sweep::Close {
                    currency,
                    stage,
                    account,
                    last,
                } => {
                    out.put_u8(1)
                        .put_u16(*currency)
                        .put_u8(*stage as u8)
                        .put_u32(*account);
                    put_origin(out, *last);
                }
                Sweep::Unhold { participant, last } => {
                    out.put_u8(2).put_u32(*participant);
                    put_origin(out, *last);
                }
                Sweep::Trades { last } => put_origin(out.put_u8(3), *last),
                Sweep::Quotes { last } => put_origin(out.put_u8(4), *last),
                Sweep::Dates { currency, last } => put_dates(out, *currency, *last),
                Sweep::Default { participant, stage } => put_default(out.put_u8(6), *participant, stage),
                Sweep::Window(id) => {
                    out.put_u8(7).put(&id.0);
                }
            }
        }
    }

    pub(super) fn read_rules(&mut self, r: &mut Reader<'_>) -> Result<(), FormatError> {
        for _ in 0..r.u32("conditionals")? {
            let payment = self.read_waiting(r)?;
            let (left, closes) = (r.u64("conditional.left")?, r.u32("conditional.closes")?);
            let key = (payment.submitter, payment.record.id());
            rises(self.conditionals.keys().next_back(), &key, "conditional")?;
            if let Some(at) = Self::expiry(&payment.record) {
                self.due.add(at, Due::Conditional(key.0, key.1));
            }
            self.conditionals.insert(
                key,
                Conditional {
                    payment,
                    left,
                    closes,
                },
            );
        }
        for _ in 0..r.u32("questions")? {
            let asked = self.read_waiting(r)?;
            let original = InstructionId(r.array("question.original")?);
            let key = (asked.submitter, asked.record.id());
            rises(self.questions.keys().next_back(), &key, "question")?;
            if let Some(at) = Self::expiry(&asked.record) {
                self.due.add(at, Due::Question(key.0, key.1));
            }
            self.questions.insert(key, Question { asked, original });
        }
        for _ in 0..r.u32("returned")? {
            let key = read_key(r, "returned.original")?;
            rises(self.returned.keys().next_back(), &key, "returned.original")?;
            self.returned.insert(key, r.u64("returned.amount")?);
        }
        self.read_fees(r)?;
        for _ in 0..r.u32("sweeps")? {
            let sweep = match r.u8("sweep")? {
                1 => Sweep::Close {
                    currency: r.u16("sweep.currency")?,
                    stage: Stage::from_number(r.u8("sweep.stage")?)
                        .ok_or(FormatError::rule("sweep.stage", "no such stage"))?,
                    account: r.u32("sweep.account")?,
                    last: read_origin(r, "sweep.last")?,
                },
                2 => Sweep::Unhold {
                    participant: r.u32("sweep.participant")?,
                    last: read_origin(r, "sweep.last")?,
                },
                3 => Sweep::Trades {
                    last: read_origin(r, "sweep.last")?,
                },
                4 => Sweep::Quotes {
                    last: read_origin(r, "sweep.last")?,
                },
                5 => read_dates(r)?,
                6 => self.read_default(r)?,
                7 => Sweep::Window(InstructionId(r.array("sweep.window")?)),
                _ => return Err(FormatError::rule("sweep", "no such work")),
            };
            self.sweeps.push_back(sweep);
        }
        Ok(())
    }

    fn read_fees(&mut self, r: &mut Reader<'_>) -> Result<(), FormatError> {
        for _ in 0..r.u32("fees")? {
            let fee = FeeGrant {
                currency: r.u16("fee.currency")?,
                kind: r.u8("fee.kind")?,
                collector: ParticipantId(r.u32("fee.collector")?),
                flat: r.u64("fee.flat")?,
                per_million: r.u32("fee.per_million")?,
                min: r.u64("fee.min")?,
                max: r.u64("fee.max")?,
            };
            let key = (fee.currency, fee.kind);
            rises(self.fees.schedule.keys().next_back(), &key, "fee")?;
            self.fees.schedule.insert(key, fee);
        }
        let mut last = None;
        for _ in 0..r.u32("fees.accrued")? {
            let account = r.u32("fees.account")?;
            self.check_account(account)?;
            rises(last.as_ref(), &account, "fees.account")?;
            last = Some(account);
            self.fees.accrued.resize(account as usize + 1, 0);
            self.fees.accrued[account as usize] = r.u64("fees.owed")?;
        }
        Ok(())
    }
}
