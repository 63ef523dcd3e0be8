"""VAPI's own models, vapi_server_sdk, against the webhook.

    messages.py GATEWAY_URL RECORD

RECORD is what `cargo run -- call SCRIPT --record RECORD` kept: every delivery of the
played calls and its answer, a line each. Every answer must be what VAPI reads, and
every delivery is built once more from VAPI's models and sent to the running system.
"""

import json
import sys

import httpx
from pydantic import ValidationError
from vapi import ServerMessageResponseToolCalls, ServerMessageToolCalls, ToolCall, ToolCallFunction
from vapi.types import ServerMessageToolCallsToolWithToolCallListItem_Function as ToolWithToolCall

from verdict import Verdict

HEADERS = {"x-vapi-secret": "local-webhook-secret"}

# What the models must refuse, or they are no judge.
WRONG = [
    {"results": [{"toolCallId": "a", "result": "no name"}]},
    {"results": [{"toolCallId": "a", "name": "n", "result": {"an": "object"}}]},
    {"results": [{"toolCallId": "a", "name": "n", "result": "r", "message": []}]},
]


verdict = Verdict("vapi_server_sdk")
expect = verdict.expect


def judge_reply(asked, reply):
    """Whether the answer is what VAPI takes for one to these tool calls."""
    read = ServerMessageResponseToolCalls.model_validate(reply)
    expect(read.error is None, f"results, not {reply}")
    ids = [result.tool_call_id for result in read.results]
    expect(ids == [call.id for call in asked], f"a result a call, in order, in {reply}")
    for result, raw in zip(read.results, reply["results"]):
        expect((result.result is None) != (result.error is None), f"one outcome in {raw}")
        text = result.result or result.error
        # The models let these through; VAPI does not, or would say them oddly.
        expect(text and len(text.splitlines()) == 1, f"one line in {raw}")
        kind = "request-failed" if result.result is None else "request-complete"
        expect(result.message.type == kind, f"{kind} in {raw}")
        known = {"toolCallId", "name", "result", "error", "message", "metadata"}
        expect(set(raw) <= known, f"no other field in {raw}")
    return len(read.results)


def tool_calls(message):
    """The tool calls of a delivery, as VAPI's models have them."""
    for call in message["toolCallList"]:
        asked = call["function"]
        arguments = asked["arguments"]
        if not isinstance(arguments, str):
            arguments = json.dumps(arguments)
        function = ToolCallFunction(name=asked["name"], arguments=arguments)
        yield ToolCall(id=call["id"], type="function", function=function)


def built(message, asked):
    """The same delivery, made of VAPI's models."""
    tools = [ToolWithToolCall(type="function", tool_call=call) for call in asked]
    made = ServerMessageToolCalls(
        type="tool-calls",
        timestamp=message["timestamp"],
        tool_call_list=asked,
        tool_with_tool_call_list=tools,
    )
    body = json.loads(made.model_dump_json(by_alias=True, exclude_none=True))
    # A call has too many fields to be built here; it is taken over as it was.
    return {"message": body | {"call": message["call"]}}


def main(gateway, record):
    for wrong in WRONG:
        try:
            ServerMessageResponseToolCalls.model_validate(wrong)
        except ValidationError:
            continue
        expect(False, f"models that refuse {wrong}")
    replies = sent = 0
    with open(record, encoding="utf-8") as lines, httpx.Client(headers=HEADERS, timeout=30) as vapi:
        for line in lines:
            delivery = json.loads(line)
            message = delivery["request"]["message"]
            if message["type"] != "tool-calls":
                expect(delivery["reply"] == {}, f"{{}} to {message['type']}")
                continue
            asked = list(tool_calls(message))
            replies += judge_reply(asked, delivery["reply"])
            answer = vapi.post(f"{gateway}/vapi/webhook", json=built(message, asked))
            expect(answer.status_code == 200, f"200, not {answer.status_code}")
            sent += judge_reply(asked, answer.json())
    expect(replies >= 25, f"25 replies or more, not {replies}")
    print(f"vapi_server_sdk: {replies} replies of played calls, and {sent} to calls built by it")


if __name__ == "__main__":
    main(*sys.argv[1:3])
