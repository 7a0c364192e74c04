"""坐标: how far a phone's point lies from the few town centres that have one. Weak evidence, never more (ADR 9)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import asin, cos, pi, radians, sin, sqrt

NEAR_KM_MAX = 2.0
"""[own] About half the distance of the two nearest points we have (3.9 km); beyond it a centre says nothing."""
_EARTH_KM = 6371.0
_AXIS_M, _ECCENTRICITY = 6378245.0, 0.00669342162296594323  # Krasovsky 1940, as GCJ-02 takes it
_ROUNDS = 8  # each shrinks the error about a thousandfold


@dataclass(frozen=True, slots=True)
class Centre:
    """A point of policies/places/centroids.csv, degrees WGS-84. `unit_code` of six digits: the city, no unit."""

    unit_code: str
    name: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Near:
    centre: Centre
    km: float


def centres_of(rows: Iterable[Mapping[str, str]]) -> tuple[Centre, ...]:
    """Rows without a point are left out. Raises ValueError naming a row that is no WGS-84 point."""
    return tuple(_centre(row) for row in rows if row["lon"] or row["lat"])


def _centre(row: Mapping[str, str]) -> Centre:
    try:
        found = Centre(row["code"], row["name"], float(row["lon"]), float(row["lat"]))
    except ValueError as error:
        raise ValueError(f"{row['code']}: {error}") from None
    if row["crs"] != "WGS-84" or not (73 <= found.lon <= 136 and 3 <= found.lat <= 54):
        raise ValueError(f"{row['code']}: not a WGS-84 point in China")
    return found


def nearest(centres: Sequence[Centre], lon: float, lat: float, crs: str) -> Near | None:
    """The nearest centre within NEAR_KM_MAX. Anything not said to be WGS-84 is a phone's GCJ-02."""
    here = (lon, lat) if crs == "WGS-84" else wgs84(lon, lat)
    found = [Near(one, distance_km(here, (one.lon, one.lat))) for one in centres]
    best = min(found, key=lambda near: near.km, default=None)
    return best if best and best.km <= NEAR_KM_MAX else None


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great circle between (lon, lat) pairs."""
    (lon_a, lat_a), (lon_b, lat_b) = one, other
    half = sin(radians(lat_b - lat_a) / 2) ** 2
    half += cos(radians(lat_a)) * cos(radians(lat_b)) * sin(radians(lon_b - lon_a) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(half))


def wgs84(lon: float, lat: float) -> tuple[float, float]:
    """GCJ-02 → WGS-84, by running the forward shift against itself."""
    found = (lon, lat)
    for _ in range(_ROUNDS):
        shifted = gcj02(*found)
        found = (found[0] + lon - shifted[0], found[1] + lat - shifted[1])
    return found


def gcj02(lon: float, lat: float) -> tuple[float, float]:
    """WGS-84 → GCJ-02, the published approximation inside China (checked against eviltransform's points)."""
    east, north = lon - 105.0, lat - 35.0
    across = 300.0 + east + 2.0 * north + 0.1 * east**2 + 0.1 * east * north
    across += 0.1 * sqrt(abs(east)) + _waves(east, (20.0, 6.0), (20.0, 2.0))
    across += _waves(east, (20.0, 1.0), (40.0, 1 / 3)) + _waves(
        east, (150.0, 1 / 12), (300.0, 1 / 30)
    )
    up = -100.0 + 2.0 * east + 3.0 * north + 0.2 * north**2 + 0.1 * east * north
    up += 0.2 * sqrt(abs(east)) + _waves(east, (20.0, 6.0), (20.0, 2.0))
    up += _waves(north, (20.0, 1.0), (40.0, 1 / 3)) + _waves(
        north, (160.0, 1 / 12), (320.0, 1 / 30)
    )
    bend = 1 - _ECCENTRICITY * sin(radians(lat)) ** 2
    up_deg = up * 180.0 / (_AXIS_M * (1 - _ECCENTRICITY) / (bend * sqrt(bend)) * pi)
    across_deg = across * 180.0 / (_AXIS_M / sqrt(bend) * cos(radians(lat)) * pi)
    return lon + across_deg, lat + up_deg


def _waves(at: float, *parts: tuple[float, float]) -> float:
    return sum(height * sin(at * pi * rate) for height, rate in parts) * 2.0 / 3.0
