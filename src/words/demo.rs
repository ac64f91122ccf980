//! The demo's menu and its consent.

/// Id, name and price in fen of the demo's meals, the canteen's standard meal first.
pub const DEMO_MENU: [(&str, &str, i64); 5] = [
    ("D-01", "今日套餐：清蒸鱼、时蔬、米饭", 1500),
    ("D-02", "番茄牛腩软饭", 1600),
    ("D-03", "香菇鸡汤面", 1200),
    ("D-04", "豆腐素食套餐", 1000),
    ("D-05", "小米粥、花卷、鸡蛋", 800),
];

/// Who signs for drawn people.
pub const DEMO_SIGNER: &str = "演示（绘制人物）";
/// What the signer is to them.
pub const DEMO_RELATION: &str = "演示";
/// The demo's member of the staff.
pub const DEMO_STAFF: &str = "演示工作人员";
