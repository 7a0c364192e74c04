"""What goes out together, in what order, and how it reads."""

from datetime import timedelta

from schemas.event import Event
from services.kernel.ids import derived_id
from services.notifier.core.letters import Item, choose, letter_id, text
from services.notifier.core.robots import Free
from services.notifier.core.tell import notices
from tests.support.events import AT, DUE
from tests.support.notices import OWNER, POLICY, assigned, case, warned

WIDE = 16_000
OTHER = OWNER.model_copy(update={"account": "g-420704002-G05-b"})


def item(data, ordinal=1, number="20250828-ABCDEF", *, urgent=False):
    event = Event(derived_id(data.case_id, data.TYPE), "test", AT, "", data)
    [chat, *_] = notices(POLICY, event, urgent=urgent, now=AT)
    return Item(chat, ordinal, number)


def plain(count):
    return [item(assigned(case(n))) for n in range(count)]


def said(items, now=AT, link="", bytes_max=WIDE):
    return text(POLICY, items, "1a2b3c4d-0000", link, now, bytes_max)


def test_one_by_one_while_there_is_room_and_a_digest_where_there_is_not():
    three = plain(3)
    assert choose(three, Free(20, 15)) == (three[0],)
    assert choose(three, Free(8, 3)) == (three[0],)
    assert choose(three, Free(7, 2)) == tuple(three)
    assert choose(three, Free(5, 0)) == ()
    assert choose([], Free(20, 15)) == ()
    assert len(choose(plain(100), Free(6, 1))) == 40


def test_a_pressing_one_takes_the_reserve_and_goes_alone():
    urgent = item(warned(case(9)), urgent=True)
    hard = item(warned(case(8), clock="S09"))
    assert choose([urgent, *plain(50)], Free(1, -4)) == (urgent,)
    assert choose([hard, *plain(50)], Free(1, -4)) == (hard,)
    assert choose([urgent], Free(0, -5)) == ()


def test_what_one_person_is_told_at_the_opening_is_one_letter():
    opens = AT + timedelta(hours=12)
    mine = [item(warned(case(n), tell_at=opens)) for n in range(3)]
    theirs = item(warned(case(7), tell_at=opens, owner=OTHER))
    assert choose([mine[0], theirs, *mine[1:]], Free(20, 15)) == tuple(mine)
    assert choose([theirs, *mine], Free(20, 15)) == (theirs,)


def test_the_time_left_is_that_of_the_moment_it_is_posted():
    one = [item(warned(case()))]
    assert "剩余 4 小时" in said(one)
    assert "剩余 30 分" in said(one, DUE - timedelta(minutes=30))
    assert "已超时 2 小时" in said(one, DUE + timedelta(hours=2))


def test_how_a_message_reads():
    [line, link, mark] = said([item(warned(case()), 2)], link="https://desk.example").splitlines()
    assert line == (
        "预警：签收，剩余 4 小时，案号 20250828-ABCDEF 420704002-G05，"
        "专职网格员 g-420704002-G05-a，第 2 次提醒"
    )
    assert (link, mark) == (f"https://desk.example/cases/{case()}", "（消息 1a2b3c4d）")
    assert said([item(warned(case(), clock="S09"), number="")]).startswith("预警：受理")
    assert "案号 待查" in said([item(assigned(case()), number="")])
    assert "新派案件请签收，案号" in said([item(assigned(case(), clock="", due_at=None))])


def test_somebody_who_stands_in_is_told_for_whom():
    instead = OWNER.model_copy(
        update={"post": "town_squad_leader", "fallback_from": "grid_officer"}
    )
    assert "岗位“专职网格员”无人，由您代收" in said([item(assigned(case(), instead))])


def test_a_digest_is_as_long_as_the_robot_takes_and_counts_the_rest():
    whole = said(plain(40), link="https://desk.example")
    assert whole.startswith("待办提醒 40 件\n")
    assert whole.count("案号") == 40
    short = said(plain(40), link="https://desk.example", bytes_max=2048)
    assert len(short.encode()) <= 2048
    shown = short.count("案号")
    assert 8 < shown < 40
    assert f"另有 {40 - shown} 件，请到平台查看" in short
    assert short.endswith("平台：https://desk.example\n（消息 1a2b3c4d）")


def test_a_letter_has_the_same_id_however_often_it_is_made():
    assert letter_id(plain(3)) == letter_id(plain(3))
    assert letter_id(plain(3)) != letter_id([item(assigned(case(5)))])
