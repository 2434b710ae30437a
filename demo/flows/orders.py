"""The flows that the demo runs: ordinary Prefect flows that know nothing of Sluice or AWS."""

from typing import Any

from prefect import flow, get_run_logger
from pydantic import BaseModel


class Order(BaseModel):
    """A paid order. Prefect refuses a run whose parameters are anything else."""

    orderId: str
    region: str
    total: float


@flow
def process_orders(orders: list[Order]) -> None:
    """Books the orders that were paid in one region at about the same time."""
    total = sum(order.total for order in orders)
    get_run_logger().info("Booked %d orders: %.2f in all", len(orders), total)


@flow
def audit_event(event: dict[str, Any]) -> None:
    """Looks at one event as a whole; `event` is a CloudEvent."""
    get_run_logger().info("%s is a %s from %s", event["id"], event["type"], event["source"])
