//! Every screen, in its fullest form, at the sizes of real kiosks: nothing is cut off, nothing overlaps, text is large and
//! in contrast with what is really beneath it, targets are large. Measured on what is painted, not on what was meant.

use eframe::egui::epaint::{ClippedShape, RectShape, TextShape};
use eframe::egui::{Color32, Rect, Shape, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

use super::fonts::FontFiles;
use super::theme::{SMALLEST_TARGET, SMALLEST_TEXT, contrast};
use super::*;
use crate::config::{ScreenConfig, parse_toml};
use crate::domain::{Fen, MealPeriod};
use crate::kiosk::session::Order;
use crate::kiosk::session::tests::bench::Bench;
use crate::words::DEMO_MODELS;

mod fingers;
mod lengths;
mod palms;
mod samples;
mod walks;

const SIZES: [Vec2; 4] = [vec2(1280.0, 800.0), vec2(1024.0, 768.0), vec2(800.0, 480.0), vec2(800.0, 1280.0)];

/// The font of this machine. Outside CI a machine without one skips these tests and says so.
fn fonts() -> Option<eframe::egui::FontDefinitions> {
    let text = include_str!("../../kiosk-config/screen.toml");
    let config: ScreenConfig = parse_toml(std::path::Path::new("screen.toml"), text).expect("the shipped file");
    match FontFiles::find(&config).and_then(|files| files.load()) {
        Ok(fonts) => Some(fonts),
        Err(error) => {
            crate::skipped::missing(&error.to_string());
            None
        }
    }
}

fn surroundings() -> Surroundings {
    Surroundings {
        canteen: "玉林街道长寿食堂".to_owned(),
        now: "11月22日　星期日　11:05".to_owned(),
        serving: Some("午餐　11:00 – 13:30".to_owned()),
        models: Some(DEMO_MODELS.to_owned()),
        demo: Some(words::DEMO_NOTICE.to_owned()),
        trouble: None,
        notice: words::PRIVACY_NOTICE.to_owned(),
        own_share_collected: "请在取餐处支付".to_owned(),
    }
}

fn show(view: View, size: Vec2, scale: f32) -> Option<Harness<'static, Option<Touch>>> {
    let fonts = fonts()?;
    let around = surroundings();
    let mut local = Local::default();
    let mut harness =
        Harness::builder().with_size(size).with_context_setup(move |context| context.set_fonts(fonts)).build_ui_state(
            move |ui, touched: &mut Option<Touch>| {
                if let Some(touch) = draw(ui, scale, &view, &around, None, &mut local) {
                    *touched = Some(touch);
                }
            },
            None,
        );
    harness.run();
    Some(harness)
}

/// What was painted, in order.
fn painted(shapes: &[ClippedShape]) -> Vec<(Rect, Shape)> {
    fn flatten(clip: Rect, shape: &Shape, flat: &mut Vec<(Rect, Shape)>) {
        match shape {
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| flatten(clip, shape, flat)),
            other => flat.push((clip, other.clone())),
        }
    }
    let mut flat = Vec::new();
    shapes.iter().for_each(|clipped| flatten(clipped.clip_rect, &clipped.shape, &mut flat));
    flat
}

fn place(text: &TextShape) -> Rect {
    text.galley.rect.translate(text.pos.to_vec2())
}

/// The opaque ground painted last beneath the middle of `text` before it.
fn ground(before: &[(Rect, Shape)], text: Rect) -> Option<(Rect, Color32)> {
    before.iter().rev().find_map(|(_, shape)| match shape {
        Shape::Rect(RectShape { rect, fill, .. }) if fill.is_opaque() && rect.contains(text.center()) => {
            Some((*rect, *fill))
        }
        _ => None,
    })
}

