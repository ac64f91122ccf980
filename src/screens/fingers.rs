//! Which finger counts: the newest. egui-winit makes a pointer of the first alone until it is lifted, so that a hand which
//! leans on the glass would make it dead for the other one.

use eframe::egui::{
    Context, Event, Modifiers, Plugin, PointerButton, Pos2, RawInput, TouchDeviceId, TouchId, TouchPhase, pos2,
};

/// Where a press ends that is to touch nothing: off every screen, and farther away than a finger may roll.
const NOWHERE: Pos2 = pos2(-100_000.0, -100_000.0);

/// The newest finger on the glass is egui's pointer, until it is lifted or another one comes.
#[derive(Debug, Default)]
pub(super) struct Fingers {
    newest: Option<(TouchDeviceId, TouchId)>,
}

impl Plugin for Fingers {
    fn debug_name(&self) -> &'static str {
        "fingers"
    }

    // Once for all input. `App::raw_input_hook` would see that of a hidden window twice.
    fn input_hook(&mut self, _: &Context, input: &mut RawInput) {
        self.follow(&mut input.events);
    }
}

impl Fingers {
    fn follow(&mut self, events: &mut Vec<Event>) {
        if self.newest.is_none() && !events.iter().any(|event| matches!(event, Event::Touch { .. })) {
            // Nothing but a mouse.
            return;
        }
        for event in std::mem::take(events) {
            match event {
                Event::Touch { device_id, id, phase, pos, .. } => {
                    events.push(event);
                    self.touch((device_id, id), phase, pos, events);
                }
                // Made of the first finger; what the newest one does is added above.
                Event::PointerMoved(_)
                | Event::PointerGone
                | Event::PointerButton { button: PointerButton::Primary, .. } => {}
                other => events.push(other),
            }
        }
    }

    fn touch(&mut self, finger: (TouchDeviceId, TouchId), phase: TouchPhase, place: Pos2, events: &mut Vec<Event>) {
        match phase {
            TouchPhase::Start => {
                if self.newest.replace(finger).is_some() {
                    events.extend(given_up());
                }
                events.extend([Event::PointerMoved(place), button(place, true)]);
            }
            _ if self.newest != Some(finger) => {}
            TouchPhase::Move => events.push(Event::PointerMoved(place)),
            TouchPhase::End => {
                self.newest = None;
                events.extend([button(place, false), Event::PointerGone]);
            }
            TouchPhase::Cancel => {
                self.newest = None;
                events.extend(given_up());
                events.push(Event::PointerGone);
            }
        }
    }
}

fn button(pos: Pos2, pressed: bool) -> Event {
    Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE }
}

/// A press that ends without having touched anything.
fn given_up() -> [Event; 2] {
    [Event::PointerMoved(NOWHERE), button(NOWHERE, false)]
}
