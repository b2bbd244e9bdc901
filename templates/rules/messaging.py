"""Topics and queues: encrypted with a key that their publishers may use, heard by somebody, kept long enough."""

from __future__ import annotations

import re
from collections.abc import Iterator

from templates.rules.alarms import told
from templates.rules.alarms_kpi import failure_queues
from templates.rules.alarms_model import alarms
from templates.rules.attached_policies import attached
from templates.rules.finding import Finding, rule
from templates.rules.iam import Statement, acts, arn_of, covers, matches, plain, statements
from templates.rules.system import Resource, System
from templates.rules.values import dicts, items, number, text, token, truth

TOPIC, QUEUE, SUBSCRIPTION = "AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::SNS::Subscription"
KEY = "AWS::KMS::Key"
DAYS = 86_400
ADDRESS = re.compile(r"[^@\s/,]+@[^@\s/,]+\.[a-z]+")
WHOLE_EVENT = 262_144
# Service that publishes -> the service part of the ARNs of what it publishes for.
ALARMS, EVENTS = "cloudwatch.amazonaws.com", "events.amazonaws.com"
USE_KEY = ("kms:Decrypt", "kms:GenerateDataKey")


def publishers(system: System, topic: Resource) -> list[str]:
    """The services that send to a topic in this system."""
    by_alarm = any(
        topic in told(alarm, key, system) for alarm in alarms(system) for key in ("AlarmActions", "OKActions")
    )
    by_event = any(topic in targets_of(event, system) for event in system.of_type("AWS::Events::Rule"))
    return [service for service, sends in ((ALARMS, by_alarm), (EVENTS, by_event)) if sends]


def targets_of(event_rule: Resource, system: System) -> list[Resource]:
    """The resources of this system that an event rule sends to."""
    found = [system.target(target.get("Arn")) for target in dicts(event_rule.get("Targets"))]
    return [target for target in found if target]


@rule("messages wait on disk: they are encrypted with our key, which alarms and events may use, unlike AWS's own")
def topic_encrypted(system: System) -> Iterator[Finding]:
    for topic in system.of_type(TOPIC):
        key = text(topic.get("KmsMasterKeyId"))
        if not key:
            yield topic.finding("is not encrypted; set KmsMasterKeyId to the system's key")
        elif "alias/aws/" in key:
            yield topic.finding(f"uses {key}, with which alarms cannot publish; use a key whose policy lets them")


@rule("failed events are kept to be read again: they are encrypted like everything that holds our data")
def queue_encrypted(system: System) -> Iterator[Finding]:
    for queue in system.of_type(QUEUE):
        if not text(queue.get("KmsMasterKeyId")) and truth(queue.get("SqsManagedSseEnabled")) is not True:
            yield queue.finding("is not encrypted; set KmsMasterKeyId to the system's key")
        elif "alias/aws/" in text(queue.get("KmsMasterKeyId")):
            yield queue.finding("uses AWS's own key, with which other services cannot send; use the system's key")


def _grants(system: System, found: list[Statement], service: str, action: str, arn: str) -> list[Statement]:
    return [
        each
        for each in found
        if each.allows and service in each.principals("Service") and acts(each, action) and covers(system, each, arn)
    ]


@rule("a topic's own policy replaces the default: a service that it does not name publishes nothing, without a word")
def topic_lets_publish(system: System) -> Iterator[Finding]:
    for topic in system.of_type(TOPIC):
        for service in publishers(system, topic):
            granted = _grants(system, attached(system, topic), service, "sns:Publish", arn_of(system, topic))
            if not granted:
                yield topic.finding(f"does not let {service} publish; allow it sns:Publish in the topic's policy")
            elif not any(_source_fits(system, each, service) for each in granted):
                yield granted[0].finding(f"is for sources that {service} does not send for here; correct aws:SourceArn")


@rule("alarms of any account may publish to a topic that does not ask for whom: people are woken by strangers")
def topic_for_our_alarms(system: System) -> Iterator[Finding]:
    for topic in system.of_type(TOPIC):
        for each in _grants(system, attached(system, topic), ALARMS, "sns:Publish", arn_of(system, topic)):
            if not each.condition("aws:SourceAccount") and not each.condition("aws:SourceArn"):
                yield each.finding("is for alarms of any account; add a Condition on aws:SourceAccount")


