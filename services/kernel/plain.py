"""A stranger's bytes as text for a person: nothing in it steers a terminal or a page."""


def text_of(raw: bytes | None) -> tuple[str, str]:
    """`utf-8` and the text, else `hex` and the digits."""
    try:
        return "utf-8", (raw or b"").decode()
    except UnicodeDecodeError:
        return "hex", (raw or b"").hex()


def visible(text: str) -> str:
    """Control characters, those of writing direction too, as hexadecimal; line ends and the wide space stay."""
    return "".join(c if c.isprintable() or c in "\n\u3000" else f"\\x{ord(c):02x}" for c in text)
