//! The texts that a canteen writes itself, however long: whole where there is room, else visibly ended and noted, and never
//! over anything else.

use eframe::egui::{Rect, Shape, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

use super::super::own::{NAME, NOTICE};
use super::super::{Local, Surroundings, draw};
use super::{SIZES, complaints, fonts, painted, samples, surroundings};
use crate::domain::{Dish, Fen, MealPeriod};
use crate::kiosk::session::{DayStage, PinStage, Screen, Touch, View, VisitId};
use crate::words::screens as words;

const SENTENCE: &str = "本食堂用摄像头核对用餐老人的身份，只为结算餐费和补贴，不保存照片，也不交给别人。";
const CANTEEN: &str = "成都市武侯区玉林街道黉门街社区居家养老综合服务中心长寿食堂";

/// The first `length` characters of `sentence` said again and again.
fn long(sentence: &str, length: usize) -> String {
    sentence.chars().cycle().take(length).collect()
}

fn view(screen: Screen) -> View {
    View { number: 0, screen, several_faces: false, ends_in_s: None, face_needed: false }
}

fn show(screen: Screen, around: Surroundings, size: Vec2, scale: f32) -> Option<Harness<'static, Local>> {
    let (fonts, view) = (fonts()?, view(screen));
    let mut harness =
        Harness::builder().with_size(size).with_context_setup(move |context| context.set_fonts(fonts)).build_ui_state(
            move |ui, local: &mut Local| {
                draw(ui, scale, &view, &around, None, local);
            },
            Local::default(),
        );
    harness.run();
    Some(harness)
}

/// What is wrong with how `text` is shown: it is neither whole nor ended with … and noted with what is left out.
fn loss(harness: &Harness<'_, Local>, text: &str, setting: &str) -> Option<String> {
    let begin: String = text.chars().take(4).collect();
    let shown = painted(&harness.output().shapes).into_iter().find_map(|(_, shape)| match shape {
        Shape::Text(shown) if shown.galley.job.text.starts_with(&begin) => {
            Some(shown.galley.job.text.replace('\n', ""))
        }
        _ => None,
    });
    let Some(shown) = shown else { return Some(format!("{setting} is not there")) };
    let noted = harness.state().surplus.iter().find(|surplus| surplus.setting == setting);
    let right = match (shown.strip_suffix('…'), noted) {
        (None, None) => shown == text,
        (Some(kept), Some(noted)) => {
            text.starts_with(kept) && kept.chars().count() + noted.characters == text.chars().count()
        }
        _ => false,
    };
    (!right).then(|| format!("{setting} is shown as {shown:?}, noted as {noted:?}"))
}

fn resting() -> [Screen; 3] {
    let idle = |again| Screen::Idle { period: MealPeriod::Lunch, again };
    [idle(false), idle(true), Screen::Closed { next: None }]
}

#[test]
fn a_notice_and_a_name_of_any_length_are_whole_or_end_with_an_ellipsis_and_a_note_and_lie_over_nothing() {
    let mut all = Vec::new();
    for size in SIZES {
        for scale in [1.0, 1.6] {
            for (name, notice) in [(22, 45), (23, 63), (28, 64), (30, 90), (50, 130), (120, 250), (300, 400)] {
                let (name, notice) = (long(CANTEEN, name), long(SENTENCE, notice));
                for screen in resting() {
                    let around = Surroundings { canteen: name.clone(), notice: notice.clone(), ..surroundings() };
                    let Some(harness) = show(screen.clone(), around, size, scale) else { return };
                    let losses = [loss(&harness, &name, NAME), loss(&harness, &notice, NOTICE)];
                    let wrong = complaints(&harness, Rect::from_min_size(Default::default(), size));
                    let lengths = (name.chars().count(), notice.chars().count());
                    all.extend(losses.into_iter().flatten().chain(wrong).map(|what| {
                        format!("{} at {size:?} scale {scale} with {lengths:?} characters: {what}", screen.name())
                    }));
                    assert!(harness.query_by_label(&notice).is_some(), "screen readers are told all of it");
                }
            }
        }
    }
    let count = all.len();
    assert!(all.is_empty(), "{count} complaints:\n{}", all.into_iter().take(40).collect::<Vec<_>>().join("\n"));
}

#[test]
fn what_the_smallest_screen_has_room_for_is_whole_on_it_and_what_it_has_not_is_noted() {
    for (name, notice, noted) in [(26, 76, vec![]), (60, 76, vec![NAME]), (26, 300, vec![NOTICE])] {
        for screen in resting() {
            let (canteen, notice) = (long(CANTEEN, name), long(SENTENCE, notice));
            let around = Surroundings { canteen, notice, ..surroundings() };
            let Some(harness) = show(screen.clone(), around, SIZES[2], 1.0) else { return };
            let found: Vec<_> = harness.state().surplus.iter().map(|surplus| surplus.setting).collect();
            assert_eq!(found, noted, "{} with {name} characters", screen.name());
        }
    }
}

