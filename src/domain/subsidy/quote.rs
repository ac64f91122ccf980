//! The engine: one meal of one elder against the rules in force.

use super::amount::{Given, Standing, Window, Withheld, give, is_discount, left_under};
use super::book::RuleBook;
use super::programme::{ExcludesWhen, Programme, Tier, TierChoice};
use super::purse::PurseUnit;
use super::split::{LostIn, Shares};
use super::who::same_district;
use crate::domain::{
    Drawn, Elder, ElderStatus, Fen, MAX_FEN, MealDay, MealMoment, ProgrammeId, Quote, QuoteLine, QuoteNote, Remaining,
    Usage,
};
use crate::words::subsidy::{self as words, Said};

/// What is to be quoted.
#[derive(Debug, Clone, Copy)]
pub struct QuoteRequest<'a> {
    /// Who eats.
    pub elder: &'a Elder,
    /// Where, on which day and at which meal. The rules in force on this day are applied.
    pub moment: &'a MealMoment,
    /// The sum of the dishes' list prices, 0 to ten million yuan.
    pub price: Fen,
    /// What the elder has drawn before this meal, and the purses after the [movements
    /// due](crate::domain::movements_due) have been posted.
    pub usage: &'a Usage,
}

/// Why there is no quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QuoteError {
    /// The elder is suspended, has moved away or has died. Staff may sell the meal at its [full
    /// price](Quote::full_price) to whoever stands there.
    #[error("no programme pays for an elder whose status is {0:?}")]
    NotActive(ElderStatus),
    /// The price is negative or beyond ten million yuan.
    #[error("{0} yuan is not the price of a meal")]
    Price(Fen),
}

/// Splits the price of one meal by the rules in force on its day.
///
/// Rules are asked in their order; each takes its amount off what the elder would still pay. A person to whom no
/// programme applies pays the full price. The same request always has the same answer.
///
/// # Errors
/// [`QuoteError`] when the elder may not be served with subsidies, or the price is none.
pub fn quote(book: &RuleBook, request: &QuoteRequest<'_>) -> Result<Quote, QuoteError> {
    quote_said_on(book, request, request.moment.day)
}

/// As [`quote`], for whoever is told of it on the day `today`: of a meal of another day nothing is said to be today's.
///
/// # Errors
/// As [`quote`].
pub fn quote_said_on(book: &RuleBook, request: &QuoteRequest<'_>, today: MealDay) -> Result<Quote, QuoteError> {
    let QuoteRequest { elder, moment, price, .. } = *request;
    if elder.status != ElderStatus::Active {
        return Err(QuoteError::NotActive(elder.status));
    }
    if price < Fen::ZERO || price > Fen::new(MAX_FEN) {
        return Err(QuoteError::Price(price));
    }
    let mut course = Course {
        request,
        said: if moment.day == today { Said::OnItsDay } else { Said::Later },
        standing: Standing { price, discounted: price, own: price },
        quote: Quote::full_price(price),
        shut_out: Vec::new(),
    };
    for programme in book.in_force(moment.day.0) {
        course.ask(programme);
    }
    course.quote.own_share = course.standing.own;
    Ok(course.quote)
}

/// A quote in the making.
struct Course<'a> {
    request: &'a QuoteRequest<'a>,
    said: Said,
    standing: Standing,
    quote: Quote,
    /// Programmes that one asked before keeps away, each with the name of that one.
    shut_out: Vec<(&'a ProgrammeId, &'a str)>,
}

impl<'a> Course<'a> {
    fn ask(&mut self, programme: &'a Programme) {
        let QuoteRequest { elder, moment, usage, .. } = *self.request;
        let drawn = usage.drawn_from(&programme.id);
        // What it paid earlier in the day keeps others away even at a meal where it does not hold, or is kept away, itself.
        if programme.excludes_when == ExcludesWhen::PaidToday && drawn.day.times > 0 {
            self.shut_out_by(programme);
        }
        let mut tiers = programme.tiers_for(elder, moment).peekable();
        if tiers.peek().is_none() {
            return;
        }
        if let Some((_, by)) = self.shut_out.iter().find(|(id, _)| *id == &programme.id) {
            self.note(programme, words::kept_away(&programme.name, by));
            return;
        }
        // A purse that only people fill, and never did for this elder, is nothing to speak of.
        let filled_by_people = programme.purse.as_ref().is_some_and(|purse| purse.granted_every.is_none());
        if filled_by_people && !usage.purses.contains_key(&programme.id) {
            return;
        }
        let spendable = usage.purse(&programme.id);
        // Of two tiers that is the better one of which more reaches the elder here.
        let reaches = |tier: &Tier, amount: Fen| amount - shared(programme, tier, self.request, amount).lost;
        let given = best(programme, tiers, &self.standing, &drawn, spendable, reaches);
        let paid = match given {
            Ok((tier, given)) => self.take(programme, tier, given),
            Err(why) => {
                self.explain(programme, why);
                None
            }
        };
        let excludes = match programme.excludes_when {
            ExcludesWhen::Entitled => true,
            ExcludesWhen::PaidToday | ExcludesWhen::PaidThisMeal => paid.is_some(),
        };
        if excludes {
            self.shut_out_by(programme);
        }
        if let Some(sentence) = remaining(programme, &drawn, usage.balance(&programme.id), paid, self.said) {
            self.quote.remaining.push(Remaining { programme: programme.id.clone(), sentence });
        }
    }

