"""The gRPC server of the stand-in: google.pubsub.v1.Publisher and Subscriber over one Broker."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from google.pubsub_v1 import types

from earshot.local.pubsub.broker import Broker
from earshot.local.pubsub.grpc_methods import Calls

MAX_REQUEST_BYTES = 11 << 20  # a publish request may carry 10 MB
WORKERS = 64  # each open streaming pull holds one

Names = tuple[type[Any], type[Any]]

PUBLISHER: dict[str, Names] = {
    "CreateTopic": (types.Topic, types.Topic),
    "GetTopic": (types.GetTopicRequest, types.Topic),
    "ListTopics": (types.ListTopicsRequest, types.ListTopicsResponse),
    "DeleteTopic": (types.DeleteTopicRequest, Empty),
    "Publish": (types.PublishRequest, types.PublishResponse),
}
SUBSCRIBER: dict[str, Names] = {
    "CreateSubscription": (types.Subscription, types.Subscription),
    "GetSubscription": (types.GetSubscriptionRequest, types.Subscription),
    "ListSubscriptions": (types.ListSubscriptionsRequest, types.ListSubscriptionsResponse),
    "UpdateSubscription": (types.UpdateSubscriptionRequest, types.Subscription),
    "ModifyPushConfig": (types.ModifyPushConfigRequest, Empty),
    "DeleteSubscription": (types.DeleteSubscriptionRequest, Empty),
    "Pull": (types.PullRequest, types.PullResponse),
    "StreamingPull": (types.StreamingPullRequest, types.StreamingPullResponse),
    "Acknowledge": (types.AcknowledgeRequest, Empty),
    "ModifyAckDeadline": (types.ModifyAckDeadlineRequest, Empty),
}


class Server:
    """The stand-in, listening on loopback; `port` is the one taken when 0 was asked for."""

    def __init__(self, port: int = 0) -> None:
        self.broker = Broker()
        calls = Calls(self.broker)
        # Kept on self: a grpc.Server that nobody refers to is collected and stops serving without a word.
        self._server = grpc.server(
            ThreadPoolExecutor(WORKERS),
            handlers=(_handler("Publisher", PUBLISHER, calls), _handler("Subscriber", SUBSCRIBER, calls)),
            options=[("grpc.max_receive_message_length", MAX_REQUEST_BYTES), ("grpc.so_reuseport", 0)],
        )
        self.port: int = self._server.add_insecure_port(f"127.0.0.1:{port}")
        self._server.start()

    @property
    def host(self) -> str:
        """What PUBSUB_EMULATOR_HOST must say: no scheme."""
        return f"127.0.0.1:{self.port}"

    def wait(self) -> None:
        """Serve until stopped."""
        self._server.wait_for_termination()

    def stop(self) -> None:
        """Cut the connections and stop the pushes."""
        self.broker.close()
        self._server.stop(grace=0).wait()


def _handler(service: str, calls: dict[str, Names], target: Calls) -> Any:
    methods = {}
    for name, (request, response) in calls.items():
        streaming = name == "StreamingPull"
        make = grpc.stream_stream_rpc_method_handler if streaming else grpc.unary_unary_rpc_method_handler
        method: Callable[[Any, Any], Any] = getattr(target, re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower())
        methods[name] = make(
            method,
            request_deserializer=request.deserialize,
            response_serializer=Empty.SerializeToString if response is Empty else response.serialize,
        )
    return grpc.method_handlers_generic_handler(f"google.pubsub.v1.{service}", methods)
