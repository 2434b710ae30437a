"""The flow that the worker executes during the chaos check."""

from typing import Any

from prefect import flow


@flow
def take_orders(orders: list[dict[str, Any]]) -> int:
    """Count the orders."""
    return len(orders)
