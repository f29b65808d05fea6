//! `causeway bank amend` and `release`: another place for a payment that waits, and the end of one that is set aside.
use causeway_message::extension::{self, ExtensionType};
use causeway_message::ids::parse_hex_all;
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::wire::HistoryLine;
use causeway_message::{InstructionId, ParticipantId};

use super::instruct::{Class, Signing, about, carry_out, with_flags};
use super::lookup::{self, Name};
use crate::Failure;
use crate::client::{Desk, trade, words};
use crate::cmd::Answer;

const AMEND_HELP: &str = "\
What a trade says is not amended so, but by `bank pvp --replaces`, while it is unmatched.

Examples:
  causeway bank amend --config banks/ALFADEFF/bank.toml ID --priority urgent
  causeway bank amend --config banks/ALFADEFF/bank.toml ID --front

Exit codes: 0 amended, 1 refused, 2 wrong usage or configuration, 3 the node does not answer.";

const RELEASE_HELP: &str = "\
By the approver, or by whoever is concerned and has the preimage. What the payment is comes from this bank's feed or
own batches; if neither has it, say --debtor, --creditor, --currency and --amount.

Examples:
  causeway bank release --config banks/GAMMGB2L/bank.toml ID
  causeway bank release --config banks/BETAFRPP/bank.toml ID --preimage HEX
  causeway bank release --config banks/BETAFRPP/bank.toml ID --decline

Exit codes: 0 released or given back, 1 refused, 2 wrong usage or configuration, 3 the node does not answer.";

/// Arguments of `bank amend`.
#[derive(Debug, clap::Args)]
#[command(after_help = AMEND_HELP)]
pub struct AmendArgs {
    #[command(flatten)]
    signing: Signing,
    /// Instruction id of the payment, or of the own side of a trade.
    #[arg(value_name = "ID")]
    payment: String,
    /// Another class.
    #[arg(long, value_name = "CLASS", required_unless_present_any = ["front", "back"])]
    priority: Option<Class>,
    /// To the front of its class.
    #[arg(long, conflicts_with = "back")]
    front: bool,
    /// To the end of its class.
    #[arg(long)]
    back: bool,
}

/// Arguments of `bank release`.
#[derive(Debug, clap::Args)]
#[command(after_help = RELEASE_HELP)]
pub struct ReleaseArgs {
    #[command(flatten)]
    signing: Signing,
    /// Instruction id of the conditional payment, or its UETR with dashes.
    #[arg(value_name = "ID")]
    payment: String,
    /// What the condition is the SHA-256 of, in hexadecimal.
    #[arg(long, value_name = "HEX", conflicts_with = "decline")]
    preimage: Option<String>,
    /// Give the money back.
    #[arg(long)]
    decline: bool,
    /// A part of it; all if left out.
    #[arg(long, value_name = "AMOUNT", conflicts_with = "decline")]
    amount: Option<String>,
    /// Who pays, if the feed does not tell.
    #[arg(long, value_name = "NAME", requires = "creditor")]
    debtor: Option<String>,
    /// Who is paid, if the feed does not tell.
    #[arg(long, value_name = "NAME", requires = "currency")]
    creditor: Option<String>,
    /// Currency, if the feed does not tell.
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
}

/// Amends.
pub async fn amend(args: &AmendArgs) -> Result<Answer, Failure> {
    let payment = words::instruction_id("ID", &args.payment)?;
    let id = args.signing.id()?;
    let desk = Desk::open(&args.signing.bank, args.signing.person).await?;
    let original = lookup::own(&desk, args.signing.bank.patience(), payment).await?;
    let original = original
        .ok_or_else(|| lookup::unknown(payment, "only an own payment or leg of a trade can be amended"))?;
    let mut record = about(id, Kind::Amend, payment, &original);
    (record.creditor, record.amount) = (record.debtor, 0.into());
    record.priority = args.priority.map_or(original.priority, Class::number);
    let record = with_flags(record, &[(args.front, flags::FRONT), (args.back, flags::BACK)]);
    let what = if trade::is_trade(&original) {
        "own leg of the trade"
    } else {
        "payment"
    };
    let end = if args.front { "front" } else { "end" };
    let place = match args.priority {
        None => format!("moves the {what} to the {end} of its class"),
        Some(class) => format!("moves the {what} to the {end} of class {}", class.name()),
    };
    carry_out(desk, &args.signing.bank, record, Vec::new(), place).await
}

/// Releases, or gives back.
pub async fn release(args: &ReleaseArgs) -> Result<Answer, Failure> {
    let name = Name::read(&args.payment)?;
    let id = args.signing.id()?;
    let mut area = Vec::new();
    if let Some(text) = &args.preimage {
        let bytes = parse_hex_all(text).filter(|bytes| ExtensionType::Preimage.admits(bytes));
        let bytes = bytes
            .ok_or_else(|| Failure::Config("--preimage: must be 1 to 64 bytes in hexadecimal".to_owned()))?;
        extension::put(&mut area, 0, ExtensionType::Preimage, &bytes);
    }
    let desk = Desk::open(&args.signing.bank, args.signing.person).await?;
    let (patience, own) = (args.signing.bank.patience(), desk.participant());
    let conditional = |line: &HistoryLine| line.record.kind == Kind::Conditional as u8;
    let payment = lookup::named(&desk, patience, name, own, conditional).await?;
    let mut original = given(args, &desk, payment).await?;
    if original.is_none() {
        original = lookup::told(&desk, |record| record.id() == payment).await?;
    }
    if original.is_none() {
        original = lookup::own(&desk, patience, payment).await?;
    }
    let original = original
        .ok_or_else(|| lookup::unknown(payment, "say --debtor, --creditor, --currency and --amount"))?;
    let mut record = about(id, Kind::Release, payment, &original);
    if let Some(text) = &args.amount {
        let code = words::code(original.currency.get());
        record.amount = words::amount("--amount", text, words::currency("--amount", &code)?)?.into();
    }
    if args.decline {
        record.amount = 0.into();
    }
    let record = with_flags(record, &[(args.decline, flags::DECLINE)]);
    let names = desk.names().await?;
    let debtor = names.of(ParticipantId(original.debtor.get()));
    let creditor = names.of(ParticipantId(original.creditor.get()));
    let what = if args.decline {
        format!("gives back to {debtor} what is set aside for {creditor}")
    } else {
        let money = words::money(record.amount.get().into(), record.currency.get());
        format!("releases {money} from {debtor} to {creditor}")
    };
    carry_out(desk, &args.signing.bank, record, area, what).await
}

/// The conditional payment, as the options describe it.
async fn given(
    args: &ReleaseArgs,
    desk: &Desk,
    payment: InstructionId,
) -> Result<Option<Instruction>, Failure> {
    let (Some(debtor), Some(creditor), Some(code)) = (&args.debtor, &args.creditor, &args.currency) else {
        return Ok(None);
    };
    let names = desk.names().await?;
    let currency = words::currency("--currency", code)?;
    let amount = match &args.amount {
        Some(text) => words::amount("--amount", text, currency)?,
        None if args.decline => 0,
        None => return Err(Failure::Config("--amount: is needed with --debtor".to_owned())),
    };
    let (debtor, creditor) = (
        names.find("--debtor", debtor)?,
        names.find("--creditor", creditor)?,
    );
    let uetr = crate::client::uetr_of(payment);
    Ok(Some(Instruction::payment(
        payment,
        uetr,
        debtor,
        creditor,
        currency.numeric,
        amount,
    )))
}
