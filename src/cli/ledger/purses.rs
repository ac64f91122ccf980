//! Purses that the staff fill, empty and put right by hand, with their PIN.

use std::process::ExitCode;

use anyhow::{Context as _, anyhow, bail};
use clap::Args;
use jiff::SignedDuration;

use super::corrections::Order;
use super::desk::{Desk, new_id};
use super::{printed, say};
use crate::cli::{Context, print_json};
use crate::config::subsidies;
use crate::domain::subsidy::{Programme, RuleBook};
use crate::domain::{
    DueCause, Elder, ElderId, ElderStatus, Entry, Fen, LineKind, MAX_FEN, MealPeriod, MovementCause, MovementEntry,
    ProgrammeId, PurseUnit, movements_due,
};

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
    /// This is another one, although the same was ordered of this purse, for the same reason, within ten minutes
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    order: Order,
}

/// Whoever gives an order again because its answer was lost does so within this time.
const LATELY: SignedDuration = SignedDuration::from_mins(10);

/// `mealpoint ledger top-up`, `refund`, `grant` and `adjust`
pub(super) fn move_purse(context: &Context, cause: MovementCause, order: PurseOrder) -> anyhow::Result<ExitCode> {
    let rules = subsidies::read(&context.config)?;
    let mut desk = Desk::open(context, order.order.staff.clone())?;
    let asked = match (order.yuan, order.units) {
        (Some(yuan), _) => format!("{yuan} yuan"),
        (None, units) => format!("{} units", units.unwrap_or_default()),
    };
    let what = format!("{} {} {asked}", word(cause), order.programme);
    let (entry, (programme, units)) = desk.carry_out(&what, |desk| change(desk, &rules, cause, &order))?;
    let balance = balance(&desk, &order).with_context(|| {
        format!("it is booked, with number {}; what the purse now holds is not known", entry.number)
    })?;
    if context.json {
        print_json(&printed::Moved::new(&entry, is_money(programme), units, balance))?;
        return Ok(ExitCode::SUCCESS);
    }
    say(context, &entry, &format!("{} of {}", word(cause), shown(programme, units)))?;
    say!("the purse {} now holds {}", programme.id, shown(programme, balance));
    Ok(ExitCode::SUCCESS)
}

/// What the purse holds.
fn balance(desk: &Desk, order: &PurseOrder) -> anyhow::Result<i64> {
    Ok(desk.ledger.purses(&order.elder)?.get(&order.programme).map_or(0, |purse| purse.balance))
}

/// Changes the purse: what was written, whose programme's purse it is, and what came in or, below zero, went out.
fn change<'a>(
    desk: &mut Desk,
    rules: &'a RuleBook,
    cause: MovementCause,
    order: &PurseOrder,
) -> anyhow::Result<(Entry, (&'a Programme, i64))> {
    let today = desk.ledger.today()?;
    let id = &order.programme;
    let programme = rules.latest_versions(today.0).into_iter().find(|known| known.id == *id).with_context(|| {
        format!("the rules have no programme {id} that has begun; remedy: use an id of kiosk-config/subsidies")
    })?;
    let amount = in_unit(programme, order.yuan, order.units)?;
    may_move(cause, programme)?;
    may_be(cause, programme, amount)?;
    let owner = desk.elder(&order.elder)?;
    if matches!(cause, MovementCause::TopUp | MovementCause::Grant) && owner.status != ElderStatus::Active {
        bail!("this elder is not active on the roster and gets nothing more; remedy: refund or adjust what is left");
    }
    let units = if cause == MovementCause::Refund { -amount } else { amount };
    let movement = MovementEntry {
        elder: owner.id.clone(),
        programme: id.clone(),
        version: None,
        cause,
        day: today,
        units,
        staff: Some(desk.staff.clone()),
        reason: order.order.reason.clone(),
    };
    let asked = shown(programme, amount);
    // Before the purse is looked into: what was ordered a moment ago may have emptied it.
    if !order.again
        && let Some(known) = desk.ledger.moved_lately(&movement, LATELY)?
    {
        return Err(ordered_before(desk, cause, &asked, &known));
    }
    post_due(desk, rules, &owner, programme, units)?;
    if cause == MovementCause::Refund {
        // The ledger refuses it too, but does not know the unit.
        let there = balance(desk, order)?;
        if there < amount {
            let there = shown(programme, there);
            bail!("the purse {id} holds {there}, and {asked} are wanted back; remedy: refund no more than it holds");
        }
    }
    if order.again {
        return Ok((desk.ledger.move_purse(new_id(), movement)?, (programme, units)));
    }
    match desk.ledger.move_purse_once(new_id(), movement, LATELY)? {
        (entry, true) => Ok((entry, (programme, units))),
        // Somebody gave the same order at the very same moment.
        (known, false) => Err(ordered_before(desk, cause, &asked, &known)),
    }
}

/// Why an order is refused that was given a moment ago in the same words, as `known`: the answer to it may have been lost,
/// and the money would move twice.
fn ordered_before(desk: &Desk, cause: MovementCause, asked: &str, known: &Entry) -> anyhow::Error {
    let (what, number) = (word(cause), known.number);
    let at = known.recorded_at.to_zoned(desk.canteen.zone.clone());
    let at = at.strftime("%Y-%m-%d %H:%M:%S");
    anyhow!(
        "the same {what} of {asked} for the same reason was booked at {at}, with number {number}; remedy: it is booked, and \
         there is nothing to do; --again if this is another"
    )
}

/// Clears what has expired by now, which a movement of the new cycle would otherwise be mixed with. What people take off is
/// taken off what the rules give in this cycle, so that is given first: left as a debt it would be the next cycle's.
fn post_due(desk: &mut Desk, rules: &RuleBook, elder: &Elder, of: &Programme, units: i64) -> anyhow::Result<()> {
    // Whether a cycle has ended is the same at every meal of a day.
    let period = of.scope.meals.first().copied().unwrap_or(MealPeriod::Lunch);
    let moment = desk.canteen.moment_of(desk.ledger.today()?, period);
    let mut due = movements_due(rules, elder, &moment, &desk.ledger.purses(&elder.id)?);
    due.retain(|due| due.cause == DueCause::Clearing || (units < 0 && due.programme == of.id));
    desk.ledger.post_due(&elder.id, &due)?;
    Ok(())
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

/// Which amounts there are: what goes in or out is told by the command, not by a sign.
fn may_be(cause: MovementCause, programme: &Programme, amount: i64) -> anyhow::Result<()> {
    let (word, asked) = (word(cause), shown(programme, amount));
    if amount == 0 {
        bail!("{word} of {asked}: that changes nothing; remedy: name the amount");
    }
    if amount < 0 && cause != MovementCause::Adjustment {
        bail!(
            "{word} of {asked}: that cannot be; remedy: name an amount above zero; `mealpoint ledger refund` pays money \
             out, `mealpoint ledger adjust` puts an error right, downwards too"
        );
    }
    if amount.unsigned_abs() > MAX_FEN.unsigned_abs() {
        bail!("{word} of {asked}: no purse takes so much; remedy: name {} at most", shown(programme, MAX_FEN));
    }
    Ok(())
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

fn is_money(programme: &Programme) -> bool {
    PurseUnit::of(programme.kind) == Some(PurseUnit::Fen)
}

/// An amount in the purse's unit.
fn shown(programme: &Programme, amount: i64) -> String {
    if is_money(programme) { format!("{} yuan", Fen::new(amount)) } else { format!("{amount} units") }
}
