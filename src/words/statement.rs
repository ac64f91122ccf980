//! Words of the daily statement: what a district's desk reads in the CSV and the XLSX.

use crate::domain::{EntryBody, IdentifiedBy, LineKind, MovementCause, Payer};

/// Sheet of the detail rows.
pub const DETAIL_SHEET: &str = "明细";
/// Sheet of the summary.
pub const SUMMARY_SHEET: &str = "汇总";

/// Columns of the detail rows.
pub mod column {
    /// The entry's number.
    pub const NUMBER: &str = "序号";
    /// The entry's id.
    pub const ID: &str = "记录号";
    /// What happened.
    pub const KIND: &str = "类别";
    /// The day the meal was eaten.
    pub const MEAL_DAY: &str = "用餐日期";
    /// The meal of that day.
    pub const PERIOD: &str = "餐次";
    /// When it was written, in the canteen's zone.
    pub const RECORDED_AT: &str = "记录时间";
    /// What was taken.
    pub const DISHES: &str = "菜品";
    /// The price.
    pub const PRICE: &str = "价格(元)";
    /// The rules that applied.
    pub const RULES: &str = "适用项目";
    /// How the elder was identified.
    pub const IDENTIFIED_BY: &str = "识别方式";
    /// Comparison score.
    pub const SIMILARITY: &str = "相似度";
    /// Lead over the runner-up.
    pub const MARGIN: &str = "领先值";
    /// Probability of a live person.
    pub const LIVENESS: &str = "活体概率";
    /// Quality of the best frame.
    pub const QUALITY: &str = "图像质量";
    /// The number of the meal taken back.
    pub const RELATED_NUMBER: &str = "原序号";
    /// The id of the meal taken back or entered again.
    pub const RELATED_ID: &str = "原记录号";
    /// The programme whose purse moved.
    pub const PROGRAMME: &str = "变动项目";
    /// Why it moved.
    pub const CAUSE: &str = "变动原因";
    /// By how many units.
    pub const UNITS: &str = "变动数量(金额以分计)";
    /// Who of the staff took part.
    pub const STAFF: &str = "工作人员";
    /// The reason in the staff's words.
    pub const REASON: &str = "说明";
    /// The hash of the entry.
    pub const HASH: &str = "记录哈希";
    /// Whose entry it is.
    pub const ELDER: &str = "老人编号";
}

/// Columns of the summary.
pub mod summary {
    /// What a row sums. Its heading also ends the detail rows of a CSV.
    pub const GROUP: &str = "汇总";
    /// The thing within the group.
    pub const NAME: &str = "名称";
    /// The programme's version.
    pub const VERSION: &str = "版本";
    /// Who bears the amount.
    pub const PAYER: &str = "付款方";
    /// Entries.
    pub const ENTRIES: &str = "记录数";
    /// Meals, or uses of a programme less those taken back.
    pub const MEALS: &str = "用餐数";
    /// Meals taken back.
    pub const REVERSALS: &str = "冲正数";
    /// Points, vouchers, coins.
    pub const UNITS: &str = "数量";
    /// Yuan.
    pub const AMOUNT: &str = "金额(元)";
    /// A value that is neither a count nor an amount.
    pub const VALUE: &str = "内容";

    /// Whose statement it is.
    pub const HEAD: &str = "账单";
    /// Group of an empty day's note.
    pub const NOTE: &str = "提示";
    /// The note of an empty day.
    pub const EMPTY_DAY: &str = "本日无记录";
    /// The day's totals.
    pub const DAY: &str = "本日合计";
    /// Totals a meal period.
    pub const BY_PERIOD: &str = "按餐次";
    /// Totals a programme.
    pub const BY_PROGRAMME: &str = "按项目";
    /// Movements of purses.
    pub const MOVEMENTS: &str = "账户变动";
    /// Everything before the day.
    pub const OPENING: &str = "期初累计";
    /// Everything up to the day's end.
    pub const CLOSING: &str = "期末累计";
    /// Numbers and hashes.
    pub const SEQUENCE: &str = "序号";
    /// A row over all payers.
    pub const ALL: &str = "合计";

