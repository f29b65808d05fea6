//! The discipline of an account: whether payments of one class may overtake each other.
use causeway_message::Status;
use causeway_message::record::{Kind, flags};

use super::{Batch, Came, Placed};
use crate::apply::Ledger;
use crate::outcome::Outcome;

impl Ledger {
    pub(super) fn discipline(
        &mut self,
        batch: &Batch<'_>,
        came: &Came<'_>,
        out: &mut Outcome,
    ) -> Result<Placed, Status> {
        let record = came.record;
        let account = self.judge_own(batch, Kind::Discipline, came)?;
        let desk = self.accounts.desk_mut(account);
        desk.bypass = record.flags.get() & flags::BYPASS != 0;
        (desk.pass, desk.again) = (None, false);
        self.credited(account, out);
        Ok(Placed::new(Status::Executed))
    }
}
