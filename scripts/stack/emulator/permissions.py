"""Holds the functions to the policies of their roles, as AWS does, and records which of their calls those allow.

ministack evaluates policies when AUTH is true: identity and resource policies, Allow and Deny, wildcards and conditions.
A function signs with a session of its role. The root keys of tests and scripts are allowed everything. These patches
add what ministack leaves out: the actions behind PartiQL statements, what Lambda itself does with a role (reading a
queue, writing logs), and AWS's wording.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

import contextvars
import functools
import json
import re

import ministack.app
from ministack.core import iam_actions, iam_evaluator
from ministack.core.lambda_runtime import execution_credentials
from ministack.core.responses import get_region
from ministack.services import lambda_svc, sqs
from ministack.services.cloudformation import provisioners

# What AWSLambdaSQSQueueExecutionRole allows, and what Lambda asks of a role before it accepts a mapping.
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
QUEUE_READER_ACTIONS = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-view.html, "Permissions to use CloudWatch Logs"
LOG_WRITER_ACTIONS = ("CreateLogStream", "PutLogEvents")
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
VERB_ACTIONS = {
    "INSERT": "dynamodb:PartiQLInsert",
    "UPDATE": "dynamodb:PartiQLUpdate",
    "DELETE": "dynamodb:PartiQLDelete",
    "SELECT": "dynamodb:PartiQLSelect",
}
STATEMENT_TARGET = re.compile(r'^\s*(?:INSERT\s+INTO|UPDATE|(?:DELETE|SELECT)\b.*?\bFROM)\s+"?([\w.-]+)"?(?:\."?([\w.-]+)"?)?', re.I | re.S)
# Services that answer a denied call with 400; S3 and SQS answer 403.
JSON_SERVICES = ("dynamodb", "secretsmanager", "glue")

# (role, function, action, resource) -> how often it was allowed and denied.
calls = {}


def patch():
    regard_requests_as_encrypted()
    authorize_batches_of_messages()
    authorize_partiql_statements()
    word_denials_as_aws_does()
    record_calls()
    authorize_queue_readers()
    authorize_log_writers()


def recorded_calls():
    return [
        {"role": role, "function": function, "action": action, "resource": resource, **counts}
        for (role, function, action, resource), counts in sorted(calls.items())
    ]


def deployed_grants():
    """What the role of every function may do, as it is deployed."""
    from ministack.services import iam

    grants = []
    for function in list(lambda_svc._functions.values()):
        config = function["config"]
        role_name = config.get("Role", "").rsplit("/", 1)[-1]
        policies = (iam._roles.get(role_name) or {}).get("InlinePolicies") or {}
        documents = [json.loads(each) if isinstance(each, str) else each for each in policies.values()]
        statements = [statement for document in documents for statement in document["Statement"]]
        grants.append({
            "function": config["FunctionName"],
            "description": config.get("Description", ""),
            "role": role_name,
            "statements": statements,
        })
    return grants


def regard_requests_as_encrypted():
    """Policies of queues and buckets deny requests without TLS, and no test uses TLS to the emulator."""
    pin = ministack.app.pin_request_origin
    ministack.app.pin_request_origin = lambda source_ip, secure_transport: pin(source_ip, True)


def authorize_batches_of_messages():
    """A batch needs the permission of its single action.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
    """
    extract = iam_actions.extract_iam_action

    def extract_single_action(service, *rest, **named):
        action = extract(service, *rest, **named)
        return action.removesuffix("Batch") if service == "sqs" and action else action

    iam_actions.extract_iam_action = extract_single_action


def authorize_partiql_statements():
    """A statement needs the permission of its verb on its table; ministack knows only the name of the API call."""
    checks_of_transaction = iam_actions.dynamodb_transaction_checks

    def checks(iam_action, body, region, account_id):
        request = json.loads(body or b"{}")
        if iam_action == "dynamodb:BatchExecuteStatement":
            statements = request.get("Statements")
        elif iam_action == "dynamodb:ExecuteTransaction":
            statements = request.get("TransactStatements")
        elif iam_action == "dynamodb:ExecuteStatement":
            statements = [request]
        else:
            return checks_of_transaction(iam_action, body, region, account_id)
        return [check_of(statement.get("Statement", ""), region, account_id) for statement in statements or []]

    def check_of(statement, region, account_id):
        verb = statement.split(None, 1)[0].upper() if statement.split() else ""
        target = STATEMENT_TARGET.match(statement)
        table, index = target.groups() if target else ("*", None)
        arn = f"arn:aws:dynamodb:{region}:{account_id}:table/{table}"
        return VERB_ACTIONS.get(verb, "dynamodb:PartiQLSelect"), f"{arn}/index/{index}" if index else arn

    iam_actions.dynamodb_transaction_checks = checks


def word_denials_as_aws_does():
    """Name the resource in the message, and respond with the status of the service's protocol."""
    respond = iam_actions.access_denied_response

    def respond_as_aws(service, action, principal_arn, request_id, *, message="", error_code="",
                       resource_arn="*", explicit_deny=False, resource_policy_arn="", **named):
        if not message and not error_code and not resource_policy_arn:
            spelled = action.lower() if service == "sqs" else action
            quoted = f'"{resource_arn}"' if service == "s3" else resource_arn
            message = iam_actions.identity_denial_message(spelled, principal_arn, quoted, explicit_deny)
        status, headers, body = respond(
            service, action, principal_arn, request_id, message=message, error_code=error_code,
            resource_arn=resource_arn, explicit_deny=explicit_deny, resource_policy_arn=resource_policy_arn, **named,
        )
        return (400 if service in JSON_SERVICES and status == 403 else status), headers, body

    iam_actions.access_denied_response = respond_as_aws


