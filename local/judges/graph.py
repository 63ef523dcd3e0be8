"""Microsoft's own client, msgraph-sdk, against the simulated Graph.

    graph.py MICROSOFT_URL GATEWAY_URL

What the simulator serves must be what Microsoft's client reads and writes: paging,
creating, finding by tag, changing, free/busy, cancelling, and errors.
"""

import asyncio
import base64
import hashlib
import sys
import uuid
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from kiota_abstractions.authentication import (
    AccessTokenProvider,
    AllowedHostsValidator,
    BaseBearerTokenAuthenticationProvider,
)
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.attendee import Attendee
from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.event import Event
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.single_value_legacy_extended_property import (
    SingleValueLegacyExtendedProperty,
)
from msgraph.generated.users.item.calendar.get_schedule.get_schedule_post_request_body import (
    GetSchedulePostRequestBody,
)
from msgraph.generated.users.item.calendar_view.calendar_view_request_builder import (
    CalendarViewRequestBuilder,
)
from msgraph.generated.users.item.events.events_request_builder import EventsRequestBuilder
from msgraph.generated.users.item.events.item.cancel.cancel_post_request_body import (
    CancelPostRequestBody,
)
from msgraph_core.tasks.page_iterator import PageIterator

from verdict import Verdict

ACCOUNT, COLLEAGUE = "demo@lakeside.example", "pat@lakeside.example"
CLIENT = {"client_id": "local-client", "client_secret": "local-client-secret"}
SCOPES = "openid offline_access User.Read Calendars.ReadWrite MailboxSettings.Read"
TAG = "String {11111111-2222-4333-8444-555555555555} Name Judge"
PREFER = 'IdType="ImmutableId", outlook.timezone="UTC"'

verdict = Verdict("msgraph-sdk")
expect = verdict.expect


def sign_in(microsoft, gateway):
    """An access token, by the authorization code flow with PKCE."""
    verifier = uuid.uuid4().hex * 2
    digest = hashlib.sha256(verifier.encode()).digest()
    redirect = f"{gateway}/calendar/auth/callback"
    query = {
        "client_id": CLIENT["client_id"],
        "response_type": "code",
        "redirect_uri": redirect,
        "scope": SCOPES,
        "state": "judge",
        "nonce": "judge",
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    base = f"{microsoft}/organizations/oauth2/v2.0"
    answer = httpx.post(f"{base}/authorize?{urlencode(query)}", data={"account": ACCOUNT})
    code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect,
        "code_verifier": verifier,
        "scope": SCOPES,
    }
    answer = httpx.post(f"{base}/token", data=form | CLIENT)
    answer.raise_for_status()
    return answer.json()["access_token"]


class Token(AccessTokenProvider):
    def __init__(self, token):
        self.token = token

    async def get_authorization_token(self, uri, additional_authentication_context={}):
        return self.token

    def get_allowed_hosts_validator(self):
        return AllowedHostsValidator([])


def client(microsoft, token):
    provider = BaseBearerTokenAuthenticationProvider(Token(token))
    adapter = GraphRequestAdapter(provider)
    adapter.base_url = f"{microsoft}/v1.0"
    return GraphServiceClient(request_adapter=adapter), adapter


def graph_time(at):
    return DateTimeTimeZone(date_time=at.strftime("%Y-%m-%dT%H:%M:%S"), time_zone="UTC")


def headed(parameters=None, **headers):
    configuration = RequestConfiguration(query_parameters=parameters)
    for name, value in {"Prefer": PREFER, **headers}.items():
        configuration.headers.add(name.replace("_", "-"), value)
    return configuration


def view(start, end):
    return headed(
        CalendarViewRequestBuilder.CalendarViewRequestBuilderGetQueryParameters(
            start_date_time=start.isoformat(),
            end_date_time=end.isoformat(),
            select=["id", "subject", "start", "end", "showAs"],
        )
    )


async def refusal(call):
    try:
        await call
    except ODataError as error:
        return error.response_status_code, error.error.code
    sys.exit("msgraph-sdk: expected an error")


