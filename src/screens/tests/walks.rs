//! A finger's way through the screens, with a session behind them.

use eframe::egui::FontDefinitions;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

use super::super::{Local, draw};
use super::{SIZES, fonts, samples, surroundings};
use crate::domain::{ElderId, Evidence, MealPeriod};
use crate::kiosk::session::{Effect, Event, Identity, Look, Millis, Nearest, Service, Session, SessionOptions, Track};

/// A screen is read before it is touched: the session takes an earlier touch for one that was meant for the screen before.
const READING_MS: u64 = 600;

/// A session behind the drawn screens, so that a test can walk through a meal with its finger.
struct Kiosk {
    session: Session,
    now: Millis,
    effects: Vec<Effect>,
    local: Local,
}

impl Kiosk {
    fn tell(&mut self, event: Event) {
        self.effects.extend(self.session.handle(self.now, event));
    }

    fn wait(&mut self, ms: u64) {
        self.now = self.now.plus(ms);
    }

    fn see(&mut self, ms: u64, identity: &Identity) {
        for _ in 0..ms / 100 {
            self.wait(100);
            let nearest = Some(Nearest { track: Track(1), identity: identity.clone() });
            self.tell(Event::Look(Look { faces: 1, nearest, attempt: 0 }));
        }
    }
}

/// The drawn session, ready for a finger.
fn walk(kiosk: Kiosk, fonts: FontDefinitions) -> Harness<'static, Kiosk> {
    let around = surroundings();
    let mut harness = Harness::builder()
        .with_size(SIZES[0])
        .with_context_setup(move |context| context.set_fonts(fonts))
        .build_ui_state(
            move |ui, kiosk: &mut Kiosk| {
                let view = kiosk.session.view();
                let mut local = std::mem::take(&mut kiosk.local);
                let touched = draw(ui, 1.0, &view, &around, None, &mut local);
                kiosk.local = local;
                if let Some(touch) = touched {
                    kiosk.wait(READING_MS);
                    kiosk.tell(Event::Touch(touch));
                }
            },
            kiosk,
        );
    harness.run();
    harness
}

#[test]
fn a_finger_walks_through_a_whole_meal_by_what_the_buttons_say() {
    let Some(fonts) = fonts() else { return };
    let mut kiosk = Kiosk {
        session: Session::new(SessionOptions::default()),
        now: Millis(0),
        effects: vec![],
        local: Local::default(),
    };
    kiosk.tell(Event::Service(Service::Open(MealPeriod::Lunch)));
    let mut harness = walk(kiosk, fonts);
    assert!(harness.query_by_label_contains("看一看镜头").is_some());
    let me = Identity::Accepted {
        elder: ElderId::new("E-1").expect("an id"),
        evidence: Evidence {
            similarity_e4: 8000,
            margin_e4: 4000,
            liveness_e4: None,
            quality_e4: 9000,
            frames: 5,
            models: vec![],
        },
    };
    harness.state_mut().see(500, &Identity::Undecided(None));
    harness.run();
    assert!(harness.query_by_label("请看镜头").is_some());
    harness.state_mut().see(100, &me);
    let (visit, offer) = samples::offer();
    harness.state_mut().tell(Event::Opened { visit, reply: Ok(Box::new(offer.clone())) });
    harness.run();
    assert!(harness.query_by_label("王秀英，您好").is_some());
    harness.get_by_label("好，去选餐").click();
    harness.run();
    harness.get_by_label_contains("红烧肉套餐").click();
    harness.run();
    assert!(
        harness.get_by_label("就要这份").accesskit_node().is_disabled(),
        "nothing can be taken before its price is known"
    );
    let Some(Effect::Quote { choice, dishes, .. }) = harness.state().effects.last().cloned() else {
        panic!("no quote")
    };
    let price = dishes.iter().map(|dish| dish.price).sum();
    harness.state_mut().tell(Event::Quoted { visit, choice, reply: Ok(samples::quote(price, 2, 1)) });
    harness.run();
    harness.get_by_label("就要这份").click();
    harness.run();
    harness.state_mut().see(1_000, &me);
    harness.run();
    assert!(harness.query_by_label("9.50 元").is_some(), "the own share of 11.50 less 2.00");
    harness.get_by_label("确认用餐").click();
    harness.run();
    assert!(harness.get_by_label("正在记账，请稍等").accesskit_node().is_disabled());
    harness.state_mut().tell(Event::Settled { entry: offer.entry, reply: Ok(1) });
    harness.run();
    assert!(harness.query_by_label("扫脸成功已为您减免 2 元").is_some());
    assert!(harness.query_by_label("王秀英，祝您用餐愉快").is_some());
    harness.state_mut().wait(2_000);
    harness.get_by_label("完成").click();
    harness.run();
    assert!(harness.query_by_label_contains("看一看镜头").is_some());
}

#[test]
fn the_staff_type_a_pin_see_each_payers_part_and_close_the_day_by_what_the_buttons_say() {
    let Some(fonts) = fonts() else { return };
    let session = Session::new(SessionOptions::default());
    let mut kiosk = Kiosk { session, now: Millis(0), effects: vec![], local: Local::default() };
    kiosk.tell(Event::Service(Service::Closed(None)));
    let mut harness = walk(kiosk, fonts);
    harness.get_by_label("工作人员").click();
    harness.run();
    for digit in ["2", "4", "6", "8", "1", "0"] {
        harness.get_by_label(digit).click();
        harness.run();
    }
    assert!(harness.query_by_label("正在核对").is_some());
    let Some(Effect::StaffEnter { ask, .. }) = harness.state().effects.last().cloned() else { panic!("no PIN") };
    let day = samples::staff_day(2, false);
    harness.state_mut().tell(Event::StaffEntered { ask, reply: Ok(day.clone()) });
    harness.run();
    assert!(harness.query_by_label("未关账").is_some());
    for heading in ["早餐", "午餐", "晚餐", "全天", "用餐份数", "市级承担", "区级承担", "个人自付"]
    {
        assert!(harness.query_by_label(heading).is_some(), "{heading}");
    }
    assert!(harness.query_by_label("2221").is_some() && harness.query_by_label("1234").is_some());
    assert_eq!(harness.query_all_by_label("1234.56 元").count(), 8, "two payers, three periods and the day");
    assert_eq!(harness.query_all_by_label("12345.67 元").count(), 4, "the elders' own share");
    harness.get_by_label("今日关账").click();
    harness.run();
    assert!(harness.query_by_label_contains("还有供餐时间没有结束").is_some());
    harness.state_mut().wait(2_000);
    harness.get_by_label("确认关账").click();
    harness.run();
    assert!(harness.get_by_label("正在关账，请稍等").accesskit_node().is_disabled());
    let Some(Effect::CloseDay { ask, staff, day: asked }) = harness.state().effects.last().cloned() else {
        panic!("nothing is closed")
    };
    assert_eq!((staff, asked), (day.staff, day.day));
    harness.state_mut().tell(Event::DayClosed { ask, reply: Ok(samples::staff_day(2, true)) });
    harness.run();
    assert!(harness.query_by_label("20:31 已关账").is_some());
    assert!(harness.query_by_label("今日关账").is_none(), "what is closed is not closed again");
    harness.get_by_label("返回首页").click();
    harness.run();
    assert!(harness.query_by_label("现在不是供餐时间").is_some());
}
