//! What holds for every rule book, elder, price and history.

use jiff::civil::Date;
use mealpoint::domain::subsidy::{Give, LostIn, Programme, QuoteError, QuoteRequest, RuleBook, quote};
use mealpoint::domain::{Elder, ElderStatus, Fen, QuoteLine, Usage, movements_due};
use proptest::prelude::*;
use proptest::sample::select;

use super::assert_whole;
use super::generated::{KINDS, fen, history, programme, programmes, someone};

/// That a sum stays under a cap, or nothing was added to what already broke it.
fn within(cap: Option<i64>, used: i64, more: i64) -> bool {
    cap.is_none_or(|cap| used.max(0).saturating_add(more) <= cap)
}

/// `usage` once a quote of these lines was settled at the same moment.
fn after(mut usage: Usage, lines: &[QuoteLine]) -> Usage {
    for line in lines {
        let drawn = usage.drawn.entry(line.rule.programme.clone()).or_default();
        for tally in [&mut drawn.period, &mut drawn.day, &mut drawn.month] {
            tally.add(line);
        }
        if let Some(taken) = line.purse_draw() {
            let purse = usage.purses.entry(line.rule.programme.clone()).or_default();
            *purse = purse.saturating_sub(taken);
        }
    }
    usage
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn shares_add_up_caps_hold_and_nothing_goes_below_zero(
        programmes in programmes(),
        (elder, moment) in someone(),
        price in fen(0..=3_000),
        usage in history(),
    ) {
        let book = RuleBook::new(programmes).expect("sound programmes");
        let quote = quote(&book, &QuoteRequest { elder: &elder, moment: &moment, price, usage: &usage }).expect("a quote");
        assert_whole(&quote);
        for line in &quote.lines {
            let rule = book.programmes().iter().find(|p| p.id == line.rule.programme).expect("its programme");
            let (drawn, limits) = (usage.drawn_from(&rule.id), &rule.limits);
            let (amount, cap) = (line.amount.get(), |cap: Option<Fen>| cap.map(Fen::get));
            prop_assert!(within(cap(limits.per_meal), 0, amount));
            prop_assert!(within(cap(limits.per_day), drawn.day.amount.get(), amount));
            prop_assert!(within(cap(limits.per_month), drawn.month.amount.get(), amount));
            prop_assert!(within(limits.units_per_meal, 0, line.units));
            prop_assert!(within(limits.units_per_day, drawn.day.units, line.units));
            prop_assert!(within(limits.units_per_month, drawn.month.units, line.units));
            prop_assert!(limits.times_per_period.is_none_or(|most| drawn.period.times < most));
            prop_assert!(limits.times_per_day.is_none_or(|most| drawn.day.times < most));
            prop_assert!(limits.times_per_month.is_none_or(|most| drawn.month.times < most));
            if let Some(taken) = line.purse_draw() {
                prop_assert!(taken <= usage.purse(&rule.id), "{line:?}");
            }
            let kept_away = |p: &&Programme| p.excludes.contains(&rule.id);
            let also = book.programmes().iter().filter(kept_away);
            for other in also {
                prop_assert!(quote.lines.iter().all(|l| l.rule.programme != other.id), "{quote:?}");
            }
        }
        if elder.age_on(moment.day.0) < 60 {
            prop_assert_eq!(quote.own_share, price, "nobody below 60 is paid for");
        }
    }

    #[test]
    fn the_order_in_the_files_changes_nothing(programmes in programmes().prop_flat_map(|p| (Just(p.clone()), Just(p).prop_shuffle()))) {
        let (written, shuffled) = programmes;
        prop_assert_eq!(RuleBook::new(written), RuleBook::new(shuffled));
    }

    #[test]
    fn a_higher_cap_never_pays_less_but_for_the_fen_that_rounding_moves_to_payers_who_do_not_pay_away(
        programme in select(KINDS.to_vec()).prop_flat_map(|kind| programme(1, kind)),
        (elder, moment) in someone(),
        price in fen(0..=3_000),
        usage in history(),
        more in 1..500_i64,
    ) {
        let mut raised = programme.clone();
        raised.limits.per_meal = raised.limits.per_meal.map(|cap| Fen::new(cap.get() + more));
        raised.limits.per_day = raised.limits.per_day.map(|cap| Fen::new(cap.get() + more));
        raised.limits.per_month = raised.limits.per_month.map(|cap| Fen::new(cap.get() + more));
        let own = |programme: Programme| {
            let book = RuleBook::new(vec![programme]).expect("a sound programme");
            quote(&book, &QuoteRequest { elder: &elder, moment: &moment, price, usage: &usage }).expect("a quote").own_share
        };
        // Every payer but the last may be rounded down by one more fen, and another who does not pay here bears it.
        let splits = programme.tiers.iter().filter_map(|tier| tier.payers.as_ref()).chain([&programme.payers]);
        let loses = splits.flat_map(|split| &split.0).any(|part| part.lost != LostIn::Nowhere);
        let moved = if loses { Fen::new(2) } else { Fen::ZERO };
        prop_assert!(own(raised) <= own(programme) + moved);
    }

    #[test]
    fn a_settled_quote_counts_so_that_no_cap_is_ever_passed(
        programmes in programmes(),
        (elder, moment) in someone(),
        prices in prop::collection::vec(fen(0..=3_000), 1..8),
        purses in history(),
    ) {
        let book = RuleBook::new(programmes).expect("sound programmes");
        let mut usage = Usage { purses: purses.purses, ..Usage::default() };
        for price in prices {
            let quote = quote(&book, &QuoteRequest { elder: &elder, moment: &moment, price, usage: &usage }).expect("a quote");
            usage = after(usage, &quote.lines);
        }
        for rule in book.programmes() {
            let (drawn, limits) = (usage.drawn_from(&rule.id), &rule.limits);
            prop_assert!(within(limits.per_day.map(Fen::get), drawn.day.amount.get(), 0));
            prop_assert!(within(limits.per_month.map(Fen::get), drawn.month.amount.get(), 0));
            prop_assert!(within(limits.units_per_day, drawn.day.units, 0));
            prop_assert!(limits.times_per_day.is_none_or(|most| drawn.day.times <= most));
        }
    }

    #[test]
    fn programmes_that_do_not_fit_together_are_refused_or_quoted_and_never_fall_over(
        mut programmes in programmes(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), 0..12_u8, any::<i64>()), 1..4),
        (elder, moment) in someone(),
        price in prop_oneof![fen(0..=3_000), any::<i64>().prop_map(Fen::new)],
        usage in history(),
    ) {
        for (which, how, number) in damage {
            let n = which.index(programmes.len());
            let small = u8::try_from(number.unsigned_abs() % 200).expect("small");
            let (other_id, p) = (programmes[0].id.clone(), &mut programmes[n]);
            match how {
                0 => p.id = other_id,
                1 => p.order = u32::from(small % 4),
                2 => p.excludes.push(other_id),
                3 => p.tiers.iter_mut().for_each(|tier| tier.give = Give::Amount(Fen::new(number))),
                4 => p.tiers.iter_mut().for_each(|tier| tier.grant = Some(number)),
                5 => p.purse = None,
                6 => p.payers.0.truncate(usize::from(small % 3)),
                7 => p.who.age_from = small,
                8 => p.limits.per_day = Some(Fen::new(number)),
                9 => p.until = Some(Date::constant(2024, 1, 1)),
                10 => p.kind = KINDS[usize::from(small) % KINDS.len()],
                _ => p.tiers.clear(),
            }
        }
        match RuleBook::new(programmes) {
            Err(error) => prop_assert!(error.to_string().starts_with("rules.toml:1: ")),
            Ok(book) => match quote(&book, &QuoteRequest { elder: &elder, moment: &moment, price, usage: &usage }) {
                Ok(quote) => {
                    assert_whole(&quote);
                    movements_due(&book, &elder, &moment, &Default::default());
                }
                Err(error) => prop_assert_eq!(error, QuoteError::Price(price)),
            },
        }
    }

    #[test]
    fn nobody_but_active_elders_is_quoted(programmes in programmes(), (elder, moment) in someone()) {
        let book = RuleBook::new(programmes).expect("sound programmes");
        for status in [ElderStatus::Suspended, ElderStatus::Moved, ElderStatus::Deceased] {
            let gone = Elder { status, ..elder.clone() };
            let request = QuoteRequest { elder: &gone, moment: &moment, price: Fen::new(900), usage: &Usage::default() };
            prop_assert_eq!(quote(&book, &request), Err(QuoteError::NotActive(status)));
        }
    }
}
