//! What the doctor calls things.

/// Nothing to do.
pub const GOOD: &str = "正常";
/// Works, but somebody should look.
pub const WARNING: &str = "注意";
/// Does not work.
pub const FAILED: &str = "故障";
/// Before what to do.
pub const REMEDY: &str = "处理：";

/// The Chinese name beside a check's key.
pub fn check_name(key: &str) -> String {
    let name = match key {
        "camera" => "摄像头",
        "canteen" => "食堂设置",
        "clock" => "时钟",
        "database" => "数据库",
        "disk" => "磁盘",
        "font" => "字体",
        "gallery" => "人脸库",
        "ledger" => "账本",
        "models" => "模型",
        "people" => "名册",
        "recognition" => "识别设置",
        "runtime" => "推理引擎",
        "screen" => "屏幕设置",
        "subsidies" => "补贴规则",
        _ => return key.to_owned(),
    };
    format!("{name} {key}")
}