    /// The canteen's id.
    pub const CANTEEN: &str = "食堂编号";
    /// The canteen's name.
    pub const CANTEEN_NAME: &str = "食堂名称";
    /// The kiosk's id.
    pub const KIOSK: &str = "终端编号";
    /// The day.
    pub const DATE: &str = "日期";
    /// The zone of the times.
    pub const ZONE: &str = "时区";
    /// The last number before the day.
    pub const BEFORE: &str = "上一条序号";
    /// The day's first number.
    pub const FIRST: &str = "首条序号";
    /// The last number up to the day's end.
    pub const LAST: &str = "末条序号";
    /// The hash of the last entry before the day.
    pub const HASH_BEFORE: &str = "上一条哈希";
    /// The hash of the last entry up to the day's end.
    pub const HASH_LAST: &str = "末条哈希";
}

/// 用餐, 冲正, …
pub const fn entry_kind(body: &EntryBody) -> &'static str {
    match body {
        EntryBody::Meal(_) => "用餐",
        EntryBody::Reversal(_) => "冲正",
        EntryBody::Movement(_) => "账户变动",
        EntryBody::Clock(_) => "校时",
        EntryBody::Restart(_) => "账本续接",
    }
}

/// 刷脸, 刷卡, … without the carer's name.
pub const fn identified_by(way: &IdentifiedBy) -> &'static str {
    match way {
        IdentifiedBy::Face => "刷脸",
        IdentifiedBy::Card => "刷卡",
        IdentifiedBy::Code => "编号密码",
        IdentifiedBy::Staff => "人工查询",
        IdentifiedBy::Carer { .. } => "代领",
        IdentifiedBy::Delivered => "送餐",
    }
}

/// 发放, 充值, …
pub const fn movement_cause(cause: MovementCause) -> &'static str {
    match cause {
        MovementCause::Grant => "发放",
        MovementCause::TopUp => "充值",
        MovementCause::Clearing => "清零",
        MovementCause::Refund => "退款",
        MovementCause::Adjustment => "更正",
    }
}

/// 优惠, 补贴, …
pub const fn line_kind(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Discount => "优惠",
        LineKind::Subsidy => "补贴",
        LineKind::Points => "积分",
        LineKind::Voucher => "服务券",
        LineKind::Allowance => "津贴",
        LineKind::TimeCoin => "时间币",
        LineKind::Prepaid => "预存款",
    }
}

/// A payer's name with the id in parentheses: 「本人(elder)」, 「市级(city)」, 「fund-7(fund-7)」.
pub fn payer(payer: &Payer) -> String {
    format!("{}({payer})", payer_name(payer))
}

/// A payer's name alone: 「区级」.
pub fn payer_name(payer: &Payer) -> &str {
    match payer.as_str() {
        "elder" => "本人",
        "canteen" => "食堂",
        "city" => "市级",
        "district" => "区级",
        "town" => "镇街",
        "province" => "省级",
        "state" => "中央",
        other => other,
    }
}

/// Heading of a payer's column.
pub fn payer_column(who: &Payer) -> String {
    format!("{PAYER_COLUMN}{}", payer(who))
}

/// What the heading of every payer's column begins with.
pub const PAYER_COLUMN: &str = "承担:";

/// One rule in a cell: 「高龄补贴 第3版 补贴 3.00」.
pub fn rule_applied(name: &str, version: u32, kind: LineKind, amount: &str) -> String {
    format!("{name} 第{version}版 {} {amount}", line_kind(kind))
}

/// Characters that dates, times, numbers and amounts are written with; a text of others is none of these.
pub const CHARACTERS_OF_DATES_AND_NUMBERS: &str = "年月日号时時点點分秒上下午晨早晚星期周週礼拜公元民国平成令和昭大正负負元圆圓角\
    零〇一二三四五六七八九十百千万萬亿億两壹贰叁肆伍陆柒捌玖拾佰仟个人民币";

/// What a clock entry says.
pub fn clock_vouched(from: &str, to: &str) -> String {
    format!("工作人员确认时钟:由 {from} 改为 {to}")
}
