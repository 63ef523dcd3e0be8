"""VAPI's own client, vapi_server_sdk, against the simulated dashboard.

    dashboard.py VAPI_URL

What the simulator serves must be what VAPI's client reads and writes: assistants,
tools, phone numbers, calls, analytics and errors.
"""

import sys
from datetime import datetime, timezone

from vapi import Vapi
from vapi.core.api_error import ApiError
from vapi.tools.types import CreateToolsRequest_Function
from vapi.types import AnalyticsOperation, AnalyticsQuery, OpenAiFunction, Server, TimeRange

from verdict import Verdict

KEY = "local-vapi-key"

verdict = Verdict("vapi_server_sdk")
expect = verdict.expect


def refusal(ask):
    """The status with which a request is refused."""
    try:
        ask()
    except ApiError as error:
        return error.status_code
    return None


def assistants(vapi):
    made = [vapi.assistants.create(name=f"Judge {number}") for number in range(12)]
    expect(all(one.id and one.created_at and one.org_id for one in made), "12 with ids and times")
    found = {one.id for one in vapi.assistants.list(limit=100)}
    expect({one.id for one in made} <= found, "all of them in the list")
    page = vapi.assistants.list(limit=5)
    expect(len(page) == 5, f"a page of 5, not {len(page)}")
    older = vapi.assistants.list(limit=100, created_at_lt=page[-1].created_at)
    expect(not {one.id for one in page} & {one.id for one in older}, "another page after it")

    url = "https://desk.example.com/vapi/webhook"
    one = vapi.assistants.update(made[0].id, server=Server(url=url))
    expect(one.server.url == url and one.name == "Judge 0", "a changed server and nothing else")
    expect(vapi.assistants.get(one.id).server.url == url, "that it stays changed")
    expect(refusal(lambda: vapi.assistants.get("no-such-assistant")) == 404, "404 for a stranger")
    vapi.assistants.delete(made[1].id)
    expect(refusal(lambda: vapi.assistants.get(made[1].id)) == 404, "404 for a deleted one")


def tools(vapi):
    function = OpenAiFunction(name="judge_a_thing", description="Judges.")
    made = vapi.tools.create(request=CreateToolsRequest_Function(function=function))
    expect(made.type == "function" and made.function.name == "judge_a_thing", "a function tool")
    listed = [tool for tool in vapi.tools.list(limit=100) if tool.id == made.id]
    expect(len(listed) == 1, "the tool in the list, once")
    expect(vapi.tools.get(made.id).function.description == "Judges.", "the tool by its id")


def rest(vapi):
    expect(isinstance(vapi.phone_numbers.list(limit=10), list), "phone numbers")
    expect(isinstance(vapi.calls.list(limit=10), list), "calls")
    query = AnalyticsQuery(
        table="call",
        name="by_assistant",
        group_by=["assistantId"],
        operations=[AnalyticsOperation(operation="count", column="id")],
        time_range=TimeRange(
            step="day",
            start=datetime(2026, 11, 1, tzinfo=timezone.utc),
            end=datetime(2026, 11, 22, tzinfo=timezone.utc),
            timezone="UTC",
        ),
    )
    [answer] = vapi.analytics.get(queries=[query])
    expect(answer.name == "by_assistant" and isinstance(answer.result, list), "a table")


def main(address):
    vapi = Vapi(token=KEY, base_url=address)
    stranger = Vapi(token="not-the-key", base_url=address)
    expect(refusal(lambda: stranger.assistants.list()) == 401, "401 for another key")
    assistants(vapi)
    tools(vapi)
    rest(vapi)
    print(f"vapi_server_sdk: {verdict.held} expectations of the dashboard held")


if __name__ == "__main__":
    main(*sys.argv[1:2])
