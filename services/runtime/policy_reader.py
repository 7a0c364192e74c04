"""The bundles on the topic `policies`: read from its beginning, and one more put there."""

from dataclasses import replace
from datetime import datetime

from schemas.codec import decode
from schemas.event import Event, Out, Record, Refused
from schemas.policies import CONTENT_CHARS_MAX, PolicyPublished
from services.kernel.ids import NAMESPACE, derived_id
from services.runtime.policy_bundle import Bundle, bundle, sealed, unsealed
from services.runtime.publish import Publisher
from services.runtime.settings import Settings
from services.runtime.tail import read_all

TOPIC = "policies"
SOURCE = "urn:anxin:policy"


def bundles(settings: Settings) -> dict[str, Bundle]:
    """By hash, in order of publishing. Raises NotNow; ValueError where one cannot be read: better than forgotten."""
    records = read_all(settings, (TOPIC,))
    found = (_bundle(record) for record in records if record.value is not None)
    return {one.hash: one for one in found}


def publish(settings: Settings, one: Bundle, at: datetime) -> Bundle:
    """Confirmed on return. Raises NotNow; ValueError where it is too large for a record."""
    content = sealed(one.content)
    if len(content) > CONTENT_CHARS_MAX:
        raise ValueError(f"政策包压缩后 {len(content)} 字节，最多 {CONTENT_CHARS_MAX} 字节")
    data = PolicyPublished(
        district=settings.district,
        hash=one.hash,
        version=one.version,
        effective_from=one.effective_from,
        note=one.note,
        statutory_change=one.statutory_change,
        content=content,
    )
    event = Event(derived_id(NAMESPACE, f"policy/{one.hash}"), SOURCE, at, one.hash, data)
    with Publisher(settings) as publisher:
        publisher.event(Out(TOPIC, one.hash, event), at if settings.stepped else None)
    return replace(one, published_at=at)


def _bundle(record: Record) -> Bundle:
    where = f"{record.topic}-{record.partition}-{record.offset}"
    try:
        event = decode(record)
        data = event.data
        if not isinstance(data, PolicyPublished):
            raise ValueError(f"{event.type} is no bundle")
        one = bundle(unsealed(data.content), event.time)
        if one.hash != data.hash:
            raise ValueError(f"the bytes are of {one.hash}, not of {data.hash}")
    except (Refused, ValueError) as error:
        raise ValueError(f"{where}: {error}") from None
    return one
