"""读不懂的网址或表单: what is wrong with it, in words for the person, and the way back."""

from collections.abc import Mapping, Sequence
from typing import Any

NAMES = {
    "identity": "案件编号", "command": "操作编号", "done": "操作编号", "number": "案号", "show": "筛选",
    "act": "办理事项", "month": "月份", "on": "日期", "reason": "事由", "state": "筛选", "topic": "主题",
    "account": "账号", "csrf": "页面凭证", "next": "登录后的去处", "headers": "消息头", "text": "内容",
}  # fmt: skip
"""Of what a person may have typed or a link may have lost; any other is called by its own name."""
FAULTS = {
    "uuid_parsing": "不是完整的编号", "missing": "缺少", "string_too_long": "太长，最多 {max_length} 字",
}  # fmt: skip
SHOWN_MAX, NAME_CHARS_MAX = 5, 30


def faults(errors: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line for each of pydantic's errors, `type`, `loc`, `ctx`; never what was typed."""
    return list(dict.fromkeys(_fault(one) for one in errors))[:SHOWN_MAX]


def _fault(error: Mapping[str, Any]) -> str:
    name = str(error["loc"][-1])
    said = FAULTS.get(error["type"], "填写的内容不对").format_map(error.get("ctx") or {})
    return f"{NAMES.get(name, name[:NAME_CHARS_MAX])}：{said}"


def back(path: str, names: Mapping[str, str]) -> tuple[str, str]:
    """Address and name of the list from which such a page is reached, else of the first page. `names`: of the menu."""
    first = "/" + path.removeprefix("/").partition("/")[0].partition(".")[0]
    return (first, names[first]) if first in names else ("/", "首页")