async def judge(microsoft, gateway):
    graph, adapter = client(microsoft, sign_in(microsoft, gateway))

    me = await graph.me.get()
    expect(me.mail == ACCOUNT or me.user_principal_name == ACCOUNT, f"the profile of {ACCOUNT}")
    settings = await graph.me.mailbox_settings.get()
    expect(settings.time_zone and settings.working_hours.days_of_week, "hours and a zone")
    calendar = await graph.me.calendar.get()
    expect(calendar.id and calendar.can_edit, "a calendar that can be written")

    start = datetime(2033, 3, 7, 15, tzinfo=timezone.utc)
    created = []
    for number in range(25):
        at = start + timedelta(hours=number)
        event = Event(
            subject=f"Judged {number}",
            start=graph_time(at),
            end=graph_time(at + timedelta(minutes=30)),
            transaction_id=str(uuid.uuid4()),
            single_value_extended_properties=[
                SingleValueLegacyExtendedProperty(id=TAG, value=f"J-{number}")
            ],
        )
        if number == 0:
            address = EmailAddress(address=COLLEAGUE, name="Pat Pacific")
            event.attendees = [Attendee(email_address=address)]
        created.append(await graph.me.events.post(event, headed()))
    expect(all(event.id and event.i_cal_u_id for event in created), "25 events with ids")

    found = []
    window = view(start - timedelta(hours=1), start + timedelta(days=2))
    page = await graph.me.calendar_view.get(window)
    expect(page.odata_next_link and len(page.value) < 25, "a first page with a link")
    pages = PageIterator(page, adapter)
    await pages.iterate(lambda event: not found.append(event.subject))
    expect(sorted(found) == sorted(event.subject for event in created), "all 25 over pages")

    by_tag = headed(
        EventsRequestBuilder.EventsRequestBuilderGetQueryParameters(
            filter=f"singleValueExtendedProperties/Any(ep: ep/id eq '{TAG}' and ep/value eq 'J-7')"
        )
    )
    tagged = await graph.me.events.get(by_tag)
    expect([event.id for event in tagged.value] == [created[7].id], "the event of a tag")

    later = start + timedelta(days=3)
    etag = created[7].additional_data["@odata.etag"]
    change = Event(start=graph_time(later), end=graph_time(later + timedelta(minutes=30)))
    event = graph.me.events.by_event_id(created[7].id)
    moved = await event.patch(change, headed(If_Match=etag))
    expect(moved.start.date_time.startswith("2033-03-10T15:00:00"), "the moved event")
    stale = await refusal(event.patch(change, headed(If_Match=etag)))
    expect(stale[0] == 412, f"412 for an old version, not {stale}")

    schedule = await graph.me.calendar.get_schedule.post(
        GetSchedulePostRequestBody(
            schedules=[ACCOUNT, COLLEAGUE, "nobody@elsewhere.example"],
            start_time=graph_time(start),
            end_time=graph_time(start + timedelta(hours=2)),
            availability_view_interval=30,
        ),
        headed(),
    )
    expect(len(schedule.value) == 3, "three schedules")
    by_id = {one.schedule_id: one for one in schedule.value}
    expect(by_id[COLLEAGUE].availability_view is not None, "a colleague's free/busy")
    expect(by_id["nobody@elsewhere.example"].error is not None, "an error for a stranger")

    meeting = graph.me.events.by_event_id(created[0].id)
    await meeting.cancel.post(CancelPostRequestBody(comment="Judged."), headed())
    gone = await refusal(meeting.get(headed()))
    expect(gone == (404, "ErrorItemNotFound"), f"ErrorItemNotFound, not {gone}")
    await event.delete(headed())
    never = graph.me.events.by_event_id("AAMkNever")
    unknown = await refusal(never.get(headed()))
    expect(unknown[0] in (400, 404) and unknown[1], f"an error with a code, not {unknown}")
    stranger, _ = client(microsoft, "not-a-token")
    refused = await refusal(stranger.me.get())
    expect(refused == (401, "InvalidAuthenticationToken"), f"a refused token, not {refused}")


if __name__ == "__main__":
    asyncio.run(judge(*sys.argv[1:3]))
    print(f"msgraph-sdk: {verdict.held} expectations held")
