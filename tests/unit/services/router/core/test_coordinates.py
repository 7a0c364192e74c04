import pytest

from services.router.core.coordinates import (
    centres_of,
    distance_km,
    gcj02,
    nearest,
    wgs84,
)
from tests.support.router import policy, rows

FANKOU = (114.83333, 30.41667)


@pytest.mark.parametrize(
    ("earth", "mars"),  # published test points of eviltransform (lat, lon swapped here to lon, lat)
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_gcj02_and_back(earth, mars):
    assert gcj02(*earth) == pytest.approx(mars, abs=1e-9)
    assert wgs84(*mars) == pytest.approx(earth, abs=1e-9)


def test_a_degree_of_latitude_is_111_km():
    assert distance_km((114, 30), (114, 31)) == pytest.approx(111.2, abs=0.1)


def test_only_rows_with_a_point_are_centres():
    assert len(rows("places/centroids.csv")) == 15
    assert {one.name for one in policy().centres} == {
        "鄂城区（城区中心）", "樊口街道", "新庙镇", "燕矶镇", "杨叶镇",
    }  # fmt: skip


@pytest.mark.parametrize("change", [{"lon": "x"}, {"crs": "GCJ-02"}, {"lat": "30.4", "lon": "3"}])
def test_a_point_that_is_none_is_named(change):
    row = next(one for one in rows("places/centroids.csv") if one["lon"])
    with pytest.raises(ValueError, match=row["code"]):
        centres_of([row | change])


def test_the_systems_are_told_apart():
    near = nearest(policy().centres, *gcj02(*FANKOU), "GCJ-02")
    assert near == nearest(policy().centres, *gcj02(*FANKOU), "")  # unsaid: a phone's
    assert near.centre.name == "樊口街道"
    assert near.km == pytest.approx(0, abs=0.001)
    unconverted = nearest(policy().centres, *gcj02(*FANKOU), "WGS-84")
    assert 0.3 < unconverted.km < 0.8  # the shift that a forgotten conversion would leave


def test_far_from_every_centre_there_is_none():
    assert nearest(policy().centres, FANKOU[0] + 0.03, FANKOU[1], "WGS-84") is None
    assert nearest((), *FANKOU, "WGS-84") is None
