//! Headers and words of the files that a canteen imports.

use crate::domain::{ElderStatus, Sex};

/// The Chinese header of a column that is known by its English name; the English name itself where there is none.
pub const fn column(name: &str) -> &str {
    match name.as_bytes() {
        b"id" => "编号",
        b"name" => "姓名",
        b"birth_date" => "出生日期",
        b"sex" => "性别",
        b"classes" => "类别",
        b"district" => "区",
        b"town" => "镇街",
        b"care_level" => "护理等级",
        b"status" => "状态",
        b"dish" => "菜品编号",
        b"dish_name" => "菜名",
        b"price" => "价格",
        b"periods" => "餐次",
        b"from" => "开始日期",
        b"to" => "结束日期",
        b"weekdays" => "星期",
        b"tags" => "标签",
        _ => name,
    }
}

/// The form in which a spreadsheet program must save what is imported.
pub const CSV_UTF8: &str = "CSV UTF-8（逗号分隔）";

/// 女, 男.
pub const fn sex(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => "女",
        Sex::Male => "男",
    }
}

/// 正常, 暂停, 迁出, 死亡.
pub const fn elder_status(status: ElderStatus) -> &'static str {
    match status {
        ElderStatus::Active => "正常",
        ElderStatus::Suspended => "暂停",
        ElderStatus::Moved => "迁出",
        ElderStatus::Deceased => "死亡",
    }
}

/// The class of an elder without any.
pub const NO_CLASS: &str = "普通";

/// The class that follows from the date of birth, and is therefore read and not kept.
pub const GREAT_AGE: &str = "高龄";

/// The characters of what may stand behind it beside numbers: 高龄老人, 高龄80周岁及以上, 高龄（90岁）, 高龄80至89岁.
pub const OF_AN_AGE: &str = "老年人周岁以上及含至到+-–—~～（）()";

/// The comma of Chinese text, which separates no cells.
pub const WIDE_COMMA: char = '，';

/// What separates several words in a cell.
pub const SEPARATORS: [char; 4] = [';', '；', '、', '|'];

/// Names of the days of the week, Monday first.
pub const WEEKDAYS: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];

/// What may stand before a day's name.
pub const WEEKDAY_PREFIXES: [&str; 3] = ["星期", "周", "礼拜"];

/// Headings of the list of the staff: who is there, what they did, and whose face was erased.
pub const STAFF_THERE: &str = "工作人员";
pub const STAFF_ACTS: &str = "操作记录（最新的在前）";
pub const ERASURES: &str = "面容删除记录（最新的在前）";

/// Below a list that was cut.
pub const NEWEST_ALONE: &str =
    "更早的没有列出：mealpoint staff list --all 列出全部，--since 2026-11-30 列出这一天以来的";

/// 「删除面容模板 3 个：撤回同意」
pub fn erasure(templates: usize, reason: &str) -> String {
    let reason = match reason {
        "withdrawn" => "撤回同意",
        "departed" => "死亡或迁出",
        "trial" => "试登记，没有同意",
        "enrolled anew" => "重新登记",
        other => other,
    };
    format!("删除面容模板 {templates} 个：{reason}")
}
