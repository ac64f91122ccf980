//! Old fingers: slow, trembling, and still on the glass when the screen changes under them.

use eframe::egui::accesskit::Role::{Button, CheckBox, RadioButton};
use eframe::egui::{FontDefinitions, Pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::NodeT;

use super::super::window::take_old_fingers;
use super::super::{Local, Surroundings, draw};
use super::{SIZES, fonts, samples, surroundings};
use crate::domain::MealPeriod;
use crate::kiosk::session::{ConfirmStage, Message, Screen, Touch, View, VisitId};

/// A kiosk of real people, whose screen a test changes as it likes.
pub struct Kiosk {
    pub view: View,
    pub touches: Vec<Touch>,
    local: Local,
}

impl Kiosk {
    pub fn showing(view: View, fonts: FontDefinitions) -> Harness<'static, Self> {
        let around = Surroundings { models: None, demo: None, ..surroundings() };
        let set_up = move |context: &eframe::egui::Context| {
            context.set_fonts(fonts);
            take_old_fingers(context);
        };
        let mut harness = Harness::builder().with_size(SIZES[0]).with_context_setup(set_up).build_ui_state(
            move |ui, kiosk: &mut Self| {
                let touch = draw(ui, 1.0, &kiosk.view, &around, None, &mut kiosk.local);
                kiosk.touches.extend(touch);
            },
            Self { view, touches: vec![], local: Local::default() },
        );
        harness.run();
        harness
    }
}

pub fn view(screen: Screen) -> View {
    View { number: 1, screen, several_faces: false, ends_in_s: None, face_needed: false }
}

/// The middles of all that can be touched.
pub fn targets(harness: &Harness<'_, Kiosk>) -> Vec<Pos2> {
    let all = harness.root().children_recursive();
    all.filter(|node| {
        let node = node.accesskit_node();
        matches!(node.role(), Button | CheckBox | RadioButton) && !node.is_disabled()
    })
    .map(|node| node.rect().center())
    .collect()
}

/// A finger is put down at `place`, `meanwhile` happens, and it is lifted `away` from there. Gives what was touched.
fn touch(
    harness: &mut Harness<'_, Kiosk>,
    place: Pos2,
    away: eframe::egui::Vec2,
    meanwhile: impl Fn(&mut View),
) -> Vec<Touch> {
    harness.drag_at(place);
    harness.run();
    meanwhile(&mut harness.state_mut().view);
    harness.hover_at(place + away);
    harness.run();
    // A step of the harness is a quarter of a second.
    harness.run_steps(12);
    harness.drop_at(place + away);
    harness.run();
    std::mem::take(&mut harness.state_mut().touches)
}

/// Every screen of an elder who is served.
pub fn screens() -> Vec<Screen> {
    let order = samples::order("王秀英", 6, 2, 1);
    vec![
        Screen::Looking { hint: None, found: false },
        Screen::Recognised(order.clone()),
        Screen::Dishes(order.clone()),
        Screen::Confirm { order, stage: ConfirmStage::Ready },
    ]
}

#[test]
fn a_finger_that_rests_for_seconds_or_trembles_touches_what_it_was_put_down_on() {
    let Some(fonts) = fonts() else { return };
    for screen in screens() {
        let mut harness = Kiosk::showing(view(screen.clone()), fonts.clone());
        for target in targets(&harness) {
            let touched = touch(&mut harness, target, vec2(12.0, 9.0), |_| {});
            assert_eq!(touched.len(), 1, "{} at {target:?}", screen.name());
        }
    }
}

#[test]
fn who_comes_or_goes_behind_an_elder_changes_neither_the_places_nor_what_a_finger_already_down_touches() {
    let Some(fonts) = fonts() else { return };
    for screen in screens() {
        for before in [false, true] {
            let mut still = Kiosk::showing(View { several_faces: before, ..view(screen.clone()) }, fonts.clone());
            let mut moving = Kiosk::showing(View { several_faces: before, ..view(screen.clone()) }, fonts.clone());
            let places = targets(&still);
            assert!(!places.is_empty());
            for place in places {
                let meant = touch(&mut still, place, vec2(0.0, 0.0), |_| {});
                let done = touch(&mut moving, place, vec2(0.0, 0.0), |view| view.several_faces = !before);
                assert_eq!(meant, done, "{} at {place:?}", screen.name());
                moving.state_mut().view.several_faces = before;
                moving.run();
            }
            assert_eq!(
                targets(&still),
                targets(&Kiosk::showing(View { several_faces: !before, ..view(screen.clone()) }, fonts.clone()))
            );
        }
    }
}

#[test]
fn a_finger_put_down_on_one_screen_does_nothing_on_the_next_nor_for_the_next_elder() {
    let Some(fonts) = fonts() else { return };
    let mut order = samples::order("李桂芳", 6, 2, 1);
    order.visit = VisitId(2);
    let mut all = screens();
    all.push(Screen::Idle { period: MealPeriod::Lunch, again: false });
    all.push(Screen::Message(Message::TimedOut));
    all.push(Screen::Settled(samples::order("王秀英", 3, 1, 1)));
    all.push(Screen::Confirm { order, stage: ConfirmStage::Ready });
    for from in &all {
        for to in all.iter().filter(|to| *to != from) {
            let mut harness = Kiosk::showing(view(from.clone()), fonts.clone());
            for place in targets(&harness) {
                let touched = touch(&mut harness, place, vec2(0.0, 0.0), |view| view.screen = to.clone());
                assert!(touched.is_empty(), "{} to {} at {place:?}: {touched:?}", from.name(), to.name());
                harness.state_mut().view.screen = from.clone();
                harness.run();
            }
        }
    }
}
