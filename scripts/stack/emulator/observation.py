"""Serves what the emulator has observed, as JSON below /_sluice/."""

import json

import ministack.app

from emulator import permissions, recursion

OBSERVATIONS = {
    # The calls of roles, and how often each was allowed and denied.
    "/_sluice/calls": permissions.recorded_calls,
    # What the roles of functions may do.
    "/_sluice/grants": permissions.deployed_grants,
    # By function: the number of its invocations in the longest chain of requests.
    "/_sluice/longest-chains": lambda: recursion.longest_chains,
    # By function: how many invocations were refused as recursive.
    "/_sluice/recursive-invocations-dropped": lambda: recursion.dropped,
}


def patch():
    serve = ministack.app.app

    async def serve_observations(scope, receive, send):
        observe = OBSERVATIONS.get(scope.get("path")) if scope["type"] == "http" else None
        if observe is None:
            await serve(scope, receive, send)
            return
        body = json.dumps(observe()).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    ministack.app.app = serve_observations
