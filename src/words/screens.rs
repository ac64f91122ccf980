//! What the elder reads on the kiosk's screens.

use jiff::civil::Time;

use super::meal_period;
use crate::domain::{Fen, MealPeriod};
use crate::kiosk::session::{CameraFault, Hint, Message, NextMeal, StoreFault};

pub const STARTING_TITLE: &str = "马上就好";
pub const STARTING_TEXT: &str = "本机正在启动，请稍等";

pub const IDLE_TITLE: &str = "看一看镜头\n就能用餐";
pub const IDLE_STEPS: &str = "请走近一些，正对屏幕。\n不用手机，不用签字。";
pub const AGAIN_TITLE: &str = "还要用餐吗？";
pub const AGAIN_TEXT: &str = "按「再来一次」，再看一看镜头。";
pub const AGAIN: &str = "再来一次";
pub const OTHER_WAY: &str = "不刷脸，用别的方式";
pub const PRIVACY_NOTICE: &str =
    "本机用摄像头识别面容，只用于核对身份和结算餐费，不保存照片和录像。不刷脸也能用餐，补贴一样。";
pub const DEMO_NOTICE: &str = "演示：绘制人物与演示数据，不是真实结算";

pub const LOOKING_TITLE: &str = "请看镜头";
pub const LOOKING_STILL: &str = "正在认您，稍等一下";
pub const FOUND: &str = "认出您了\n正在查补贴";
pub const SEVERAL_FACES: &str = "前面有几位，先为最近的一位办理，请其他人稍等";
pub const CAMERA_PICTURE: &str = "摄像头画面";

pub const CHOOSE_DISHES: &str = "好，去选餐";
pub const NOT_ME: &str = "不是我";
pub const YOUR_SUBSIDY: &str = "您的补贴";
pub const AFTER_THIS_MEAL: &str = "用餐之后";
pub const NO_SUBSIDY: &str = "这一餐没有可用的补贴";

pub const CANCEL: &str = "不吃了";
pub const NEXT_PAGE: &str = "更多菜品";
pub const TAKE_THIS: &str = "就要这份";
pub const TAKE_THESE: &str = "就要这些";
pub const CHOSEN: &str = "已选";
pub const CHOOSE_ONE: &str = "请先点一份";
pub const PRICE: &str = "餐费";
pub const REDUCTION: &str = "减免";
pub const PREPAID: &str = "预存款";
pub const OWN_SHARE: &str = "自付";

pub const CONFIRM: &str = "确认用餐";
pub const BACK: &str = "重新选餐";
pub const WRITING: &str = "正在记账，请稍等";
pub const NOTHING_TAKEN_YET: &str = "按下「确认用餐」才结算，不按不扣钱";
pub const STAY_A_MOMENT: &str = "已经确认，请不要走开";

pub const DONE: &str = "完成";
pub const HOME: &str = "返回首页";
pub const TRY_AGAIN: &str = "再试一次";
pub const CLOSED_TITLE: &str = "现在不是供餐时间";
pub const CLOSED_UNKNOWN: &str = "请留意食堂的供餐时间";
/// Marks after which a line may end.
pub const MARKS: [char; 5] = ['，', '：', '、', '。', '；'];
/// Between two amounts on one line.
pub const BESIDE: &str = "　";
/// Between dishes.
pub const AND: &str = "、";
/// Letters that every Chinese font has.
pub const COMMON_LETTERS: &str = "餐补贴元";

/// 「王秀英，您好」
pub fn greeting(name: &str) -> String {
    format!("{name}，您好")
}

/// 「12.00 元」
pub fn yuan(amount: Fen) -> String {
    format!("{amount} 元")
}

/// 「− 3.00 元」
pub fn minus_yuan(amount: Fen) -> String {
    format!("− {amount} 元")
}

/// 「午餐　11:00 – 13:30」
pub fn serving_hours(period: MealPeriod, from: Time, to: Time) -> String {
    format!("{}　{} – {}", meal_period(period), clock(from), clock(to))
}

