//! The names of the drawn people of the demo and where they live. Nobody is meant by them.

/// 区 and 镇街 of the elders who live near the canteen.
pub const CAST_HOME: (&str, &str) = ("武侯区", "玉林街道");
/// 区 and 镇街 of an elder of the same district and another town.
pub const CAST_OTHER_TOWN: (&str, &str) = ("武侯区", "浆洗街街道");
/// 区 and 镇街 of an elder of another district.
pub const CAST_OTHER_DISTRICT: (&str, &str) = ("青羊区", "草堂街道");
/// Names, in the order of the cast.
pub const CAST_NAMES: [&str; 10] =
    ["王秀英", "李德厚", "陈桂芳", "张国栋", "刘玉珍", "赵长庚", "黄淑兰", "周永福", "吴素华", "孙伯年"];
