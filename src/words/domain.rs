//! Names of the things of the domain.

use crate::domain::{ElderClass, MealPeriod};

/// 早餐, 午餐, 晚餐.
pub const fn meal_period(period: MealPeriod) -> &'static str {
    match period {
        MealPeriod::Breakfast => "早餐",
        MealPeriod::Lunch => "午餐",
        MealPeriod::Supper => "晚餐",
    }
}

/// 特困, 低保, …
pub const fn elder_class(class: ElderClass) -> &'static str {
    match class {
        ElderClass::ExtremePoverty => "特困",
        ElderClass::LowIncome => "低保",
        ElderClass::LowIncomeMargin => "低保边缘",
        ElderClass::FamilyPlanningSpecial => "计划生育特殊家庭",
        ElderClass::Disabled => "失能/重残",
        ElderClass::LivingAlone => "空巢独居",
    }
}