/// 「11:05」
pub fn clock(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// 「11月22日　星期日」
fn date(date: jiff::civil::Date) -> String {
    use jiff::civil::Weekday;
    let weekday = match date.weekday() {
        Weekday::Monday => "一",
        Weekday::Tuesday => "二",
        Weekday::Wednesday => "三",
        Weekday::Thursday => "四",
        Weekday::Friday => "五",
        Weekday::Saturday => "六",
        Weekday::Sunday => "日",
    };
    format!("{}月{}日　星期{weekday}", date.month(), date.day())
}

/// 「11月22日　星期日　11:05」
pub fn date_and_time(day: jiff::civil::Date, time: Time) -> String {
    format!("{}　{}", date(day), clock(time))
}

/// 「工作人员：请把摄像头插好」
pub fn for_staff(remedy: &str) -> String {
    format!("工作人员：{remedy}")
}

/// 「下一餐：晚餐，17:30 开始」, 「下一餐：明天早餐，06:30 开始」
pub fn next_meal(next: NextMeal) -> String {
    let day = if next.tomorrow { "明天" } else { "" };
    format!("下一餐：{day}{}，{} 开始", meal_period(next.period), clock(next.from))
}

/// What a quote is reckoned on: 「以「红烧肉」15.00 元计」
pub fn reckoned_on(dishes: &str, price: Fen) -> String {
    format!("以「{dishes}」{price} 元计")
}

/// 「等共 7 项，合计减免 12.00 元」 below some of them, which are `listed`.
pub fn more_lines(listed: bool, lines: usize, reduction: Fen) -> String {
    let among_others = if listed { "等" } else { "" };
    format!("{among_others}共 {lines} 项，合计减免 {reduction} 元")
}

/// 「预存款共支付 9.00 元」
pub fn from_prepaid(amount: Fen) -> String {
    format!("{PREPAID}共支付 {amount} 元")
}

/// An amount as it is spoken: 「2」, 「2.50」.
fn spoken(amount: Fen) -> String {
    let written = amount.to_string();
    written.strip_suffix(".00").unwrap_or(&written).to_owned()
}

/// 「扫脸成功，已为您减免 2 元」
pub fn settled_title(reduction: Fen) -> String {
    if reduction > Fen::ZERO {
        format!("扫脸成功\n已为您减免 {} 元", spoken(reduction))
    } else {
        "扫脸成功".to_owned()
    }
}

/// 「王秀英，祝您用餐愉快」
pub fn enjoy(name: &str) -> String {
    format!("{name}，祝您用餐愉快")
}

/// 「自付 10 元，请在取餐处支付」, 「从预存款扣 14 元，不用另付」
pub fn own_share_line(own_share: Fen, from_prepaid: Fen, collected: &str) -> String {
    let (own, prepaid) = (spoken(own_share), spoken(from_prepaid));
    match (own_share > Fen::ZERO, from_prepaid > Fen::ZERO) {
        (true, true) => format!("从预存款扣 {prepaid} 元，另付 {own} 元，{collected}"),
        (true, false) => format!("自付 {own} 元，{collected}"),
        (false, true) => format!("从预存款扣 {prepaid} 元，不用另付"),
        (false, false) => "这一餐不用您付钱".to_owned(),
    }
}

/// 「35 秒后自动取消，不扣钱」
pub fn cancels_in(seconds: u64) -> String {
    format!("{seconds} 秒后自动取消，不扣钱")
}

/// 「请看一下镜头，不然 5 秒后取消」
pub fn look_or_cancels_in(seconds: u64) -> String {
    format!("请看一下镜头，不然 {seconds} 秒后取消")
}

/// 「请再看一下镜头，然后按确认」, or what would help instead; whoever cannot help it is not asked to confirm.
pub fn face_needed(help: Option<Hint>) -> String {
    match help {
        Some(Hint::NoColours) => hint(Hint::NoColours).to_owned(),
        _ => format!("{}，然后按确认", help.map_or("请再看一下镜头", hint)),
    }
}

/// What would help the camera.
pub const fn hint(hint: Hint) -> &'static str {
    match hint {
        Hint::ComeCloser => "请再走近一点",
        Hint::StepBack => "请往后一点，让整张脸进来",
        Hint::FaceCamera => "请正对镜头",
        Hint::HoldStill => "请别动，看着镜头",
        Hint::TooDark => "脸上有点暗，请朝亮处转一点",
        Hint::TooBright => "光太强了，请避开强光",
        Hint::NoColours => "画面没有颜色，请找工作人员",
    }
}

/// The heading above the dishes; whose meal it is stands on every screen up to the confirmation.
pub fn dishes_title(name: &str) -> String {
    format!("{name}，请选餐")
}

/// The heading above the bill.
pub fn confirm_title(name: &str) -> String {
    format!("{name}，请确认这一餐")
}

/// The heading of a message.
pub fn message_title(message: &Message) -> String {
    match message {
        Message::NotRecognised { .. } => "没有认出您".to_owned(),
        Message::Ambiguous => "有两位长得很像".to_owned(),
        Message::NotLive => "请您本人看镜头".to_owned(),
        Message::AlreadyServed { period, .. } => format!("今天的{}已经领过了", meal_period(*period)),
        Message::AskStaff => "请工作人员帮您办理".to_owned(),
        Message::NoMenu => "菜单还没有准备好".to_owned(),
        Message::OtherWay => "不刷脸也能用餐".to_owned(),
        Message::Cancelled => "已取消".to_owned(),
        Message::TimedOut => "已自动取消".to_owned(),
        Message::WentAway => "没有看到您，已取消".to_owned(),
        Message::PersonChanged => "换了一位，已取消".to_owned(),
        Message::PriceChanged => "价格或补贴刚刚变了".to_owned(),
        Message::MealOver => "这一餐已经结束了".to_owned(),
        Message::Fault(_) => "暂时办不了".to_owned(),
        Message::NoPicture => CAMERA_FAULT_TITLE.to_owned(),
        Message::Unsure => "请稍等，找工作人员核对".to_owned(),
    }
}

