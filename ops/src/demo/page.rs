//! What came of the demo, as a page for people.
use std::fmt::Write;

use super::report::{LatencyMs, Report};
use crate::client::words::grouped;

impl Report {
    /// The page for people.
    pub fn text(&self) -> String {
        let mut out = String::new();
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{} banks paid one another in {} currencies for {:.1} seconds: {} payments settled, {} a second.\n\
             Each was signed by its bank, sent over QUIC with mutual TLS, on disk before it was final, and told to\n\
             the bank it paid.\n",
            self.banks,
            self.currencies.len(),
            self.duration_s,
            grouped(self.settled),
            grouped(self.payments_per_second as u64),
        );
        let mut line = |what: &str, count: u64, more: &str| {
            let _ = writeln!(out, "  {what:<22}{:>12}   {more}", grouped(count));
        };
        line("settled at once", self.settled_at_once, "");
        line(
            "waited, then settled",
            self.queued_then_settled,
            "released by money that came in",
        );
        line(
            "still waiting",
            self.still_queued,
            "for money that has not come in yet",
        );
        let reasons: Vec<String> = self
            .rejected_by_status
            .iter()
            .map(|(status, count)| format!("{} {status}", grouped(*count)))
            .collect();
        line("rejected", self.rejected, &reasons.join(", "));
        line("sent twice, paid once", self.replayed, "");
        line(
            "trades",
            self.pvp_settled,
            "payment versus payment: both legs of each",
        );
        line(
            "FX payments",
            self.fx_settled,
            "paid in one currency, arrived in another: all legs of each",
        );
        let LatencyMs { p50, p99, .. } = self.latency_ms;
        let _ = writeln!(
            out,
            "\nFrom asking to an answer that is proven to stand in the log: half within {p50:.1} ms, 99 of 100 within\n\
             {p99:.1} ms.\n\nValue settled, exact:"
        );
        for (code, value) in &self.value_settled {
            let _ = writeln!(out, "  {value:>26} {code}");
        }
        if !self.trade_story.is_empty() {
            out.push_str("\nA trade, payment versus payment:\n");
        }
        for sentence in &self.trade_story {
            let _ = writeln!(out, "  {sentence}");
        }
        if !self.fx_story.is_empty() {
            out.push_str("\nA corridor, at firm quotes:\n");
        }
        for sentence in &self.fx_story {
            let _ = writeln!(out, "  {sentence}");
        }
        if !self.netting_story.is_empty() {
            out.push_str("\nA gridlock across two currencies, netted:\n");
        }
        for sentence in &self.netting_story {
            let _ = writeln!(out, "  {sentence}");
        }
        self.checks(&mut out);
        self.next(&mut out);
        out
    }

    fn checks(&self, out: &mut String) {
        let mark = |holds: bool| if holds { "holds " } else { "FAILED" };
        let proven = self.deferred_receipts_verified > 0;
        let _ = writeln!(
            out,
            "\nChecked, and not by the node:\n\
             \x20 {}  receipts: {} fetched and verified with the log's key, {} of them of payments that had waited\n\
             \x20 {}  trades: both parties of each were told that both legs settled, in the same entry; {} by half\n\
             \x20 {}  money: none was made or lost. What each bank was answered and told adds up to its balance, in\n\
             \x20         every currency, and all balances to what was funded\n\
             \x20 {}  log: read again from disk, {} entries, {} signatures, {} tree heads reproduced\n\
             \x20         ledger {}\n\
             \x20         root   {}",
            mark(proven),
            grouped(self.receipts_verified),
            grouped(self.deferred_receipts_verified),
            mark(self.pvp_settled > 0 && self.pvp_half_settled == 0),
            match self.pvp_half_settled {
                0 => "none".to_owned(),
                half => grouped(half),
            },
            mark(self.conservation_ok),
            mark(self.log_verified),
            grouped(self.log.entries),
            grouped(self.log.signatures),
            grouped(self.log.heads),
            self.log.ledger,
            self.log.root,
        );
        for problem in self.problems.iter().take(10) {
            let _ = writeln!(out, "  {problem}");
        }
    }

    fn next(&self, out: &mut String) {
        out.push_str("\nWhere to look next:\n");
        match &self.kept {
            Some(dir) => {
                let _ = writeln!(
                    out,
                    "  causeway verify log {dir}\n  causeway node --config {dir}/node.toml\n  \
                     causeway bank balance --config {dir}/banks/ALFADEFF/bank.toml   (while the node runs)"
                );
            }
            None => out.push_str(
                "  causeway demo --keep demo    keep the data directory, to look into it\n\
                 \x20 causeway init --dir ledger   a ledger of your own: it prints what comes next\n",
            ),
        }
        out.push_str("  README.md, ARCHITECTURE.md   what it is and how it is built\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_in_thousands() {
        for (count, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (12_345_678, "12,345,678"),
        ] {
            assert_eq!(grouped(count), text);
        }
    }
}
