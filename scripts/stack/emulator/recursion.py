"""Stops functions that trigger themselves through a queue, as AWS does after about 16 invocations.

The lineage travels as on AWS: Lambda hands it to the function in _X_AMZN_TRACE_ID, the SDK sends it on in the header
X-Amzn-Trace-Id, SQS keeps it with the message as AWSTraceHeader, and Lambda counts when the message reaches the same
function again. ministack counts direct invocations only.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
"""

import contextvars
import hashlib
import re
import secrets
import time

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch, lambda_svc, sqs

MAX_INVOCATIONS = 16
LINEAGE = re.compile(r"(?:^|;)\s*Lineage=([^;]*)")

# Function name -> number of its invocations in the longest chain of requests.
longest_chains = {}
# Function name -> refused invocations, the metric RecursiveInvocationsDropped.
dropped = {}

trace_header_of_request = contextvars.ContextVar("trace_header_of_request", default=None)
trace_header_of_invocation = contextvars.ContextVar("trace_header_of_invocation", default=None)


def patch():
    keep_trace_headers_with_messages()
    count_invocations_by_queues()


def keep_trace_headers_with_messages():
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html"""
    handle, build_attributes = sqs.handle_request, sqs._build_send_sys_attrs

    async def handle_with_trace(method, path, headers, body, query_params):
        token = trace_header_of_request.set(headers.get("x-amzn-trace-id"))
        try:
            return await handle(method, path, headers, body, query_params)
        finally:
            trace_header_of_request.reset(token)

    def build_with_trace(now, attributes):
        header = trace_header_of_request.get()
        return {**({"AWSTraceHeader": header} if header else {}), **build_attributes(now, attributes)}

    sqs.handle_request, sqs._build_send_sys_attrs = handle_with_trace, build_with_trace


def count_invocations_by_queues():
    run_batch, trace_id_of = lambda_svc._run_sqs_batch, lambda_svc._xray_trace_id_for_invocation

    def run_unless_recursive(mapping, function, event, batch, queue_url, queue_name):
        headers = [(message.get("sys") or {}).get("AWSTraceHeader") for message in batch]
        digest = digest_of(mapping["FunctionArn"])
        header, count = next_hop([h for h in headers if h], digest)
        name = mapping["FunctionName"]
        longest_chains[name] = max(count, longest_chains.get(name, 0))
        if count > MAX_INVOCATIONS and function.get("recursive_loop") != "Allow":
            # The messages stay received: after the visibility timeout they are refused again, until they are moved to
            # the dead-letter queue or expire.
            refuse(mapping)
            return
        token = trace_header_of_invocation.set(header)
        try:
            run_batch(mapping, function, event, batch, queue_url, queue_name)
        finally:
            trace_header_of_invocation.reset(token)

    def trace_id_in_lineage(config, inbound=None):
        return trace_header_of_invocation.get() or trace_id_of(config, inbound) or new_trace_header()

    lambda_svc._run_sqs_batch, lambda_svc._xray_trace_id_for_invocation = run_unless_recursive, trace_id_in_lineage


def next_hop(headers, digest):
    """Return the trace header of the invocation, and its number in the longest chain of the messages."""
    longest = max(headers, key=lambda header: lineage_of(header).get(digest, 0), default=None)
    lineage = lineage_of(longest) if longest else {}
    lineage[digest] = lineage.get(digest, 0) + 1
    root = longest.split(";", 1)[0] if longest else new_trace_header().split(";", 1)[0]
    hops = "|".join(f"{name}:{count}" for name, count in lineage.items())
    return f"{root};Parent={secrets.token_hex(8)};Sampled=0;Lineage=1:{hops}", lineage[digest]


def lineage_of(header):
    """Parse `Lineage=1:<function>:<count>|…`. The format is not documented; only this emulator reads it."""
    found = LINEAGE.search(header)
    hops = found.group(1).removeprefix("1:").split("|") if found else []
    pairs = [hop.rsplit(":", 1) for hop in hops if ":" in hop]
    return {name: int(count) for name, count in pairs if count.isdigit()}


def digest_of(function_arn):
    return hashlib.sha256(function_arn.encode()).hexdigest()[:8]


def new_trace_header():
    return f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)};Parent={secrets.token_hex(8)};Sampled=0"


def refuse(mapping):
    name = mapping["FunctionName"]
    arn = f"arn:aws:lambda:{get_region()}:{get_account_id()}:function:{name}"
    mapping["LastProcessingResult"] = (
        "RecursiveInvocationException: Lambda has detected your function being invoked in a recursive loop with "
        f"other Amazon Web Services resources and stopped your function's invocation: {arn}"
    )
    dropped[name] = dropped.get(name, 0) + 1
    cloudwatch.record_metric(
        "AWS/Lambda", "RecursiveInvocationsDropped", 1, "Count", {"FunctionName": name}
    )
