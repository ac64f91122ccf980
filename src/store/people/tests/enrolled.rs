//! What an enrolment puts in the place of what, by whose order, and what is left of it.

use super::*;

const PIN: &str = "480213";

fn model() -> ModelDigest {
    ModelDigest("m".repeat(64))
}

fn signed_by(signer: &str) -> Consent {
    let [version, signer, relation] = ["2026-1", signer, Consent::SELF].map(str::to_owned);
    Consent { version, signer, relation, given_at: now() }
}

fn add_staff(people: &mut People) -> StaffId {
    let staff = Staff { id: StaffId::new("S-1").expect("an id"), name: "张丽".to_owned() };
    people.save_staff(&staff, &Pin::chosen(PIN).expect("a PIN")).expect("saved");
    staff.id
}

fn stored(people: &People) -> Vec<Vec<f32>> {
    people.templates(&model()).expect("readable").into_iter().map(|template| template.components).collect()
}

/// Whose face was erased, how many templates, when and why, newest first.
fn receipts(people: &People, since: Option<Timestamp>) -> Vec<(String, usize, Timestamp, String)> {
    let mut receipts = vec![];
    let gather = |Erasure { at, elder, templates, reason }| {
        receipts.push((elder.to_string(), templates, at, reason));
        true
    };
    people.each_erasure(since, gather).expect("readable");
    receipts
}

#[test]
fn an_enrolment_in_the_place_of_an_earlier_one_leaves_a_receipt_of_that_one_and_a_first_enrolment_leaves_none() {
    let (_folder, mut people) = people();
    people.import_roster(ROSTER.as_bytes(), now()).expect("taken");
    people.save_templates(&id("E-1"), &model(), &[[0.5_f32; 4], [0.25; 4]], &signed_by("王秀英")).expect("saved");
    assert_eq!(receipts(&people, None), []);

    let later = now() + jiff::SignedDuration::from_hours(1);
    // Of another model, whose templates are erased all the same.
    let other = ModelDigest("n".repeat(64));
    let consent = Consent { given_at: later, ..signed_by("李红") };
    people.save_templates(&id("E-1"), &other, &[[0.75_f32; 4]], &consent).expect("saved");
    assert_eq!(receipts(&people, None), [("E-1".to_owned(), 2, later, "enrolled anew".to_owned())]);
    assert_eq!(stored(&people), [[0.0_f32; 4]; 0]);
    assert_eq!(people.consent(&id("E-1")).expect("readable"), Some(consent));
}

#[test]
fn where_there_is_staff_a_face_is_replaced_by_one_of_them_alone_who_is_noted_for_it() {
    let (_folder, mut people) = people();
    people.import_roster(ROSTER.as_bytes(), now()).expect("taken");
    let looks = [[0.5_f32; 4], [0.25; 4]];
    let first = signed_by("王秀英");
    assert_eq!(people.enrol(&id("E-1"), &model(), &looks[..1], &first, None).expect("nobody's face"), 0);
    assert_eq!(people.enrol(&id("E-1"), &model(), &looks[1..], &first, None).expect("there is no staff"), 1);
    assert!(!people.needs_staff(&id("E-1")).expect("readable"));

    let staff = add_staff(&mut people);
    assert_eq!(people.enrol(&id("E-2"), &model(), &looks[..1], &first, None).expect("nobody's face"), 0);
    assert_eq!(
        ["E-1", "E-2", "E-3"].map(|elder| people.needs_staff(&id(elder)).expect("readable")),
        [true, true, false]
    );
    let before = (stored(&people), receipts(&people, None));
    let refused = people.enrol(&id("E-1"), &model(), &looks[..1], &signed_by("李红"), None);
    assert!(matches!(&refused, Err(error @ PeopleError::StaffNeeded(_)) if error.to_string().contains("; remedy: ")));
    assert_eq!((stored(&people), receipts(&people, None)), before);
    assert_eq!(people.consent(&id("E-1")).expect("readable"), Some(first));
    assert_eq!(people.acts(5).expect("readable"), []);

    let consent = signed_by("李红");
    assert_eq!(people.enrol(&id("E-1"), &model(), &looks[..1], &consent, Some(&staff)).expect("replaced"), 1);
    assert_eq!(people.consent(&id("E-1")).expect("readable"), Some(consent));
    assert_eq!(stored(&people), [looks[0], looks[0]]);
    assert_eq!(receipts(&people, None).len(), before.1.len() + 1);
    let acts = people.acts(5).expect("readable");
    assert!(acts.len() == 1 && acts[0].staff == staff, "{acts:?}");
    assert_eq!((acts[0].at, acts[0].act.as_str()), (now(), "enrol E-1: 1 templates, 1 earlier ones erased"));
}

