//! The names of the drawn people of the demo and where they live (nobody is meant by them), and what is said of the models
//! that know drawn people alone.

/// On every screen, and in the doctor's report, while the drawn models are in use.
pub const DEMO_MODELS: &str = "演示模型，仅识别绘制人物";

/// 区 and 镇街 of the elders who live near the canteen.
pub const CAST_HOME: (&str, &str) = ("武侯区", "玉林街道");
/// 区 and 镇街 of an elder of the same district and another town.
pub const CAST_OTHER_TOWN: (&str, &str) = ("武侯区", "浆洗街街道");
/// 区 and 镇街 of an elder of another district.
pub const CAST_OTHER_DISTRICT: (&str, &str) = ("青羊区", "草堂街道");
/// Names, in the order of the cast.
pub const CAST_NAMES: [&str; 10] =
    ["王秀英", "李德厚", "陈桂芳", "张国栋", "刘玉珍", "赵长庚", "黄淑兰", "周永福", "吴素华", "孙伯年"];
