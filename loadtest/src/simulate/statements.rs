//! Statements and reports: on every account the lines lead from opening to closing, to the minor unit.
use std::collections::BTreeSet;

use causeway_engine::EngineError;
use causeway_engine::publish::statement::search;
use causeway_ledger::AccountNow;
use causeway_message::ParticipantId;
use causeway_message::posting::Account;
use causeway_message::wire::{StatementLine, StatementLines, StatementQuery};

use super::client::Wrong;
use super::episode::Episode;

/// Questions that one statement may take here.
const QUESTIONS: usize = 1_000;
/// Days back of which statements are looked for.
const DAYS: u16 = 8;

impl Episode {
    /// Holds report and statements of an account to its balance, if all that was applied is published.
    pub(super) fn check_statements(&mut self, who: ParticipantId, currency: u16) -> Result<(), Wrong> {
        // What rotted on the disk since the start is found when it is read.
        if self.node.is_rotten() {
            return Ok(());
        }
        for liability in [false, true] {
            let account = Account {
                participant: who,
                currency,
                liability,
            };
            let index = self.auditor.index();
            let Some((_, stages, _)) = self.node.parts() else {
                return Ok(());
            };
            if stages.ledger().index() != index {
                return Ok(());
            }
            let Some(now) = stages.ledger().account_now(&account) else {
                continue;
            };
            let last = if liability {
                stages.ledger().last_liability(currency)
            } else {
                stages.ledger().last_statement(who, currency)
            };
            let newest = last.map_or(0, |last| last.date);
            let report = self.statement(&account, 0, &now)?;
            let report = report.ok_or_else(|| Wrong::Unexpected(format!("{account:?} has no report")))?;
            if report.closing != now.balance || report.to != index {
                let told = (report.closing, report.to);
                return Err(Wrong::Unexpected(format!(
                    "{account:?} is {now:?}, and its report {told:?}"
                )));
            }
            let mut later = report;
            let dates = newest.saturating_sub(DAYS)..=newest;
            for date in dates.rev().filter(|date| *date != 0) {
                let Some(day) = self.statement(&account, date, &now)? else {
                    if date == newest {
                        let what = format!("the newest statement of {account:?} is not found");
                        return Err(Wrong::Unexpected(what));
                    }
                    continue;
                };
                if (day.closing, day.to) != (later.opening, later.from) {
                    return Err(Wrong::Unexpected(format!(
                        "the statement of {account:?} for day {date} does not end where the next begins"
                    )));
                }
                later = day;
            }
        }
        Ok(())
    }

    /// All of one statement; its lines come to its closing.
    fn statement(
        &mut self,
        account: &Account,
        date: u16,
        now: &AccountNow,
    ) -> Result<Option<StatementLines>, Wrong> {
        let machine = self.machine.clone();
        let Some((engine, stages, _)) = self.node.parts() else {
            return Ok(None);
        };
        let ask = |before| {
            let query = StatementQuery {
                account: *account,
                date,
                before,
                told: 0,
            };
            let published = || engine.health().published;
            let remembered = |key: causeway_message::wire::InstructionKey| {
                Ok::<_, EngineError>(stages.ledger().remembered(key.submitter, key.id))
            };
            machine
                .calmly(|| search(engine.archive(), &query, now, published, remembered))
                .map_err(|e| Wrong::Unexpected(format!("no statement of {account:?}: {e}")))
        };
        let Some(mut all) = ask((0, 0))? else {
            return Ok(None);
        };
        for _ in 0..QUESTIONS {
            if all.next == (0, 0) {
                break;
            }
            let page = ask(all.next)?.ok_or_else(|| Wrong::Unexpected("a page is missing".into()))?;
            all.next = page.next;
            all.lines.extend(page.lines);
        }
        let sum: i128 = all.lines.iter().map(|line| line.posting.signed()).sum();
        let places: BTreeSet<_> = all.lines.iter().map(StatementLine::place).collect();
        let inside = all
            .lines
            .iter()
            .all(|line| all.from < line.entry && line.entry <= all.to);
        if all.next != (0, 0) || places.len() != all.lines.len() || !inside {
            return Err(Wrong::Unexpected(format!(
                "the lines of {account:?} for day {date} are no statement: {all:?}"
            )));
        }
        if all.opening + sum != all.closing {
            return Err(Wrong::Unexpected(format!(
                "{account:?} opened day {date} with {} and closed it with {}, and its {} lines make {sum}",
                all.opening,
                all.closing,
                all.lines.len()
            )));
        }
        self.tally.lines += all.lines.len() as u64;
        self.tally.statements += u64::from(date != 0);
        Ok(Some(all))
    }
}