def record_calls():
    """Record every decision about a function's role."""
    enforce = iam_evaluator.enforce

    def enforce_and_record(access_key_id, iam_action, service, region, resource_arn="*", **named):
        denied = enforce(access_key_id, iam_action, service, region, resource_arn=resource_arn, **named)
        role, function = session_of(access_key_id)
        if role is not None:
            counts = calls.setdefault((role, function, iam_action, resource_arn), {"allowed": 0, "denied": 0})
            counts["denied" if denied else "allowed"] += 1
        return denied

    iam_evaluator.enforce = enforce_and_record


def session_of(access_key_id):
    from ministack.services import sts

    arn = str((sts._sessions.get(access_key_id or "") or {}).get("Arn", ""))
    _, marker, session = arn.partition(":assumed-role/")
    return tuple(session.split("/", 1)) if marker and "/" in session else (None, None)


def role_may(function_config, action, resource_arn):
    """Whether the role of a function allows what Lambda does on its behalf."""
    return contextvars.copy_context().run(decide, function_config, action, resource_arn)


def decide(function_config, action, resource_arn):
    """In a context of its own: the one of the caller may be that of an unsigned request to an endpoint."""
    iam_evaluator.pin_request_origin("127.0.0.1", True)
    iam_evaluator._anonymous.set(False)
    iam_evaluator._signed_request.set(None)
    service = action.split(":", 1)[0]
    access_key_id = execution_credentials(function_config)["AWS_ACCESS_KEY_ID"]
    return iam_evaluator.enforce(access_key_id, action, service, get_region(), resource_arn=resource_arn) is None


def authorize_queue_readers():
    """Refuse a mapping whose role may not read its queue, and read no queue that the role may not read any more."""
    create_by_api = lambda_svc._create_esm
    handler = provisioners._RESOURCE_HANDLERS["AWS::Lambda::EventSourceMapping"]
    create_by_template = handler["create"]
    receive, delete = sqs._receive_messages_for_esm, sqs._delete_messages_for_esm

    def refusal(function_name, queue_arn):
        function = lambda_svc._functions.get(str(function_name).rsplit(":", 1)[-1])
        if function is None or ":sqs:" not in queue_arn:
            return None
        for action in QUEUE_READER_ACTIONS:
            if not role_may(function["config"], f"sqs:{action}", queue_arn):
                return f"The provided execution role does not have permissions to call {action} on SQS"
        return None

    def create_mapping(data):
        refused = refusal(data.get("FunctionName", ""), data.get("EventSourceArn", ""))
        return lambda_svc._invalid_parameter_value(refused) if refused else create_by_api(data)

    def create_resource(logical_id, properties, stack_name):
        refused = refusal(properties.get("FunctionName", ""), properties.get("EventSourceArn", ""))
        if refused:
            raise ValueError(f"{refused} (Service: Lambda, Status Code: 400)")
        return create_by_template(logical_id, properties, stack_name)

    def reader_of(queue_url):
        queue_arn = sqs._get_q(queue_url)["attributes"]["QueueArn"]
        mapping = next((m for m in list(lambda_svc._esms.values()) if m.get("EventSourceArn") == queue_arn), None)
        function = lambda_svc._functions.get(mapping["FunctionName"]) if mapping else None
        return mapping, function, queue_arn

    def may(queue_url, action):
        mapping, function, queue_arn = reader_of(queue_url)
        if function is None or role_may(function["config"], f"sqs:{action}", queue_arn):
            return True
        mapping["LastProcessingResult"] = f"PROBLEM: Lambda lacks the permission sqs:{action}."
        return False

    def receive_if_allowed(queue_url, batch_size):
        if not sqs._get_q(queue_url)["messages"]:
            return []
        return receive(queue_url, batch_size) if may(queue_url, "ReceiveMessage") else []

    def delete_if_allowed(queue_url, receipt_handles):
        if receipt_handles and may(queue_url, "DeleteMessage"):
            delete(queue_url, receipt_handles)

    lambda_svc._create_esm = create_mapping
    handler["create"] = create_resource
    sqs._receive_messages_for_esm, sqs._delete_messages_for_esm = receive_if_allowed, delete_if_allowed


def authorize_log_writers():
    """Drop the log of a function whose role may not write it."""
    emit = lambda_svc._emit_lambda_logs

    @functools.wraps(emit)
    def emit_if_allowed(function, *rest, **named):
        config = function.get("config") or function
        name = config.get("FunctionName", "unknown")
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}"
        account_id = config["FunctionArn"].split(":")[4]
        arn = f"arn:aws:logs:{get_region()}:{account_id}:log-group:{group}:log-stream:any"
        if all([role_may(config, f"logs:{action}", arn) for action in LOG_WRITER_ACTIONS]):
            emit(function, *rest, **named)

    lambda_svc._emit_lambda_logs = emit_if_allowed