def _source_fits(system: System, statement: Statement, service: str) -> bool:
    """Whether aws:SourceArn, if it is asked for, has the alarms or event rules of this system."""
    patterns = [plain(system, each) for each in statement.condition("aws:SourceArn")]
    sources = alarms(system) if service == ALARMS else system.of_type("AWS::Events::Rule")
    arns = [arn_of(system, source) for source in sources]
    return not patterns or all(any(matches(pattern, arn) for pattern in patterns) for arn in arns if arn)


@rule("a service that may not use the topic's key publishes nothing, and no log says so")
def topic_key_lets_publish(system: System) -> Iterator[Finding]:
    for topic in system.of_type(TOPIC):
        key = system.target(topic.get("KmsMasterKeyId"))
        if key is None or key.type != KEY:
            continue
        found = [each for each in statements(system) if each.resource is key]
        for service in publishers(system, topic):
            missing = [
                action
                for action in USE_KEY
                if not any(_source_fits(system, each, service) for each in _grants(system, found, service, action, ""))
            ]
            if missing:
                yield key.finding(f"does not let {service} use {', '.join(missing)}, as {topic.id} needs; allow it")


@rule("alarms that nobody receives are not alarms")
def topic_heard(system: System) -> Iterator[Finding]:
    addresses = [value for value in system.values.values() if ADDRESS.fullmatch(value)]
    heard = system.targets([each.get("TopicArn") for each in system.of_type(SUBSCRIPTION)])
    for topic in system.of_type(TOPIC):
        if addresses and publishers(system, topic) and topic not in heard and not topic.get("Subscription"):
            yield topic.finding(f"tells nobody although {addresses[0]} is given; subscribe it to this topic")


# Protocol -> what its address holds.
ENDPOINTS = {
    "email": "@",
    "email-json": "@",
    "https": "https://",
    "sqs": ":sqs:",
    "lambda": ":lambda:",
    "firehose": ":firehose:",
    "sms": "+",
}


@rule("a subscription that cannot be delivered is accepted, and silent")
def subscription_delivers(system: System) -> Iterator[Finding]:
    for subscription in system.of_type(SUBSCRIPTION):
        protocol, endpoint = text(subscription.get("Protocol")), text(subscription.get("Endpoint"))
        if protocol not in ENDPOINTS:
            yield subscription.finding(f"has the protocol {protocol or 'none'}; use one of {', '.join(ENDPOINTS)}")
        if not endpoint:
            yield subscription.finding("has no Endpoint for some parameter values; put it under a condition")
        elif ENDPOINTS.get(protocol, "") not in endpoint and not token(endpoint):
            yield subscription.finding(f"sends {protocol} to {endpoint}, which is no such address; correct one of them")
        if system.target(subscription.get("TopicArn")) is None:
            yield subscription.finding("listens to no topic of this system; refer to it in TopicArn")
        if "FilterPolicy" in subscription.props:
            yield subscription.finding("filters by attributes, which alarms do not have; remove FilterPolicy")


@rule("people are reached by mail, which a topic of strict order does not send")
def topic_not_fifo(system: System) -> Iterator[Finding]:
    for each in [*system.of_type(TOPIC), *failure_queues(system)]:
        if truth(each.get("FifoTopic")) or truth(each.get("FifoQueue")):
            yield each.finding("is of strict order (FIFO), which its senders or readers do not know; remove it")


@rule("a failure on Friday evening must still be there on Monday, whole")
def failed_events_last(system: System) -> Iterator[Finding]:
    for queue in failure_queues(system):
        seconds = number(queue.get("MessageRetentionPeriod"))
        if seconds is not None and seconds < 4 * DAYS:
            yield queue.finding(
                f"keeps messages {seconds / DAYS:.1f} days; set MessageRetentionPeriod to 4 days or more"
            )
        size = number(queue.get("MaximumMessageSize"))
        if size is not None and size < WHOLE_EVENT:
            yield queue.finding(f"takes {size:g} bytes; remove MaximumMessageSize, so that a whole event fits")


@rule("an alarm that tells two topics, or another than the rest, is missed by those who listen to the others")
def alarms_tell_one_topic(system: System) -> Iterator[Finding]:
    heard = set(system.targets([each.get("TopicArn") for each in system.of_type(SUBSCRIPTION)]))
    for alarm in alarms(system) if heard else []:
        for key in ("AlarmActions", "OKActions"):
            topics = told(alarm, key, system)
            if topics and not heard & set(topics):
                yield alarm.finding(f"{key} tells {topics[0].id}, to which nobody is subscribed; tell the alerts topic")
        if len(items(alarm.get("AlarmActions"))) > 5:
            yield alarm.finding("has more than five actions, which CloudWatch refuses; remove some")
