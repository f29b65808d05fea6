//! Default of a member under version 4 of the rules: declared, lifted, confirmed (section 32).
use causeway_ledger::limits::RELEASES_PER_ENTRY;
use causeway_message::action::{Action, DefaultState};
use causeway_message::control::{Control, proposal_digest};
use causeway_message::record::Instruction;
use causeway_message::wire::{ExposureQuery, Stake, StakeLine};
use causeway_message::{ParticipantId, Status, Uetr};

use crate::support::{Head, World, check, check_cut, id_of, opened};

const OPERATOR: ParticipantId = ParticipantId(0);
const A: ParticipantId = ParticipantId(3);
const B: ParticipantId = ParticipantId(4);

#[test]
fn a_declared_default_stops_what_leaves_and_a_lift_gives_all_back() {
    check(
        "
        ledger rules 4
        open A B C EUR
        fund A EUR 10
        fund B EUR 20
        pay A B EUR 15 id 1 -> queued 1
        pay A B EUR 1 id w from 60s -> warehoused
        declare A ref CASE/9 ; tells A 0
        pay A B EUR 1 -> debtor_suspended
        fund A EUR 40                             # enough, but nothing leaves
        pay B A EUR 4 id b -> pending
        pay B A EUR 1 sor -> insufficient_liquidity
        pay B C EUR 1 -> settled
        tick 60s ; effects w queued
        balance A EUR 50 queued 2
        lift A ; tells A 0 ; effects 1 settled w settled b settled=4@B,A
        pay A B EUR 1 -> settled
        ",
    );
}

#[test]
fn what_waits_ends_when_the_default_is_confirmed() {
    check(
        "
        ledger rules 4
        open A B C EUR
        fund A EUR 9
        fund B EUR 9
        pay A B EUR 20 id 1 -> queued 1
        pay A B EUR 20 id u urgent -> queued 2
        batch A {
          pay A B EUR 5 id x linked -> queued 3
          pay A C EUR 6 id y -> queued 4
        }
        pay A C EUR 1 id w from 1h -> warehoused
        pay C A EUR 3 id q -> queued 1
        pay C B EUR 3 id r -> queued 2
        declare A
        pay B A EUR 4 id p -> pending
        pay B A EUR 4 id v from 1h -> warehoused
        confirm_default A ; tells A 0 ; effects u defaulted=0@A 1 defaulted=0@A x defaulted y defaulted w defaulted p defaulted=0@B v defaulted=0@B
        pay B A EUR 1 -> creditor_suspended
        pay A B EUR 1 -> debtor_suspended
        fund C EUR 3 ; effects q creditor_suspended r settled
        balance A EUR 9
        waiting 0
        ",
    );
}

#[test]
fn each_step_is_taken_once_and_by_two_persons_of_an_operator() {
    check(
        "
        ledger rules 4
        open A B screener:S EUR
        declare A by S -> role_missing
        declare A by A -> role_missing
        declare #9 -> participant_unknown
        declare A ref '' -> reference_invalid
        lift A -> default_unknown
        confirm_default A -> default_unknown
        propose P declare A by OP.1 -> proposed
        approve P by OP.3 -> same_person
        approve P by OP.2 -> executed ; tells A 0
        declare A -> default_unknown
        lift A
        lift A -> default_unknown
        declare A
        propose L lift A by OP.1 -> proposed
        confirm_default A
        approve L by OP.2 -> default_unknown
        lift A -> default_unknown
        confirm_default A -> default_unknown
        declare A -> default_unknown
        ",
    );
    check(
        "
        ledger rules 3
        open A B EUR
        propose P declare A by OP.1 -> action_invalid
        propose L lift A by OP.1 -> action_invalid
        ",
    );
}