/// What an elder could not read or hit, one line each.
fn complaints<State>(harness: &Harness<'_, State>, screen: Rect) -> Vec<String> {
    let mut complaints = Vec::new();
    let shapes = painted(&harness.output().shapes);
    let mut written: Vec<(Rect, String)> = Vec::new();
    for (index, (clip, shape)) in shapes.iter().enumerate() {
        let Shape::Text(text) = shape else { continue };
        let (rect, words) = (place(text), text.galley.job.text.clone());
        let inner = rect.shrink(1.0);
        if !screen.contains_rect(inner) || !clip.contains_rect(inner) || text.galley.elided {
            complaints.push(format!("cut off: {words:?} at {rect:?}"));
        }
        for section in &text.galley.job.sections {
            let (size, line) = (section.format.font_id.size, section.format.line_height.unwrap_or(0.0));
            if size < SMALLEST_TEXT {
                complaints.push(format!("{size} dp is too small: {words:?}"));
            }
            if line < size * 1.3 {
                complaints.push(format!("lines too near each other: {words:?}"));
            }
        }
        for rows in text.galley.rows.windows(2).filter(|rows| !rows[0].ends_with_newline) {
            let amount = rows[0].text().trim_end().ends_with(|letter: char| letter.is_ascii_digit());
            if amount && rows[1].text().starts_with(['元', '分', '份', '秒']) {
                complaints.push(format!("an amount without its unit: {words:?}"));
            }
        }
        match ground(shapes.get(..index).unwrap_or(&[]), rect) {
            None => complaints.push(format!("nothing beneath {words:?}")),
            Some((ground, fill)) => {
                if !ground.contains_rect(inner) {
                    complaints.push(format!("{words:?} at {rect:?} runs out of its ground {ground:?}"));
                }
                for section in &text.galley.job.sections {
                    let colour = section.format.color;
                    let ratio = contrast(colour, fill);
                    if ratio < 7.0 {
                        complaints.push(format!("contrast {ratio:.1} of {words:?}"));
                    }
                }
            }
        }
        for (other, said) in &written {
            let common = other.intersect(rect);
            if common.width() > 1.5 && common.height() > 1.5 {
                complaints.push(format!("{words:?} at {rect:?} lies over {said:?} at {other:?}"));
            }
        }
        written.push((rect, words));
    }
    if written.is_empty() {
        complaints.push("nothing is written".to_owned());
    }
    let targets: Vec<(Rect, String)> = harness
        .root()
        .children_recursive()
        .filter(|node| {
            use eframe::egui::accesskit::Role::{Button, CheckBox, RadioButton};
            matches!(node.accesskit_node().role(), Button | CheckBox | RadioButton)
        })
        .map(|node| (node.rect(), node.accesskit_node().label().unwrap_or_default()))
        .collect();
    for (index, (rect, label)) in targets.iter().enumerate() {
        if rect.width() < SMALLEST_TARGET || rect.height() < SMALLEST_TARGET || !screen.contains_rect(*rect) {
            complaints.push(format!("target {label:?} is {rect:?}"));
        }
        if label.is_empty() {
            complaints.push("a target without a name".to_owned());
        }
        for (other, name) in targets.iter().skip(index + 1) {
            if other.intersects(rect.shrink(0.5)) {
                complaints.push(format!("target {label:?} lies over {name:?}"));
            }
        }
    }
    complaints
}

#[test]
fn every_screen_is_whole_legible_and_easy_to_hit_at_every_size() {
    let mut all = Vec::new();
    for size in SIZES {
        for scale in [1.0, 1.6] {
            for view in samples::every_view() {
                let name = view.screen.name();
                let Some(harness) = show(view, size, scale) else { return };
                let screen = Rect::from_min_size(Default::default(), size);
                for complaint in complaints(&harness, screen) {
                    all.push(format!("{name} at {}×{} scale {scale}: {complaint}", size.x, size.y));
                }
            }
        }
    }
    let count = all.len();
    all.dedup();
    assert!(all.is_empty(), "{count} complaints:\n{}", all.into_iter().take(60).collect::<Vec<_>>().join("\n"));
}

#[test]
fn every_screen_says_that_the_models_know_drawn_people_alone_where_they_do() {
    for size in SIZES {
        for view in samples::every_view() {
            let name = view.screen.name();
            let Some(harness) = show(view, size, 1.0) else { return };
            assert!(harness.query_by_label("演示模型，仅识别绘制人物").is_some(), "{name} at {size:?}");
        }
    }
}

#[test]
fn the_elders_own_money_is_never_called_a_reduction_and_a_rule_that_pays_nothing_says_why() {
    let order = samples::prepaid_order(0, Fen::new(1_000));
    let shown = |screen: Screen, text: &str| {
        let view = View { number: 1, screen, several_faces: false, ends_in_s: None, face_needed: false };
        show(view, SIZES[0], 1.0).is_none_or(|harness| harness.query_by_label(text).is_some())
    };
    assert!(shown(Screen::Recognised(order.clone()), "预存餐费：从余额中支付 10.00 元"));
    assert!(shown(Screen::Recognised(order.clone()), "高龄补贴：今日已用完，明天又有"));
    assert!(
        shown(Screen::Dishes(order.clone()), "减免 0.00 元") && shown(Screen::Dishes(order.clone()), "预存款 10.00 元")
    );
    assert!(shown(Screen::Settled(order.clone()), "扫脸成功"));
    assert!(shown(Screen::Settled(order), "从预存款扣 10 元，不用另付"));
}

