"""Limits as a moving window, back-off, and what answers mean."""

import json
from datetime import timedelta

import pytest

from services.notifier.core.robots import (
    AGE_MAX,
    KINDS,
    TRIED_MAX,
    Answer,
    Free,
    Limit,
    free,
    given_up,
    retry_after,
    verdict,
)
from tests.support.events import AT

WECOM, DINGTALK, FEISHU, SMS = (KINDS[n] for n in ("wecom", "dingtalk", "feishu", "sms"))
TWENTY = (Limit(20, timedelta(seconds=60)),)


def s(seconds):
    return AT + timedelta(seconds=seconds)


def test_no_stretch_of_the_length_ever_holds_more_than_the_limit():
    """A bucket of 20 filled at 20 a minute would let 40 out within one minute."""
    posted = []
    for second in range(300):
        while free(TWENTY, posted, s(second)).posts > 0:
            posted.append(s(second))
    for start in posted:
        assert sum(start <= at < start + timedelta(seconds=60) for at in posted) <= 20
    assert len(posted) == 100


def test_the_tighter_of_two_limits_holds():
    assert free(FEISHU.limits, [], AT) == Free(5, 4)
    assert free(FEISHU.limits, [AT] * 5, AT) == Free(0, -1)
    assert free(FEISHU.limits, [AT] * 5, s(2)) == Free(5, 4)
    assert free(FEISHU.limits, [s(-30)] * 98, AT) == Free(2, -23)
    assert free(WECOM.limits, [], AT) == Free(20, 15)


def test_later_and_later_up_to_half_an_hour():
    assert [retry_after(n).total_seconds() for n in (1, 2, 3, 8, 9, 500)] == [
        10, 20, 40, 1280, 1800, 1800,
    ]  # fmt: skip
    assert not given_up(TRIED_MAX - 1, AT, AT + AGE_MAX)
    assert given_up(TRIED_MAX, AT, AT)
    assert given_up(1, AT, AT + AGE_MAX + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("kind", "body", "outcome", "code", "wait_s"),
    [
        (WECOM, {"errcode": 0, "errmsg": "ok"}, "delivered", "0", 0),
        (WECOM, {"errcode": 45009, "errmsg": "api freq out of limit"}, "busy", "45009", 60),
        (WECOM, {"errcode": 93000, "errmsg": "invalid webhook url"}, "refused", "93000", 0),
        (DINGTALK, {"errcode": 130101, "errmsg": "send too fast"}, "busy", "130101", 600),
        (DINGTALK, {"errcode": 410100, "errmsg": "发送速度太快而限流"}, "busy", "410100", 600),
        (DINGTALK, {"errcode": 90030, "errmsg": "webhook over limit"}, "busy", "90030", 600),
        (DINGTALK, {"errcode": 310000, "errmsg": "签名不匹配"}, "refused", "310000", 0),
        (DINGTALK, {"status": 1111, "wait": 5, "punish": "deny"}, "refused", "http 200", 0),
        (FEISHU, {"code": 0, "msg": "success"}, "delivered", "0", 0),
        (FEISHU, {"code": 11232, "msg": "frequency limited psm[x]"}, "busy", "11232", 60),
        (FEISHU, {"code": 9499, "msg": "too many request"}, "busy", "9499", 60),
        (FEISHU, {"code": 9499, "msg": "Bad Request"}, "refused", "9499", 0),
        (FEISHU, {"code": 19021, "msg": "sign match fail"}, "refused", "19021", 0),
        (SMS, {"code": 0}, "delivered", "0", 0),
        (SMS, {}, "refused", "http 200", 0),
    ],
)
def test_the_body_says_what_became_of_it(kind, body, outcome, code, wait_s):
    said = verdict(kind, Answer(200, json.dumps(body).encode()))
    assert (said.outcome, said.code) == (outcome, code)
    assert said.wait.total_seconds() == wait_s


@pytest.mark.parametrize("body", [b"", b"<html>", b"[0]", b"\xff", b'{"errcode": null}'])
def test_what_is_not_understood_was_not_delivered(body):
    assert verdict(WECOM, Answer(200, body)).outcome == "refused"


def test_no_answer_and_other_statuses():
    assert verdict(WECOM, Answer(0, b"ConnectionRefusedError")).outcome == "unreachable"
    assert verdict(WECOM, Answer(429, b"")).outcome == "busy"
    ok = json.dumps({"errcode": 0}).encode()
    assert verdict(WECOM, Answer(502, ok)).outcome == "refused"
    assert verdict(WECOM, Answer(302, b"")).code == "http 302"
