#!/usr/bin/env python3
"""Invokes a function in Lambda's container for every sample event, and compares the
answers with those of the local gateway.

    compare.py TEMPLATE GATEWAY

TEMPLATE is what sam local reads, GATEWAY a second local system: both began alike, and
are asked the same in the same order. What is drawn by chance (ids, codes, signatures,
the time of an answer) is not compared. Ends with 1 when an answer differs.
"""

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = "http://127.0.0.1:9100"

# What others need is done before, and what takes something away is done last.
ORDER = {
    "set-appointment": 0,
    "reschedule-appointment": 2,
    "cancel-appointment": 3,
    "auth-disconnect": 4,
}

# What runs by a schedule has no route that tells the function.
SCHEDULED = {"listing-refresh": "ListingRefresh", "reconcile": "Reconcile"}

CHANCE = [
    # Ids, signed links and slots, tokens.
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    r"[\w%.=-]{24,}",
    # A time that is on no round minute is that of the answer.
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:(?!00[+\-Z])\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)",
    # A confirmation code, as it is stored and as it is said.
    r"(?<=code is )(still )?[^.]+",
    r"(?<=Confirmation code: )\w+",
    r"(?<=\"confirmation_code\": \")[^\"]+",
]


def main():
    template, gateway = sys.argv[1:]
    functions = routes(ROOT / "template.yaml")
    print(f"{'event':<34}{'function':<20}{'container':>9}{'gateway':>9}{'seconds':>9}")
    events = sorted((ROOT / "events").glob("*.json"))
    reading = [path for path in events if reads(path)]
    writing = [path for path in events if path not in reading]
    writing.sort(key=lambda path: ORDER.get(path.stem, 1))

    def both(path):
        return compared(path, template, gateway, functions)

    differing = 0
    # What only reads does so before anything has changed, and then its order is nothing.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for same, lines in chain(pool.map(both, reading), map(both, writing)):
            differing += not same
            print(lines, flush=True)
    sys.exit(differing > 0)


def reads(path):
    route = json.loads(path.read_text(encoding="utf-8")).get("routeKey") or ""
    return route.startswith("GET ") and "/calendar/auth/" not in route


def compared(path, template, gateway, functions):
    """Whether both answer the same, and the lines that tell of it."""
    event = json.loads(path.read_text(encoding="utf-8"))
    route = event.get("routeKey")
    function = functions[route] if route else SCHEDULED[path.stem]
    began = time.monotonic()
    contained = invoked(template, function, path)
    took = time.monotonic() - began
    if route is None:
        expected, same = "-", isinstance(contained, dict) and "due" in contained
        status = "ran" if same else "failed"
    else:
        there = asked(gateway, event)
        status, expected = contained.get("statusCode", "failed"), there["statusCode"]
        same = status == expected and told(contained, OURS) == told(there, gateway)
    mark = "" if same else "  DIFFERENT"
    lines = [f"{path.name:<34}{function:<20}{status:>9}{expected:>9}{took:>9.1f}{mark}"]
    if not same and route:
        lines.append(difference(told(contained, OURS), told(there, gateway)))
    if "body" not in contained and route:
        lines.append(f"  {contained.get('said')}")
    return same, "\n".join(lines)


def routes(template):
    """The function of each route: the template is regular enough to be read by line."""
    found, function, method = {}, None, None
    for line in template.read_text(encoding="utf-8").splitlines():
        if match := re.fullmatch(r"  (\w+):", line):
            function, method = match[1], None
        elif match := re.fullmatch(r" +Method: (\w+)", line):
            method = match[1]
        elif (match := re.fullmatch(r" +Path: (\S+)", line)) and method:
            found[f"{method} {match[1]}"] = function
    return found | {"$default": "ServiceInfo"}


def invoked(template, function, event):
    command = ["sam", "local", "invoke", function, "--event", str(event), "--template", template]
    command += ["--config-file", str(ROOT / "samconfig.toml")]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    answer = run.stdout.strip().splitlines()
    try:
        return json.loads(answer[-1])
    except (IndexError, json.JSONDecodeError):
        return {"said": (run.stdout + run.stderr)[-600:]}


class Straight(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def asked(gateway, event):
    """The same request, sent to the gateway."""
    query = event.get("rawQueryString")
    url = gateway + event["rawPath"] + (f"?{query}" if query else "")
    method = event["requestContext"]["http"]["method"]
    headers = {name: value for name, value in event["headers"].items() if name != "host"}
    if cookies := event.get("cookies"):
        headers["cookie"] = "; ".join(cookies)
    body = event["body"].encode() if event.get("body") else None
    request = urllib.request.Request(url, data=body, headers=headers, method=method)
    try:
        answer = urllib.request.build_opener(Straight).open(request)
    except urllib.error.HTTPError as error:
        answer = error
    return {"statusCode": answer.status, "body": answer.read().decode()}


def difference(contained, there):
    """Both from a little before where they part."""
    pairs = enumerate(zip(contained, there))
    start = next((at for at, (one, other) in pairs if one != other), 0)
    start = max(start - 60, 0)
    return f"  container: …{contained[start:start + 160]}\n  gateway:   …{there[start:start + 160]}"


def told(answer, address):
    """The body without what differs from one system to the next."""
    body = answer.get("body") or ""
    try:
        parsed = json.loads(body)
        if isinstance(parsed, dict):
            parsed.pop("uptime_seconds", None)
            parsed.pop("request_id", None)
        body = json.dumps(parsed, sort_keys=True, ensure_ascii=False)
    except json.JSONDecodeError:
        pass
    body = body.replace(address, "GATEWAY")
    for pattern in CHANCE:
        body = re.sub(pattern, "CHANCE", body)
    return body


main()