#[test]
fn standing_and_holds_go_on_beside_it() {
    check(
        "
        ledger rules 4
        open A B EUR
        fund A EUR 10
        fund B EUR 10
        pay A B EUR 20 id 1 -> queued 1
        hold_party A
        pay B A EUR 1 id b -> pending
        declare A
        unhold_party A                            # it waits for the default still
        pay B A EUR 1 id c -> pending
        member A taking
        member A closed -> action_invalid
        lift A ; effects b settled c settled      # suspended, but paid
        balance A EUR 12 queued 1
        declare A
        member A suspended
        pay B A EUR 1 -> creditor_suspended
        hold_party A
        member A active
        lift A                                    # held still
        pay B A EUR 1 id d -> pending
        unhold_party A ; effects d settled
        fund A EUR 7 ; effects 1 settled
        ",
    );
}

#[test]
fn a_defaulted_member_is_paid_out_and_closed() {
    check(
        "
        ledger rules 4
        open A B EUR
        fee EUR 1 B flat 2 millionths 0 least 0 most 0
        day EUR open 0d
        fund A EUR 12
        pay A B EUR 2 -> settled
        propose D0 defund A EUR 3 by AG.1 -> proposed
        approve D0 by AG.2 -> executed ; tells A 3
        propose D1 defund A EUR 1 by AG.1 -> proposed
        declare A
        defund A EUR 1 -> debtor_suspended
        approve D1 by AG.2 -> debtor_suspended
        confirm D0 ref PAID/1               # what was begun before goes on
        day EUR closed 0d
        confirm_default A
        member A active -> action_invalid
        suspend A -> action_invalid
        reinstate A -> action_invalid
        member A closed -> member_not_empty
        defund A EUR 7 id D2
        confirm D2 ref PAID/2
        member A closed                           # fees that it owes are a claim outside the ledger
        declare A -> creditor_closed
        ",
    );
}

#[test]
fn what_was_set_aside_goes_as_its_condition_says() {
    check(
        "
        ledger rules 4
        open A B X EUR
        fund A EUR 10
        fund B EUR 10
        conditional A B EUR 4 id c approver X expires 1h -> set_aside ; effects c set_aside=0@B,X
        conditional B A EUR 5 id d approver X expires 1h -> set_aside ; effects d set_aside=0@A,X
        conditional A B EUR 3 id e approver X expires 1h -> set_aside ; effects e set_aside=0@B,X
        declare A
        release A B EUR 4 of c by X -> executed ; effects c settled=4@A,B,X
        confirm_default A
        release B A EUR 5 of d by X -> executed ; effects d settled=5@B,A,X
        tick 1h ; effects e expired=0@A,B,X
        balance A EUR 11
        ",
    );
}

#[test]
fn reservations_limits_and_credit_end_and_collateral_stays() {
    check(
        "
        ledger rules 4
        open A B EUR
        fund A EUR 10
        collateral A EUR BOND 500 0
        credit A EUR 100
        reserve A EUR 5 high -> executed
        limit A B EUR 1 -> executed
        declare A
        balance A EUR 10 cap 0
        confirm_default A
        member A closed -> member_not_empty
        collateral A EUR BOND 0 0
        defund A EUR 10 id D
        confirm D ref PAID
        member A closed
        ",
    );
}

#[test]
fn trades_of_it_and_against_it_end_for_both_parties() {
    check(
        "
        ledger rules 4
        open A B C EUR USD
        fund A EUR 100
        fund B USD 100
        pvp A B USD 110 EUR 100 value 0d id a -> unmatched ; effects a alleged
        pvp B A EUR 100 USD 110 value 0d id b -> matched ; effects a matched
        pvp A B USD 7 EUR 7 value 3d id f -> unmatched ; effects f alleged
        pvp B A EUR 7 USD 7 value 3d id g -> matched ; effects f matched
        pvp A C USD 5 EUR 5 value 0d id h -> unmatched ; effects h alleged
        pvp C A USD 6 EUR 6 value 0d id i -> unmatched ; effects i alleged
        pvp C B USD 8 EUR 8 value 0d id k -> unmatched ; effects k alleged
        pvp B C USD 3 EUR 3 value 3d id m -> unmatched ; effects m alleged
        declare A
        fund A USD 200                            # both could pay now
        fund B EUR 200
        pvp C A EUR 5 USD 5 value 0d id n -> matched ; effects h matched
        pvp A C USD 5 EUR 5 value 0d -> debtor_suspended
        confirm_default A ; effects a defaulted=0@A b defaulted=0@B h defaulted n defaulted f defaulted g defaulted i defaulted=0@C,A
        pvp C A USD 6 EUR 6 value 0d -> creditor_suspended
        waiting 2
        ",
    );
}

