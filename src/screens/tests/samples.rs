//! Orders and views for the tests of the screens.

use jiff::civil::time;

use crate::domain::statement::Totals;
use crate::domain::{
    CanteenId, Dish, DishId, Elder, ElderId, ElderStatus, EntryId, Fen, Household, LineKind, MealDay, MealMoment,
    MealPeriod, Payer, PayerShare, ProgrammeId, Quote, QuoteLine, QuoteNote, Remaining, RuleVersion, StaffId,
};
use crate::kiosk::session::{
    CameraFault, ChoiceId, ConfirmStage, DayStage, Hint, Message, NextMeal, NotClosed, Offer, Order, PinStage, Screen,
    StaffDay, StaffRefused, StoreFault, View, VisitId,
};

/// As long a name as a menu may hold (`store::people::menu`).
pub const LONGEST_NAME: &str = "羊肉烩面配时令小菜、杂粮馒头和一碗热汤（不放香菜，少盐少油）";

pub fn dishes(count: usize) -> Vec<Dish> {
    let names = [
        "营养套餐：清蒸鱼、时蔬、米饭",
        "红烧肉套餐",
        "豆腐素食套餐",
        "番茄牛腩软饭（适合牙口不好的老人家）",
        "鸡汤面",
        "糖友套餐：杂粮饭、凉拌三丝",
        LONGEST_NAME,
        "小米粥配花卷",
    ];
    let dish = |(place, name): (usize, &&str)| Dish {
        id: DishId::new(format!("D-{place}")).expect("an id"),
        name: (*name).to_owned(),
        price: Fen::new(1000 + 150 * place as i64),
    };
    names.iter().enumerate().map(dish).take(count).collect()
}

pub fn quote(price: Fen, lines: usize, remaining: usize) -> Quote {
    let names = ["高龄补贴", "低保就餐补贴", "街道长寿餐补贴", "计划生育特殊家庭关爱补贴", "积分", "时间银行"];
    let programme = |name: &str, place: usize| RuleVersion {
        programme: ProgrammeId::new(format!("p{place}")).expect("an id"),
        name: name.to_owned(),
        version: 3,
    };
    let amount = Fen::new(100);
    let lines: Vec<QuoteLine> = names
        .iter()
        .enumerate()
        .take(lines)
        .map(|(place, name)| QuoteLine {
            rule: programme(name, place),
            kind: LineKind::Subsidy,
            amount,
            payers: vec![PayerShare { payer: Payer::new("district").expect("a payer"), amount }],
            units: 0,
            sentence: format!("{name}：每餐 1.00 元，今日午餐可用，由武侯区民政局承担"),
        })
        .collect();
    let own_share = price - lines.iter().map(|line| line.amount).sum();
    let remaining = (0..remaining)
        .map(|place| Remaining {
            programme: ProgrammeId::new(format!("p{place}")).expect("an id"),
            sentence: format!("{}本月还剩 {} 元", names.get(place).unwrap_or(&"补贴"), 285 - place),
        })
        .collect();
    Quote { price, lines, own_share, remaining, notes: vec![] }
}

pub fn order(name: &str, count: usize, lines: usize, remaining: usize) -> Order {
    let dishes = dishes(count);
    let price = dishes.first().map_or(Fen::ZERO, |dish| dish.price);
    Order {
        visit: VisitId(1),
        name: name.to_owned(),
        period: MealPeriod::Lunch,
        dishes,
        chosen: vec![0],
        choice: ChoiceId(0),
        quote: Some(quote(price, lines, remaining)),
        several_dishes: false,
    }
}

/// The same with the longest name for every dish.
pub fn long_named(count: usize) -> Order {
    let mut order = order("王秀英", count, 1, 1);
    order.dishes.iter_mut().for_each(|dish| LONGEST_NAME.clone_into(&mut dish.name));
    order
}

/// The same with `prepaid` of the price from the elder's own balance, and a rule that pays nothing today.
pub fn prepaid_order(lines: usize, prepaid: Fen) -> Order {
    let mut order = order("周永福", 3, lines, 1);
    let Some(quote) = &mut order.quote else { return order };
    let rule =
        RuleVersion {
            programme: ProgrammeId::new("prepaid").expect("an id"), name: "预存餐费".to_owned(), version: 1
        };
    quote.own_share -= prepaid;
    quote.lines.push(QuoteLine {
        rule: rule.clone(),
        kind: LineKind::Prepaid,
        amount: prepaid,
        payers: vec![PayerShare { payer: Payer::elder(), amount: prepaid }],
        units: 0,
        sentence: format!("预存餐费：从余额中支付 {prepaid} 元"),
    });
    let rule = RuleVersion { name: "高龄补贴".to_owned(), ..rule };
    quote.notes.push(QuoteNote { rule, sentence: "高龄补贴：今日已用完，明天又有".to_owned() });
    order
}

