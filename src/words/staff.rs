//! What the staff read on their screens.

use jiff::civil::DateTime;

use super::screens::clock;
use crate::domain::{MealDay, Payer};
use crate::kiosk::session::{NotClosed, PinStage, StaffDay, StaffRefused};

pub const STAFF: &str = "工作人员";
pub const PIN_TITLE: &str = "请输入工作人员密码";
pub const ERASE: &str = "删除";
pub const ASK_CLOSE: &str = "今日关账";
pub const CLOSE: &str = "确认关账";
pub const KEEP_OPEN: &str = "先不关";
pub const CLOSING: &str = "正在关账，请稍等";
pub const CLOSE_TITLE: &str = "今天要关账吗？";
pub const CLOSE_MEANS: &str = "关账后生成当日账单，今天不能再记餐，也不能再打开。之后的退餐记入下一天。";
pub const STILL_SERVING: &str = "今天还有供餐时间没有结束，关账后这些时间不能再结算！";
pub const CLOCK_IS_OFF: &str = "本机时间与账本对不上：请校准；时间没错的话，请运行 mealpoint ledger trust-clock";
pub const UNWRITTEN: &str = "账已关，账单文件还没写成：请检查磁盘空间和权限，本机会自动再写";
/// Whoever edits the rules is told on the screen that they open behind the PIN; the command names file and line.
pub const RULES_REFUSED: &str = "新补贴规则有误，未采用：运行 mealpoint doctor";

/// Rows of the table.
pub const MEALS: &str = "用餐份数";
/// Meals taken back.
pub const REVERSALS: &str = "退餐份数";
/// Prices, net of what was taken back.
pub const PRICE: &str = "餐费合计";
/// All payers but the elder, where they have no room each.
pub const ALL_SUBSIDIES: &str = "补贴合计";
/// Payers that have no room of their own.
pub const OTHER_PAYERS: &str = "其他承担";
/// What the elders pay.
pub const OWN_SHARE: &str = "个人自付";
/// The column over all periods.
pub const ALL_PERIODS: &str = "全天";

/// 「区级承担」; a long name is cut, for the statement has it whole.
pub fn payer(payer: &Payer) -> String {
    const LONGEST: usize = 8;
    let name = super::statement::payer_name(payer);
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…承担", name.get(..end).unwrap_or(name)),
        None => format!("{name}承担"),
    }
}

/// 「11月22日账目　张丽」
pub fn day_title(day: &StaffDay) -> String {
    format!("{}月{}日账目　{}", day.day.0.month(), day.day.0.day(), day.name)
}

/// 「未关账」, 「20:31 已关账」
pub fn state(closed_at: Option<DateTime>) -> String {
    closed_at.map_or_else(|| "未关账".to_owned(), |at| format!("{} 已关账", clock(at.time())))
}

/// 「上次关账：11月21日的账，11月21日 20:31 关」, and what else is open.
pub fn last_close(last: Option<(MealDay, DateTime)>, open_before: usize) -> String {
    let last = match last {
        Some((day, at)) => format!(
            "上次关账：{}月{}日的账，{}月{}日 {} 关",
            day.0.month(),
            day.0.day(),
            at.month(),
            at.day(),
            clock(at.time())
        ),
        None => "还没有关过账".to_owned(),
    };
    if open_before == 0 { last } else { format!("{last}；{}", closed_with(open_before)) }
}

/// 「之前还有 3 天没有关，会一起关」
pub fn closed_with(open_before: usize) -> String {
    format!("之前还有 {open_before} 天没有关，会一起关")
}

/// What the staff read when the day was not closed, or when that is not known.
pub fn not_closed(reason: NotClosed) -> String {
    match reason {
        NotClosed::Over => "已经到了第二天，这次没有关账：请返回首页，重新进入".to_owned(),
        NotClosed::NotStaff => "没有关账：您已不在工作人员名单里，请联系负责人".to_owned(),
        NotClosed::Unknown => "还没有结果，可能已经关账：请稍等，或返回首页，重新进入查看".to_owned(),
        NotClosed::Fault(fault) => format!("今天的账没有关成。{}", super::screens::store_remedy(fault)),
    }
}

/// What stands above the keys.
pub fn pin_note(stage: PinStage) -> String {
    match stage {
        PinStage::Typing(None) => "六位数字".to_owned(),
        PinStage::Typing(Some(StaffRefused::Wrong)) => "密码不对，请再输一次".to_owned(),
        PinStage::Typing(Some(StaffRefused::Nobody)) => {
            "还没有设置工作人员，请先在本机运行 mealpoint staff set".to_owned()
        }
        PinStage::Typing(Some(StaffRefused::Fault(fault))) => super::screens::store_remedy(fault).to_owned(),
        PinStage::Checking => "正在核对".to_owned(),
        PinStage::Locked(seconds) => format!("错误次数太多，请 {seconds} 秒后再试"),
    }
}

/// Read aloud for the digits typed so far.
pub fn digits_typed(digits: usize) -> String {
    format!("已输入 {digits} 位")
}
