//! What came with the fourth version of the rules: credit of accounts, and what secures it.
use causeway_message::action::Valuation;
use causeway_message::codec::{Put, Reader};
use causeway_message::limits::REFERENCE_BYTES_MAX;
use causeway_message::{FormatError, InstructionId, ParticipantId};

use super::{flag, rises};
use crate::apply::Ledger;
use crate::credit::{Asset, Credit, Granted};
use crate::limits::ASSETS_PER_ACCOUNT;

impl Ledger {
    pub(super) fn write_credit(&self, out: &mut Vec<u8>) {
        out.put_u32(self.accounts.credit.len() as u32);
        for (account, credit) in &self.accounts.credit {
            out.put_u32(*account)
                .put_u8(u8::from(self.accounts.get(*account).frozen))
                .put_u64(credit.limit)
                .put_u8(u8::from(credit.granted.is_some()));
            if let Some(granted) = credit.granted {
                out.put_u32(granted.proposer.0)
                    .put(&granted.id.0)
                    .put_u64(granted.entry)
                    .put_u16(granted.ordinal);
            }
            out.put_u32(credit.assets.len() as u32);
            for (name, asset) in &credit.assets {
                out.put_var(name.as_bytes())
                    .put_u64(asset.value)
                    .put_u32(asset.haircut);
            }
        }
    }

    /// Reads it behind the accounts, whose caps were read as they were granted.
    pub(super) fn read_credit(&mut self, r: &mut Reader<'_>) -> Result<(), FormatError> {
        for _ in 0..r.u32("credits")? {
            let account = r.u32("credit.account")?;
            self.check_account(account)?;
            rises(
                self.accounts.credit.keys().next_back(),
                &account,
                "credit.account",
            )?;
            let frozen = flag(r, "credit.frozen")?;
            let mut credit = Credit {
                cap: self.accounts.get(account).cap,
                limit: r.u64("credit.limit")?,
                ..Credit::default()
            };
            if flag(r, "credit.granted")? {
                credit.granted = Some(Granted {
                    proposer: ParticipantId(r.u32("credit.proposer")?),
                    id: InstructionId(r.array("credit.id")?),
                    entry: r.u64("credit.entry")?,
                    ordinal: r.u16("credit.ordinal")?,
                });
            } else if credit.limit != 0 || frozen {
                return Err(FormatError::rule("credit.granted", "nobody granted it"));
            }
            for _ in 0..r.u32("credit.assets")? {
                let name = r.text(REFERENCE_BYTES_MAX, "credit.asset")?.to_owned();
                let asset = Asset {
                    value: r.u64("credit.value")?,
                    haircut: r.u32("credit.haircut")?,
                };
                if asset.value == 0 || asset.haircut > Valuation::HAIRCUT_MAX {
                    return Err(FormatError::rule(
                        "credit.value",
                        "value or haircut is out of bounds",
                    ));
                }
                rises(credit.assets.keys().next_back(), &name, "credit.asset")?;
                credit.assets.insert(name, asset);
            }
            if credit.assets.len() > ASSETS_PER_ACCOUNT {
                return Err(FormatError::rule(
                    "credit.assets",
                    "are more than an account may have",
                ));
            }
            self.accounts.credit.insert(account, credit);
            self.accounts.get_mut(account).frozen = frozen;
            self.accounts.renew_cap(account);
            if self.accounts.get(account).frozen != frozen {
                return Err(FormatError::rule("credit.frozen", "it was repaid"));
            }
        }
        Ok(())
    }
}