/// The greeting with all that it may have to say at once, the dish's price among it.
fn fullest_greeting() -> Screen {
    let mut order = prepaid_order(6, Fen::new(100));
    order.dishes.iter_mut().for_each(|dish| LONGEST_NAME.clone_into(&mut dish.name));
    let full = quote(Fen::new(123_456), 6, 6);
    if let Some(quote) = &mut order.quote {
        (quote.price, quote.remaining) = (full.price, full.remaining);
    }
    Screen::Recognised(order)
}

/// Every screen, in its ordinary and in its fullest form.
pub fn every_view() -> Vec<View> {
    let period = MealPeriod::Lunch;
    let mut screens = vec![
        Screen::Starting,
        Screen::Idle { period, again: false },
        Screen::Idle { period, again: true },
        Screen::Closed {
            next: Some(NextMeal { period: MealPeriod::Supper, from: time(17, 30, 0, 0), tomorrow: true }),
        },
        Screen::Closed { next: None },
        Screen::Looking { hint: None, found: false },
        Screen::Looking { hint: None, found: true },
    ];
    use Hint::{ComeCloser, FaceCamera, HoldStill, NoColours, StepBack, TooBright, TooDark};
    let hints = [ComeCloser, StepBack, FaceCamera, HoldStill, TooDark, TooBright, NoColours];
    screens.extend(hints.map(|hint| Screen::Looking { hint: Some(hint), found: false }));
    for (name, count, lines, remaining) in [
        ("王秀英", 3, 1, 1),
        ("欧阳德高望重", 6, 6, 6),
        ("阿依古丽·买买提", 8, 3, 4),
        ("李明", 1, 0, 0),
        ("陈玉兰", 4, 2, 0),
    ] {
        let order = order(name, count, lines, remaining);
        screens.push(Screen::Recognised(order.clone()));
        screens.push(Screen::Dishes(order.clone()));
        screens.push(Screen::Dishes(Order { quote: None, ..order.clone() }));
        screens.push(Screen::Dishes(Order { quote: None, chosen: vec![], ..order.clone() }));
        let hints = [None, Some(TooDark), Some(StepBack), Some(NoColours)].map(ConfirmStage::FaceNeeded);
        for stage in hints.into_iter().chain([ConfirmStage::Arming, ConfirmStage::Ready, ConfirmStage::Writing]) {
            screens.push(Screen::Confirm { order: order.clone(), stage });
        }
        let several = Order { chosen: (0..count.min(4)).collect(), several_dishes: true, ..order.clone() };
        screens.push(Screen::Dishes(several.clone()));
        screens.push(Screen::Confirm { order: several, stage: ConfirmStage::Ready });
        screens.push(Screen::Settled(order));
    }
    for (lines, prepaid) in [(0, 1000), (2, 300), (6, 100)] {
        let order = prepaid_order(lines, Fen::new(prepaid));
        screens.push(Screen::Recognised(order.clone()));
        screens.push(Screen::Dishes(order.clone()));
        screens.push(Screen::Confirm { order: order.clone(), stage: ConfirmStage::Ready });
        screens.push(Screen::Settled(order));
    }
    for order in [1, 3, 4, 6, 8].map(long_named) {
        screens.push(Screen::Recognised(order.clone()));
        screens.push(Screen::Dishes(order.clone()));
        screens.push(Screen::Confirm { order, stage: ConfirmStage::Ready });
    }
    screens.push(fullest_greeting());
    use StoreFault::{Clock, Damaged, DiskFull, Other, ReadOnly, Silent};
    let faults = [DiskFull, ReadOnly, Damaged, Silent, Clock, Other];
    screens.extend(faults.map(Screen::StoreFault));
    screens.extend(faults.map(|fault| Screen::Message(Message::Fault(fault))));
    let faults =
        [CameraFault::Absent, CameraFault::Busy, CameraFault::Denied, CameraFault::Failing, CameraFault::Vision];
    screens.extend(faults.map(Screen::CameraFault));
    screens.extend(
        [
            Message::NotRecognised { hint: None },
            Message::NotRecognised { hint: Some(TooDark) },
            Message::NotRecognised { hint: Some(NoColours) },
            Message::Ambiguous,
            Message::NotLive,
            Message::AlreadyServed { name: "阿依古丽·买买提".to_owned(), period },
            Message::AskStaff,
            Message::NoMenu,
            Message::OtherWay,
            Message::Cancelled,
            Message::TimedOut,
            Message::WentAway,
            Message::PersonChanged,
            Message::PriceChanged,
            Message::MealOver,
            Message::NoPicture,
            Message::Unsure,
        ]
        .map(Screen::Message),
    );
    screens.extend(staff_screens());
    let view = |screen, face_needed| View { number: 0, screen, several_faces: true, ends_in_s: Some(40), face_needed };
    let missing = screens.iter().filter(|screen| matches!(screen, Screen::Dishes(_) | Screen::Recognised(_))).cloned();
    let missing: Vec<View> = missing.map(|screen| view(screen, true)).collect();
    screens.into_iter().map(|screen| view(screen, false)).chain(missing).collect()
}