#[test]
fn a_plan_behind_the_position_moves_nothing_of_it() {
    check(
        "
        ledger rules 4
        open A B C D EUR
        pay A B EUR 10 id 1 -> queued 1
        pay B C EUR 10 id 2 -> queued 1
        pay C A EUR 10 id 3 -> queued 1
        pay B D EUR 5 urgent id 4 -> queued 2
        pay D B EUR 5 id 5 -> queued 1
        declare A
        plan 1 2 3 4 5 ; effects 4 settled 5 settled
        lift A
        plan 1 2 3 ; effects 1 settled 2 settled 3 settled
        ",
    );
}

const MARKET: &str = "
    ledger rules 4
    open A B P Q EUR USD
    exposure P EUR USD 1000000
    exposure Q EUR USD 1000000
    fund P USD 1000000
    fund Q USD 1000000
    fund P EUR 1000000
    fund A EUR 100000
    quote P EUR 50000 USD expires 9h tiers 90000:109:112 id p -> executed
    quote Q EUR 50000 USD expires 9h tiers 90000:100:120 id q -> executed
";

#[test]
fn quotes_and_locks_of_a_provider_give_no_route_and_end() {
    check(&format!(
        "{MARKET}
        lock A EUR 100 USD 0 expires 60s id l -> set_aside at 109 ; effects l set_aside=0@A,P
        declare P
        fx A B EUR 100 USD 0 id 1 -> settled at 100 ; effects 1 settled=100/100@A,B,Q
        fx A B EUR 100 USD 109 id 2 -> awaiting_quote
        fx A B EUR 100 USD 0 locked l id 3 -> awaiting_quote
        quote P EUR 50000 USD expires 9h tiers 90000:109:112 -> debtor_suspended
        lift P ; effects 2 settled=100/109@A,B,P l executed 3 settled=100/109@A,B,P
        lock A EUR 100 USD 0 expires 60s id m -> set_aside at 109 ; effects m set_aside=0@A,P
        declare P
        fx A B EUR 100 USD 0 locked m id 4 -> awaiting_quote
        fx A B EUR 100 USD 109 id 5 -> awaiting_quote
        confirm_default P ; effects m defaulted=0@A,P 4 quote_unknown
        balance P USD 999782 reserved 0
        waiting 1
        "
    ));
}

#[test]
fn fx_payments_and_locks_of_a_customer_end() {
    check(&format!(
        "{MARKET}
        lock A EUR 100 USD 0 expires 60s id l -> set_aside at 109 ; effects l set_aside=0@A,P
        fx A B EUR 100 USD 999 id 1 -> awaiting_quote
        fx A B EUR 500000 USD 0 id 2 -> awaiting_quote
        fund B EUR 500
        fx B A EUR 100 USD 999 id 3 -> awaiting_quote
        declare A
        fx A B EUR 100 USD 0 locked l id 4 -> debtor_suspended
        fx B A EUR 100 USD 0 id 5 -> pending
        confirm_default A ; effects 1 defaulted 2 defaulted 3 defaulted=0@B 5 defaulted=0@B l defaulted=0@A,P
        fx B A EUR 100 USD 0 id 6 -> creditor_suspended
        lock A EUR 100 USD 0 expires 60s -> debtor_suspended
        waiting 0
        "
    ));
}

