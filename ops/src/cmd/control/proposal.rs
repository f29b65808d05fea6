//! A proposal as a file, so that whoever approves it sees what it does.
use causeway_message::action::Action;
use causeway_message::codec::Reader;
use causeway_message::control::proposal_digest;
use causeway_message::event::control_body;
use causeway_message::ids::hex;
use causeway_message::{Digest, FormatError, InstructionId, LedgerId, ParticipantId};
use std::path::{Path, PathBuf};

use crate::client::slot;
use crate::files::{self, Access};
use crate::{Failure, layout};

/// Most bytes of a proposal's file.
const BYTES_MAX: u64 = 65_536;

/// Who proposed what, under which id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Who.
    pub proposer: ParticipantId,
    /// Id of the proposal's record.
    pub id: InstructionId,
    /// What.
    pub action: Action,
}

fn path(config: &Path, digest: &Digest) -> PathBuf {
    slot::directory(config)
        .join(layout::PROPOSALS)
        .join(format!("{}.proposal", hex(digest)))
}

impl Proposal {
    /// Keeps the proposal beside the bank's configuration.
    pub fn keep(&self, config: &Path, digest: &Digest) -> Result<PathBuf, Failure> {
        let path = path(config, digest);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)
                .map_err(|error| Failure::at(parent, "cannot be created", &error))?;
        }
        let mut bytes = Vec::new();
        control_body(&mut bytes, self.proposer, self.id, &self.action);
        files::write_new(&path, &bytes, Access::Public)?;
        Ok(path)
    }

    /// The proposal with this digest: from a file that was given, or from this machine. It must have the digest:
    /// a file cannot make anybody approve something else than it shows.
    pub fn find(
        config: &Path,
        given: Option<&Path>,
        digest: &Digest,
        ledger: LedgerId,
    ) -> Result<Option<Self>, Failure> {
        let kept = path(config, digest);
        let file = match given {
            Some(file) => file,
            None if kept.is_file() => &kept,
            None => return Ok(None),
        };
        let refused = |rule: &str| Failure::Refused(format!("{}: {rule}", file.display()));
        let proposal =
            Self::read(&files::read(file, BYTES_MAX)?).map_err(|error| refused(&error.to_string()))?;
        if proposal_digest(ledger, proposal.proposer, proposal.id, &proposal.action) != *digest {
            return Err(refused("the proposal in it does not have this digest"));
        }
        Ok(Some(proposal))
    }

    fn read(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut r = Reader::new(bytes);
        let proposer = ParticipantId(r.u32("proposal.proposer")?);
        r.zeros(4, "proposal.reserved")?;
        let id = InstructionId(r.array("proposal.id")?);
        Ok(Self {
            proposer,
            id,
            action: Action::read(r.rest())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_proposal_is_found_again_and_no_other_under_its_digest() {
        let dir = tempfile::TempDir::new().expect("a temporary directory");
        let (config, ledger) = (dir.path().join("bank.toml"), LedgerId([7; 32]));
        let action = Action::SetStanding {
            participant: ParticipantId(3),
            suspended: true,
        };
        let proposal = Proposal {
            proposer: ParticipantId(1),
            id: InstructionId([2; 16]),
            action,
        };
        let digest = proposal_digest(ledger, proposal.proposer, proposal.id, &proposal.action);
        let find = |digest: &Digest, file: Option<&Path>| Proposal::find(&config, file, digest, ledger);
        assert_eq!(find(&digest, None), Ok(None));
        let file = proposal.keep(&config, &digest).expect("kept");
        assert_eq!(find(&digest, None), Ok(Some(proposal)));
        assert!(matches!(find(&[9; 32], Some(&file)), Err(Failure::Refused(_))));
    }
}