/// A day with so many payers beside the elders.
pub fn staff_day(payers: usize, closed: bool) -> Box<StaffDay> {
    let names = ["city", "district", "town", "canteen", "province", "慈善基金会爱心捐赠"];
    let payer = |name: &str| Payer::new(name).expect("a payer");
    let totals = |meals: u64| {
        let share = Fen::new(123_456);
        let mut shares: std::collections::BTreeMap<Payer, Fen> =
            names.iter().take(payers).map(|name| (payer(name), share)).collect();
        shares.insert(payer("elder"), Fen::new(1_234_567));
        let price = shares.values().copied().sum();
        Totals { entries: meals + 3, meals, reversals: 3, price, payers: shares }
    };
    let at = jiff::civil::date(2026, 11, 22).at(20, 31, 0, 0);
    Box::new(StaffDay {
        staff: StaffId::new("S-1").expect("an id"),
        name: "欧阳德高望重".to_owned(),
        day: MealDay(jiff::civil::date(2026, 11, 22)),
        periods: [totals(0), totals(1234), totals(987)],
        total: totals(2221),
        closed_at: closed.then_some(at),
        unwritten: false,
        clock_is_off: !closed,
        last_close: Some((MealDay(jiff::civil::date(2026, 11, 21)), at)),
        still_serving: true,
        open_before: 12,
    })
}

fn staff_screens() -> Vec<Screen> {
    let refused =
        [StaffRefused::Wrong, StaffRefused::Nobody, StaffRefused::Fault(StoreFault::Damaged)].map(Some).into_iter();
    let typing = refused.chain([None]).map(PinStage::Typing);
    let stages = typing.chain([PinStage::Checking, PinStage::Locked(300)]);
    let mut screens: Vec<Screen> = stages.map(|stage| Screen::StaffPin { digits: 4, stage }).collect();
    for (payers, closed) in [(0, false), (2, true), (4, false), (6, true)] {
        let day = staff_day(payers, closed);
        screens.push(Screen::StaffDay { day, stage: DayStage::Looking });
    }
    let failed = [NotClosed::Over, NotClosed::NotStaff, NotClosed::Unknown, NotClosed::Fault(StoreFault::Damaged)];
    for stage in [DayStage::Asking, DayStage::Closing].into_iter().chain(failed.map(DayStage::Failed)) {
        screens.push(Screen::StaffDay { day: staff_day(3, false), stage });
    }
    let day = Box::new(StaffDay { unwritten: true, ..*staff_day(3, true) });
    screens.push(Screen::StaffDay { day, stage: DayStage::Looking });
    screens
}

/// An offer as the books would answer the session's first visit.
pub fn offer() -> (VisitId, Offer) {
    let dishes = dishes(3);
    let price = dishes.first().map_or(Fen::ZERO, |dish| dish.price);
    let offer = Offer {
        elder: Elder {
            id: ElderId::new("E-1").expect("an id"),
            name: "王秀英".to_owned(),
            birth_date: jiff::civil::date(1943, 5, 2),
            sex: None,
            classes: Default::default(),
            household: Household { district: "武侯区".to_owned(), town: "玉林街道".to_owned() },
            care_level: None,
            status: ElderStatus::Active,
            absences: vec![],
        },
        moment: MealMoment {
            day: MealDay(jiff::civil::date(2026, 11, 22)),
            period: MealPeriod::Lunch,
            canteen: CanteenId::new("CT-001").expect("an id"),
            district: "武侯区".to_owned(),
            town: "玉林街道".to_owned(),
            zone: jiff::tz::TimeZone::UTC,
        },
        dishes,
        quote: quote(price, 2, 1),
        entry: EntryId::from_uuid(uuid::Uuid::from_u128(1)),
    };
    (VisitId(1), offer)
}
