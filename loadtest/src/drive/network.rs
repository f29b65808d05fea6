//! The driver `quic`: banks with clients of their own, and a node behind the network.
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::auditing::{self, Told};
use super::director::Director;
use super::fill;
use super::fleet::{Fleet, Member, Place as Sits, spread};
use super::node::{Node, Place, Profiles};
use super::{Options, Shared, govern, legs, others, progress, signals, tasks, world_of};
use crate::causeway::Causeway;
use crate::error::Failure;
use crate::plan::{Auditor, Loop, Plan};
use crate::report::form::Report;
use crate::report::machine;
use crate::workload::{Waiting, Workload};

/// Bytes that the node keeps of one payment: record, answer, effects, ids.
const BYTES_A_PAYMENT: u64 = 150;

/// What this run's own node needs.
struct Own {
    node: Node,
    place: Place,
}

/// Runs a scenario.
pub fn run(plan: &Plan, options: &Options, report: &mut Report) -> Result<(), Failure> {
    let world: Shared = Arc::new(world_of(plan)?);
    let (mut own, profiles, fresh) = begin(plan, options, &world, report)?;
    let seed = if fresh { plan.seed } else { plan.seed ^ nanos() };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(signals::unless_asked(govern::set_up(
        plan, &world, &profiles, seed,
    )))?;
    let waiting = Waiting::new(world.banks);
    let member = |task: super::Task| {
        let workload = Workload::new(plan, world.clone(), task.bank, seed, &waiting);
        let config = profiles.client(task.bank)?;
        Ok(Member {
            place: Sits::Network(Box::new(config), seed),
            task,
            workload,
        })
    };
    let members = tasks(plan)
        .into_iter()
        .map(member)
        .collect::<Result<Vec<_>, Failure>>()?;
    let fleet = Fleet::launch(&world, spread(members, plan.load.threads))?;
    let (control, meter) = (fleet.control.clone(), fleet.meter.clone());
    let journal = own.as_ref().map(|own| own.place.journal());
    let asks = own.is_some() && plan.checks.auditor != Auditor::None;
    let led = runtime.block_on(async {
        let node = own.as_mut().map(|own| &mut own.node);
        let mut director = Director::new(&control, &meter, fleet.banks, node, progress(plan.seconds));
        director.journal = journal;
        let ran = async {
            director.ready().await?;
            report.began = crate::report::now();
            let legs = legs::run(plan, &mut director).await?;
            fill::legs(report, plan, &world, &legs, &meter);
            director
                .close(async || match asks {
                    true => others::balances(&world, &profiles).await,
                    false => Ok(None),
                })
                .await
        };
        let ran = ran.await;
        if let Some(broken) = director.broken.take() {
            fill::ran(report, plan, &world, &broken, &meter);
            report.partial = ran.as_ref().err().map(ToString::to_string);
        }
        director.progress.finish_and_clear();
        ran
    });
    let agreed = match led {
        Ok(agreed) => agreed,
        Err(failure) => {
            fleet.stop();
            return Err(failure);
        }
    };
    let mut kept = fleet.join()?;
    let told = Told::new(&mut kept, agreed);
    drop(runtime);
    end(options, own.as_mut(), report)?;
    fill::kept(report, plan, &kept);
    match &own {
        Some(own) => {
            signals::asked()?;
            auditing::run(plan, &own.place.data, &told, report)?;
            signals::asked()?;
        }
        None => {
            report.audit.kind = "none".to_owned();
            report.audit.note = Some("the log is on another's node".to_owned());
            report
                .switched_off
                .push("auditor behind the run: the node is another's".to_owned());
        }
    }
    fill::verdict(report, &kept)
}

fn nanos() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_nanos() as u64 & (u64::MAX >> 2)
}

/// The node, and where its banks find it; whether its ledger was made for this run.
fn begin(
    plan: &Plan,
    options: &Options,
    world: &Shared,
    report: &mut Report,
) -> Result<(Option<Own>, Profiles, bool), Failure> {
    let causeway = Causeway::new(options.causeway.as_deref())?;
    if let Some(listen) = options.node {
        let Some(dir) = options.profiles.clone() else {
            return Err(Failure::Usage("--node needs --profiles: the banks' keys".into()));
        };
        if plan.outage.is_some() || options.restart {
            return Err(Failure::Usage(
                "--node: a node of somebody else is neither killed nor started again".into(),
            ));
        }
        report.conditions = machine::conditions(&std::env::temp_dir(), None);
        report.conditions.notes.push(format!(
            "the node at {listen} is another's; the disk is this machine's"
        ));
        fill::network(report, plan, None);
        return Ok((
            None,
            Profiles {
                dir,
                listen,
                notes: Arc::default(),
            },
            false,
        ));
    }
    let place = Place::make(world, &causeway, options.dir.as_deref())?;
    room(plan, &place.data)?;
    report.conditions = machine::conditions(&place.data, Some(causeway.program()));
    fill::network(report, plan, Some(&place.data));
    let node = Node::start(&causeway, &place.data, plan.environment())?;
    let profiles = Profiles {
        dir: place.data.clone(),
        listen: node.listen,
        notes: Arc::default(),
    };
    let fresh = place.fresh;
    Ok((Some(Own { node, place }), profiles, fresh))
}

/// A disk that cannot hold the run is said before it.
fn room(plan: &Plan, data: &Path) -> Result<(), Failure> {
    let Loop::Open = plan.load.kind else { return Ok(()) };
    let Some(rate) = plan.load.rate else { return Ok(()) };
    let each = BYTES_A_PAYMENT
        + plan
            .documents
            .as_ref()
            .map_or(0, |documents| documents.bytes as u64);
    let needed = rate
        .saturating_mul(plan.seconds + plan.warm_up)
        .saturating_mul(each);
    let stat = rustix::fs::statvfs(data).map_err(|error| Failure::Io(error.to_string()))?;
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    if needed > free {
        let mib = |bytes: u64| bytes / 1_048_576;
        return Err(Failure::Io(format!(
            "{}: {} MiB are free, the run needs about {} MiB ({rate} payments/s for {} s)",
            data.display(),
            mib(free),
            mib(needed),
            plan.seconds + plan.warm_up
        )));
    }
    Ok(())
}

/// Stops the node, after it was started again if that is asked for.
fn end(options: &Options, own: Option<&mut Own>, report: &mut Report) -> Result<(), Failure> {
    let Some(Own { node, .. }) = own else {
        return Ok(());
    };
    fill::resident(report, node.id());
    if options.restart {
        node.stop()?;
        report.figures.restart_seconds = Some(node.again()?.as_secs_f64());
    }
    node.stop()?;
    Ok(())
}
