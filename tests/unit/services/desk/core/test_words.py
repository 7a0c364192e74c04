"""Times and money in people's words."""

from datetime import UTC, datetime, timedelta

import pytest

from services.desk.core.words import ago, clock_face, exact, left, span, yuan

NOW = datetime(2026, 9, 22, 1, 0, tzinfo=UTC)  # 09:00 at the office, a Tuesday


@pytest.mark.parametrize(
    ("ahead", "words", "tone"),
    [
        (timedelta(minutes=-35), "已超时 35 分", "late"),
        (timedelta(days=-2, hours=-3), "已超时 2 天 3 小时", "late"),
        (timedelta(0), "剩余 1 分", "soon"),
        (timedelta(hours=1, minutes=20), "剩余 1 小时 20 分", "soon"),
        (timedelta(hours=8, minutes=30), "今天 17:30 前", "today"),
        (timedelta(hours=15, minutes=1), "明天 00:01 前", "calm"),
        (timedelta(days=3), "还有 3 天", "calm"),
    ],
)
def test_what_is_left(ahead, words, tone):
    found = left(NOW, NOW + ahead)
    assert (found.words, found.tone) == (words, tone)


def test_the_exact_instant_is_the_office_s():
    assert exact(NOW) == "9月22日 周二 09:00"
    assert clock_face(NOW + timedelta(minutes=41, seconds=7)) == "09:41:07"


@pytest.mark.parametrize(
    ("passed", "words"),
    [(5, "刚刚"), (720, "12 分钟前"), (3 * 3600, "3 小时前"), (2 * 86400, "2 天前"), (-9, "刚刚")],
)
def test_ago(passed, words):
    assert ago(NOW, NOW - timedelta(seconds=passed)) == words


def test_a_span_has_two_units_at_most():
    assert span(timedelta(days=1)) == "1 天"
    assert span(timedelta(hours=2)) == "2 小时"
    assert span(timedelta(days=1, hours=2, minutes=3)) == "1 天 2 小时"


@pytest.mark.parametrize(
    ("fen", "words"),
    [(640_000, "6,400 元"), (640_050, "6,400.50 元"), (1_800_000, "1.8 万元"), (15_000_000, "15 万元"), (0, "0 元")],
)  # fmt: skip
def test_money(fen, words):
    assert yuan(fen) == words
