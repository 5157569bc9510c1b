"""What the framework's validator finds wrong in a request, in words for people.

Its own name the rule and never quote a value; where they speak of machinery, ours stand instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siyu.kernel.sentence import Sentence

SAID: Mapping[str, Sentence] = {
    "missing": Sentence("is required", "必须填写"),
    "timezone_aware": Sentence("needs an offset; add +08:00 or Z", "缺少时区；请加上 +08:00 或 Z"),
    "string_pattern_mismatch": Sentence(
        "holds characters that can't be used here", "含有这里不能用的字符"
    ),
    "json_invalid": Sentence("is not JSON", "不是 JSON"),
    "dataclass_type": Sentence("must be a JSON object", "必须是 JSON 对象"),
    "model_attributes_type": Sentence("must be a JSON object", "必须是 JSON 对象"),
}
# Its other rules in Chinese, filled with what they compare to; its English stays as it is.
ZH: Mapping[str, str] = {
    "bool_parsing": "必须是 true 或 false",
    "bool_type": "必须是 true 或 false",
    "date_from_datetime_inexact": "必须是日期，不带时刻",
    "date_from_datetime_parsing": "不是有效的日期，请写成 2026-11-01",
    "date_parsing": "不是有效的日期，请写成 2026-11-01",
    "date_type": "不是有效的日期，请写成 2026-11-01",
    "datetime_from_date_parsing": "不是有效的时间",
    "datetime_object_invalid": "不是有效的时间",
    "datetime_parsing": "不是有效的时间",
    "datetime_type": "不是有效的时间",
    "dict_type": "必须是 JSON 对象",
    "enum": "必须是其中之一：{expected}",
    "extra_forbidden": "没有这个字段",
    "finite_number": "必须是有限的数",
    "float_parsing": "必须是数字",
    "float_type": "必须是数字",
    "greater_than": "必须大于 {gt}",
    "greater_than_equal": "不能小于 {ge}",
    "int_from_float": "必须是整数",
    "int_parsing": "必须是整数",
    "int_parsing_size": "数字太大",
    "int_type": "必须是整数",
    "less_than": "必须小于 {lt}",
    "less_than_equal": "不能大于 {le}",
    "list_type": "必须是列表",
    "literal_error": "必须是其中之一：{expected}",
    "none_required": "必须为空",
    "string_too_long": "最多 {max_length} 个字符",
    "string_too_short": "至少 {min_length} 个字符",
    "string_type": "必须是文字",
    "time_parsing": "不是有效的时刻，请写成 10:00",
    "time_type": "不是有效的时刻，请写成 10:00",
    "too_long": "最多 {max_length} 项",
    "too_short": "至少 {min_length} 项",
    "union_tag_invalid": "必须是其中之一：{expected_tags}",
    "unexpected_keyword_argument": "没有这个字段",
}
ELSE = "不符合要求的格式"  # a rule that no route has yet: a test looks


def why(found: Mapping[str, Any]) -> Sentence:
    """What is said of a value, which is never quoted."""
    kind = found["type"]
    if kind in SAID:
        return SAID[kind]
    words = str(found["msg"]).replace("Input should", "should")
    return Sentence(words, ZH.get(kind, ELSE).format_map(found.get("ctx", {})))
