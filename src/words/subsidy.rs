//! What a quote says, a line a rule.

use crate::domain::subsidy::{Base, Cycle, Give, Given, LostIn, Percent, Programme, PurseUnit, Tier, Window, Withheld};
use crate::domain::{Fen, LineKind, MealPeriod};

use super::meal_period;

/// When a sentence is said: on the day of the meal it speaks of, or on another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// 「今日」 is the day of the meal.
    OnItsDay,
    /// The meal is of another day, mostly an earlier one.
    Later,
}

/// What a rule takes off: 「高龄补贴：每餐 3.00 元，今日午餐可用」. The elder has `left` to pay after it.
pub fn line(programme: &Programme, tier: &Tier, given: &Given, left: Fen, period: MealPeriod, said: Said) -> String {
    let name = &programme.name;
    let amount = given.amount;
    let units = given.units;
    match programme.kind {
        LineKind::Points => format!("{name}：用 {units} 分，抵 {amount} 元"),
        LineKind::Voucher => format!("{name}：用 {units} 张，抵 {amount} 元"),
        LineKind::TimeCoin => format!("{name}：用 {units} 枚，抵 {amount} 元"),
        LineKind::Allowance => format!("{name}：从额度中支付 {amount} 元"),
        LineKind::Prepaid => format!("{name}：从余额中支付 {amount} 元"),
        LineKind::Discount | LineKind::Subsidy => {
            let whole_amount = matches!(tier.give, Give::Amount(sum) if sum == amount);
            match rule(programme, tier, amount, left) {
                Some(rule) if whole_amount && said == Said::OnItsDay => {
                    format!("{name}：{rule}，今日{}可用", meal_period(period))
                }
                Some(rule) => format!("{name}：{rule}，本餐减 {amount} 元"),
                None => format!("{name}：本餐减 {amount} 元"),
            }
        }
    }
}

/// What the elder bears because a payer does not pay away from home, to follow a rule's line.
pub fn lost_away(lost: Fen, in_another: LostIn) -> String {
    let home = match in_another {
        LostIn::AnotherDistrict => "区",
        LostIn::AnotherTown | LostIn::Nowhere => "镇街",
    };
    format!("；不在户籍所在{home}就餐，另有 {lost} 元由本人承担")
}

/// What a rule gives, in short: 「每餐 3.00 元」「打八五折」「每餐只付 1.00 元」. None where that would promise a meal for less
/// than the elder has `left` to pay after `amount`: under a cap, above the standard price, or where a payer does not pay.
fn rule(programme: &Programme, tier: &Tier, amount: Fen, left: Fen) -> Option<String> {
    let is_discount = programme.kind == LineKind::Discount;
    let before = left + amount;
    let mut text = match tier.give {
        Give::Amount(sum) => format!("{} {sum} 元", how_often(programme)),
        Give::Share { percent: Percent::WHOLE, of: Base::Price } if is_discount => free(left)?,
        Give::Share { percent, .. } if is_discount && left > most_left(programme, percent, before) => return None,
        Give::Share { percent, of: Base::Price } if is_discount => fold(percent),
        Give::Share { percent, of } if is_discount => format!("按{}的 {percent}% 优惠", base(of)),
        Give::Share { percent, of } => format!("按{}的 {percent}% 补贴", base(of)),
        Give::ElderPays { price: Fen::ZERO, .. } | Give::Rest => free(left)?,
        Give::ElderPays { price, standard_price: None } if left > price => return None,
        Give::ElderPays { price, standard_price: None } => format!("每餐只付 {price} 元"),
        // What a meal costs above the standard price is the elder's.
        Give::ElderPays { price, standard_price: Some(standard) }
            if left > price + (before - standard).max(Fen::ZERO) =>
        {
            return None;
        }
        Give::ElderPays { price, standard_price: Some(standard) } => format!("{standard} 元的餐只付 {price} 元"),
    };
    let most = [tier.at_most, programme.limits.per_meal].into_iter().flatten().min();
    if let Some(most) = most {
        text.push_str(&format!("，每餐最多 {most} 元"));
    }
    Some(text)
}

/// The most that a discount of `percent` leaves of `before`, whichever way it is rounded to its coin.
fn most_left(programme: &Programme, percent: Percent, before: Fen) -> Fen {
    let whole = i64::from(Percent::WHOLE.hundredths());
    let kept = before.get() * (whole - i64::from(percent.hundredths()));
    let coin = programme.rounding.map_or(1, |rounding| rounding.to.fen());
    Fen::new((kept + whole - 1) / whole + coin - 1)
}