/// Whether the greeting with this order says each of these on a screen of `size`.
fn greets_with<const N: usize>(order: &Order, size: Vec2, texts: [&str; N]) -> Option<[bool; N]> {
    let screen = Screen::Recognised(order.clone());
    let view = View { number: 0, screen, several_faces: false, ends_in_s: None, face_needed: false };
    let harness = show(view, size, 1.0)?;
    Some(texts.map(|text| harness.query_by_label(text).is_some()))
}

#[test]
fn the_greeting_names_the_dish_it_is_reckoned_on_and_says_that_nothing_pays_only_where_no_rule_says_why() {
    const NOTHING: &str = "这一餐没有可用的补贴";
    let mut order = samples::order("李明", 3, 0, 0);
    order.dishes[0].name = "红烧肉".to_owned();
    for size in SIZES {
        let said = [NOTHING, "以「红烧肉」10.00 元计"];
        let Some(nothing) = greets_with(&order, size, said) else { return };
        assert_eq!(nothing, [true, true], "{size:?}");
        let noted = samples::prepaid_order(0, Fen::new(1_000));
        let Some(why) = greets_with(&noted, size, [NOTHING, "高龄补贴：今日已用完，明天又有"]) else {
            return;
        };
        assert_eq!(why, [false, true], "another dish may be paid for: {size:?}");
    }
}

#[test]
fn an_elder_who_is_not_seen_is_warned_on_the_greeting_and_one_who_is_there_is_not() {
    let mut bench = Bench::at_lunch();
    bench.recognise(1, "王秀英", 3);
    for (ms, warned) in [(100, false), (4_000, true)] {
        bench.see_nobody(ms);
        let Some(harness) = show(bench.session.view(), SIZES[0], 1.0) else { return };
        assert!(harness.query_by_label("王秀英，您好").is_some());
        let warning = harness.query_by_label("请看一下镜头，不然 4 秒后取消");
        assert_eq!(warning.is_some(), warned, "after {ms} ms");
    }
}

#[test]
fn what_has_no_room_on_the_greeting_is_summed_up_and_the_elders_own_money_apart() {
    let order = samples::prepaid_order(6, Fen::new(100));
    let sums = ["等共 6 项，合计减免 6.00 元", "预存款共支付 1.00 元"];
    let Some(said) = greets_with(&order, SIZES[2], sums) else { return };
    assert_eq!(said, [true, true]);
    let mut order = samples::order("李明", 3, 1, 0);
    let line = order.quote.as_mut().and_then(|quote| quote.lines.first_mut()).expect("a line");
    line.sentence = line.sentence.repeat(20);
    let sums = ["共 1 项，合计减免 1.00 元", "等共 1 项，合计减免 1.00 元"];
    let Some(said) = greets_with(&order, SIZES[2], sums) else { return };
    assert_eq!(said, [true, false], "nothing is listed");
}

#[test]
fn the_main_thing_of_a_screen_is_far_larger_than_the_smallest_text() {
    for (screen, words) in [
        (Screen::Idle { period: MealPeriod::Lunch, again: false }, words::IDLE_TITLE.to_owned()),
        (Screen::Idle { period: MealPeriod::Lunch, again: true }, words::AGAIN_TITLE.to_owned()),
        (Screen::Looking { hint: None, found: false }, words::LOOKING_TITLE.to_owned()),
        (
            Screen::Confirm {
                order: samples::order("王秀英", 3, 1, 1),
                stage: crate::kiosk::session::ConfirmStage::Ready,
            },
            words::yuan(crate::domain::Fen::new(900)),
        ),
        (Screen::Settled(samples::order("王秀英", 3, 2, 1)), words::settled_title(crate::domain::Fen::new(200))),
    ] {
        let view = View { number: 0, screen, several_faces: false, ends_in_s: None, face_needed: false };
        let Some(harness) = show(view, SIZES[0], 1.0) else { return };
        let size = painted(&harness.output().shapes)
            .into_iter()
            .find_map(|(_, shape)| match shape {
                Shape::Text(text) if text.galley.job.text == words => {
                    Some(text.galley.job.sections[0].format.font_id.size)
                }
                _ => None,
            })
            .unwrap_or_else(|| panic!("{words:?} is not there"));
        assert!(size >= 60.0, "{words:?} is only {size} dp");
    }
}

