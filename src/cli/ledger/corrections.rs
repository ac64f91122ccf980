//! What the staff put right by hand, each with their PIN: meals taken back or entered again by the right rules, and purses.

use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use clap::Args;

use super::desk::{Desk, new_id};
use super::say;
use crate::cli::{Context, print_json};
use crate::config::subsidies;
use crate::domain::subsidy::{Programme, QuoteRequest, RuleBook, quote};
use crate::domain::{
    ElderId, ElderStatus, Entry, Fen, LineKind, MealDraft, MealEntry, MovementCause, MovementEntry, Payer, PayerShare,
    ProgrammeId, PurseUnit, Quote, QuoteLine, StaffId,
};

/// Who orders something, and why.
#[derive(Debug, Args)]
pub struct Order {
    /// Who orders it; the PIN is read from standard input
    #[arg(long, value_name = "STAFF")]
    staff: StaffId,
    /// Why, in up to 200 characters; it stands in the books
    #[arg(long)]
    reason: String,
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

/// A change of one purse.
#[derive(Debug, Args)]
pub struct PurseOrder {
    /// Whose purse
    #[arg(long, value_name = "ELDER")]
    elder: ElderId,
    /// The programme of the rules whose purse it is
    #[arg(long, value_name = "ID")]
    programme: ProgrammeId,
    /// How much of a purse of money, such as 50.00
    #[arg(long, value_name = "YUAN", value_parser = Fen::parse_yuan, allow_hyphen_values = true)]
    #[arg(required_unless_present = "units", conflicts_with = "units")]
    yuan: Option<Fen>,
    /// How many points, vouchers or coins
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    units: Option<i64>,
    #[command(flatten)]
    order: Order,
}

/// `mealpoint ledger reverse`
pub(super) fn reverse(context: &Context, MealOrder { entry: number, order }: MealOrder) -> anyhow::Result<ExitCode> {
    let Order { staff, reason } = order;
    let mut desk = Desk::open(context, staff)?;
    let (of, _) = desk.meal(number)?;
    desk.note(format!("reverse {number}"))?;
    let back = desk.ledger.reverse(new_id(), of, &desk.staff, &reason)?;
    say(context, &back, &format!("meal number {number} is taken back"))
}

/// `mealpoint ledger correct`
pub(super) fn correct(context: &Context, MealOrder { entry: number, order }: MealOrder) -> anyhow::Result<ExitCode> {
    let rules = subsidies::read(&context.config)?;
    let Order { staff, reason } = order;
    let mut desk = Desk::open(context, staff)?;
    let (of, wrong) = desk.meal(number)?;
    let right = requote(&desk, &rules, &wrong)?;
    ensure!(
        outcome(&right.quote.lines) != outcome(&wrong.lines),
        "the rules of {} give meal number {number} what it has; remedy: put the rules right first, or take the meal back \
         with `mealpoint ledger reverse`",
        wrong.day
    );
    desk.note(format!("correct {number}"))?;
    let payers = right.quote.payers();
    let (back, again) = desk.ledger.correct(new_id(), of, right, &desk.staff, &reason)?;
    if context.json {
        let entry = |entry: &Entry| serde_json::json!({ "number": entry.number, "day": entry.day, "hash": entry.hash });
        print_json(&serde_json::json!({
            "reversal": entry(&back), "meal": entry(&again), "payers_before": wrong.payers, "payers": payers,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "meal number {number} is taken back with number {} and entered again with number {}, in the books of {}",
        back.number, again.number, again.day
    );
    for (payer, before, after) in changes(&wrong.payers, &payers) {
        println!("  {payer}: {before} yuan before, {after} yuan now");
    }
    Ok(ExitCode::SUCCESS)
}

/// The meal `wrong` as the rules of its day have it, for its elder as the roster knows the elder now.
fn requote(desk: &Desk, rules: &RuleBook, wrong: &MealEntry) -> anyhow::Result<MealDraft> {
    let elder = desk.elder(&wrong.elder)?;
    let moment = desk.canteen.moment_of(wrong.day, wrong.period);
    let credit = rules.offline_credit(wrong.day.0);
    let usage = desk.ledger.usage_in_place_of(wrong, &moment)?.with_credit(&credit);
    let quote: Quote =
        quote(rules, &QuoteRequest { elder: &elder, moment: &moment, price: wrong.price, usage: &usage })
            .context("the meal cannot be quoted again; remedy: take it back with `mealpoint ledger reverse`")?;
    let MealEntry { day, period, dishes, identified_by, staff, evidence, .. } = wrong.clone();
    Ok(MealDraft { id: new_id(), elder: elder.id, day, period, dishes, quote, identified_by, staff, evidence, credit })
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

/// `mealpoint ledger top-up`, `refund`, `grant` and `adjust`
pub(super) fn move_purse(context: &Context, cause: MovementCause, order: PurseOrder) -> anyhow::Result<ExitCode> {
    let rules = subsidies::read(&context.config)?;
    let PurseOrder { elder, programme, yuan, units, order } = order;
    let Order { staff, reason } = order;
    let mut desk = Desk::open(context, staff)?;
    let known = rules.latest_versions(desk.ledger.today()?.0);
    let programme = known.into_iter().find(|known| known.id == programme).with_context(|| {
        format!("the rules have no programme {programme} that has begun; remedy: use an id of kiosk-config/subsidies")
    })?;
    let amount = in_unit(programme, yuan, units)?;
    may_move(cause, programme)?;
    let owner = desk.elder(&elder)?;
    if matches!(cause, MovementCause::TopUp | MovementCause::Grant) && owner.status != ElderStatus::Active {
        bail!("this elder is not active on the roster and gets nothing more; remedy: refund or adjust what is left");
    }
    let units = if cause == MovementCause::Refund { -amount } else { amount };
    let movement = MovementEntry {
        elder: elder.clone(),
        programme: programme.id.clone(),
        version: None,
        cause,
        day: desk.ledger.today()?,
        units,
        staff: Some(desk.staff.clone()),
        reason,
    };
    desk.note(format!("{} {} {units:+}", word(cause), programme.id))?;
    let entry = desk.ledger.move_purse(new_id(), movement)?;
    let balance = desk.ledger.purses(&elder)?.get(&programme.id).map_or(0, |purse| purse.balance);
    if context.json {
        print_json(&serde_json::json!({
            "number": entry.number, "day": entry.day, "hash": entry.hash, "units": units, "balance": balance,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    say(context, &entry, &format!("{} of {}", word(cause), shown(programme, units)))?;
    println!("the purse {} now holds {}", programme.id, shown(programme, balance));
    Ok(ExitCode::SUCCESS)
}

/// What is asked for in the purse's unit.
fn in_unit(programme: &Programme, yuan: Option<Fen>, units: Option<i64>) -> anyhow::Result<i64> {
    match (PurseUnit::of(programme.kind), yuan, units) {
        (None, ..) => bail!("the programme {} has no purse; remedy: name one that has", programme.id),
        (Some(PurseUnit::Fen), Some(yuan), _) => Ok(yuan.get()),
        (Some(PurseUnit::Fen), None, _) => bail!("the purse {} holds money; remedy: use --yuan", programme.id),
        (Some(_), _, Some(units)) => Ok(units),
        (Some(_), _, None) => bail!("the purse {} holds no money; remedy: use --units", programme.id),
    }
}

/// What people may do to which purse: only money that was paid in is paid out, and what the rules give they give alone.
fn may_move(cause: MovementCause, programme: &Programme) -> anyhow::Result<()> {
    let id = &programme.id;
    let prepaid = programme.kind == LineKind::Prepaid;
    let by_rules = programme.purse.as_ref().is_some_and(|purse| purse.granted_every.is_some());
    match cause {
        MovementCause::TopUp | MovementCause::Refund if !prepaid => {
            bail!("{id} is no prepaid money and is neither paid in nor out; remedy: `mealpoint ledger adjust`")
        }
        MovementCause::Grant if prepaid => bail!("{id} is the elder's own money; remedy: `mealpoint ledger top-up`"),
        MovementCause::Grant if by_rules => {
            bail!("the rules grant {id} by themselves; remedy: `mealpoint ledger adjust`, or other rules")
        }
        _ => Ok(()),
    }
}

const fn word(cause: MovementCause) -> &'static str {
    match cause {
        MovementCause::Grant => "grant",
        MovementCause::TopUp => "top-up",
        MovementCause::Clearing => "clearing",
        MovementCause::Refund => "refund",
        MovementCause::Adjustment => "adjustment",
    }
}

fn shown(programme: &Programme, units: i64) -> String {
    if PurseUnit::of(programme.kind) == Some(PurseUnit::Fen) {
        format!("{} yuan", Fen::new(units))
    } else {
        format!("{units} units")
    }
}
