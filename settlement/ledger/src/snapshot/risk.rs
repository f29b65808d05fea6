//! What came with the third version of the rules beside trades: valuations, and who is under the risk tests.
use causeway_message::action::Valuation;
use causeway_message::codec::{Put, Reader};
use causeway_message::time::Timestamp;
use causeway_message::{FormatError, InstructionId, ParticipantId};

use super::{flag, rises};
use crate::apply::Ledger;
use crate::due::Due;
use crate::risk::{PayIn, Tested};

impl Ledger {
    pub(super) fn write_risk(&self, out: &mut Vec<u8>) {
        let risk = &self.accounts.risk;
        out.put_u32(risk.valuations.len() as u32);
        for valuation in risk.valuations.values() {
            out.put_u16(valuation.currency)
                .put_u16(valuation.unit)
                .put_u64(valuation.rate)
                .put_u8(valuation.scale)
                .put_u32(valuation.haircut);
        }
        out.put_u32(risk.tested.len() as u32);
        for (who, tested) in &risk.tested {
            out.put_u32(*who)
                .put_u8(u8::from(tested.on))
                .put_u64(tested.aggregate);
        }
        for amounts in [&risk.limits, &risk.asked] {
            out.put_u32(amounts.len() as u32);
            for ((who, currency), amount) in amounts {
                out.put_u32(*who).put_u16(*currency).put_u64(*amount);
            }
        }
        out.put_u32(risk.pay_ins.len() as u32);
        for ((who, currency, deadline), pay_in) in &risk.pay_ins {
            out.put_u32(*who).put_u16(*currency).put_u32(*deadline);
            out.put_u64(pay_in.allowed)
                .put_u32(pay_in.proposer.0)
                .put(&pay_in.id.0)
                .put_u64(pay_in.entry)
                .put_u16(pay_in.ordinal);
        }
    }

    pub(super) fn read_risk(&mut self, r: &mut Reader<'_>) -> Result<(), FormatError> {
        for _ in 0..r.u32("valuations")? {
            let valuation = Valuation {
                currency: r.u16("valuation.currency")?,
                unit: r.u16("valuation.unit")?,
                rate: r.u64("valuation.rate")?,
                scale: r.u8("valuation.scale")?,
                haircut: r.u32("valuation.haircut")?,
            };
            if valuation.scale > Valuation::SCALE_MAX || valuation.haircut > Valuation::HAIRCUT_MAX {
                return Err(FormatError::rule("valuation", "scale or haircut is too large"));
            }
            let valuations = &mut self.accounts.risk.valuations;
            rises(
                valuations.keys().next_back(),
                &valuation.currency,
                "valuation.currency",
            )?;
            if valuations.values().any(|other| other.unit != valuation.unit) {
                return Err(FormatError::rule("valuation.unit", "is another than before"));
            }
            valuations.insert(valuation.currency, valuation);
        }
        for _ in 0..r.u32("tested")? {
            let who = self.read_member(r)?;
            let tested = Tested {
                on: flag(r, "tested.on")?,
                aggregate: r.u64("tested.aggregate")?,
            };
            rises(self.accounts.risk.tested.keys().next_back(), &who, "tested")?;
            self.accounts.risk.tested.insert(who, tested);
            let accounts: Vec<u32> = self.accounts.of(who).collect();
            for id in accounts {
                self.accounts.get_mut(id).tested = tested.on;
            }
        }
        for asked in [false, true] {
            for _ in 0..r.u32("short limits")? {
                let key = (self.read_member(r)?, r.u16("short limit.currency")?);
                let risk = &mut self.accounts.risk;
                let amounts = if asked { &mut risk.asked } else { &mut risk.limits };
                rises(amounts.keys().next_back(), &key, "short limit")?;
                amounts.insert(key, r.u64("short limit.amount")?);
            }
        }
        for _ in 0..r.u32("pay-ins")? {
            let who = self.read_member(r)?;
            let key = (who, r.u16("pay-in.currency")?, r.u32("pay-in.deadline")?);
            let pay_in = PayIn {
                allowed: r.u64("pay-in.allowed")?,
                proposer: ParticipantId(r.u32("pay-in.proposer")?),
                id: InstructionId(r.array("pay-in.id")?),
                entry: r.u64("pay-in.entry")?,
                ordinal: r.u16("pay-in.ordinal")?,
            };
            rises(self.accounts.risk.pay_ins.keys().next_back(), &key, "pay-in")?;
            self.accounts.risk.pay_ins.insert(key, pay_in);
            self.due.add(Timestamp::from_seconds(key.2), Due::PayIn(key));
        }
        Ok(())
    }

    pub(super) fn read_member(&self, r: &mut Reader<'_>) -> Result<u32, FormatError> {
        let who = ParticipantId(r.u32("risk.participant")?);
        match self.registry.get(who) {
            Some(_) => Ok(who.0),
            None => Err(FormatError::rule("risk.participant", "is unknown")),
        }
    }
}
