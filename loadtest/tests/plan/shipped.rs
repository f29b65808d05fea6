//! What is shipped reads, and a file is as good as what is shipped.
use std::collections::BTreeSet;

use causeway_loadtest::plan::{Auditor, Driver, Loop, Plan};

#[test]
fn every_shipped_scenario_reads_says_what_it_shows_and_is_written_back() {
    let mut names = BTreeSet::new();
    for shipped in Plan::list() {
        let plan = Plan::shipped(shipped.name, &[]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(
            (plan.name.as_str(), plan.about.clone()),
            (shipped.name, shipped.about())
        );
        assert!(plan.about.len() > 30 && names.insert(plan.about.clone()));
        let written = toml::to_string(&plan).expect("a plan is TOML");
        let again =
            Plan::parse(shipped.name, &written, &[]).unwrap_or_else(|error| panic!("{error}\n{written}"));
        assert_eq!(again, plan);
    }
    assert!(names.len() >= 12);
}

#[test]
fn every_file_of_the_folder_is_shipped_and_runs_for_two_seconds_by_override() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
    let files = std::fs::read_dir(folder).expect("a folder");
    let files: BTreeSet<String> = files
        .map(|file| {
            file.expect("a file")
                .path()
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    let shipped = Plan::list().iter().map(|shipped| shipped.name.to_owned());
    assert_eq!(files, shipped.collect());
    for name in files {
        let mut sets = vec!["seconds=2".to_owned(), "warm_up=0".to_owned()];
        if name == "outage" {
            sets = ["seconds=4", "outage.at=1", "outage.seconds=1"]
                .map(str::to_owned)
                .into();
        }
        let plan = Plan::shipped(&name, &sets).unwrap_or_else(|error| panic!("{error}"));
        assert!(plan.seconds <= 4);
    }
}

#[test]
fn what_a_scenario_leaves_out_is_a_full_run_of_all_banks() {
    let plan = Plan::parse("some/where/tiny.toml", "about = \"a\"", &[]).expect("a plan");
    assert_eq!((plan.name.as_str(), plan.driver), ("tiny", Driver::Quic));
    assert_eq!((plan.seconds, plan.warm_up, plan.seed), (60, 3, 1));
    assert_eq!((plan.world.banks, plan.world.participants), (64, 600));
    assert_eq!(
        (plan.world.accounts, plan.world.currencies, plan.world.skew),
        (10_000, 18, 2)
    );
    assert_eq!(
        (plan.load.kind, plan.load.batch, plan.load.depth),
        (Loop::Closed, 8_190, 1)
    );
    assert_eq!(
        (plan.checks.receipts, plan.checks.auditor),
        (1_000, Auditor::Full)
    );
    assert!(plan.checks.feeds && plan.switched_off().is_empty());
    assert_eq!(plan.cap(), "10000000000");
    let threads = ("CAUSEWAY_THREADS_TRANSPORT".to_owned(), "1".to_owned());
    assert_eq!(plan.environment(), [threads]);
}

#[test]
fn what_a_scenario_switches_off_is_named() {
    let text = "about = \"a\"\n[checks]\nfeeds = false\nreceipts = 0\nauditor = \"none\"\n[node]\n\
                netting_mode = \"off\"\nsnapshot_every_entries = 2000\n";
    let plan = Plan::parse("x", text, &[]).expect("a plan");
    let off = ["feeds", "single receipts", "auditor behind the run", "netting"];
    assert_eq!(plan.switched_off(), off);
    let (snapshot, value) = &plan.environment()[1];
    assert_eq!(
        (snapshot.as_str(), value.as_str()),
        ("CAUSEWAY_SNAPSHOT_EVERY_ENTRIES", "2000")
    );
    let core = Plan::parse("x", "about = \"a\"\ndriver = \"core\"", &[]).expect("a plan");
    assert_eq!(core.switched_off(), ["network, journal, publication"]);
}

#[test]
fn a_file_is_read_and_one_that_cannot_be_is_named() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("mine.toml");
    std::fs::write(&path, "about = \"mine\"\nseconds = 0\n").expect("a file");
    let shown = path.display().to_string();
    let error = Plan::find(&shown, &[]).expect_err("refused").to_string();
    assert_eq!(error, format!("{shown}:2: seconds: 0 is less than 1"));
    assert_eq!(
        Plan::find(&shown, &["seconds=5".to_owned()])
            .expect("a plan")
            .name,
        "mine"
    );
    std::fs::write(&path, [b'a', 0xff]).expect("a file");
    assert!(
        Plan::read(&path, &[])
            .expect_err("no text")
            .to_string()
            .starts_with(&format!("{shown}: "))
    );
    std::fs::write(&path, vec![b'#'; 2 << 20]).expect("a file");
    let long = Plan::read(&path, &[]).expect_err("too long").to_string();
    assert_eq!(long, format!("{shown}: is longer than 1048576 bytes"));
    let gone = dir.path().join("gone.toml");
    assert!(
        Plan::read(&gone, &[])
            .expect_err("gone")
            .to_string()
            .contains("gone.toml: No such file")
    );
    let unknown = Plan::find("stedy", &[]).expect_err("unknown").to_string();
    assert!(
        unknown.starts_with("stedy: no shipped scenario and no file; shipped are steady, "),
        "{unknown}"
    );
}
