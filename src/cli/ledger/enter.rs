//! `mealpoint ledger enter`: a meal that no face settles, so that nobody goes hungry for want of being recognised.

use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use clap::Args;
use jiff::civil::Date;

use super::desk::{Desk, new_id};
use super::{printed, say};
use crate::cli::close::date;
use crate::cli::{Context, print_json};
use crate::config::{ScreenConfig, subsidies};
use crate::domain::subsidy::{QuoteRequest, RuleBook, quote_said_on};
use crate::domain::{
    Credit, Dish, DishId, Elder, ElderId, ElderStatus, Entry, IdentifiedBy, MealDay, MealDraft, MealMoment, MealPeriod,
    Quote, StaffId, Usage, granted_later, has_hidden, movements_due,
};
use crate::store::LedgerError;

/// Longest name of a carer with the relation, in characters.
const CARER_CHARS: usize = 60;

/// A meal that the staff enter.
#[derive(Debug, Args)]
pub struct MealByHand {
    /// Who eats, as the staff know or looked up
    #[arg(long, value_name = "ELDER")]
    elder: ElderId,
    /// What is taken of the menu; where several dishes may be taken (screen.toml), once for each
    #[arg(long, value_name = "DISH", required = true)]
    dish: Vec<DishId>,
    /// breakfast, lunch or supper of the day [default: the meal that is being served]
    #[arg(long, value_name = "MEAL", value_parser = period)]
    period: Option<MealPeriod>,
    /// A day whose meal could not be booked, up to a month ago: it stands in the books of the next open day [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date, requires = "period")]
    date: Option<Date>,
    /// Somebody collects it for the elder: name and relation
    #[arg(long, value_name = "NAME", conflicts_with = "delivered")]
    carer: Option<String>,
    /// It is brought to the elder
    #[arg(long)]
    delivered: bool,
    /// Who enters it; the PIN is read from standard input
    #[arg(long, value_name = "STAFF")]
    staff: StaffId,
}

fn period(text: &str) -> Result<MealPeriod, String> {
    let known = MealPeriod::ALL.into_iter().find(|known| known.as_str() == text);
    known.ok_or_else(|| format!("there are {}", MealPeriod::ALL.map(MealPeriod::as_str).join(", ")))
}

/// Runs it.
///
/// # Errors
/// Why the meal is not served; nothing is written then but what the rules grant or clear by themselves.
pub(super) fn enter(context: &Context, order: MealByHand) -> anyhow::Result<ExitCode> {
    let MealByHand { elder, dish, period, date, carer, delivered, staff } = order;
    let rules = subsidies::read(&context.config)?;
    refuse_more_than_a_meal(&dish, ScreenConfig::read(&context.config)?.several_dishes)?;
    let identified_by = match carer {
        Some(carer) => {
            let carer = carer.trim().to_owned();
            let named = !carer.is_empty() && carer.chars().count() <= CARER_CHARS && !has_hidden(&carer);
            ensure!(
                named,
                "--carer: a name and relation of 1 to {CARER_CHARS} characters that can all be seen is needed"
            );
            IdentifiedBy::Carer { carer }
        }
        None if delivered => IdentifiedBy::Delivered,
        None => IdentifiedBy::Staff,
    };
    let mut desk = Desk::open(context, staff)?;
    let moment = moment(&desk, period, date)?;
    let period = moment.period.as_str();
    let (entry, quote) = desk.carry_out(&format!("enter {period} of {}", moment.day), |desk| {
        let elder = desk.elder(&elder)?;
        settle(desk, &rules, &moment, elder, &dish, identified_by, date.is_some())
    })?;
    if context.json {
        print_json(&printed::Entered::new(&entry, &quote))?;
        return Ok(ExitCode::SUCCESS);
    }
    quote.lines.iter().for_each(|line| say!("{}", line.sentence));
    quote.notes.iter().for_each(|note| say!("{}", note.sentence));
    quote.remaining.iter().for_each(|left| say!("{}", left.sentence));
    let (price, own) = (quote.price, quote.own_share);
    let of_day = if entry.day == moment.day { String::new() } else { format!(" of {}", moment.day) };
    say(context, &entry, &format!("{period}{of_day}: {price} yuan, the elder pays {own}"))
}

