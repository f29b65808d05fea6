//! The other messages on a stream: sessions, answers, feeds, queries.
mod answers;
mod credit;
mod days;
mod desk;
mod explain;
mod exposure;
mod feed;
mod governance;
mod history;
mod query;
mod session;
mod statement;
mod windows;

pub use answers::{AnswersMessage, LeafProof};
pub use credit::{AssetLine, CreditLine, Credits};
pub use days::{DayLine, Days, day_flags};
pub use desk::{
    AccountLine, Accounts, Kept, LimitLine, Projected, QueueLine, QueueLines, QueueQuery, account_flags,
};
pub use explain::{Explanation, Obstacle};
pub use exposure::{Exposure, ExposureQuery, Stake, StakeAccount, StakeLine, StakeQuotes};
pub use feed::{FeedEntry, FeedPage};
pub use governance::{GovernanceLines, GovernanceQuery, GovernanceReached, GovernanceRecord, Governed};
pub use history::{HistoryLine, HistoryLines, HistoryQuery};
pub use query::{
    BalanceLine, Balances, Consistency, Directory, DirectoryLine, InstructionKey, StatusAnswer,
    read_document, write_document,
};
pub use session::{Hello, read_number, read_refusal, write_number, write_refusal};
pub use statement::{StatementLine, StatementLines, StatementQuery};
pub use windows::{PositionLine, WindowLine, WindowStage, Windows};
