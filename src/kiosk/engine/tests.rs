use super::*;
use crate::config::{CanteenConfig, parse_toml};
use crate::domain::{
    ClockReading, Dish, DishId, ElderStatus, EntryId, Fen, MealDay, MealMoment, MealPeriod, Pin, ProgrammeId, StaffId,
    Template, sample,
};
use crate::kiosk::link::Notes;
use crate::kiosk::session::{AskId, NotClosed};
use crate::store::ledger::{Books, Clock, SystemClock};
use crate::store::people::{Consent, MenuItem, Staff};
use crate::store::{Home, Ledger, People};
use jiff::Timestamp;

const MODEL: &str = "a model";
/// Two people who look nothing alike.
const FACES: [[f32; 2]; 2] = [[0.6, 0.8], [0.8, -0.6]];

fn id(text: &str) -> ElderId {
    ElderId::new(text).expect("an id")
}

fn model() -> ModelDigest {
    ModelDigest(MODEL.to_owned())
}

/// Enrols `elder` with this face, in the place of an earlier one.
fn enrol(people: &mut People, elder: &str, face: [f32; 2]) {
    people.save_elders(&[sample::elder(elder, ElderStatus::Active)], Timestamp::now()).expect("saved");
    let consent = Consent {
        version: "2026-1".to_owned(),
        signer: "王秀英".to_owned(),
        relation: "self".to_owned(),
        given_at: Timestamp::now(),
    };
    people.save_templates(&id(elder), &model(), &[face.to_vec()], &consent).expect("saved");
}

fn canteen() -> CanteenConfig {
    let text = include_str!("../../../kiosk-config/canteen.toml");
    parse_toml(std::path::Path::new("canteen.toml"), text).expect("the shipped file")
}

/// A counter's thread over `home`, its gallery and what it tells.
fn desk(home: Home) -> (Desk, Arc<Mutex<Gallery>>, Receiver<Event>) {
    desk_with(home, ServingHours::all_day(canteen(), Timestamp::now()), Rules::default())
}

fn desk_with(home: Home, hours: ServingHours, rules: Rules) -> (Desk, Arc<Mutex<Gallery>>, Receiver<Event>) {
    let (events, told) = mpsc::channel();
    let gallery = Arc::new(Mutex::new(Gallery::new(model(), 2)));
    let desk = Desk {
        counter: Counter::new(home, hours.clone(), rules),
        enrolled: Enrolled { gallery: Arc::clone(&gallery), dimension: 2, model: model() },
        known: None,
        hours,
        link: Arc::new(Link::new(events.clone())),
        events,
    };
    (desk, gallery, told)
}

#[test]
fn when_the_books_come_back_the_enrolled_are_known_before_the_screen_invites_anybody() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, away) = (folder.path().join("data"), folder.path().join("away"));
    let home = Home::with_keys(&data, data.join("keys"));
    enrol(&mut People::open_or_create(&home).expect("a database"), "E-1", FACES[0]);
    std::fs::rename(&data, &away).expect("moved");
    std::fs::write(&data, "in the way").expect("written");

    let (mut desk, gallery, told) = desk(home);
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

#[test]
fn a_face_that_is_enrolled_anew_while_the_kiosk_runs_is_known_by_its_new_look_and_no_longer_by_the_old_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = Home::with_keys(folder.path(), folder.path().join("keys"));
    let mut people = People::open_or_create(&home).expect("a database");
    enrol(&mut people, "E-1", FACES[0]);
    let (mut desk, gallery, _told) = desk(home);
    desk.answer(Effect::CheckStore);
    let likeness = |face: [f32; 2]| {
        let probe = Template::new(face.to_vec(), model()).expect("a direction");
        let found = gallery.lock().expect("a gallery").search(&probe).expect("searched");
        found.best.map(|best| (best.elder.to_string(), best.similarity > 0.9))
    };
    assert_eq!(likeness(FACES[0]), Some(("E-1".to_owned(), true)));

    // As many people as before, by another program's hand.
    enrol(&mut people, "E-1", FACES[1]);
    assert_eq!(desk.enrol(), Ok(()));
    assert_eq!(likeness(FACES[1]), Some(("E-1".to_owned(), true)));
    assert_eq!(likeness(FACES[0]), Some(("E-1".to_owned(), false)), "the old face is still known");

    people.erase_templates(&id("E-1"), Timestamp::now()).expect("erased");
    enrol(&mut people, "E-2", FACES[0]);
    assert_eq!(desk.enrol(), Ok(()));
    assert_eq!(likeness(FACES[0]), Some(("E-2".to_owned(), true)), "one went, another came");
}

