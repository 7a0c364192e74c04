from services.kernel.plain import text_of, visible


def test_a_strangers_bytes_do_not_steer_the_terminal():
    assert visible("欠薪\x1b[2J\r\n\u202e\u3000") == "欠薪\\x1b[2J\\x0d\n\\x202e\u3000"


def test_bytes_are_text_where_they_are_utf_8_and_digits_elsewhere():
    assert text_of("欠薪".encode()) == ("utf-8", "欠薪")
    assert text_of(b"\xca\xd0") == ("hex", "cad0")
    assert text_of(None) == ("utf-8", "")
