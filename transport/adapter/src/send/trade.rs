//! From a trade instruction to one side of a trade, payment versus payment.
use super::plan::{Plan, Rules, SENT_BEFORE, Unplanned};
use super::refusal::Refusal;
use crate::iso::{Agent, Trade};
use crate::references::References;
use crate::secret_id;
use crate::store::{Intent, Intents};
use crate::trade::reference;
use causeway_message::record::Instruction;
use causeway_message::{InstructionId, ParticipantId, Uetr};

/// Maps a message. What was sent before is sent again as it was.
///
/// # Errors
/// The reason; the message is then not sent.
pub fn plan(rules: &Rules<'_>, intents: &Intents, file: &str, trade: &Trade) -> Result<Plan, Unplanned> {
    let ids = secret_id::derive_trade(rules.secret, trade);
    let counterparty = counterparty(rules, trade)?;
    let record = Instruction {
        related: trade.common_ref.as_deref().map_or([0; 16], reference),
        ..Instruction::pvp(
            InstructionId(ids.instruction_id),
            Uetr(ids.uetr),
            (rules.routes.own(), counterparty),
            (trade.sells.currency.numeric, trade.sells.minor),
            (trade.buys.currency.numeric, trade.buys.minor),
            trade.settlement_date.days_since_2000(),
        )
    };
    let ordered = Intent {
        record,
        salt: String::new(),
        clearing_ref: None,
        charges: None,
        reason: None,
        file: file.to_owned(),
        message_type: trade.message_type.to_string(),
        message_id: trade.originator_ref.clone(),
        transaction: 1,
        references: References {
            message_id: Some(trade.originator_ref.clone()),
            message_type: Some(trade.message_type.to_string()),
            ..References::default()
        },
        case: None,
        about: None,
    };
    let mut plan = Plan::default();
    match intents.get(record.id()) {
        // Of a trade the value date is part of what is agreed.
        Some(sent) if sent.record == record => plan.intents.push(sent.clone()),
        Some(_) => return Err(refuse("TradInf/OrgtrRef", SENT_BEFORE).into()),
        None => {
            plan.intents.push(ordered.clone());
            plan.fresh.push(ordered);
        }
    }
    Ok(plan)
}

/// The other party; this bank must be the one whose instruction it is.
fn counterparty(rules: &Rules<'_>, trade: &Trade) -> Result<ParticipantId, Refusal> {
    let own = rules.routes.own();
    if rules.routes.participant(&trade.trading_side) != Some(own) {
        let text = format!(
            "{} is not this bank ({}), and only its own side of a trade is its to send",
            trade.trading_side,
            rules.routes.name(own)
        );
        return Err(refuse("TradgSdId/SubmitgPty", text));
    }
    let other = |agent: &Agent| {
        let text = format!(
            "{agent} is no participant: neither a name in the directory nor in [agents] as {:?}",
            agent.key()
        );
        refuse("CtrPtySdId/SubmitgPty", text)
    };
    let agent = &trade.counterparty_side;
    match rules.routes.participant(agent) {
        Some(party) if party == own => Err(refuse(
            "CtrPtySdId/SubmitgPty",
            format!("{agent} is this bank itself: a trade has two parties"),
        )),
        Some(party) => Ok(party),
        None => Err(other(agent)),
    }
}

/// No message tells the bank's own systems of a trade that was not sent, so there is no code.
fn refuse(element: &str, text: impl Into<String>) -> Refusal {
    Refusal::message(element, None, text)
}
