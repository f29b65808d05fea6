//! The mapping as text for people.

use super::Checked;
use crate::iso::{AnyMessage, Investigation, Kind, Message, Trade, Transaction, conversion};
use crate::text::printable;
use std::io::{self, Write};

pub(super) fn write(out: &mut impl Write, checked: &[Checked]) -> io::Result<()> {
    let (mut messages, mut transactions, mut refused) = (0_usize, 0_usize, 0_usize);
    for one in checked {
        let file = printable(&one.file.to_string_lossy());
        match &one.outcome {
            Ok(found) => {
                for message in found {
                    match message {
                        AnyMessage::Transfer(message) => write_message(out, &file, message)?,
                        AnyMessage::Investigation(message) => write_investigation(out, &file, message)?,
                        AnyMessage::Trade(trade) => write_trade(out, &file, trade)?,
                    }
                    messages = messages.saturating_add(1);
                    transactions = transactions.saturating_add(message.len());
                }
            }
            Err(findings) => {
                refused = refused.saturating_add(1);
                writeln!(out, "{file}\n  REFUSED")?;
                for finding in findings {
                    writeln!(out, "    {}", printable(&finding.to_string()))?;
                }
            }
        }
    }
    writeln!(
        out,
        "{messages} messages with {transactions} transactions mapped, {refused} files refused"
    )
}

fn write_message(out: &mut impl Write, file: &str, message: &Message) -> io::Result<()> {
    let note = if message.is_announcement() {
        "  (announces a settlement, orders none)"
    } else {
        ""
    };
    let id = printable(&message.message_id);
    writeln!(
        out,
        "{file}\n  {}  {id}  {}{note}",
        message.message_type,
        printable(&message.created)
    )?;
    let amounts: Vec<String> = message
        .transactions
        .iter()
        .map(|one| one.amount.money().to_string())
        .collect();
    let width = amounts.iter().map(String::len).max().unwrap_or(0);
    for (one, amount) in message.transactions.iter().zip(&amounts) {
        writeln!(out, "  {:>4}  {amount:>width$}  {}", one.index, parties(one))?;
        let details = details(message.message_type.kind, one);
        writeln!(out, "        {}", printable(&details))?;
    }
    for warning in &message.warnings {
        writeln!(out, "        warning: {}", printable(&warning.to_string()))?;
    }
    Ok(())
}

fn write_investigation(out: &mut impl Write, file: &str, message: &Investigation) -> io::Result<()> {
    let id = printable(&message.message_id);
    let created = printable(&message.created);
    writeln!(out, "{file}\n  {}  {id}  {created}", message.message_type)?;
    for case in &message.cases {
        let original = &case.original;
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
        let amount = original.amount.as_ref().map(|amount| amount.money().to_string());
        let answer = case.answer.map_or("", |answer| answer.code());
        let text = format!(
            "{answer} {} uetr {}, end-to-end {}, case {}",
            or_none(amount),
            or_none(original.uetr_text()),
            or_none(original.end_to_end_id.clone()),
            or_none(case.case_id.clone())
        );
        writeln!(out, "  {:>4}  {}", case.index, printable(text.trim_start()))?;
    }
    Ok(())
}

fn write_trade(out: &mut impl Write, file: &str, trade: &Trade) -> io::Result<()> {
    let id = printable(&trade.originator_ref);
    writeln!(
        out,
        "{file}\n  {}  {id}  {}",
        trade.message_type, trade.trade_date
    )?;
    let text = format!(
        "{} sells {} to {} for {}, rate {}, on {}, reference {}",
        trade.trading_side,
        trade.sells.money(),
        trade.counterparty_side,
        trade.buys.money(),
        trade.rate,
        trade.settlement_date,
        trade.common_ref.as_deref().unwrap_or("none")
    );
    writeln!(out, "        {}", printable(&text))
}

/// Who pays whom on this hop, and for whom where that differs.
fn parties(one: &Transaction) -> String {
    let (debtor, creditor) = (one.settlement_debtor(), one.settlement_creditor());
    let hop = format!("{debtor} -> {creditor}");
    let ends = if debtor.key() == one.debtor_agent.key() && creditor.key() == one.creditor_agent.key() {
        String::new()
    } else {
        format!("  (agents {} -> {})", one.debtor_agent, one.creditor_agent)
    };
    printable(&format!("{hop}{ends}"))
}

fn details(kind: Kind, one: &Transaction) -> String {
    let uetr = one.uetr_text().unwrap_or_else(|| "none".to_owned());
    let mut parts = vec![
        format!("uetr {uetr}"),
        format!("end-to-end {}", one.end_to_end_id),
    ];
    if let Some(date) = one.settlement_date {
        parts.push(format!("on {date}"));
    }
    if let Some(instructed) = &one.instructed_amount {
        parts.push(format!("instructed {}", instructed.money()));
    }
    if let Some(rate) = &one.rate {
        parts.push(format!("rate {rate}"));
    }
    if conversion::of(kind, one) == Some("asked") {
        parts.push("to be converted by the ledger".to_owned());
    }
    if let Some(returned) = &one.returned {
        let reason = returned.reason.as_ref().and_then(|reason| reason.code.clone());
        parts.push(format!(
            "returned {}",
            reason.as_deref().unwrap_or("without a reason")
        ));
    }
    parts.extend(
        one.charges
            .iter()
            .map(|charge| format!("charge {}", charge.amount.money())),
    );
    parts.join(", ")
}
