//! The driver `engine`: banks beside the engine in this process. They sign in the window, each batch is verified as a node
//! does, and answers and pages are checked as clients do; there is no network between.
use std::path::PathBuf;
use std::sync::Arc;

use causeway_ops::config::NodeConfig;
use causeway_ops::metrics::Exporter;
use causeway_ops::node::Node;

use super::auditing::{self, Told};
use super::beside::Beside;
use super::director::Director;
use super::fill;
use super::fleet::{Fleet, Member, Place as Sits, spread};
use super::node::{Place, Profiles};
use super::{Options, Shared, govern, legs, others, progress, signals, tasks, world_of};
use crate::causeway::Causeway;
use crate::error::Failure;
use crate::meter::Source;
use crate::plan::{Auditor, Plan};
use crate::report::form::Report;
use crate::report::machine;
use crate::workload::{Waiting, Workload};

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Io(error.to_string())
}

/// Runs a scenario.
pub fn run(plan: &Plan, options: &Options, report: &mut Report) -> Result<(), Failure> {
    if options.node.is_some() || options.restart {
        return Err(Failure::Usage(
            "--node and --restart: only for the driver \"quic\"".into(),
        ));
    }
    let world: Shared = Arc::new(world_of(plan)?);
    let causeway = Causeway::new(options.causeway.as_deref())?;
    let place = Place::make(&world, &causeway, options.dir.as_deref())?;
    report.conditions = machine::conditions(&place.data, None);
    fill::common(report, plan);
    report.conditions.checkpoint_checks = "once in this process, shared by all banks".to_owned();
    let mut config = NodeConfig::load(&place.data.join("node.toml")).map_err(failed)?;
    // Only what is set up before the run, and what is asked behind it, comes over the network.
    config.listen = ([127, 0, 0, 1], 0).into();
    report.conditions.netting = format!("{:?}", config.netting.mode).to_lowercase();
    // Before the engine, which keeps what it counts in.
    let metrics = Exporter::install().map_err(failed)?;
    let node = Node::start(&config).map_err(failed)?;
    let profiles = Profiles {
        dir: place.data.clone(),
        listen: node.address(),
        notes: Arc::default(),
    };
    let watched = (Source::Own(metrics), place.journal());
    let result = drive(plan, &world, &node, &profiles, watched, report);
    let stopped = node.stop().map_err(failed);
    let (kept, told) = result?;
    stopped?;
    fill::kept(report, plan, &kept);
    signals::asked()?;
    auditing::run(plan, &place.data, &told, report)?;
    signals::asked()?;
    fill::verdict(report, &kept)
}

/// Leads all banks beside the engine.
fn drive(
    plan: &Plan,
    world: &Shared,
    node: &Node,
    profiles: &Profiles,
    (metrics, journal): (Source, PathBuf),
    report: &mut Report,
) -> Result<(Vec<super::bank::Kept>, Told), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(signals::unless_asked(govern::set_up(
        plan, world, profiles, plan.seed,
    )))?;
    let waiting = Waiting::new(world.banks);
    let member = |task: super::Task| {
        let config = profiles.client(task.bank)?;
        let beside = Beside::new(node.bridge(), config, plan.seed);
        Ok(Member {
            workload: Workload::new(plan, world.clone(), task.bank, plan.seed, &waiting),
            place: Sits::Beside(Box::new(beside)),
            task,
        })
    };
    let members = tasks(plan)
        .into_iter()
        .map(member)
        .collect::<Result<Vec<_>, Failure>>()?;
    let fleet = Fleet::launch(world, spread(members, plan.load.threads))?;
    let (control, meter) = (fleet.control.clone(), fleet.meter.clone());
    let led = runtime.block_on(async {
        let mut director = Director::new(&control, &meter, fleet.banks, None, progress(plan.seconds));
        (director.own, director.journal) = (Some(metrics), Some(journal));
        let ran = async {
            director.ready().await?;
            report.began = crate::report::now();
            let legs = legs::run(plan, &mut director).await?;
            fill::legs(report, plan, world, &legs, &meter);
            director
                .close(async || match plan.checks.auditor {
                    Auditor::None => Ok(None),
                    _ => others::balances(world, profiles).await,
                })
                .await
        };
        let ran = ran.await;
        if let Some(broken) = director.broken.take() {
            fill::ran(report, plan, world, &broken, &meter);
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
    fill::resident(report, std::process::id());
    let told = Told::new(&mut kept, agreed);
    Ok((kept, told))
}
