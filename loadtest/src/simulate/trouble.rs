//! The faults of an episode: which of them it has, when they strike, and how they end.
use super::client::Wrong;
use super::episode::{Episode, SECOND};
use super::machine::{FaultKind, Plan, Strike};

/// A fault that an episode may have or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Kill,
    Power,
    PowerInside,
    WriteError,
    SyncError,
    ReadError,
    Full,
    Slow,
    RotJournal,
    RotDerived,
    Clock,
    WriteBack,
}

/// All of them; a bit of the episode's set-up enables each.
pub(super) const FAULTS: &[Class] = &[
    Class::Kill,
    Class::Power,
    Class::PowerInside,
    Class::WriteError,
    Class::SyncError,
    Class::ReadError,
    Class::Full,
    Class::Slow,
    Class::RotJournal,
    Class::RotDerived,
    Class::Clock,
    Class::WriteBack,
];

impl Episode {
    /// Something goes wrong, or comes right.
    pub(super) fn fault(&mut self) -> Result<(), Wrong> {
        if self.node.engine().is_none() {
            return self.down_time();
        }
        // Faults are rare beside work, or nothing would ever get done.
        if self.machine.below(3) != 0 {
            return Ok(());
        }
        let at = self.machine.below(FAULTS.len() as u32);
        if self.enabled & (1 << at) == 0 {
            return Ok(());
        }
        let machine = self.machine.clone();
        let strike = |kind: Strike, within: u32| {
            let after = machine.below(within);
            machine.plan(|plan| plan.strike = Some((kind, after)));
        };
        match FAULTS[at as usize] {
            Class::Kill => self.node.stop(&mut self.network, false),
            Class::Power => self.node.stop(&mut self.network, true),
            Class::PowerInside => strike(Strike::PowerCut, 60),
            Class::WriteError => strike(Strike::Write, 30),
            Class::SyncError => strike(Strike::Sync, 20),
            Class::ReadError => strike(Strike::Read, 30),
            Class::Full => machine.plan(|plan| plan.full = !plan.full),
            Class::Slow => {
                let most = if self.third { SECOND / 100 } else { SECOND / 5 };
                let slowness = u64::from(machine.below(3)) * most;
                machine.plan(|plan| plan.slowness = slowness);
            }
            Class::RotDerived => self.node.rot_derived(),
            // Only where it is down: what a start must find cannot be told from what it reads meanwhile.
            Class::RotJournal => {}
            Class::Clock => self.move_clock(),
            Class::WriteBack => machine.write_back(),
        }
        Ok(())
    }

    /// The node is down: its disk may change, and it is started again, perhaps to fail once more.
    fn down_time(&mut self) -> Result<(), Wrong> {
        let has = |class: Class| {
            let at = FAULTS
                .iter()
                .position(|other| *other == class)
                .unwrap_or_default();
            self.enabled & (1 << at) != 0
        };
        let (journal, derived, inside) = (
            has(Class::RotJournal),
            has(Class::RotDerived),
            has(Class::PowerInside),
        );
        match self.machine.below(10) {
            0 if journal => self.node.rot_journal(),
            1 if derived => self.node.rot_derived(),
            2 if inside => {
                let after = self.machine.below(200);
                self.machine
                    .plan(|plan| plan.strike = Some((Strike::PowerCut, after)));
            }
            _ => {}
        }
        self.machine.plan(|plan| plan.full = false);
        self.node.start(&mut self.auditor)
    }

    fn move_clock(&mut self) {
        if self.clock_off.is_some() {
            return;
        }
        self.clock_off = Some(20 + self.machine.below(200));
        if self.machine.below(2) == 0 {
            self.machine.jump(7_200 * SECOND as i64);
            self.machine.count(FaultKind::ClockAhead);
        } else {
            let back = i64::from(self.machine.below(3_600)) * SECOND as i64;
            self.machine.jump(-back);
            self.machine.count(FaultKind::ClockBack);
        }
    }

    /// The clock comes right by itself after a while; if the node was started on a wrong one, time catches up first.
    pub(super) fn put_clock_right(&mut self) {
        match &mut self.clock_off {
            None => {}
            Some(0) => {
                self.catch_up_with_the_log();
                let error = self.machine.clock_error();
                self.machine.jump(-error);
                self.clock_off = None;
            }
            Some(left) => *left -= 1,
        }
    }

    /// A node that was started on a clock that is ahead has put its time into the log, where it never runs back: until
    /// the right time is there too, whatever banks sign comes too late.
    pub(super) fn catch_up_with_the_log(&self) {
        let right = self.machine.true_seconds();
        let ahead = self.auditor.time().seconds().saturating_sub(right);
        self.machine.pass(ahead * SECOND);
    }

    /// Ends everything that goes wrong.
    pub(super) fn make_peace(&mut self) {
        if self.clock_off.is_some() {
            self.clock_off = Some(0);
            self.put_clock_right();
        }
        self.machine.plan(|plan| *plan = Plan::default());
        // What its operator does who reads that derived files are damaged: they are made again at the next start.
        if self.node.is_rotten() {
            self.node.stop(&mut self.network, false);
        }
        for client in &mut self.clients {
            client.stopped = 0;
        }
    }
}
