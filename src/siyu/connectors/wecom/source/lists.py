"""Short lists: corp tags, and the members who have friends. Both are remembered for the check."""

from __future__ import annotations

import json
from collections.abc import Iterator

from siyu.connectors.manifest import Pulled, Tools
from siyu.connectors.wecom.client import OF, Client
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.wire import contacts
from siyu.connectors.wecom.wire.answers import texts

TAGS = "tags"
STAFF = "staff"


def pull_tags(config: Config, tools: Tools, cursor: str) -> Iterator[Pulled]:  # noqa: ARG001 - whole each time
    """Every corp tag by its id, so that friends' tags have names."""
    tag_names(Client(config, tools), tools, config.tag_group, fresh=True)
    yield Pulled([], "")


def tag_names(client: Client, tools: Tools, ours: str, *, fresh: bool) -> dict[str, str]:
    """Tag id → `group/name`, of the group `ours` the name alone; not `fresh`: as they were when
    somebody last asked."""
    said = None if fresh else tools.store.get(TAGS)
    if said is not None:
        return json.loads(said)
    names = contacts.tag_names(client.ask(f"{OF}/get_corp_tag_list", {}), ours)
    tools.store.put(TAGS, json.dumps(names, ensure_ascii=False))
    return names


def follow_users(client: Client, tools: Tools) -> list[str]:
    """Members who can have friends, in order."""
    answer = client.get(f"{OF}/get_follow_user_list")
    found = sorted(texts(answer, "follow_user"))
    tools.store.put(STAFF, json.dumps(found))
    return found
