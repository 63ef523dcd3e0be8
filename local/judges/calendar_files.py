"""The icalendar package against the calendar files that the system gives out.

    calendar_files.py MICROSOFT_URL GATEWAY_URL

A viewing is booked with text that must not break a file, confirmed by e-mail, and read
from the attachment and from the staff member's feed.
"""

import base64
import sys
from datetime import datetime, timedelta

import httpx
from icalendar import Calendar

from verdict import Verdict

ACCOUNT, USER, ASSISTANT = "demo@lakeside.example", "demo", "demo-assistant"
ADDRESS = "casey@example.com"
PROPERTY = "907 Quarry Hollow; flat 2, \"the\\ loft\" — " + "very " * 20 + "long"
KEY = {"x-api-key": "local-api-key"}

verdict = Verdict("icalendar")
expect = verdict.expect


def tool(http, name, arguments):
    delivery = {
        "message": {
            "type": "tool-calls",
            "toolCallList": [
                {"id": f"judge-{name}", "function": {"name": name, "arguments": arguments}}
            ],
            "call": {
                "id": "judge-files",
                "type": "inboundPhoneCall",
                "assistantId": ASSISTANT,
                "customer": {"number": "+15125550199"},
            },
        }
    }
    headers = {"x-vapi-secret": "local-webhook-secret"}
    answer = http.post("/vapi/webhook", json=delivery, headers=headers).json()
    result = answer["results"][0]
    expect("result" in result, f"{name} to succeed, not {result}")


def check(text, slot, what):
    expect(text.replace("\r\n", "").count("\n") == 0, f"lines of {what} to end as they should")
    longest = max(len(line.encode()) for line in text.split("\r\n"))
    expect(longest <= 75, f"lines of at most 75 octets in {what}, not {longest}")
    calendar = Calendar.from_ical(text)
    expect(calendar["VERSION"] == "2.0" and calendar["PRODID"], f"a version in {what}")
    events = [event for event in calendar.walk("VEVENT") if event.get("LOCATION") == PROPERTY]
    expect(len(events) == 1, f"one viewing in {what}, not {len(events)}")
    event = events[0]
    expect(not event.errors, f"no errors in {what}, not {event.errors}")
    start, end = event.decoded("DTSTART"), event.decoded("DTEND")
    expect(start.isoformat() == slot.astimezone(start.tzinfo).isoformat(), f"the time in {what}")
    expect(end - start == timedelta(minutes=30), f"the length in {what}")
    expect(str(event["SUMMARY"]) == f"Viewing: {PROPERTY}", f"the subject in {what}")
    expect("Casey, Caller" in str(event["DESCRIPTION"]), f"the name in {what}")
    expect(event["STATUS"] == "CONFIRMED" and event["UID"], f"a confirmed viewing in {what}")
    return str(event["UID"])


def judge(microsoft, gateway):
    http = httpx.Client(base_url=gateway)
    path = f"/calendar/availability?user_id={USER}&days_ahead=20"
    slot = http.get(path, headers=KEY).json()["available_slots"][-1]["start_time"]
    tool(
        http,
        "set_appointment",
        {
            "start_time": slot,
            "attendee_name": "Casey, Caller",
            "attendee_email": ADDRESS,
            "property_address": PROPERTY,
        },
    )
    tool(http, "send_confirmation_email", {})
    outbox = httpx.get(f"{microsoft}/control/mailboxes/{ACCOUNT}").json()["outbox"]
    sent = [mail["message"] for mail in outbox if mail["kind"] == "message"]
    expect(len(sent) == 1, f"one message, not {len(sent)}")
    file = sent[0]["attachments"][0]
    expect(file["contentType"].startswith("text/calendar"), "a calendar file")
    when = datetime.fromisoformat(slot)
    mailed = check(base64.b64decode(file["contentBytes"]).decode(), when, "the attachment")

    link = http.post("/appointments/feed-links", json={"user_id": USER}, headers=KEY).json()
    feed = httpx.get(link["url"])
    expect(feed.headers["content-type"].startswith("text/calendar"), "a feed")
    expect(check(feed.text, when, "the feed") == mailed, "one viewing under one id")
    tool(http, "cancel_appointment", {})
    expect(PROPERTY not in str(Calendar.from_ical(httpx.get(link["url"]).text)), "it gone")


if __name__ == "__main__":
    judge(*sys.argv[1:3])
    print(f"icalendar: {verdict.held} expectations held")