#[test]
fn whose_consent_was_withdrawn_a_moment_ago_is_offered_nothing_on_the_face_that_was_just_recognised() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = Home::with_keys(folder.path(), folder.path().join("keys"));
    let mut people = People::open_or_create(&home).expect("a database");
    for (elder, face) in ["E-1", "E-2"].into_iter().zip(FACES) {
        enrol(&mut people, elder, face);
    }
    let (mut desk, _gallery, told) = desk(home);
    desk.answer(Effect::CheckStore);
    assert_eq!(told.try_recv(), Ok(Event::Store(Ok(()))));
    people.erase_templates(&id("E-1"), Timestamp::now()).expect("erased");
    let mut reply = |elder| {
        desk.answer(Effect::Open { visit: VisitId(1), elder: id(elder), evidence: sample::evidence() });
        match told.try_recv() {
            Ok(Event::Opened { reply, .. }) => reply.map(|_| ()),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(reply("E-1"), Err(Declined::NotActive));
    assert_ne!(reply("E-2"), Err(Declined::NotActive), "the other one is asked for as before");
}

#[test]
fn whose_consent_was_withdrawn_while_the_books_were_shut_is_offered_nothing_by_the_first_who_opens_them_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = Home::with_keys(folder.path(), folder.path().join("keys"));
    let mut people = People::open_or_create(&home).expect("a database");
    enrol(&mut people, "E-1", FACES[0]);
    let staff = Staff { id: StaffId::new("S-1").expect("an id"), name: "Li".to_owned() };
    people.save_staff(&staff, &Pin::chosen("246810").expect("a PIN")).expect("saved");
    let (mut desk, gallery, told) = desk(home);
    desk.answer(Effect::CheckStore);
    assert_eq!(told.try_recv(), Ok(Event::Store(Ok(()))));

    // A close whose files cannot be written shuts the books.
    std::fs::write(crate::statement::folder(folder.path()), "in the way").expect("written");
    let day: MealDay = desk.counter.ledger().expect("open").today().expect("a day");
    desk.answer(Effect::CloseDay { ask: AskId(1), staff: staff.id, day });
    let Ok(Event::DayClosed { reply, .. }) = told.try_recv() else { panic!("not answered") };
    assert_eq!(reply, Err(NotClosed::Fault(StoreFault::Other)));
    assert!(desk.counter.people().is_none(), "the books are open");

    people.erase_templates(&id("E-1"), Timestamp::now()).expect("erased");
    assert!(gallery.lock().expect("a gallery").contains(&id("E-1")), "nobody has told the kiosk yet");
    desk.answer(Effect::Open { visit: VisitId(1), elder: id("E-1"), evidence: sample::evidence() });
    let declined = Ok(Event::Opened { visit: VisitId(1), reply: Err(Declined::NotActive) });
    assert_eq!(told.try_recv(), declined);
    assert!(!gallery.lock().expect("a gallery").contains(&id("E-1")), "the face is still known");
}

#[test]
fn when_other_books_take_the_place_of_those_that_were_open_their_people_are_known_and_the_others_no_longer() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = |name: &str| folder.path().join(name);
    let home = |name: &str| Home::with_keys(&data(name), data(name).join("keys"));
    for (name, elder) in [("data", "E-1"), ("other", "E-2")] {
        enrol(&mut People::open_or_create(&home(name)).expect("a database"), elder, FACES[0]);
    }
    let (mut desk, gallery, told) = desk(home("data"));
    desk.answer(Effect::CheckStore);
    assert_eq!(told.try_recv(), Ok(Event::Store(Ok(()))));
    std::fs::rename(data("data"), data("away")).expect("moved");
    std::fs::rename(data("other"), data("data")).expect("moved");
    desk.answer(Effect::Open { visit: VisitId(1), elder: id("E-1"), evidence: sample::evidence() });
    assert_eq!(told.try_recv(), Ok(Event::Opened { visit: VisitId(1), reply: Err(Declined::NotActive) }));
    assert!(gallery.lock().expect("a gallery").contains(&id("E-2")));
}

#[test]
fn a_day_that_is_due_is_closed_by_the_desk_itself_and_left_open_under_drawn_people() {
    let due = CanteenConfig { close_at: jiff::civil::Time::midnight(), ..canteen() };
    for (hours, closed) in
        [(ServingHours::of(due.clone()), true), (ServingHours::all_day(due.clone(), Timestamp::now()), false)]
    {
        let folder = tempfile::tempdir().expect("a folder");
        let home = Home::with_keys(folder.path(), folder.path().join("keys"));
        let (desk, _gallery, _told) = desk_with(home.clone(), hours, Rules::default());
        let (ask, asked) = mpsc::channel();
        ask.send(Question::Stop).expect("a desk");
        desk.run(&asked);
        let ledger = Ledger::open(&home, &Books::from(&due)).expect("the desk's books");
        assert_eq!(ledger.last_closed().expect("readable").is_some(), closed);
    }
}

