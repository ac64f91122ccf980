//! A hand that leans on the glass while the other one taps.

use eframe::egui::{Event, Modifiers, PointerButton, Pos2, TouchDeviceId, TouchId, TouchPhase, pos2, vec2};
use egui_kittest::Harness;

use super::fingers::{Kiosk, screens, targets, view};
use super::fonts;
use crate::kiosk::session::Touch;

const PALM: u64 = 7;
const FINGER: u64 = 8;
/// Nothing can be touched here on any screen.
const EDGE: Pos2 = pos2(4.0, 4.0);
const NOTHING: [Touch; 0] = [];

/// What egui-winit makes of fingers: a pointer of the first one alone.
#[derive(Default)]
struct Glass {
    first: Option<u64>,
}

impl Glass {
    fn events(&mut self, id: u64, phase: TouchPhase, pos: Pos2) -> Vec<Event> {
        let mut events = vec![Event::Touch { device_id: TouchDeviceId(1), id: TouchId(id), phase, pos, force: None }];
        let button =
            |pressed| Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE };
        if self.first.is_none_or(|first| first == id) {
            match phase {
                TouchPhase::Start => {
                    self.first = Some(id);
                    events.extend([Event::PointerMoved(pos), button(true)]);
                }
                TouchPhase::Move => events.push(Event::PointerMoved(pos)),
                TouchPhase::End => {
                    self.first = None;
                    events.extend([button(false), Event::PointerGone]);
                }
                TouchPhase::Cancel => {
                    self.first = None;
                    events.push(Event::PointerGone);
                }
            }
        }
        events
    }
}

/// A kiosk and the fingers on its glass.
struct Hands {
    kiosk: Harness<'static, Kiosk>,
    glass: Glass,
}

impl Hands {
    /// All of this comes in one frame. Gives what was touched.
    fn at_once(&mut self, moves: &[(u64, TouchPhase, Pos2)]) -> Vec<Touch> {
        for (id, phase, pos) in moves {
            let events = self.glass.events(*id, *phase, *pos);
            self.kiosk.input_mut().events.extend(events);
        }
        self.kiosk.run();
        std::mem::take(&mut self.kiosk.state_mut().touches)
    }

    /// Each of this comes in a frame of its own.
    fn in_turn(&mut self, moves: &[(u64, TouchPhase, Pos2)]) -> Vec<Touch> {
        moves.iter().flat_map(|one| self.at_once(&[*one])).collect()
    }
}

/// Every screen of an elder who is served, with the places of its buttons.
fn kiosks() -> Vec<(Hands, Vec<Pos2>)> {
    let Some(fonts) = fonts() else { return vec![] };
    screens()
        .into_iter()
        .map(|screen| {
            let hands = Hands { kiosk: Kiosk::showing(view(screen), fonts.clone()), glass: Glass::default() };
            let places = targets(&hands.kiosk);
            assert!(!places.is_empty());
            (hands, places)
        })
        .collect()
}

const fn tap(at: Pos2) -> [(u64, TouchPhase, Pos2); 2] {
    [(FINGER, TouchPhase::Start, at), (FINGER, TouchPhase::End, at)]
}

#[test]
fn one_finger_alone_touches_once_whether_it_is_quick_or_rolls_and_not_where_it_slid_away() {
    for (mut hands, places) in kiosks() {
        for place in places {
            let quick = hands.at_once(&tap(place));
            assert_eq!(quick.len(), 1, "{place:?}");
            let rolled = place + vec2(12.0, 9.0);
            let moves = [TouchPhase::Start, TouchPhase::Move, TouchPhase::End];
            let slow = [place, rolled, rolled];
            let slow: Vec<_> = moves.into_iter().zip(slow).map(|(phase, at)| (FINGER, phase, at)).collect();
            assert_eq!(hands.in_turn(&slow), quick, "{place:?}");
            let slid = [place, EDGE, EDGE];
            let slid: Vec<_> = moves.into_iter().zip(slid).map(|(phase, at)| (FINGER, phase, at)).collect();
            assert_eq!(hands.in_turn(&slid), NOTHING, "{place:?}");
        }
    }
}

#[test]
fn a_hand_that_leans_on_the_glass_and_moves_there_keeps_the_other_from_nothing_and_touches_nothing_itself() {
    for (mut hands, places) in kiosks() {
        for palm in [places[0], EDGE] {
            assert_eq!(hands.at_once(&[(PALM, TouchPhase::Start, palm)]), NOTHING);
            for place in &places {
                let [down, up] = tap(*place);
                let stirs = (PALM, TouchPhase::Move, palm + vec2(3.0, 2.0));
                let touched = hands.in_turn(&[stirs, down, stirs, up, stirs]);
                assert_eq!(touched.len(), 1, "{place:?} with a hand on {palm:?}");
                assert_eq!(hands.at_once(&[stirs, down, stirs, up]), touched, "{place:?} with a hand on {palm:?}");
            }
            assert_eq!(hands.at_once(&[(PALM, TouchPhase::End, palm)]), NOTHING, "{palm:?}");
            let alone: Vec<_> = places.iter().map(|place| hands.in_turn(&tap(*place)).len()).collect();
            assert_eq!(alone, vec![1; places.len()], "after the hand is gone");
        }
    }
}

#[test]
fn each_button_that_is_tapped_beside_a_leaning_hand_does_what_it_does_alone() {
    for (mut hands, places) in kiosks() {
        let alone: Vec<_> = places.iter().map(|place| hands.in_turn(&tap(*place))).collect();
        hands.at_once(&[(PALM, TouchPhase::Start, EDGE)]);
        let leaning: Vec<_> = places.iter().map(|place| hands.in_turn(&tap(*place))).collect();
        assert_eq!(leaning, alone);
    }
}

#[test]
fn a_finger_whose_place_another_took_touches_nothing_whichever_of_them_is_lifted_first() {
    for (mut hands, places) in kiosks() {
        for place in places {
            let [down, up] = tap(place);
            let (first, lifted) = ((PALM, TouchPhase::Start, place), (PALM, TouchPhase::End, place));
            let away = tap(EDGE);
            assert_eq!(hands.in_turn(&[first, away[0], away[1], lifted]), NOTHING, "{place:?}");
            assert_eq!(hands.in_turn(&[first, away[0], lifted, away[1]]), NOTHING, "{place:?}");
            assert_eq!(hands.at_once(&[first, away[0], away[1], lifted]), NOTHING, "{place:?}");
            let leaning = (PALM, TouchPhase::Start, EDGE);
            let gone = (PALM, TouchPhase::End, EDGE);
            assert_eq!(hands.in_turn(&[leaning, down, gone, up]).len(), 1, "{place:?}");
        }
    }
}

#[test]
fn a_touch_that_the_screen_itself_broke_off_touches_nothing_and_the_next_one_only_what_it_is_on() {
    for (mut hands, places) in kiosks() {
        for place in places {
            let broken = [(PALM, TouchPhase::Start, place), (PALM, TouchPhase::Cancel, place)];
            assert_eq!(hands.in_turn(&broken), NOTHING, "{place:?}");
            assert_eq!(hands.at_once(&[broken[0]]), NOTHING);
            let [down, up] = tap(EDGE);
            assert_eq!(hands.at_once(&[broken[1], down]), NOTHING, "{place:?}");
            assert_eq!(hands.at_once(&[up]), NOTHING, "{place:?}");
        }
    }
}