#[test]
fn the_shipped_notice_is_whole_on_every_screen() {
    for size in SIZES {
        for scale in [1.0, 1.6] {
            for screen in resting() {
                let Some(harness) = show(screen, surroundings(), size, scale) else { return };
                assert!(harness.state().surplus.is_empty(), "at {size:?} scale {scale}");
                assert_eq!(loss(&harness, words::PRIVACY_NOTICE, NOTICE), None, "at {size:?} scale {scale}");
            }
        }
    }
}

/// How many of a menu's six dishes, `long_named` or not, stand on its first page on a screen of `size`.
fn on_the_first_page(long_named: bool, size: Vec2) -> Option<usize> {
    let order = if long_named { samples::long_named(6) } else { samples::order("王秀英", 6, 1, 1) };
    let tile = |dish: &Dish| format!("{} {}", dish.name, words::yuan(dish.price));
    let tiles: Vec<String> = order.dishes.iter().map(tile).collect();
    let harness = show(Screen::Dishes(order), surroundings(), size, 1.0)?;
    Some(tiles.iter().filter(|tile| harness.query_by_label(tile.as_str()).is_some()).count())
}

#[test]
fn long_names_of_dishes_get_larger_tiles_where_six_have_no_room_and_six_stay_six_where_they_have() {
    assert_eq!(samples::LONGEST_NAME.chars().count(), 30);
    for size in SIZES {
        let (Some(long), Some(short)) = (on_the_first_page(true, size), on_the_first_page(false, size)) else { return };
        assert_eq!((long, short), (if size == SIZES[2] { 4 } else { 6 }, 6), "at {size:?}");
    }
}

#[test]
fn every_dish_of_a_menu_of_long_names_can_be_touched_on_the_smallest_screen() {
    let Some(fonts) = fonts() else { return };
    let (view, around) = (view(Screen::Dishes(samples::long_named(6))), surroundings());
    let mut local = Local::default();
    let mut harness = Harness::builder()
        .with_size(SIZES[2])
        .with_context_setup(move |context| context.set_fonts(fonts))
        .build_ui_state(
            move |ui, touches: &mut Vec<Touch>| touches.extend(draw(ui, 1.0, &view, &around, None, &mut local)),
            vec![],
        );
    harness.run();
    let tile = |place: i64| format!("{} {}", samples::LONGEST_NAME, words::yuan(Fen::new(1000 + 150 * place)));
    for place in [0, 1, 2, 3] {
        harness.get_by_label(&tile(place)).click();
        harness.run();
    }
    harness.get_by_label(words::NEXT_PAGE).click();
    harness.run();
    for place in [4, 5] {
        harness.get_by_label(&tile(place)).click();
        harness.run();
    }
    let dish = |place| Touch::Dish(VisitId(1), place);
    let expected = [dish(0), dish(1), dish(2), dish(3), Touch::Page(VisitId(1)), dish(4), dish(5)];
    assert_eq!(*harness.state(), expected);
}

#[test]
fn rules_that_were_not_taken_are_told_to_the_staff_alone_and_whole() {
    let told = crate::words::staff::RULES_REFUSED;
    let staff = [
        Screen::StaffPin { digits: 4, stage: PinStage::Typing(None) },
        Screen::StaffDay { day: samples::staff_day(4, false), stage: DayStage::Looking },
        Screen::StaffDay { day: samples::staff_day(3, false), stage: DayStage::Asking },
    ];
    let elders = [Screen::Idle { period: MealPeriod::Lunch, again: false }, Screen::Closed { next: None }];
    let screens = staff.map(|screen| (screen, true)).into_iter().chain(elders.map(|screen| (screen, false)));
    for (screen, tells) in screens {
        for size in SIZES {
            for scale in [1.0, 1.6] {
                let around = Surroundings { trouble: Some(told.to_owned()), ..surroundings() };
                let Some(harness) = show(screen.clone(), around, size, scale) else { return };
                assert_eq!(harness.query_by_label(told).is_some(), tells, "{} at {size:?}", screen.name());
                let wrong = complaints(&harness, Rect::from_min_size(Default::default(), size));
                assert!(wrong.is_empty(), "{} at {size:?} scale {scale}: {wrong:#?}", screen.name());
            }
        }
    }
}