/// As on the screen, where a dish is taken once, and where each is a whole meal one of them.
fn refuse_more_than_a_meal(dishes: &[DishId], several: bool) -> anyhow::Result<()> {
    ensure!(
        several || dishes.len() == 1,
        "--dish: each dish is a whole meal here, and one elder takes one; remedy: name one, or let screen.toml say \
         several_dishes = true"
    );
    let twice = dishes.iter().enumerate().find(|(at, dish)| dishes.iter().take(*at).any(|before| before == *dish));
    ensure!(twice.is_none(), "--dish: a dish is named twice; remedy: name each once");
    Ok(())
}

/// Enters the meal, with what it costs whom.
fn settle(
    desk: &mut Desk,
    rules: &RuleBook,
    moment: &MealMoment,
    elder: Elder,
    dish: &[DishId],
    identified_by: IdentifiedBy,
    late: bool,
) -> anyhow::Result<(Entry, Quote)> {
    ensure!(
        elder.status == ElderStatus::Active,
        "this elder is not active on the roster and gets no subsidised meal; remedy: import the newest roster"
    );
    if late {
        desk.ledger.check_late(moment.day)?;
    }
    refuse_second(desk, &elder, moment)?;
    let dishes = dishes(desk, moment, dish)?;
    // What was lost is lost by now: the district can be asked how far a purse may go below zero.
    let credit = if late { Credit::new() } else { rules.offline_credit(moment.day.0) };
    let due = movements_due(rules, &elder, moment, &desk.ledger.purses(&elder.id)?);
    desk.ledger.post_due(&elder.id, &due)?;
    let usage = if late { late_usage(desk, rules, &elder, moment)? } else { desk.ledger.usage(&elder.id, moment)? };
    let usage = usage.with_credit(&credit);
    let price = dishes.iter().map(|dish| dish.price).sum();
    let request = QuoteRequest { elder: &elder, moment, price, usage: &usage };
    let quote = quote_said_on(rules, &request, desk.ledger.today()?)?;
    let draft = MealDraft {
        id: new_id(),
        elder: elder.id,
        day: moment.day,
        period: moment.period,
        dishes,
        quote: quote.clone(),
        identified_by,
        staff: Some(desk.staff.clone()),
        evidence: None,
        credit,
    };
    let entry = if late { desk.ledger.settle_late(draft)? } else { desk.ledger.settle(draft)? };
    Ok((entry, quote))
}

fn moment(desk: &Desk, period: Option<MealPeriod>, date: Option<Date>) -> anyhow::Result<MealMoment> {
    let now = desk.ledger.now()?.now;
    match period {
        Some(period) => Ok(desk.canteen.moment_of(date.map_or_else(|| desk.canteen.day(now), MealDay), period)),
        None => desk.canteen.moment(now).context("no meal is being served now; remedy: say which with --period"),
    }
}

/// Before anything is posted for the elder.
fn refuse_second(desk: &Desk, elder: &Elder, moment: &MealMoment) -> Result<(), LedgerError> {
    let MealMoment { day, period, .. } = *moment;
    match desk.ledger.meal_of(&elder.id, day, period)? {
        Some(meal) => Err(LedgerError::AlreadyServed { number: meal.number, day, period, at: meal.recorded_at }),
        None => Ok(()),
    }
}

fn dishes(desk: &Desk, moment: &MealMoment, wanted: &[DishId]) -> anyhow::Result<Vec<Dish>> {
    let menu: Vec<Dish> = desk.people.menu(moment.day, moment.period)?.into_iter().map(|item| item.dish).collect();
    let one = |id: &DishId| {
        menu.iter().find(|dish| dish.id == *id).cloned().with_context(|| {
            let there: Vec<&str> = menu.iter().map(|dish| dish.id.as_str()).collect();
            if there.is_empty() {
                return format!(
                    "the menu offers nothing at this meal, and no dish {id}; remedy: import the menu of that day"
                );
            }
            format!("the menu has no dish {id} at this meal; remedy: one of {}", there.join(", "))
        })
    };
    wanted.iter().map(one).collect()
}

/// What the elder had drawn before a meal of an earlier day, and what may be spent on it: nothing of a purse that was cleared
/// since, nor of one that was granted for a later cycle.
fn late_usage(desk: &Desk, rules: &RuleBook, elder: &Elder, moment: &MealMoment) -> anyhow::Result<Usage> {
    let mut usage = desk.ledger.usage_late(&elder.id, moment)?;
    let later = granted_later(rules, moment.day, &desk.ledger.purses(&elder.id)?);
    usage.purses.extend(later.into_iter().map(|programme| (programme, 0)));
    Ok(usage)
}
