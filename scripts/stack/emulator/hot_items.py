"""Refuses writes to a hot item as DynamoDB does: conflicts of transactions, and throttles.

Two transactions at one item at the same time conflict; ministack runs one after the other. An item is in one partition,
which takes 1,000 write units a second; ministack takes any number. PartiQL statements are left alone: Sluice inserts
claims with them, whose keys are hashed.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
"""

import asyncio
import json
import time

from ministack.services import dynamodb

UNITS_PER_SECOND = 1000
# How long a transaction is at its items. Without, none would ever meet another.
TRANSACTION_SECONDS = 0.003
THROTTLED = (
    "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or "
    "index so please try again shortly."
)
SINGLE_WRITES = ("PutItem", "UpdateItem", "DeleteItem")

in_transaction = set()
# Item -> (write units left, when that was true).
budgets = {}


def patch():
    handle = dynamodb.handle_request

    async def handle_hot_items(method, path, headers, body, query_params):
        action = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
        if action != "TransactWriteItems" and action not in SINGLE_WRITES:
            return await handle(method, path, headers, body, query_params)
        request = json.loads(body)
        items = items_of(action, request)
        refused = refusal(action, items)
        if refused is not None:
            return respond(*refused)
        counted = json.dumps({**request, "ReturnConsumedCapacity": "TOTAL"}).encode()
        if action != "TransactWriteItems":
            response = await handle(method, path, headers, counted, query_params)
        else:
            in_transaction.update(items)
            try:
                await asyncio.sleep(TRANSACTION_SECONDS)
                response = await handle(method, path, headers, counted, query_params)
            finally:
                in_transaction.difference_update(items)
        charge(items, response)
        return response

    dynamodb.handle_request = handle_hot_items


def items_of(action, request):
    writes = [next(iter(each.values()), {}) for each in request.get("TransactItems") or []]
    return [item_of(write) for write in (writes if action == "TransactWriteItems" else [request])]


def item_of(write):
    """Tell items apart by their keys, which the schema of the table names."""
    table = dynamodb._tables.get(write.get("TableName")) or {}
    names = [each["AttributeName"] for each in table.get("KeySchema") or []]
    values = write.get("Key") or write.get("Item") or {}
    return write.get("TableName"), json.dumps([values.get(name) for name in names])


def refusal(action, items):
    conflicts = [item in in_transaction for item in items]
    throttles = [units_left(item) < 0 for item in items]
    if not any(conflicts) and not any(throttles):
        return None
    if action != "TransactWriteItems":
        if conflicts[0]:
            return "TransactionConflictException", "Transaction is ongoing for the item", None
        return "ThrottlingException", THROTTLED, None
    code = "TransactionConflict" if any(conflicts) else "ThrottlingError"
    message = "Transaction is ongoing for the item" if any(conflicts) else THROTTLED
    reasons = [
        {"Code": code, "Message": message} if is_refused else {"Code": "None"}
        for is_refused in (conflicts if any(conflicts) else throttles)
    ]
    listed = ", ".join(reason["Code"] for reason in reasons)
    return (
        "TransactionCanceledException",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{listed}]",
        reasons,
    )


def respond(name, message, reasons):
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{name}", "message": message}
    if reasons is not None:
        body = {**body, "Message": message, "CancellationReasons": reasons}
    return 400, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps(body).encode()


def units_left(item):
    units, at = budgets.get(item, (UNITS_PER_SECOND, 0))
    return min(UNITS_PER_SECOND, units + (time.monotonic() - at) * UNITS_PER_SECOND)


def charge(items, response):
    status, _, body = response
    consumed = json.loads(body).get("ConsumedCapacity") if status == 200 and body else None
    total = sum(each.get("CapacityUnits", 0) for each in (consumed if isinstance(consumed, list) else [consumed or {}]))
    for item in items:
        budgets[item] = (units_left(item) - total / len(items), time.monotonic())
    if len(budgets) > 10_000:
        budgets.clear()