/// The sentence below the heading.
pub fn message_text(message: &Message) -> String {
    match message {
        Message::NotRecognised { hint: Some(Hint::NoColours) } => {
            "没有扣钱。摄像头画面没有颜色，请到柜台，工作人员为您办理，补贴一样。".to_owned()
        }
        Message::NotRecognised { hint: Some(found) } => {
            format!("{}，再试一次；也可以请工作人员办理。没有扣钱。", hint(*found))
        }
        Message::NotRecognised { hint: None } => {
            "可能还没有登记面容。可以再试一次，也可以请工作人员办理，补贴一样。".to_owned()
        }
        Message::Ambiguous => "为了不记错账，请再试一次，或到柜台请工作人员办理，补贴一样。".to_owned(),
        Message::NotLive => "照片和手机画面不能办理。请取下遮挡，再试一次。".to_owned(),
        Message::AlreadyServed { name, .. } => format!("{name}，每餐只结算一次，这次没有扣钱。有疑问请找工作人员。"),
        Message::AskStaff => "没有扣钱。请到柜台，请工作人员核对您的登记信息。".to_owned(),
        Message::NoMenu => "没有扣钱。请告诉工作人员，今天的菜单还没有录入。".to_owned(),
        Message::OtherWay => "请到柜台，工作人员为您办理，补贴一样。".to_owned(),
        Message::Cancelled => "没有扣钱。".to_owned(),
        Message::TimedOut => "好一会儿没有操作，没有扣钱。".to_owned(),
        Message::WentAway => "没有扣钱。再来时看一看镜头就行。".to_owned(),
        Message::PersonChanged => "刚才那位没有扣钱。请您看镜头，重新办理。".to_owned(),
        Message::PriceChanged => "没有扣钱。请再看一次镜头，按新的价格办理。".to_owned(),
        Message::MealOver => "没有扣钱。请到柜台，工作人员为您办理。".to_owned(),
        Message::Fault(_) => "没有记账，没有扣钱。请到柜台，工作人员为您办理。".to_owned(),
        Message::NoPicture => "没有扣钱。请到柜台，工作人员为您办理，补贴一样。".to_owned(),
        Message::Unsure => "这一餐还没有确认记上。请不要重复办理，工作人员来核对。".to_owned(),
    }
}

/// What the elder reads while there is no picture.
pub const CAMERA_FAULT_TITLE: &str = "暂时不能刷脸";
/// The sentence below it.
pub const CAMERA_FAULT_TEXT: &str = "请到柜台，工作人员为您办理，补贴一样。修好后本机会自己恢复。";

/// What the staff should do about the camera.
pub const fn camera_remedy(fault: CameraFault) -> &'static str {
    match fault {
        CameraFault::Absent => "找不到摄像头：请把摄像头插好",
        CameraFault::Busy => "摄像头被别的程序占用：请关掉那个程序",
        CameraFault::Denied => "没有权限打开摄像头：请把本机用户加入 video 组",
        CameraFault::Failing => "摄像头没有画面：正在自动重启，仍不行请重新插拔",
        CameraFault::Vision => "人脸识别出错：请运行 mealpoint doctor 查看原因",
    }
}

/// What the elder reads while nothing can be written.
pub const STORE_FAULT_TITLE: &str = "暂时办不了";

/// The sentence below it. What was settled before is safe, unless the books are damaged.
pub const fn store_fault_text(fault: StoreFault) -> &'static str {
    match fault {
        StoreFault::Damaged => "现在不能记账，也不会扣钱。请到柜台，工作人员为您办理。",
        StoreFault::DiskFull | StoreFault::ReadOnly | StoreFault::Silent | StoreFault::Clock | StoreFault::Other => {
            "现在不能记账。之前记好的不受影响。请到柜台，工作人员为您办理。"
        }
    }
}

/// What the staff should do about the books.
pub const fn store_remedy(fault: StoreFault) -> &'static str {
    match fault {
        StoreFault::DiskFull => "磁盘满了：请清出空间，本机会自动恢复",
        StoreFault::ReadOnly => "数据目录只读：请检查磁盘和权限，本机会自动恢复",
        StoreFault::Damaged => "账本文件损坏：请不要删除任何文件，联系维护人员",
        StoreFault::Silent => "账本没有及时回应：请稍等，仍不行请重启本机",
        StoreFault::Clock => "时间早于账本：请校准，或确认后运行 mealpoint ledger trust-clock",
        StoreFault::Other => "账本出错：请运行 mealpoint doctor 查看原因",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_stands_before_a_camera_without_colours_is_sent_to_the_staff_and_asked_for_nothing() {
        assert_eq!(face_needed(Some(Hint::NoColours)), hint(Hint::NoColours));
        assert_eq!(face_needed(Some(Hint::TooDark)), format!("{}，然后按确认", hint(Hint::TooDark)));
        let text = message_text(&Message::NotRecognised { hint: Some(Hint::NoColours) });
        assert!(text.contains("柜台") && !text.contains("再试一次"), "{text}");
    }
}
