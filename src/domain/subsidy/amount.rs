//! How much one tier gives at one meal, and why it gives nothing.

use super::programme::{Base, Give, Percent, Programme, Rounding, RoundingMode, Tier};
use super::purse::{LastUnit, Purse, PurseUnit};
use crate::domain::{Drawn, Fen, LineKind};

/// The price as it stands when a rule's turn comes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    /// The sum of the list prices.
    pub price: Fen,
    /// After the discounts so far.
    pub discounted: Fen,
    /// What the elder would still pay.
    pub own: Fen,
}

impl Standing {
    fn of(&self, base: Base) -> Fen {
        match base {
            Base::Price => self.price,
            Base::DiscountedPrice => self.discounted,
            Base::OwnShare => self.own,
        }
    }
}

/// What a tier takes off, before payers are asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Given {
    /// Off the elder's share, > 0.
    pub amount: Fen,
    /// Out of the purse, 0 for money and for programmes without a purse.
    pub units: i64,
}

/// Why an entitled elder gets nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Withheld {
    /// There is nothing left to pay, or the elder already pays no more than the fixed price.
    NothingToPay,
    /// The meal costs less than the programme asks for.
    MinimumSpend(Fen),
    /// It has paid as often or as much as it may.
    Used(Window),
    /// The purse holds nothing that could be spent on this.
    PurseEmpty,
}

/// A span that caps are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Window {
    /// The meal period of the day.
    Period,
    /// The day.
    Day,
    /// The calendar month.
    Month,
}

/// What `tier` of `programme` gives, its purse holding `spendable` units.
pub(super) fn give(
    programme: &Programme,
    tier: &Tier,
    standing: &Standing,
    drawn: &Drawn,
    spendable: i64,
) -> Result<Given, Withheld> {
    if let Some(minimum) = tier.minimum_spend
        && standing.of(minimum.on) < minimum.amount
    {
        return Err(Withheld::MinimumSpend(minimum.amount));
    }
    if let Some(window) = times_used_up(programme, drawn) {
        return Err(Withheld::Used(window));
    }
    let wanted = entitled(tier.give, programme.rounding, standing).min(standing.own);
    let wanted = [tier.at_most, programme.limits.per_meal].into_iter().flatten().fold(wanted, Fen::min);
    if wanted <= Fen::ZERO {
        return Err(Withheld::NothingToPay);
    }
    let amount = under_caps(programme, wanted, drawn)?;
    match (&programme.purse, PurseUnit::of(programme.kind)) {
        (Some(purse), Some(unit)) => from_purse(programme, purse, unit, amount, drawn, spendable),
        _ => Ok(Given { amount, units: 0 }),
    }
}

/// The amount by the tier's formula, rounded; may be above the elder's share.
fn entitled(give: Give, rounding: Option<Rounding>, standing: &Standing) -> Fen {
    match give {
        Give::Amount(amount) => amount,
        Give::Share { percent, of } => share(standing.of(of), percent, rounding),
        Give::ElderPays { price, standard_price } => {
            let standard = standard_price.map_or(standing.own, |p| p.min(standing.own));
            (standard - price).max(Fen::ZERO)
        }
        Give::Rest => standing.own,
    }
}

/// `percent` of `amount`, rounded to the programme's coin; down to the fen where it has no rounding (a whole share never
/// needs one).
fn share(amount: Fen, percent: Percent, rounding: Option<Rounding>) -> Fen {
    let (mode, coin) = rounding.map_or((RoundingMode::Down, 1), |r| (r.mode, r.to.fen()));
    let whole = i64::from(Percent::WHOLE.hundredths()) * coin;
    let exact = amount.get() * i64::from(percent.hundredths());
    let coins = match mode {
        RoundingMode::Down => exact / whole,
        RoundingMode::Up => exact.div_euclid(whole) + i64::from(exact.rem_euclid(whole) > 0),
        RoundingMode::HalfUp => (exact * 2 + whole) / (whole * 2),
    };
    Fen::new(coins * coin)
}

fn times_used_up(programme: &Programme, drawn: &Drawn) -> Option<Window> {
    let limits = &programme.limits;
    let counts = [
        (limits.times_per_month, drawn.month.times, Window::Month),
        (limits.times_per_day, drawn.day.times, Window::Day),
        (limits.times_per_period, drawn.period.times, Window::Period),
    ];
    counts.into_iter().find_map(|(cap, times, window)| cap.is_some_and(|cap| times >= cap).then_some(window))
}

fn under_caps(programme: &Programme, wanted: Fen, drawn: &Drawn) -> Result<Fen, Withheld> {
    let limits = &programme.limits;
    let caps = [(limits.per_month, drawn.month.amount, Window::Month), (limits.per_day, drawn.day.amount, Window::Day)];
    let mut amount = wanted;
    for (cap, used, window) in caps {
        let Some(cap) = cap else { continue };
        let left = left_under(cap.get(), used.get());
        if left == 0 {
            return Err(Withheld::Used(window));
        }
        amount = amount.min(Fen::new(left));
    }
    Ok(amount)
}

/// What is left under a cap. What was used counts as zero when reversals made it negative.
pub(super) fn left_under(cap: i64, used: i64) -> i64 {
    cap.saturating_sub(used.max(0)).max(0)
}

fn from_purse(
    programme: &Programme,
    purse: &Purse,
    unit: PurseUnit,
    amount: Fen,
    drawn: &Drawn,
    spendable: i64,
) -> Result<Given, Withheld> {
    if spendable <= 0 {
        return Err(Withheld::PurseEmpty);
    }
    if unit == PurseUnit::Fen {
        return Ok(Given { amount: amount.min(Fen::new(spendable)), units: 0 });
    }
    let limits = &programme.limits;
    let mut units = spendable;
    for (cap, used, window) in [
        (limits.units_per_month, drawn.month.units, Window::Month),
        (limits.units_per_day, drawn.day.units, Window::Day),
    ] {
        let Some(cap) = cap else { continue };
        let left = left_under(cap, used);
        if left == 0 {
            return Err(Withheld::Used(window));
        }
        units = units.min(left);
    }
    units = limits.units_per_meal.map_or(units, |cap| units.min(cap));
    let value = purse.unit_value.get();
    let whole = amount.get() / value;
    let needed = match purse.last_unit {
        LastUnit::Kept => whole,
        LastUnit::Forfeited => whole + i64::from(amount.get() % value > 0),
    };
    let units = units.min(needed);
    if units == 0 {
        return Err(Withheld::NothingToPay);
    }
    Ok(Given { amount: Fen::new(units.saturating_mul(value)).min(amount), units })
}

/// Whether the kind's amount makes the meal cheaper instead of paying for it.
pub(super) const fn is_discount(kind: LineKind) -> bool {
    matches!(kind, LineKind::Discount)
}
