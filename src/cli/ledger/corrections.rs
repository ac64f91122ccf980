//! Meals that the staff put right by hand, with their PIN: taken back, or entered again by the right rules.

use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use clap::Args;

use super::desk::{Desk, new_id};
use super::{printed, say};
use crate::cli::{Context, print_json};
use crate::config::subsidies;
use crate::domain::subsidy::{QuoteRequest, RuleBook, quote_said_on};
use crate::domain::{
    Credit, Fen, MealDraft, MealEntry, MealMoment, Payer, PayerShare, ProgrammeId, Quote, QuoteLine, StaffId, Usage,
    granted_later,
};
use crate::store::LedgerError;

/// Who orders something, and why.
#[derive(Debug, Args)]
pub struct Order {
    /// Who orders it; the PIN is read from standard input
    #[arg(long, value_name = "STAFF")]
    pub(super) staff: StaffId,
    /// Why, in up to 200 characters; it stands in the books
    #[arg(long)]
    pub(super) reason: String,
}

/// A meal that is not right.
#[derive(Debug, Args)]
pub struct MealOrder {
    /// The meal's number, as the statement and `mealpoint ledger print` show it
    #[arg(long, value_name = "NUMBER")]
    entry: u64,
    #[command(flatten)]
    order: Order,
}

/// `mealpoint ledger reverse`
pub(super) fn reverse(context: &Context, MealOrder { entry: number, order }: MealOrder) -> anyhow::Result<ExitCode> {
    let Order { staff, reason } = order;
    let mut desk = Desk::open(context, staff)?;
    let (back, ()) = desk.carry_out(&format!("reverse {number}"), |desk| {
        let (of, _) = desk.meal(number)?;
        Ok((desk.ledger.reverse(new_id(), of, &desk.staff, &reason)?, ()))
    })?;
    say(context, &back, &format!("meal number {number} is taken back"))
}

/// `mealpoint ledger correct`
pub(super) fn correct(context: &Context, MealOrder { entry: number, order }: MealOrder) -> anyhow::Result<ExitCode> {
    let rules = subsidies::read(&context.config)?;
    let Order { staff, reason } = order;
    let mut desk = Desk::open(context, staff)?;
    let (again, corrected) = desk.carry_out(&format!("correct {number}"), |desk| {
        let (of, wrong) = desk.meal(number)?;
        let standing = desk.ledger.meal_of(&wrong.elder, wrong.day, wrong.period)?;
        if standing.is_none_or(|meal| meal.number != number) {
            return Err(LedgerError::AlreadyReversed(number).into());
        }
        let right = requote(desk, &rules, &wrong)?;
        ensure!(
            outcome(&right.quote.lines) != outcome(&wrong.lines),
            "the rules of {} give meal number {number} what it has; remedy: put the rules right first, or take the meal \
             back with `mealpoint ledger reverse`",
            wrong.day
        );
        let quoted = quote_of(&wrong);
        let before = Split { payers: wrong.payers, ..Split::of(&quoted) };
        let now = Split::of(&right.quote);
        let (back, again) = desk.ledger.correct(new_id(), of, right, &desk.staff, &reason)?;
        Ok((again, (back, before, now)))
    })?;
    let (back, before, now) = corrected;
    if context.json {
        print_json(&printed::Corrected::new(&back, &again, &before, &now))?;
        return Ok(ExitCode::SUCCESS);
    }
    say!(
        "meal number {number} is taken back with number {} and entered again with number {}, in the books of {}",
        back.number,
        again.number,
        again.day
    );
    for (payer, before, after) in changes(&before.payers, &now.payers) {
        say!("  {payer}: {before} yuan before, {after} yuan now");
    }
    // Cash and prepaid money are one payer, the elder: what moved between them would not be seen above.
    let own =
        [("own share in cash", before.own_share, now.own_share), ("own prepaid money", before.prepaid, now.prepaid)];
    for (what, before, now) in own.into_iter().filter(|(_, before, now)| before != now) {
        say!("  {what}: {before} yuan before, {now} yuan now");
    }
    Ok(ExitCode::SUCCESS)
}