#[test]
fn open_questions_end_and_it_may_still_cancel_before() {
    check(
        "
        ledger rules 4
        open A B C EUR
        fund A EUR 10
        fund B EUR 10
        pay A B EUR 4 id 1 -> settled
        pay B A EUR 5 id 2 -> settled
        pay B C EUR 1 id 3 -> settled
        pay A B EUR 50 id 4 -> queued 1
        cancel A B EUR 4 of 1 id q -> cancellation_pending ; effects q cancellation_pending@B
        cancel B A EUR 5 of 2 id r -> cancellation_pending ; effects r cancellation_pending@A
        cancel B C EUR 1 of 3 id s -> cancellation_pending ; effects s cancellation_pending@C
        declare A
        cancel A B EUR 50 of 4 -> executed ; effects 4 cancelled
        confirm_default A ; effects q defaulted=0@A,B r defaulted=0@B,A
        resolve B C EUR 1 of s -> executed ; effects s executed@B,C
        ",
    );
}

#[test]
fn what_a_hold_on_a_payment_lets_go_of_a_defaulted_member_ends() {
    check(
        "
        ledger rules 4
        open A B C EUR
        fund A EUR 10
        pay A B EUR 5 id 1 -> settled
        hold_party B
        pay A B EUR 5 id 2 -> pending
        declare A
        unhold_party B ; effects 2 queued
        hold A 2 ; effects 2 pending
        confirm_default A ; effects 2 defaulted
        unhold A 2 -> not_held
        ",
    );
}

fn decide(world: &mut World, name: &str, action: &Action) {
    let digest = proposal_digest(world.ledger.id(), OPERATOR, id_of(name), action);
    let proposal = (id_of(name), Control::Propose(action.clone()));
    world.control(Head::of(OPERATOR, 1), &[proposal]);
    let approval = (id_of(&format!("approve {name}")), Control::Approve(digest));
    world.control(Head::of(OPERATOR, 2), &[approval]);
    let status = world.last().outcome.answers[0].status();
    assert_eq!(status, Some(Status::Executed), "{name}");
}

/// More waits than one entry may end: the rest goes on with the next, also from a snapshot between.
#[test]
fn a_confirmed_default_goes_on_over_entries() {
    let mut world = opened(
        "
        ledger rules 4 queue 30000 ids 60000
        open A B EUR
        fund B EUR 10
        pay B A EUR 1 id b from 1h -> warehoused
        ",
    );
    let records: Vec<Instruction> = (0..RELEASES_PER_ENTRY + 100)
        .map(|i| {
            let id = id_of(&format!("p {i}"));
            Instruction::payment(id, Uetr(id.0), A, B, 978, 1)
        })
        .collect();
    for part in records.chunks(5_000) {
        world.instruct(Head::of(A, 1), part, &[]);
    }
    let declare = Action::DeclareDefault {
        participant: A,
        reference: "CASE".into(),
    };
    decide(&mut world, "declare", &declare);
    let confirm = Action::DecideDefault {
        participant: A,
        confirmed: true,
    };
    decide(&mut world, "confirm", &confirm);
    let ended = |world: &World| {
        let all = &world.last().outcome.deferred;
        assert!(all.iter().all(|one| one.status == Status::Defaulted));
        all.len()
    };
    assert_eq!(ended(&world), RELEASES_PER_ENTRY);
    assert_eq!(
        world.ledger.next_due(),
        Some(world.now()),
        "work that was left is due"
    );
    let cut = world.log.len() - 1;
    world.tick();
    assert_eq!(ended(&world), 101);
    assert_eq!(world.ledger.waiting(), 0);
    assert!(world.ledger.next_due() > Some(world.now()));
    check_cut(&world, cut);
}

