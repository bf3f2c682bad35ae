"""Sends with a library for Python: sender.py <Segment|RudderStack> <url> <write key> <all|refused>.

Prints what the library could not send, a line each.
"""

import sys
from datetime import datetime, timezone

library, url, write_key, what = sys.argv[1:]
if library == "Segment":
    from segment.analytics.client import Client
else:
    from rudderstack.analytics.client import Client


def failed(error, batch):
    for call in batch:
        print("failure", call["messageId"], flush=True)


client = Client(write_key, host=url, on_error=failed, upload_interval=0.1)


def sixty_calls():
    for i in range(10):
        order = {"total": 120.5, "count": i, "paid": True}
        who = {"user_id": f"ann{i}", "anonymous_id": f"laptop{i}"}
        when = {"timestamp": datetime.now(timezone.utc)}

        def named(kind):
            return {"message_id": f"{kind}-{i}", **when}

        client.identify(
            traits={"email": f"ann{i}@example.com", "nested": {"city": "Zürich ✓"}}, **who, **named("identify")
        )
        client.track(event="Order Completed", properties=order, **who, **named("track"))
        client.page(name="Home", properties={"url": "https://shop.example/"}, **who, **named("page"))
        client.screen(name="Basket", properties=order, **who, **named("screen"))
        client.group(group_id="acme", traits={"employees": 7}, **who, **named("group"))
        client.alias(previous_id=f"before{i}", user_id=f"ann{i}", **named("alias"))


def refused_then_good():
    client.track(user_id="null", event="Refused", message_id="refused")
    client.flush()
    client.track(user_id="ann", event="Good", message_id="good")


sixty_calls() if what == "all" else refused_then_good()
client.shutdown()