#[test]
fn who_is_refused_is_not_on_the_roster_afterwards_and_who_is_enrolled_stands_there_suspended() {
    let (_folder, mut people) = people();
    let elder = id("E-O1");
    let staff = add_staff(&mut people);
    for (look, consent) in
        [([0.5_f32; 4], signed_by("王\n李")), ([0.5; 4], signed_by(" ")), ([f32::INFINITY; 4], signed_by("王秀英"))]
    {
        let refused = people.enrol(&elder, &model(), &[look], &consent, Some(&staff)).expect_err("refused").to_string();
        assert!(refused.contains("; remedy: "), "{refused}");
        assert_eq!(people.elders().expect("readable"), [], "{consent:?}");
        assert_eq!((people.acts(5).expect("readable"), stored(&people)), (vec![], vec![]));
    }
    people.enrol(&elder, &model(), &[[0.5_f32; 4]], &signed_by("王秀英"), Some(&staff)).expect("enrolled");
    let noted = people.elder(&elder).expect("readable").expect("on the roster");
    assert!(noted.is_unlisted() && noted.status == ElderStatus::Suspended, "{noted:?}");
}

#[test]
fn a_consent_is_stored_without_the_white_space_around_its_texts() {
    let (_folder, mut people) = people();
    people.import_roster(ROSTER.as_bytes(), now()).expect("taken");
    let [version, signer, relation] = [" 2026-1", "\t王芳\u{3000}", "女儿\r\n"].map(str::to_owned);
    let spaced = Consent { version, signer, relation, given_at: now() };
    people.save_templates(&id("E-1"), &model(), &[[0.5_f32; 4]], &spaced).expect("saved");
    let consent = people.consent(&id("E-1")).expect("readable").expect("given");
    assert_eq!([consent.version, consent.signer, consent.relation], ["2026-1", "王芳", "女儿"]);
}

#[test]
fn receipts_and_acts_come_newest_first_since_the_time_that_is_said_and_no_further_than_they_are_wanted() {
    let (_folder, mut people) = people();
    people.import_roster(ROSTER.as_bytes(), now()).expect("taken");
    let staff = add_staff(&mut people);
    let at = |hours| now() + jiff::SignedDuration::from_hours(hours);
    for hours in 0..4 {
        let consent = Consent { given_at: at(hours), ..signed_by("王秀英") };
        people.enrol(&id("E-1"), &model(), &[[0.5_f32; 4]], &consent, Some(&staff)).expect("enrolled");
    }
    people.erase_templates(&id("E-1"), at(4)).expect("erased");
    let reasons =
        |since| receipts(&people, since).into_iter().map(|receipt| (receipt.2, receipt.3)).collect::<Vec<_>>();
    let [withdrawn, anew] = ["withdrawn", "enrolled anew"].map(str::to_owned);
    let all = [(at(4), withdrawn), (at(3), anew.clone()), (at(2), anew.clone()), (at(1), anew)];
    assert_eq!(reasons(None), all);
    assert_eq!(reasons(Some(at(3))), all[..2]);
    assert_eq!(reasons(Some(at(5))), []);

    let times = |since, most: usize| {
        let mut times = vec![];
        let gather = |act: StaffAct| {
            times.push(act.at);
            times.len() < most
        };
        people.each_act(since, gather).expect("readable");
        times
    };
    assert_eq!(times(None, usize::MAX), [at(3), at(2), at(1), at(0)]);
    assert_eq!(times(None, 2), [at(3), at(2)]);
    assert_eq!(times(Some(at(3)), usize::MAX), [at(3)]);
    assert_eq!(people.acts(1).expect("readable").len(), 1);
}

#[test]
fn a_name_of_the_staff_is_refused_by_what_is_wrong_with_it_each_with_its_remedy() {
    let (_folder, mut people) = people();
    let pin = Pin::chosen(PIN).expect("a PIN");
    let staff = |name: &str| Staff { id: StaffId::new("S-1").expect("an id"), name: name.to_owned() };
    let long = "张".repeat(41);
    for (name, wrong) in [
        ("张\u{200b}丽", "U+200B"),
        ("张\n丽", "U+000A"),
        ("张丽\u{feff}", "U+FEFF"),
        (" ", "1 to 40 characters"),
        (long.as_str(), "1 to 40 characters"),
    ] {
        let refused = people.save_staff(&staff(name), &pin).expect_err(name).to_string();
        assert!(refused.contains(wrong) && refused.contains("; remedy: "), "{name:?}: {refused}");
        assert!(!refused.contains('张'), "a name is in the message: {refused}");
    }
    people.save_staff(&staff(&format!(" {}\n", "张".repeat(40))), &pin).expect("as long as a name may be");
    assert_eq!(people.staff().expect("readable"), [staff(&"张".repeat(40))]);
}
