//! One test a rule: what breaks it, and the place and words with which it is refused.
use causeway_loadtest::plan::Plan;

/// The text stands from line 2 on: line 1 says what the scenario shows.
fn refusal(text: &str) -> String {
    let text = format!("about = \"a\"\n{text}");
    let error = Plan::parse("scenarios/x.toml", &text, &[]).expect_err("refused");
    error.to_string()
}

macro_rules! refused {
    ($($name:ident: $($text:literal => $told:literal),+;)+) => {
        $(#[test]
        fn $name() {
            $(assert_eq!(refusal($text), concat!("scenarios/x.toml:", $told));)+
        })+
    };
}

refused! {
    a_window_lasts_a_second_to_a_day:
        "seconds = 0" => "2: seconds: 0 is less than 1",
        "\nseconds = 86401" => "3: seconds: 86401 is more than 86400";
    a_warm_up_lasts_ten_minutes_at_most: "warm_up = 601" => "2: warm_up: 601 is more than 600";
    a_seed_is_a_number_that_toml_holds:
        "seed = 9223372036854775808" => "2: seed: 9223372036854775808 is more than 9223372036854775807";
    there_are_1_to_1024_banks:
        "[world]\nbanks = 0" => "3: world.banks: 0 is less than 1",
        "[world]\nbanks = 1025" => "3: world.banks: 1025 is more than 1024";
    two_participants_are_the_fewest:
        "[world]\nbanks = 1\nparticipants = 1" => "4: world.participants: 1 is less than 2";
    every_bank_is_a_participant:
        "[world]\nbanks = 64\nparticipants = 63" => "4: world.participants: 63 is less than `banks`, 64";
    there_are_18_currencies_at_most:
        "[world]\ncurrencies = 19" => "3: world.currencies: 19 is more than 18";
    each_participant_has_one_account_in_a_currency_at_most:
        "[world]\naccounts = 10801" => "3: world.accounts: 10801 is more than 10800",
        "[world]\naccounts = 599" => "3: world.accounts: 599 is less than 600";
    a_skew_draws_once_at_least: "[world]\nskew = 0" => "3: world.skew: 0 is less than 1";
    a_cap_is_a_whole_amount:
        "[world]\ncap = \"1.5\"" => "3: world.cap: \"1.5\" is no whole amount of at most 15 digits",
        "[world]\ncap = \"1000000000000000\"" =>
            "3: world.cap: \"1000000000000000\" is no whole amount of at most 15 digits",
        "[world]\ncap = \"\"" => "3: world.cap: \"\" is no whole amount of at most 15 digits";
    a_cap_is_an_amount: "[world]\ncap = true" => "3: world.cap: no amount";
    a_share_of_a_cap_is_no_debt: "[world]\ncap_share = -0.1" => "3: world.cap_share: -0.1 is less than 0";
    a_cap_is_an_amount_or_a_share:
        "[world]\ncap = \"5\"\ncap_share = 0.1" => "4: world.cap_share: stands beside `cap`: one of them";
    a_batch_holds_1_to_8190:
        "[load]\nbatch = 0" => "3: load.batch: 0 is less than 1",
        "[load]\nbatch = 8191" => "3: load.batch: 8191 is more than 8190";
    batches_under_way_are_bounded: "[load]\ndepth = 65" => "3: load.depth: 65 is more than 64";
    threads_are_bounded: "[load]\nthreads = 0" => "3: load.threads: 0 is less than 1";
    a_rate_is_above_zero: "[load]\nloop = \"open\"\nrate = 0" => "4: load.rate: 0 is less than 1";
    a_share_of_the_best_is_above_zero:
        "[load]\nloop = \"open\"\nof_best = 0.0" => "4: load.of_best: 0 is less than 0.01";
    an_open_loop_needs_a_rate: "[load]\nloop = \"open\"" => "3: load.loop: \"open\" needs `rate` or `of_best`";
    an_open_loop_has_one_rate:
        "[load]\nloop = \"open\"\nrate = 1\nof_best = 0.5" =>
            "5: load.of_best: stands beside `rate`: one of them";
    a_closed_loop_has_no_rate:
        "[load]\nrate = 5" => "3: load.rate: is only for the loop \"open\"";
    a_ramp_begins_at_its_own_rate:
        "[load]\nloop = \"ramp\"\nrate = 5" =>
            "4: load.rate: is only for the loop \"open\"; a ramp begins at `ramp.from`";
    a_loop_is_one_of_three:
        "[load]\nloop = \"opn\"" =>
            "3: load.loop: unknown variant `opn`, expected one of `closed`, `open`, `ramp`";
    a_ramp_needs_its_loop: "\n[ramp]\nfrom = 5" => "3: ramp: is only for the loop \"ramp\"";
    an_objective_is_of_the_upper_half:
        "[load]\nloop = \"ramp\"\n[ramp]\nobjective = { quantile = 0.4, ms = 5.0 }" =>
            "5: ramp.objective.quantile: 0.4 is less than 0.5";
    an_objective_is_a_time:
        "[load]\nloop = \"ramp\"\n[ramp]\nobjective = { quantile = 0.9, ms = 0.0 }" =>
            "5: ramp.objective.ms: 0 is less than 0.01";
    a_ramp_begins_above_zero:
        "[load]\nloop = \"ramp\"\n[ramp]\nfrom = 0" => "5: ramp.from: 0 is less than 1";
    a_ramp_rises: "[load]\nloop = \"ramp\"\n[ramp]\nstep = 1.0" => "5: ramp.step: 1 is less than 1.01";
    a_step_of_a_ramp_lasts_a_second:
        "[load]\nloop = \"ramp\"\n[ramp]\nseconds = 0" => "5: ramp.seconds: 0 is less than 1";
    a_share_of_the_mix_is_0_to_1:
        "[mix]\nduplicates = 1.2" => "3: mix.duplicates: 1.2 is more than 1",
        "[mix]\nreplays = -1" => "3: mix.replays: -1 is less than 0",
        "[mix]\nrepeated = 7" => "3: mix.repeated: 7 is more than 1",
        "[mix]\nreused = nan" => "3: mix.reused: NaN is no number from 0 to 1",
        "[mix]\nqueued = inf" => "3: mix.queued: inf is more than 1";
    the_shares_of_the_mix_are_one_together:
        "[mix]\nduplicates = 0.6\nqueued = 0.5" => "2: mix: the shares add up to 1.1000, more than 1";
    what_waits_is_traded_or_converted_needs_currencies_that_all_banks_hold:
        "[world]\naccounts = 1000\n[mix]\nqueued = 0.1" => "5: mix.queued: needs 2 currencies that all banks hold, 1 with so many `accounts`",
        "[world]\naccounts = 1000\n[mix]\ntrades = 0.1" => "5: mix.trades: needs 2 currencies that all banks hold, 1 with so many `accounts`",
        "[world]\naccounts = 1200\n[mix]\nqueued = 0.1\nfx = 0.1" => "6: mix.fx: needs 3 currencies that all banks hold, 2 with so many `accounts`";
    trades_and_conversions_need_two_currencies:
        "[world]\naccounts = 600\ncurrencies = 1\n[mix]\ntrades = 0.1" => "6: mix.trades: needs two currencies at least",
        "[world]\naccounts = 600\ncurrencies = 1\n[mix]\nfx = 0.1" => "6: mix.fx: needs two currencies at least";
    linked_payments_need_a_batch_of_two:
        "[load]\nbatch = 1\n[mix]\nlinked = 0.5" => "5: mix.linked: needs batches of two at least";
    a_document_is_a_mebibyte_at_most:
        "[documents]\nbytes = 0" => "3: documents.bytes: 0 is less than 1",
        "[documents]\nbytes = 1048577" => "3: documents.bytes: 1048577 is more than 1048576";
    a_share_of_documents_is_0_to_1:
        "[documents]\nbytes = 5\nshare = 2" => "4: documents.share: 2 is more than 1";
    documents_have_a_size: "[documents]\nshare = 1" => "2: documents: missing field `bytes`";
    phases_need_an_open_loop:
        "[[phase]]\nseconds = 5\nfactor = 1" => "2: phase.1: is only for the loop \"open\"";
    a_phase_lasts_a_second:
        "[load]\nloop = \"open\"\nrate = 5\n[[phase]]\nseconds = 0\nfactor = 1" =>
            "6: phase.1.seconds: 0 is less than 1";
    a_phase_has_ten_times_the_rate_at_most:
        "[load]\nloop = \"open\"\nrate = 5\n[[phase]]\nseconds = 1\nfactor = 1\n[[phase]]\nseconds = 1\nfactor = 11" =>
            "10: phase.2.factor: 11 is more than 10";
    something_is_sent_in_some_phase:
        "[load]\nloop = \"open\"\nrate = 5\n[[phase]]\nseconds = 1\nfactor = 0" =>
            "7: phase.1.factor: is 0 in all phases: nothing would be sent";
    nothing_is_shed_without_an_open_loop: "[load]\nshed = true" => "3: load.shed: is only for the loop \"open\"";
    nothing_is_shed_where_the_load_never_falls:
        "[load]\nloop = \"open\"\nrate = 5\nshed = true" =>
            "5: load.shed: needs phases of more than one `factor`: the load never falls",
        "[load]\nloop = \"open\"\nrate = 5\nshed = true\n[[phase]]\nseconds = 1\nfactor = 2\n[[phase]]\nseconds = 1\nfactor = 2" =>
            "5: load.shed: needs phases of more than one `factor`: the load never falls";
    shed_is_yes_or_no:
        "[load]\nshed = 1" => "3: load.shed: invalid type: integer `1`, expected a boolean";
    a_hot_bank_is_one_of_the_banks:
        "[hot]\nbank = 65\nshare = 0.5" => "3: hot.bank: 65 is more than 64",
        "[hot]\nbank = 0\nshare = 0.5" => "3: hot.bank: 0 is less than 1";
    a_share_of_the_hot_bank_is_0_to_1: "[hot]\nshare = 1.5" => "3: hot.share: 1.5 is more than 1";
    slow_banks_are_named: "[slow]\nbanks = []\nbytes_per_second = 1" => "3: slow.banks: names no bank";
    a_slow_bank_is_one_of_the_banks:
        "[slow]\nbanks = [1,\n 70]\nbytes_per_second = 1" => "4: slow.banks.2: 70 is more than 64";
    a_slow_bank_stands_there_once:
        "[slow]\nbanks = [7, 7]\nbytes_per_second = 1" => "3: slow.banks.2: bank 7 stands there twice";
    a_slow_bank_reads_something:
        "[slow]\nbanks = [7]\nbytes_per_second = 0" => "4: slow.bytes_per_second: 0 is less than 1";
    a_slow_reader_needs_feeds:
        "[checks]\nfeeds = false\n[slow]\nbanks = [7]\nbytes_per_second = 5" =>
            "4: slow: needs `checks.feeds`: nobody would read";
    signed_bytes_are_not_sent_again_over_an_outage:
        "[mix]\nreplays = 0.1\n[outage]\nat = 5\nseconds = 5" =>
            "3: mix.replays: stands beside `outage`: signed bytes are sent again on a session that is not made again";
    memory_is_not_judged_over_an_outage:
        "[checks]\nmemory = true\n[outage]\nat = 5\nseconds = 5" =>
            "3: checks.memory: stands beside `outage`: a node that was started again has other memory";
    only_a_node_of_its_own_has_memory_to_judge:
        "driver = \"engine\"\n[checks]\nmemory = true" => "4: checks.memory: is only for the driver \"quic\"";
    an_outage_begins_in_the_window: "[outage]\nat = 0\nseconds = 5" => "3: outage.at: 0 is less than 1";
    an_outage_lasts_a_second: "[outage]\nat = 5\nseconds = 0" => "4: outage.seconds: 0 is less than 1";
    an_outage_ends_in_the_window:
        "[outage]\nat = 55\nseconds = 5" =>
            "4: outage.seconds: the node would be back in second 60, not before the end of `seconds`, 60";
    a_day_lasts_two_seconds: "[days]\nseconds = 1" => "3: days.seconds: 1 is less than 2";
    receipts_are_a_number_that_toml_holds:
        "[checks]\nreceipts = 9223372036854775808" =>
            "3: checks.receipts: 9223372036854775808 is more than 9223372036854775807";
    slow_readers_and_outages_need_a_network:
        "driver = \"engine\"\n[slow]\nbanks = [7]\nbytes_per_second = 5" => "3: slow: is only for the driver \"quic\"",
        "driver = \"engine\"\n[outage]\nat = 5\nseconds = 5" => "3: outage: is only for the driver \"quic\"";
    a_node_is_set_only_where_there_is_one:
        "driver = \"core\"\n[node]\nlog_level = \"info\"" => "3: node: is only for the driver \"quic\"";
    the_ledger_alone_has_a_closed_loop:
        "driver = \"core\"\n[load]\nloop = \"open\"\nrate = 5" =>
            "4: load.loop: is only for the driver \"engine\" or \"quic\", unless \"closed\"";
    the_ledger_alone_stores_no_documents:
        "driver = \"core\"\n[documents]\nbytes = 5" => "3: documents: is only for the driver \"engine\" or \"quic\"";
    what_the_harness_sets_itself_is_not_set:
        "[node]\nnode_listen = \"0.0.0.0:1\"" => "3: node.node_listen: is set by the harness itself";
    a_key_of_the_node_has_a_section:
        "[node]\nthreds_transport = 1" =>
            "3: node.threds_transport: is no key of a node: a section (journal, ledger, limits, log, netting, snapshot, threads), `_`, and its key, as `snapshot_every_entries`",
        "[node]\nthreads = 1" =>
            "3: node.threads: is no key of a node: a section (journal, ledger, limits, log, netting, snapshot, threads), `_`, and its key, as `snapshot_every_entries`";
    a_value_of_the_node_is_one_the_environment_holds:
        "[node]\nthreads_transport = 1.5" =>
            "3: node.threads_transport: neither true or false, nor a whole number, nor a word",
        "[node]\nlimits_sessions_max = 9223372036854775808" =>
            "3: node.limits_sessions_max: 9223372036854775808 is more than 9223372036854775807";
    an_unknown_key_is_refused_where_it_stands:
        "secnds = 5" => "2: secnds: unknown field `secnds`, expected one of `about`, `driver`, `seconds`, `warm_up`, `seed`, `world`, `load`, `ramp`, `mix`, `documents`, `phase`, `hot`, `slow`, `outage`, `days`, `checks`, `node`",
        "[outage]\nat = 5\nseconds = 5\nfor = 5" => "5: outage.for: unknown field `for`, expected `at` or `seconds`";
    a_value_of_another_type_is_refused_where_it_stands:
        "[load]\nbatch = \"8\"" => "3: load.batch: invalid type: string \"8\", expected usize",
        "[slow]\nbanks = [1,\n true]\nbytes_per_second = 1" => "4: slow.banks.2: invalid type: boolean `true`, expected usize";
    what_is_no_toml_is_refused_where_it_ends:
        "[load\nbatch = 8" => "2: unclosed table, expected `]`",
        "seconds = 5\nseconds = 6" => "3: duplicate key";
}

#[test]
fn a_scenario_says_what_it_shows() {
    let parse = |text: &str| {
        Plan::parse("scenarios/x.toml", text, &[])
            .expect_err("refused")
            .to_string()
    };
    assert_eq!(parse("\nabout = \" \""), "scenarios/x.toml:2: about: is empty");
    assert_eq!(parse("seconds = 5"), "scenarios/x.toml: missing field `about`");
}
