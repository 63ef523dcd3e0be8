"""OSRM itself against the times that are offered between viewings.

    roads.py OSRM_URL GATEWAY_URL

A viewing is booked at one home, and the times at another are what OSRM's own routes leave.
"""

import sys
from datetime import datetime, timedelta
from math import ceil

import httpx

from verdict import Verdict

USER, KEY = "demo", {"x-api-key": "local-api-key"}
MILL, MAPLE = (41.8781, -87.6298), (42.0579, -87.6298)
EXTRA, GRID, LENGTH = 7, 5, 30

verdict = Verdict("OSRM")
expect = verdict.expect


def answer(response, status):
    expect(response.status_code == status, f"{status}, not {response.text}")
    return response.json()


def route(osrm, start, end):
    """The minutes from one home to the other."""
    places = ";".join(f"{longitude},{latitude}" for latitude, longitude in (start, end))
    told = answer(httpx.get(f"{osrm}/route/v1/driving/{places}"), 200)
    return told["routes"][0]["duration"] / 60


def home(http, address, place):
    rental = {
        "user_id": USER,
        "property_address": address,
        "available_date": "2026-01-01",
        "latitude": place[0],
        "longitude": place[1],
    }
    return answer(http.post("/rentals", json=rental), 201)["rental"]["id"]


def main():
    osrm, gateway = sys.argv[1:]
    there, back = route(osrm, MILL, MAPLE), route(osrm, MAPLE, MILL)
    expect(there > back + 10, "one direction to take longer")
    way = timedelta(minutes=ceil(max(there, back)) + EXTRA)

    http = httpx.Client(base_url=gateway, headers=KEY, timeout=30)
    settings = f"/calendar/settings?user_id={USER}"
    version = answer(http.get(settings), 200)["version"]
    hours = [{"start": "08:00", "end": "18:00"}]
    chosen = {
        "time_zone": "America/Chicago",
        "weekly_hours": {"tuesday": hours},
        "viewing_minutes": LENGTH,
        "interval_minutes": GRID,
        "travel": {"extra_minutes": EXTRA},
    }
    answer(http.put(settings, json={"version": version, "settings": chosen}), 200)

    mill, maple = home(http, "16 Mill Lane", MILL), home(http, "120 Maple Street", MAPLE)
    today = datetime.now()
    day = (today + timedelta(days=21 - (today.weekday() - 1) % 7)).date()
    event = {
        "user_id": USER,
        "subject": "Viewing",
        "start_time": f"{day}T13:00:00",
        "duration_minutes": LENGTH,
        "property_id": mill,
    }
    answer(http.post("/calendar/events", json=event), 201)

    window = f"start={day}T00:00:00&end={day}T23:59:00"
    path = f"/calendar/availability?user_id={USER}&{window}&property_id={maple}"
    slots = answer(http.get(path), 200)["available_slots"]
    # Wall clock: the zone's offset is cut off.
    starts = [datetime.fromisoformat(slot["start_time"][:19]) for slot in slots]
    booked = datetime.fromisoformat(f"{day}T13:00:00")
    length = timedelta(minutes=LENGTH)
    first = datetime.fromisoformat(f"{day}T08:00:00")
    grid = [first + timedelta(minutes=GRID * count) for count in range(10 * 60 // GRID)]
    expected = [
        start
        for start in grid
        if start + length <= first + timedelta(hours=10)
        and (start + length + way <= booked or start >= booked + length + way)
    ]
    expect(starts == expected, f"the times {expected}, not {starts}")
    print(
        f"OSRM: {verdict.held} expectations held; the way takes {there:.1f} minutes there and"
        f" {back:.1f} back, and {len(starts)} times are left"
    )


main()
