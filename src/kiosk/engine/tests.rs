use super::*;
use crate::config::parse_toml;
use crate::domain::subsidy::RuleBook;
use crate::domain::{ElderId, ElderStatus, sample};
use crate::store::people::Consent;
use crate::store::{Home, People};
use jiff::Timestamp;

const MODEL: &str = "a model";

/// A people's database with one enrolled elder.
fn enrol_one(home: &Home) {
    let mut people = People::open_or_create(home).expect("a database");
    let id = ElderId::new("E-1").expect("an id");
    let elder = sample::elder("E-1", ElderStatus::Active);
    people.save_elders(&[elder], Timestamp::now()).expect("saved");
    let consent = Consent {
        version: "2026-1".to_owned(),
        signer: "王秀英".to_owned(),
        relation: "self".to_owned(),
        given_at: Timestamp::now(),
    };
    people.save_templates(&id, &ModelDigest(MODEL.to_owned()), &[vec![0.6_f32, 0.8]], &consent).expect("saved");
}

#[test]
fn when_the_books_come_back_the_enrolled_are_known_before_the_screen_invites_anybody() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, away) = (folder.path().join("data"), folder.path().join("away"));
    let home = Home::at(&data);
    enrol_one(&home);
    std::fs::rename(&data, &away).expect("moved");
    std::fs::write(&data, "in the way").expect("written");

    let text = include_str!("../../../kiosk-config/canteen.toml");
    let canteen = parse_toml(std::path::Path::new("canteen.toml"), text).expect("the shipped file");
    let hours = ServingHours::all_day(canteen, Timestamp::now());
    let (events, told) = mpsc::channel();
    let model = ModelDigest(MODEL.to_owned());
    let gallery = Arc::new(Mutex::new(Gallery::new(model.clone(), 2)));
    let mut desk = Desk {
        counter: Counter::new(home, hours.clone(), RuleBook::default()),
        enrolled: Enrolled { gallery: Arc::clone(&gallery), dimension: 2, model },
        known: None,
        hours,
        link: Arc::new(Link::new(events.clone())),
        events,
    };
    let known = || gallery.lock().expect("a gallery").people();
    desk.answer(Effect::CheckStore);
    assert!(matches!(told.try_recv(), Ok(Event::Store(Err(_)))));
    assert_eq!(known(), 0);
    std::fs::remove_file(&data).expect("removed");
    std::fs::rename(&away, &data).expect("back");
    desk.answer(Effect::CheckStore);
    assert_eq!(told.try_recv(), Ok(Event::Store(Ok(()))));
    assert_eq!(known(), 1, "the elder is not known");
}
