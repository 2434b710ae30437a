"""Enforces what Lambda refuses: large payloads, large or reserved environment variables.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""

import contextvars
import functools
import json

from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

MAX_SYNCHRONOUS_BYTES = 6 * 1024 * 1024
# Lambda allows 100 bytes for its own envelope of a response: the message of the error names 6291556.
MAX_RESPONSE_BYTES = MAX_SYNCHRONOUS_BYTES + 100
MAX_ASYNCHRONOUS_BYTES = 1024 * 1024
MAX_ENVIRONMENT_BYTES = 4 * 1024
# "Defined runtime environment variables", "Reserved environment variables"
RESERVED_NAMES = frozenset({
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN", "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT",
})

is_asynchronous = contextvars.ContextVar("is_asynchronous", default=False)


def patch():
    limit_payloads()
    limit_environments()


def limit_payloads():
    execute, invoke_async, invoke = (
        lambda_svc._execute_function, lambda_svc.invoke_async_with_retry, lambda_svc._invoke
    )

    def execute_within_limits(function, event):
        if size_of(event) > MAX_SYNCHRONOUS_BYTES and not is_asynchronous.get():
            return failure("RequestEntityTooLargeException", too_large_request(MAX_SYNCHRONOUS_BYTES))
        result = execute(function, event)
        if not result.get("error") and size_of(result.get("body")) > MAX_RESPONSE_BYTES:
            return failure(
                "Function.ResponseSizeTooLarge",
                f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes).",
            )
        return result

    def invoke_async_within_limits(function, event):
        token = is_asynchronous.set(True)
        try:
            invoke_async(function, event)
        finally:
            is_asynchronous.reset(token)

    @functools.wraps(invoke)
    async def invoke_within_limits(name, event, headers, *rest, **named):
        asynchronous = headers.get("x-amz-invocation-type") == "Event"
        limit = MAX_ASYNCHRONOUS_BYTES if asynchronous else MAX_SYNCHRONOUS_BYTES
        if size_of(event) > limit:
            return lambda_svc.error_response_json(
                "RequestEntityTooLargeException", too_large_request(limit), 413
            )
        return await invoke(name, event, headers, *rest, **named)

    lambda_svc._execute_function, lambda_svc.invoke_async_with_retry, lambda_svc._invoke = (
        execute_within_limits, invoke_async_within_limits, invoke_within_limits
    )


def size_of(payload):
    if isinstance(payload, (str, bytes)):
        return len(payload)
    return len(json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode())


def too_large_request(limit):
    return f"Request must be smaller than {limit} bytes for the InvokeFunction operation"


def failure(error_type, message):
    return {"error": True, "body": {"errorType": error_type, "errorMessage": message}, "log": ""}


def limit_environments():
    """Fail the deployment of a function whose variables Lambda does not take."""
    handler = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]
    create, update = handler["create"], handler["update"]

    def create_within_limits(logical_id, properties, stack_name):
        check_environment(properties)
        return create(logical_id, properties, stack_name)

    # ministack inspects the signature to decide which arguments to pass.
    @functools.wraps(update)
    def update_within_limits(physical_id, old_properties, new_properties, *rest, **named):
        check_environment(new_properties)
        return update(physical_id, old_properties, new_properties, *rest, **named)

    handler["create"], handler["update"] = create_within_limits, update_within_limits


def check_environment(properties):
    variables = (properties.get("Environment") or {}).get("Variables") or {}
    prefix = "Lambda was unable to configure your environment variables because the environment variables you have provided"
    reserved = sorted(RESERVED_NAMES.intersection(variables))
    if reserved:
        raise ValueError(
            f"{prefix} contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(reserved)}"
        )
    if size_of(variables) > MAX_ENVIRONMENT_BYTES:
        raise ValueError(f"{prefix} exceeded the 4KB limit. String measured: {json.dumps(variables)}")
