//! A certificate holds for its case, and any number changed in it is found.
use causeway_netting::{Case, Certificate, Chosen, Discipline, Fault, Mode, bound, bypass, fifo};

use super::brute::Shorts;
use super::random::{Draft, MIXED, Mix, Random, draft};

const TESTS: Shorts = Shorts { most: 9 };

/// No digest for use: a sum that depends on every byte and its place.
fn digest(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    let mut random = Random(bytes.len() as u64);
    for byte in bytes {
        random.0 ^= u64::from(*byte);
        random.0 = random.next();
    }
    out.chunks_exact_mut(8)
        .for_each(|chunk| chunk.copy_from_slice(&random.next().to_le_bytes()));
    out
}

fn cases() -> impl Iterator<Item = (Draft, Case)> {
    let mut random = Random(41);
    let mix = Mix {
        items: 40,
        opted_out: 3,
        tested: 1,
        participants: 6,
        ..MIXED
    };
    (0..60)
        .map(move |_| draft(&mut random, &mix))
        .map(|draft| (draft.clone(), draft.build()))
}

fn certify(case: &Case, mode: Mode) -> Certificate {
    let chosen = match mode {
        Mode::Fifo => fifo(case, &TESTS).chosen(case),
        Mode::Bypass => bypass(case, &TESTS, &mut || true),
    };
    Certificate::new(case, mode, &chosen, bound(case, &mut || true), digest)
}

#[test]
fn it_holds_for_its_own_case_and_no_other() {
    let mut last: Option<Certificate> = None;
    for (_, case) in cases() {
        for mode in [Mode::Fifo, Mode::Bypass] {
            let certificate = certify(&case, mode);
            assert_eq!(certificate.verify(&case, &TESTS, digest), Ok(()));
            assert!(certificate.quality <= 1_000_000);
            if let Some(other) = last.replace(certificate).filter(|_| mode == Mode::Fifo) {
                assert_eq!(other.verify(&case, &TESTS, digest), Err(Fault::Inputs));
            }
        }
    }
}

#[test]
fn every_changed_number_is_found() {
    for (_, case) in cases() {
        let sound = certify(&case, Mode::Bypass);
        let found = |change: &dyn Fn(&mut Certificate)| {
            let mut changed = sound.clone();
            change(&mut changed);
            assert!(
                changed == sound || changed.verify(&case, &TESTS, digest).is_err(),
                "{changed:?}"
            );
        };
        for account in 0..sound.before.len() {
            found(&|it| it.before[account] += 1);
            found(&|it| it.after[account] -= 1);
            found(&|it| it.bound.multipliers[account] ^= 1);
            for discipline in [Discipline::Fifo, Discipline::Bypass, Discipline::Tests] {
                found(&|it| it.discipline[account] = discipline);
            }
        }
        for at in 0..sound.chosen.len() {
            found(&|it| it.chosen[at] ^= 1);
            found(&|it| {
                it.chosen.remove(at);
            });
        }
        found(&|it| it.chosen.push(case.items() as u32));
        found(&|it| it.chosen.extend_from_within(..));
        found(&|it| it.value += 1);
        found(&|it| it.bound.scaled ^= 1);
        found(&|it| it.quality ^= 1);
        found(&|it| it.before.truncate(1));
        found(&|it| it.bound.multipliers.push(0));
        for byte in 0..32 {
            found(&|it| it.inputs[byte] ^= 1);
            found(&|it| it.seal[byte] ^= 1);
        }
    }
}

/// Who seals again cannot make a wrong statement pass either.
#[test]
fn a_wrong_choice_is_found_though_it_is_sealed() {
    let mut kinds = [0; 2];
    for (draft, case) in cases() {
        let sound = bypass(&case, &TESTS, &mut || true);
        for item in (0..case.items() as u32).filter(|item| !sound.contains(*item)) {
            let more = Chosen::of(&case, sound.iter().chain([item]));
            let set: Vec<bool> = (0..case.items() as u32).map(|item| more.contains(item)).collect();
            let forged = Certificate::new(&case, Mode::Bypass, &more, bound(&case, &mut || true), digest);
            match forged.verify(&case, &TESTS, digest) {
                Err(Fault::Short(_)) => kinds[0] += usize::from(!draft.affordable(&set, &TESTS)),
                Err(Fault::Passed { .. }) => kinds[1] += usize::from(!draft.in_order(&set)),
                other => panic!("{other:?}"),
            }
        }
    }
    assert!(kinds.iter().all(|kind| *kind > 50), "{kinds:?}");
}