#[test]
fn every_button_of_a_message_does_what_it_says() {
    use crate::kiosk::session::Message;
    for (label, touch) in
        [("再试一次", Touch::TryAgain), ("返回首页", Touch::Home), ("不刷脸，用别的方式", Touch::OtherWay)]
    {
        let screen = Screen::Message(Message::NotRecognised { hint: None });
        let view = View { number: 0, screen, several_faces: false, ends_in_s: None, face_needed: false };
        let Some(mut harness) = show(view, SIZES[2], 1.0) else { return };
        harness.get_by_label(label).click();
        harness.run();
        assert_eq!(harness.state().as_ref(), Some(&touch));
    }
}

#[test]
fn a_message_that_sends_to_the_counter_offers_nothing_but_the_way_home() {
    use crate::kiosk::session::{Message, StoreFault};
    for message in [Message::AskStaff, Message::NoMenu, Message::MealOver, Message::Fault(StoreFault::DiskFull)] {
        let screen = Screen::Message(message);
        let view = View { number: 0, screen, several_faces: false, ends_in_s: None, face_needed: false };
        let Some(mut harness) = show(view, SIZES[2], 1.0) else { return };
        assert!(harness.query_by_label("不刷脸，用别的方式").is_none());
        harness.get_by_label("返回首页").click();
        harness.run();
        assert_eq!(harness.state().as_ref(), Some(&Touch::Home));
    }
}

#[test]
fn a_long_menu_turns_pages_and_never_scrolls() {
    let screen = Screen::Dishes(samples::order("王秀英", 8, 1, 1));
    let view = View { number: 0, screen, several_faces: false, ends_in_s: None, face_needed: false };
    let Some(mut harness) = show(view, SIZES[0], 1.0) else { return };
    assert!(harness.query_by_label_contains("小米粥").is_none());
    harness.get_by_label("更多菜品").click();
    harness.run();
    harness.get_by_label_contains("小米粥").click();
    harness.run();
    assert_eq!(harness.state().as_ref(), Some(&Touch::Dish(VisitId(1), 7)));
}

#[test]
fn whoever_was_let_go_finds_one_large_button_that_brings_them_back_and_nobody_else_sees_it() {
    let idle = |again| {
        let screen = Screen::Idle { period: MealPeriod::Lunch, again };
        show(View { number: 0, screen, several_faces: false, ends_in_s: None, face_needed: false }, SIZES[2], 1.0)
    };
    let (Some(invited), Some(mut asked)) = (idle(false), idle(true)) else { return };
    assert!(invited.query_by_label("再来一次").is_none());
    assert!(asked.query_by_label_contains("看一看镜头就能用餐").is_none(), "looking alone would not help them");
    let (again, other_way) = (asked.get_by_label("再来一次").rect(), asked.get_by_label("不刷脸，用别的方式").rect());
    assert!(again.height() >= 70.0 && again.width() > 2.0 * other_way.width(), "{again:?} beside {other_way:?}");
    asked.get_by_label("再来一次").click();
    asked.run();
    assert_eq!(asked.state().as_ref(), Some(&Touch::TryAgain));
}

#[test]
fn dishes_of_which_several_may_be_taken_are_ticked_one_by_one_and_those_that_are_whole_meals_are_not() {
    use eframe::egui::accesskit::Role;
    for (several_dishes, chosen, role, label) in [
        (false, vec![0], Role::RadioButton, "就要这份"),
        (true, vec![0], Role::CheckBox, "就要这份"),
        (true, vec![0, 2], Role::CheckBox, "就要这些"),
    ] {
        let screen = Screen::Dishes(Order { several_dishes, chosen, ..samples::order("王秀英", 3, 1, 1) });
        let view = View { number: 0, screen, several_faces: false, ends_in_s: None, face_needed: false };
        let Some(harness) = show(view, SIZES[0], 1.0) else { return };
        assert_eq!(harness.get_by_label_contains("红烧肉套餐").accesskit_node().role(), role);
        assert!(harness.query_by_label(label).is_some(), "{label}");
    }
}