/// How the price of a meal is split.
pub(super) struct Split {
    /// What the elder pays in cash.
    pub own_share: Fen,
    /// What comes from the elder's prepaid money.
    pub prepaid: Fen,
    /// The price by payer, the elder's cash and prepaid money together.
    pub payers: Vec<PayerShare>,
}

impl Split {
    fn of(quote: &Quote) -> Self {
        Self { own_share: quote.own_share, prepaid: quote.prepaid(), payers: quote.payers() }
    }
}

/// The quote that a meal was settled by, without what it said of what is left.
fn quote_of(meal: &MealEntry) -> Quote {
    let lines = meal.lines.clone();
    // What no rule bore is paid in cash.
    let own_share = meal.price - lines.iter().map(|line| line.amount).sum::<Fen>();
    Quote { lines, own_share, ..Quote::full_price(meal.price) }
}

/// The meal `wrong` as the rules of its day have it, for its elder as the roster knows the elder now.
fn requote(desk: &Desk, rules: &RuleBook, wrong: &MealEntry) -> anyhow::Result<MealDraft> {
    let elder = desk.elder(&wrong.elder)?;
    let moment = desk.canteen.moment_of(wrong.day, wrong.period);
    let credit = rules.offline_credit(wrong.day.0);
    let usage = usage_in_place_of(desk, rules, wrong, &moment, &credit)?;
    let request = QuoteRequest { elder: &elder, moment: &moment, price: wrong.price, usage: &usage };
    let quote: Quote = quote_said_on(rules, &request, desk.ledger.today()?)
        .context("the meal cannot be quoted again; remedy: take it back with `mealpoint ledger reverse`")?;
    let MealEntry { day, period, dishes, identified_by, staff, evidence, .. } = wrong.clone();
    // With the whole credit: where a later cycle has overdrawn its purse by now, the meal still takes there what comes back.
    Ok(MealDraft { id: new_id(), elder: elder.id, day, period, dishes, quote, identified_by, staff, evidence, credit })
}

/// What had been drawn beside `wrong`, and what may be spent in its place, credit included: of a purse that was cleared since
/// or granted only for a later cycle just what the meal itself took. Its credit would be repaid by that later cycle.
fn usage_in_place_of(
    desk: &Desk,
    rules: &RuleBook,
    wrong: &MealEntry,
    moment: &MealMoment,
    credit: &Credit,
) -> anyhow::Result<Usage> {
    let purses = desk.ledger.purses(&wrong.elder)?;
    let later = granted_later(rules, wrong.day, &purses);
    let mut usage = desk.ledger.usage_in_place_of(wrong, moment)?;
    usage.purses.extend(later.iter().map(|programme| (programme.clone(), taken(&wrong.lines, programme))));
    let cleared = |programme: &ProgrammeId| purses.get(programme).is_some_and(|it| it.cleared_on >= Some(wrong.day));
    let mut credit = credit.clone();
    credit.retain(|programme, _| !later.contains(programme) && !cleared(programme));
    Ok(usage.with_credit(&credit))
}

/// What these lines took from one purse, in its unit.
fn taken(lines: &[QuoteLine], programme: &ProgrammeId) -> i64 {
    lines.iter().filter(|line| line.rule.programme == *programme).filter_map(QuoteLine::purse_draw).sum()
}

/// What the rules did, without the words they said it in.
fn outcome(lines: &[QuoteLine]) -> Vec<QuoteLine> {
    lines.iter().map(|line| QuoteLine { sentence: String::new(), ..line.clone() }).collect()
}

/// The payers whose share differs, with both.
fn changes<'a>(before: &'a [PayerShare], after: &'a [PayerShare]) -> Vec<(&'a Payer, Fen, Fen)> {
    let share = |shares: &[PayerShare], payer: &Payer| -> Fen {
        shares.iter().filter(|share| share.payer == *payer).map(|share| share.amount).sum()
    };
    let mut payers: Vec<&Payer> = before.iter().chain(after).map(|share| &share.payer).collect();
    payers.sort();
    payers.dedup();
    payers.retain(|payer| share(before, payer) != share(after, payer));
    payers.into_iter().map(|payer| (payer, share(before, payer), share(after, payer))).collect()
}