/// What is told between A and another participant in a currency: stake, count and amount.
fn told(line: &StakeLine) -> Vec<(&'static str, u32, i128)> {
    let all = Stake::ALL.into_iter().zip(line.counts).zip(line.amounts);
    all.map(|((stake, count), amount)| (stake.name(), count, amount))
        .filter(|(_, count, _)| *count != 0)
        .collect()
}

#[test]
fn the_exposure_names_every_affected_party_and_what_is_at_stake() {
    let script = "
        ledger rules 4
        open A B C D EUR USD
        fund A EUR 100
        fund B EUR 100
        collateral A EUR BOND 500 100000
        credit A EUR 300
        exposure A EUR USD 1000
        fund A USD 1000
        quote A EUR 500 USD expires 9h tiers 900:110:112 id q -> executed
        lock B EUR 100 USD 0 expires 60s id l -> set_aside at 110 ; effects l set_aside=0@B,A
        conditional A B EUR 4 id c approver D expires 1h -> set_aside ; effects c set_aside=0@B,D
        conditional C A EUR 9 id w approver D expires 1h -> queued 1
        pay A B EUR 1000 id 1 -> queued 1
        pay A B EUR 5 id 2 -> queued 2
        pay C A EUR 7 id 3 -> queued 2
        pay C B EUR 8 id 4 -> queued 3
        pvp A C USD 6 EUR 3 value 3d id a -> unmatched ; effects a alleged
        pvp C A EUR 3 USD 6 value 3d id b -> matched ; effects a matched
        pvp C A EUR 2 USD 1 value 3d id d -> unmatched ; effects d alleged
        ";
    let world = opened(script);
    let ask = |currency, first| {
        let query = ExposureQuery {
            participant: A,
            currency,
            first,
        };
        world.ledger.exposure(query).expect("A takes part")
    };
    let all = ask(0, 0);
    assert_eq!((all.next, all.state), (0, DefaultState::None));
    let eur = all.accounts[0];
    assert_eq!((eur.currency, eur.balance, eur.set_aside), (978, 100, 4));
    assert_eq!((eur.line, eur.collateral, eur.fees), (300, 450, 0));
    assert_eq!(all.accounts[1].set_aside, 110);
    let pair = all.quotes[0];
    assert_eq!((pair.base, pair.counter, pair.quotes), (978, 840, 1));
    assert_eq!((pair.left, pair.net), (400, 100));
    let lines: Vec<_> = all
        .lines
        .iter()
        .map(|line| (line.counterparty.0 - A.0, line.currency, told(line)))
        .collect();
    let expected = [
        (1, 840, vec![("locks_out", 1, 110)]),
        (1, 978, vec![("queued_out", 2, 1_005), ("conditional_out", 1, 4)]),
        (2, 840, vec![("trades_pay", 2, 7)]),
        (2, 978, vec![("queued_in", 2, 16), ("trades_get", 2, 5)]),
    ];
    assert_eq!(lines, expected);
    assert_eq!(ask(0, all.lines[2].key()).lines, all.lines[2..]);
    let usd = ask(840, 0);
    assert_eq!((usd.accounts.len(), usd.lines.len()), (1, 2));

    let ended = opened(&format!(
        "{script}\ndeclare A\nconfirm_default A ; effects {ENDED}"
    ));
    let left = ended.ledger.exposure(ExposureQuery {
        participant: A,
        currency: 0,
        first: 0,
    });
    let left = left.expect("A takes part");
    assert_eq!(left.state, DefaultState::Confirmed);
    let lines: Vec<_> = left.lines.iter().map(|line| told(line)).collect();
    assert_eq!(
        lines,
        [vec![("conditional_out", 1, 4)], vec![("queued_in", 2, 16)]],
        "what was set aside, and what waits in the queues of others"
    );
}

/// What ends of the script above.
const ENDED: &str = "1 defaulted 2 defaulted a defaulted b defaulted d defaulted=0@C,A l defaulted=0@B,A";