/// 「本餐免费」, where it is.
fn free(left: Fen) -> Option<String> {
    (left == Fen::ZERO).then(|| "本餐免费".to_owned())
}

fn how_often(programme: &Programme) -> &'static str {
    match (programme.limits.times_per_day, programme.limits.times_per_month) {
        (Some(1), _) => "每天一次",
        (_, Some(1)) => "每月一次",
        _ => "每餐",
    }
}

const fn base(of: Base) -> &'static str {
    match of {
        Base::Price => "餐费",
        Base::DiscountedPrice => "折后餐费",
        Base::OwnShare => "自付部分",
    }
}

/// 「打九折」「打八五折」 as people say a discount; the share itself where it is not a whole percent.
fn fold(percent: Percent) -> String {
    const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let paid = Percent::WHOLE.hundredths() - percent.hundredths();
    let digit = |n: u16| DIGITS.get(usize::from(n)).copied().unwrap_or_default();
    match (paid / 1000, paid / 100 % 10, paid % 100) {
        (0, _, _) | (_, _, 1..) => format!("优惠 {percent}%"),
        (tens, 0, 0) => format!("打{}折", digit(tens)),
        (tens, ones, 0) => format!("打{}{}折", digit(tens), digit(ones)),
    }
}

/// 「餐补：不在户籍所在地就餐，本餐不补贴」
pub fn nobody_pays_away(name: &str) -> String {
    format!("{name}：不在户籍所在地就餐，本餐不补贴")
}

/// 「高龄补贴：已有低保补贴，不同时享受」
pub fn kept_away(name: &str, by: &str) -> String {
    format!("{name}：已有{by}，不同时享受")
}

/// Why an entitled elder gets nothing; no sentence where there is nothing to pay anyway.
pub fn withheld(programme: &Programme, why: Withheld, said: Said) -> Option<String> {
    let name = &programme.name;
    match why {
        Withheld::NothingToPay => None,
        Withheld::MinimumSpend(least) => Some(format!("{name}：餐费满 {least} 元可用，本餐未满")),
        Withheld::Used(window) => Some(format!("{name}：{}已用完", span(window, said))),
        Withheld::PurseEmpty => Some(match PurseUnit::of(programme.kind) {
            Some(PurseUnit::Point) => format!("{name}：积分已用完"),
            Some(PurseUnit::Voucher) => format!("{name}：没有可用的券"),
            Some(PurseUnit::TimeCoin) => format!("{name}：没有可用的时间币"),
            Some(PurseUnit::Fen) | None => format!("{name}：余额已用完"),
        }),
    }
}

/// 「本月积分还剩 285 分」
pub fn purse_left(name: &str, unit: PurseUnit, cleared_every: Option<Cycle>, left: i64, said: Said) -> String {
    let span = match (cleared_every, said) {
        (Some(Cycle::Month), said) => span(Window::Month, said),
        (Some(Cycle::Year), Said::OnItsDay) => "今年",
        (Some(Cycle::Year), Said::Later) => "当年",
        (None, _) => "",
    };
    match unit {
        PurseUnit::Point => format!("{span}{name}还剩 {left} 分"),
        PurseUnit::Voucher => format!("{span}{name}还剩 {left} 张"),
        PurseUnit::TimeCoin => format!("{span}{name}还剩 {left} 枚"),
        PurseUnit::Fen => format!("{span}{name}还剩 {} 元", Fen::new(left)),
    }
}

/// 「高龄补贴本月还可用 57.00 元」
pub fn amount_left(name: &str, window: Window, left: Fen, said: Said) -> String {
    if left == Fen::ZERO {
        format!("{name}{}已用完", span(window, said))
    } else {
        format!("{name}{}还可用 {left} 元", span(window, said))
    }
}

/// 「高龄补贴今日还可用 1 次」
pub fn times_left(name: &str, window: Window, left: u32, said: Said) -> String {
    if left == 0 {
        format!("{name}{}已用完", span(window, said))
    } else {
        format!("{name}{}还可用 {left} 次", span(window, said))
    }
}

const fn span(window: Window, said: Said) -> &'static str {
    match (window, said) {
        (Window::Period, _) => "本餐",
        (Window::Day, Said::OnItsDay) => "今日",
        (Window::Day, Said::Later) => "当日",
        (Window::Month, Said::OnItsDay) => "本月",
        (Window::Month, Said::Later) => "当月",
    }
}
