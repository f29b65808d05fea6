//! Playing one round: wait for its moment, kill, start again.
use std::time::{Duration, Instant};

use super::banks;
use super::child::LOOK;
use super::node::Node;
use super::rounds::{Aim, Round, Victim};
use super::stage::Stage;
use crate::error::Failure;
use crate::random::Random;

/// Longest wait for what is aimed at: then it is killed all the same.
const AIM_WITHIN: Duration = Duration::from_millis(700);
/// The same for a segment, which takes longer to fill.
const SEGMENT_WITHIN: Duration = Duration::from_secs(4);

impl Stage {
    /// Plays a round.
    ///
    /// # Errors
    /// What was found wrong with whom.
    pub fn play(&mut self, round: &Round, random: &mut Random) -> Result<(), Failure> {
        std::thread::sleep(round.before);
        self.sound()?;
        let hit = self.wait_for(round.aim);
        std::thread::sleep(round.after);
        if let Some(time) = round.hold {
            return self.hold(round.victims.first(), time);
        }
        let mut killed = 0;
        for victim in &round.victims {
            killed += u64::from(self.kill(*victim, random)?);
        }
        if killed == 0 {
            return Ok(());
        }
        let counts = &mut self.counts;
        counts.kills_together += if killed > 1 { killed } else { 0 };
        match round.aim {
            Aim::Answer | Aim::Event if hit => counts.kills_after_an_answer_or_event += killed,
            Aim::Snapshot if hit => counts.kills_after_a_snapshot += killed,
            Aim::Segment if hit => counts.kills_after_a_segment += killed,
            _ => {}
        }
        if round.victims.contains(&Victim::Node) {
            self.come_back(round)?;
        }
        self.marks.look();
        if round.load {
            self.answered_again()?;
        }
        Ok(())
    }

    /// Waits for what is aimed at; false if it did not come in time.
    fn wait_for(&mut self, aim: Aim) -> bool {
        let before = banks::moved(&self.banks);
        self.marks.look();
        let within = if aim == Aim::Segment {
            SEGMENT_WITHIN
        } else {
            AIM_WITHIN
        };
        let until = Instant::now() + within;
        while Instant::now() < until {
            let (answers, events) = banks::moved(&self.banks);
            let (snapshot, segment) = self.marks.look();
            let seen = match aim {
                Aim::Anywhen => return false,
                Aim::Answer => answers != before.0,
                Aim::Event => events != before.1,
                Aim::Snapshot => snapshot,
                Aim::Segment => segment,
            };
            if seen {
                return true;
            }
            std::thread::sleep(LOOK);
        }
        false
    }

    fn hold(&mut self, victim: Option<&Victim>, time: Duration) -> Result<(), Failure> {
        self.counts.held_still += 1;
        match victim {
            Some(Victim::Node) => self.node.child.hold(time)?,
            Some(Victim::Bank(at)) => self.banks[*at].process().hold(time)?,
            Some(Victim::Listen(at)) => self.adapters[*at].listen.hold(time)?,
            _ => {}
        }
        self.answered_again()
    }

    /// Kills; false if there was nothing to kill. All but the node start again at once.
    fn kill(&mut self, victim: Victim, random: &mut Random) -> Result<bool, Failure> {
        let place = self.place.clone();
        let counts = &mut self.counts;
        match victim {
            Victim::Node => {
                counts.kills_in_recovery += u64::from(!self.node.listens());
                self.node.child.kill()?;
                counts.kills_of_nodes += 1;
            }
            Victim::Bank(at) => {
                self.banks[at].kill(&place, random)?;
                counts.kills_of_banks += 1;
            }
            Victim::Send(at) => {
                if !self.adapters[at].kill_send()? {
                    return Ok(false);
                }
                counts.kills_of_send += 1;
            }
            Victim::Listen(at) => {
                self.adapters[at].kill_listen(&place)?;
                counts.kills_of_listen += 1;
            }
        }
        counts.kills += 1;
        Ok(true)
    }

    /// Starts the node, killing it again on its way as often as the round says.
    fn come_back(&mut self, round: &Round) -> Result<(), Failure> {
        self.node = Node::start(&self.place, &[])?;
        for part in &round.again {
            std::thread::sleep(self.usual_start * (*part as u32) / 1_000);
            self.counts.kills_in_recovery += u64::from(!self.node.listens());
            self.node.child.kill()?;
            self.counts.kills += 1;
            self.counts.kills_of_nodes += 1;
            self.node = Node::start(&self.place, &[])?;
        }
        self.node_ready()
    }
}
