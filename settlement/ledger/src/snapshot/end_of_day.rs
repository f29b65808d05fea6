//! Statements and ends of days in a snapshot.
use causeway_message::codec::{Put, Reader};
use causeway_message::statement::DayStep;
use causeway_message::{FormatError, mutated};

use super::{flag, rises};
use crate::apply::Ledger;
use crate::end_of_day::{Closings, LastStatement, Progress};
use crate::sweep::{Stage, Sweep};

impl LastStatement {
    fn write(&self, out: &mut Vec<u8>) {
        out.put_u16(self.date)
            .put_i128(self.closing)
            .put_u64(self.to)
            .put_u64(self.told);
    }

    fn read(r: &mut Reader<'_>, index: u64) -> Result<Self, FormatError> {
        let last = Self {
            date: r.u16("statement.date")?,
            closing: r.i128("statement.closing")?,
            to: r.u64("statement.to")?,
            told: r.u64("statement.told")?,
        };
        if last.told > index || (last.to >= last.told && last != Self::default()) {
            return Err(FormatError::rule("statement.told", "is not behind its position"));
        }
        Ok(last)
    }
}

impl Ledger {
    pub(super) fn write_end_of_day(&self, out: &mut Vec<u8>) {
        let own = &self.end_of_day;
        let kept = if mutated!(LoseStatements) {
            0
        } else {
            own.accounts.len()
        };
        out.put_u32(kept as u32);
        own.accounts.iter().take(kept).for_each(|last| last.write(out));
        out.put_u32(own.liabilities.len() as u32);
        for (currency, last) in &own.liabilities {
            last.write(out.put_u16(*currency));
        }
        out.put_u32(own.steps.len() as u32);
        for (currency, step) in &own.steps {
            out.put_u16(*currency).put_u8(*step as u8);
        }
        out.put_u32(own.under_way.len() as u32);
        for (currency, progress) in &own.under_way {
            out.put_u16(*currency)
                .put_u32(progress.count)
                .put_i128(progress.value)
                .put_u8(u8::from(progress.closings.is_some()));
            if let Some(closings) = &progress.closings {
                out.put_u64(closings.to)
                    .put_i128(closings.liability)
                    .put_u32(closings.accounts.len() as u32);
                for (id, closing) in &closings.accounts {
                    out.put_u32(*id).put_i128(*closing);
                }
            }
        }
    }

    pub(super) fn read_end_of_day(&mut self, r: &mut Reader<'_>) -> Result<(), FormatError> {
        let accounts = r.u32("statements")?;
        if accounts as usize > self.accounts.all().len() {
            return Err(FormatError::rule("statements", "are more than accounts"));
        }
        for _ in 0..accounts {
            let last = LastStatement::read(r, self.index)?;
            self.end_of_day.accounts.push(last);
        }
        if self.end_of_day.accounts.last() == Some(&LastStatement::default()) {
            return Err(FormatError::rule("statements", "the last account has one"));
        }
        for _ in 0..r.u32("liabilities")? {
            let currency = self.read_currency(r, |own| own.liabilities.keys().next_back().copied())?;
            let last = LastStatement::read(r, self.index)?;
            self.end_of_day.liabilities.insert(currency, last);
        }
        for _ in 0..r.u32("steps")? {
            let currency = self.read_currency(r, |own| own.steps.keys().next_back().copied())?;
            let step = DayStep::from_number(r.u8("step")?);
            let step = step.filter(|step| *step != DayStep::Extended);
            let step = step.ok_or(FormatError::rule("step", "no such step"))?;
            self.end_of_day.steps.insert(currency, step);
        }
        for _ in 0..r.u32("ends")? {
            let currency = self.read_currency(r, |own| own.under_way.keys().next_back().copied())?;
            let progress = self.read_progress(currency, r)?;
            self.end_of_day.under_way.insert(currency, progress);
        }
        self.check_statements()
    }

    fn read_currency(
        &self,
        r: &mut Reader<'_>,
        last: impl Fn(&crate::end_of_day::EndOfDay) -> Option<u16>,
    ) -> Result<u16, FormatError> {
        let currency = r.u16("end.currency")?;
        rises(last(&self.end_of_day).as_ref(), &currency, "end.currency")?;
        let open = self.accounts.book(currency);
        open.map(|_| currency)
            .ok_or(FormatError::rule("end.currency", "is not open"))
    }

    fn read_progress(&self, currency: u16, r: &mut Reader<'_>) -> Result<Progress, FormatError> {
        let mut progress = Progress {
            count: r.u32("end.count")?,
            value: r.i128("end.value")?,
            closings: None,
        };
        if !self.is_closing(currency) {
            return Err(FormatError::rule("end.currency", "no close of it is under way"));
        }
        if flag(r, "end.closings")? {
            let mut closings = Closings {
                to: r.u64("end.to")?,
                liability: r.i128("end.liability")?,
                accounts: Vec::new(),
            };
            for _ in 0..r.u32("end.accounts")? {
                let id = r.u32("end.account")?;
                rises(closings.accounts.last().map(|(id, _)| id), &id, "end.account")?;
                let account = self.accounts.all().get(id as usize);
                if account.is_none_or(|account| account.currency != currency) || closings.to > self.index {
                    return Err(FormatError::rule("end.account", "is not of this close"));
                }
                closings.accounts.push((id, r.i128("end.closing")?));
            }
            progress.closings = Some(closings);
        }
        Ok(progress)
    }

    /// A close tells statements exactly when its closings were noted, and those of accounts that it has.
    fn check_statements(&self) -> Result<(), FormatError> {
        let tells = self.sweeps.iter().filter_map(|sweep| match sweep {
            Sweep::Close {
                currency,
                stage: Stage::Statements,
                account,
                ..
            } => Some((*currency, *account)),
            _ => None,
        });
        let noted: Vec<(u16, usize)> = self
            .end_of_day
            .under_way
            .iter()
            .filter_map(|(currency, progress)| {
                let closings = progress.closings.as_ref()?;
                Some((*currency, closings.accounts.len()))
            })
            .collect();
        let tells: Vec<(u16, u32)> = tells.collect();
        let fits = |(currency, account): &(u16, u32)| {
            let own = noted.iter().find(|(other, _)| other == currency);
            own.is_some_and(|(_, count)| *account as usize <= count + 1)
        };
        if tells.len() == noted.len() && tells.iter().all(fits) {
            Ok(())
        } else {
            Err(FormatError::rule("end.closings", "do not fit the close"))
        }
    }
}