#[test]
fn what_a_visit_holds_is_there_for_another_meal_once_the_session_releases_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = Home::with_keys(folder.path(), folder.path().join("keys"));
    let mut people = People::open_or_create(&home).expect("a database");
    enrol(&mut people, "E-1", FACES[0]);
    let item = MenuItem {
        dish: Dish { id: DishId::new("A").expect("an id"), name: "A".to_owned(), price: Fen::new(1500) },
        periods: MealPeriod::ALL.into_iter().collect(),
        from: None,
        to: None,
        weekdays: (1..=7).collect(),
        tags: Vec::new(),
    };
    people.save_menu(&[item]).expect("saved");
    let rules = Rules::read(std::path::Path::new("kiosk-config")).expect("the shipped rules");
    let (mut desk, _gallery, told) = desk_with(home, ServingHours::all_day(canteen(), Timestamp::now()), rules);
    desk.answer(Effect::CheckStore);
    assert_eq!(told.try_recv(), Ok(Event::Store(Ok(()))));
    desk.answer(Effect::Open { visit: VisitId(1), elder: id("E-1"), evidence: sample::evidence() });
    let Ok(Event::Opened { reply: Ok(offer), .. }) = told.try_recv() else { panic!("nothing is offered") };

    let points = ProgrammeId::new("points").expect("an id");
    let another = MealPeriod::ALL.into_iter().find(|period| *period != offer.moment.period).expect("another meal");
    let another = MealMoment { period: another, ..offer.moment };
    let left = |desk: &Desk| {
        let usage = desk.counter.ledger().expect("open").usage(&id("E-1"), &another).expect("readable");
        usage.purse(&points)
    };
    assert_eq!(left(&desk), 290, "of 300 the meal holds 10");
    desk.answer(Effect::Release { visit: VisitId(1) });
    assert_eq!(left(&desk), 300);
}

#[test]
fn a_camera_that_is_waking_is_no_fault_and_one_that_stalls_is() {
    let lost = |error: fn(String) -> CameraError| camera_event(&FeedStatus::Lost(error("/dev/video0".to_owned())));
    assert_eq!(lost(CameraError::Starting), None);
    assert_eq!(lost(CameraError::Stalled), Some(Event::Camera(Err(CameraFault::Failing))));
    assert_eq!(lost(CameraError::Unplugged), Some(Event::Camera(Err(CameraFault::Absent))));
}

/// This computer's clock as it was before somebody set it forward by an hour.
struct BeforeItWasSet;

impl Clock for BeforeItWasSet {
    fn read(&self) -> ClockReading {
        let set = SystemClock::new().read();
        ClockReading { wall: set.wall - SignedDuration::from_hours(1), ..set }
    }
}

/// What the desk has noted for the window by the time it ends.
fn noted(desk: Desk) -> Notes {
    let link = Arc::clone(&desk.link);
    let (ask, asked) = mpsc::channel();
    ask.send(Question::Stop).expect("a desk");
    desk.run(&asked);
    link.notes()
}

#[test]
fn the_window_is_told_of_the_books_own_time_where_the_clock_on_the_wall_was_set() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = Home::with_keys(folder.path(), folder.path().join("keys"));
    let clock = Box::new(BeforeItWasSet);
    let mut ledger = Ledger::create_with(&home, &Books::from(&canteen()), clock).expect("new books");
    assert_eq!(noted(desk(home.clone()).0).ahead, SignedDuration::ZERO, "nothing stands in the books yet");
    let granted = EntryId::from_uuid(uuid::Uuid::now_v7());
    ledger.move_purse(granted, sample::grant("E-1")).expect("written");
    drop(ledger);
    let ahead = noted(desk(home).0).ahead;
    let moment = SignedDuration::from_mins(1);
    assert!((ahead + SignedDuration::from_hours(1)).abs() < moment, "{ahead:?}");
}

#[test]
fn the_window_is_told_of_changed_rules_that_were_not_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config/subsidies/rules.toml");
    std::fs::create_dir_all(folder.path().join("config/subsidies")).expect("a folder");
    std::fs::write(&file, include_str!("../../../kiosk-config/subsidies/wuhou.toml")).expect("written");
    let rules = Rules::read(&folder.path().join("config")).expect("the shipped rules");
    let mut broken = rules.clone();
    std::fs::write(&file, "[[programme]]\n").expect("written");
    let now = Instant::now();
    broken.renew(now, true);
    broken.renew(now + MINUTE, true);
    for (rules, refused) in [(rules, false), (broken, true)] {
        let home = Home::with_keys(&folder.path().join("data"), folder.path().join("keys"));
        let (desk, _gallery, _told) = desk_with(home, ServingHours::all_day(canteen(), Timestamp::now()), rules);
        assert_eq!(noted(desk).rules_refused, refused);
    }
}
