//! Keys that were revoked, keys that prove nothing, and a bank that was suspended.
use causeway_message::action::{Holder, KeyGrant, possession_bytes, right};
use causeway_message::ids::hex;
use causeway_message::keys::SigningKey;
use causeway_message::refusal::RefusalCode;
use causeway_message::{KeyId, SessionId, Status};

use crate::common::{causeway, code, stderr, word};
use crate::{EUR, Scene};

/// Proposes as the operator's first person and approves as the second; or the exit code and the message.
fn decide(scene: &Scene, action: &[&str]) -> Result<(), (i32, String)> {
    let config = scene.ledger.bank("OPERATOR");
    let say = |verb: &str, person: &str, words: &[&str]| {
        let mut all = vec![
            "control",
            verb,
            "--config",
            word(&config),
            "--person",
            person,
            "--json",
        ];
        all.extend(words);
        let output = causeway(&all);
        if code(&output) == 0 {
            Ok(serde_json::from_slice::<serde_json::Value>(&output.stdout).expect("JSON"))
        } else {
            Err((code(&output), stderr(&output)))
        }
    };
    let proposed = say("propose", "1", action)?;
    let approved = say("approve", "2", &[proposed["digest"].as_str().expect("a digest")])?;
    assert_eq!(approved["status"], "executed");
    Ok(())
}

fn grant_key_3(scene: &Scene, option: &str, value: &str) -> Result<(), (i32, String)> {
    let words = [
        "add-key",
        "--participant",
        "ALFADEFF",
        "--key",
        "3",
        "--holder",
        "3",
    ];
    decide(
        scene,
        &[&words[..], &["--rights", "instruct", option, value]].concat(),
    )
}

#[tokio::test]
async fn a_revoked_key_meets_key_unknown_also_on_a_session_that_is_open() {
    let scene = Scene::new().await;
    let third = SigningKey::from_seed([3; 32]).expect("a seed is a key");
    let grant = KeyGrant {
        key: KeyId(3),
        person: 3,
        rights: right::INSTRUCT,
        public: third.public(),
    };
    let own = &scene.alfa.config;
    let holder = Holder::Member(own.participant);
    let signature = third.sign(&possession_bytes(own.ledger, holder, &grant));
    let proof = scene.ledger.file("third.proof");
    let text = format!(
        "public = \"{}\"\nsignature = \"{}\"\n",
        grant.public,
        hex(&signature)
    );
    std::fs::write(&proof, text).expect("written");
    grant_key_3(&scene, "--proof", word(&proof)).expect("it is added");
    let third = scene.alfa.with_key(3, third);
    let raw = scene.alfa.connect().await;
    let (mut stream, _) = raw.session(7).await;
    let pay = || [scene.alfa.payment(scene.beta, EUR, 1_000)];
    let first = third.batch(7, 1, &pay());
    stream.say(first.clone()).await;
    stream.answered(1, &[Status::Settled]).await;
    decide(&scene, &["revoke-key", "--participant", "ALFADEFF", "--key", "3"]).expect("it is revoked");
    // The session is the bank's, not the key's: it goes on with another key, and not with this one.
    stream.say(third.batch(7, 2, &pay())).await;
    stream.refused(RefusalCode::KeyUnknown, 2).await;
    stream.say(scene.alfa.batch(7, 2, &pay())).await;
    stream.answered(2, &[Status::Settled]).await;
    let (mut other, _) = raw.session(8).await;
    other.say(third.batch(8, 1, &pay())).await;
    other.refused(RefusalCode::KeyUnknown, 1).await;
    // What entered the log before is answered again, and nothing can be put in its place.
    stream.say(first).await;
    stream.answered(1, &[Status::Settled]).await;
    stream.say(third.batch(7, 1, &pay())).await;
    stream.refused(RefusalCode::SessionNumberReused, 1).await;
    assert_eq!(scene.ledger.balance("ALFADEFF", "EUR"), "980.00");
    scene.unmoved().await;
}

#[tokio::test]
async fn a_key_of_small_order_or_not_canonical_is_not_registered() {
    let scene = Scene::new().await;
    let one = format!("01{}", "00".repeat(31));
    let p = format!("ed{}7f", "ff".repeat(30));
    for (public, rule) in [(one, "small order"), (p, "not canonical")] {
        let (exit, said) = grant_key_3(&scene, "--public", &public).expect_err("no such key");
        assert_eq!(exit, 2);
        assert!(said.contains(rule), "{said}");
    }
    scene.unmoved().await;
}

#[tokio::test]
async fn a_suspended_bank_may_look_and_may_not_pay() {
    let scene = Scene::new().await;
    let client = causeway_transport::Client::connect(scene.alfa.config.clone()).await;
    let client = client.expect("it connects");
    let session = client.session(SessionId(7)).await.expect("a session");
    decide(&scene, &["suspend", "--participant", "ALFADEFF"]).expect("it is suspended");
    let answer = session.pay(scene.alfa.payment(scene.beta, EUR, 1_000)).await;
    let answer = answer.expect("it is answered");
    assert_eq!(answer.status(), Some(Status::DebtorSuspended));
    // Its certificate still opens connections: what it was told and what it has is its own.
    assert_eq!(scene.ledger.balance("ALFADEFF", "EUR"), "1000.00");
    client.close();
    scene.unmoved().await;
}
