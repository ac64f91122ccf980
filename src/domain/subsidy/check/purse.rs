//! What a programme's purse must keep to.

use super::{Complaint, MOST_PER_MEAL, MOST_PER_MONTH, MOST_UNITS, check_amount};
use crate::domain::subsidy::{Programme, Purse, PurseUnit, RuleError};
use crate::domain::{Fen, LineKind};

pub(super) fn check_purse(p: &Programme) -> Result<(), RuleError> {
    let at = Complaint { programme: p, line: p.lines.purse };
    let (purse, unit) = match (&p.purse, PurseUnit::of(p.kind)) {
        (None, None) => {
            return at.unless(p.tiers.iter().all(|t| t.grant.is_none()), || {
                (
                    format!("{:?} grants something but has no purse", p.id.as_str()),
                    "a discount or subsidy has nothing to grant",
                )
            });
        }
        (Some(_), None) => {
            return at.unless(false, || {
                (format!("[programme.purse]: {:?} is not of a kind with a purse", p.id.as_str()), "leave the purse out")
            });
        }
        (None, Some(_)) => {
            return at.unless(false, || {
                (format!("{:?} is of a kind with a purse and has none", p.id.as_str()), "add [programme.purse]")
            });
        }
        (Some(purse), Some(unit)) => (purse, unit),
    };
    check_purse_values(p, purse, unit)?;
    if p.kind == LineKind::Prepaid {
        return check_prepaid(p, purse);
    }
    let grants = p.tiers.iter().any(|t| t.grant.is_some());
    at.unless(grants == purse.granted_every.is_some(), || {
        let problem = format!("{:?}: a grant in a tier and `granted_every` go together", p.id.as_str());
        (problem, "write both, or neither where only people fill the purse")
    })?;
    at.unless(purse.cleared_every.zip(purse.granted_every).is_none_or(|(clears, grants)| grants <= clears), || {
        (
            format!("cleared_every: {:?} clears more often than it grants", p.id.as_str()),
            "clear as seldom as you grant, or less",
        )
    })
}

/// Prepaid money is what the elder or the family paid in: no rule gives it, and none takes it away.
fn check_prepaid(p: &Programme, purse: &Purse) -> Result<(), RuleError> {
    let at = Complaint { programme: p, line: p.lines.purse };
    let own = || format!("prepaid money of {:?} is the elder's own", p.id.as_str());
    for tier in &p.tiers {
        Complaint { programme: p, line: tier.line }.unless(tier.grant.is_none(), || {
            (
                format!("grant_yuan: {}, and no rule grants it", own()),
                "leave grant_yuan out; `mealpoint ledger top-up` fills it",
            )
        })?;
    }
    at.unless(purse.granted_every.is_none(), || {
        (
            format!("granted_every: {}, and no rule grants it", own()),
            "leave granted_every out; `mealpoint ledger top-up` fills it",
        )
    })?;
    at.unless(purse.cleared_every.is_none(), || {
        (
            format!("cleared_every: {} and does not expire", own()),
            "leave cleared_every out; `mealpoint ledger refund` pays it back",
        )
    })
}

fn check_purse_values(p: &Programme, purse: &Purse, unit: PurseUnit) -> Result<(), RuleError> {
    let at = Complaint { programme: p, line: p.lines.purse };
    let money = unit == PurseUnit::Fen;
    if money {
        at.unless(purse.unit_value == Fen::new(1), || {
            (format!("unit_value_yuan: the purse of {:?} holds money", p.id.as_str()), "leave unit_value_yuan out")
        })?;
    } else {
        check_amount(&at, "unit_value_yuan", purse.unit_value, false, MOST_PER_MEAL)?;
    }
    let most = if money { MOST_PER_MONTH.get() } else { MOST_UNITS };
    at.unless((0..=most).contains(&purse.offline_credit), || {
        ("offline_credit: not a sensible credit".into(), "write how far the purse may go below zero")
    })?;
    for tier in &p.tiers {
        Complaint { programme: p, line: tier.line }
            .unless(tier.grant.is_none_or(|g| (1..=most).contains(&g)), || {
                ("grant: not a sensible amount to grant".into(), "write a positive number of sensible size")
            })?;
    }
    Ok(())
}