    fn shut_out_by(&mut self, programme: &'a Programme) {
        self.shut_out.extend(programme.excludes.iter().map(|id| (id, programme.name.as_str())));
    }

    /// Takes what is given off the elder's share, as far as its payers pay here. Returns what was taken.
    fn take(&mut self, programme: &Programme, tier: &Tier, given: Given) -> Option<Given> {
        let QuoteRequest { elder, moment, .. } = *self.request;
        let shares = shared(programme, tier, self.request, given.amount);
        let amount = given.amount - shares.lost;
        if amount == Fen::ZERO {
            self.note(programme, words::nobody_pays_away(&programme.name));
            return None;
        }
        let taken = Given { amount, ..given };
        self.standing.own -= amount;
        if is_discount(programme.kind) {
            self.standing.discounted -= amount;
        }
        let mut sentence = words::line(programme, tier, &taken, self.standing.own, moment.period, self.said);
        if shares.lost > Fen::ZERO {
            let town = same_district(&elder.household, moment);
            let away = if town { LostIn::AnotherTown } else { LostIn::AnotherDistrict };
            sentence.push_str(&words::lost_away(shares.lost, away));
        }
        self.quote.lines.push(QuoteLine {
            rule: programme.rule(),
            kind: programme.kind,
            amount,
            payers: shares.paid,
            units: given.units,
            sentence,
        });
        Some(taken)
    }

    fn explain(&mut self, programme: &Programme, why: Withheld) {
        if self.standing.own > Fen::ZERO
            && let Some(sentence) = words::withheld(programme, why, self.said)
        {
            self.note(programme, sentence);
        }
    }

    fn note(&mut self, programme: &Programme, sentence: String) {
        self.quote.notes.push(QuoteNote { rule: programme.rule(), sentence });
    }
}

/// Who pays `amount` of a tier, and what of it is lost here.
fn shared(programme: &Programme, tier: &Tier, request: &QuoteRequest<'_>, amount: Fen) -> Shares {
    let split = tier.payers.as_ref().unwrap_or(&programme.payers);
    split.share(amount, &request.elder.household, request.moment)
}

/// The tier that holds, with what it gives; the reason of the first tier when none gives anything. `reaches` tells what of
/// an amount of a tier reaches the elder.
fn best<'p>(
    programme: &'p Programme,
    tiers: impl Iterator<Item = &'p Tier>,
    standing: &Standing,
    drawn: &Drawn,
    spendable: i64,
    reaches: impl Fn(&Tier, Fen) -> Fen,
) -> Result<(&'p Tier, Given), Withheld> {
    let mut best: Option<Result<(&Tier, Given), Withheld>> = None;
    for tier in tiers {
        let given = give(programme, tier, standing, drawn, spendable).map(|given| (tier, given));
        if programme.choice != Some(TierChoice::Best) {
            return given;
        }
        let better = match (&best, &given) {
            (None, _) | (Some(Err(_)), Ok(_)) => true,
            (Some(Ok((old, before))), Ok((new, now))) => reaches(new, now.amount) > reaches(old, before.amount),
            (Some(_), Err(_)) => false,
        };
        if better {
            best = Some(given);
        }
    }
    best.unwrap_or(Err(Withheld::NothingToPay))
}

/// What is left after the meal, in the words of the narrowest span that matters; none where nothing is counted.
fn remaining(programme: &Programme, drawn: &Drawn, balance: i64, paid: Option<Given>, said: Said) -> Option<String> {
    let taken = paid.unwrap_or_default();
    if let (Some(purse), Some(unit)) = (&programme.purse, PurseUnit::of(programme.kind)) {
        let draw = if unit == PurseUnit::Fen { taken.amount.get() } else { taken.units };
        let left = balance.saturating_sub(draw).max(0);
        return Some(words::purse_left(&programme.name, unit, purse.cleared_every, left, said));
    }
    let limits = &programme.limits;
    let amounts =
        [(limits.per_month, drawn.month.amount, Window::Month), (limits.per_day, drawn.day.amount, Window::Day)];
    for (cap, used, window) in amounts {
        if let Some(cap) = cap {
            let left = left_under(cap.get(), used.get().max(0).saturating_add(taken.amount.get()));
            return Some(words::amount_left(&programme.name, window, Fen::new(left), said));
        }
    }
    let times = [
        (limits.times_per_month, drawn.month.times, Window::Month),
        (limits.times_per_day, drawn.day.times, Window::Day),
    ];
    for (cap, used, window) in times {
        if let Some(cap) = cap {
            let left = cap.saturating_sub(used).saturating_sub(u32::from(paid.is_some()));
            return Some(words::times_left(&programme.name, window, left, said));
        }
    }
    None
}

impl Programme {
    /// The tiers whose conditions the elder meets here, in the order of the file; the first alone unless the best one
    /// is to be chosen. Empty when the programme does not hold at this meal.
    pub(in crate::domain) fn tiers_for<'p>(
        &'p self,
        elder: &'p Elder,
        moment: &'p MealMoment,
    ) -> impl Iterator<Item = &'p Tier> {
        let age = self.scope.age_start.age(elder, moment.day.0);
        let entitled = self.scope.holds_at(moment) && self.who.holds_for(elder, age, moment);
        let most = if self.choice == Some(TierChoice::Best) { usize::MAX } else { 1 };
        self.tiers.iter().filter(move |tier| entitled && tier.who.holds_for(elder, age, moment)).take(most)
    }
}
