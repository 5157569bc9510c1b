"""Codes that lead into group chats (加入群聊), each with a state of its own."""

from __future__ import annotations

from siyu.connectors.manifest import WayIn
from siyu.connectors.wecom.client import OF, Client
from siyu.connectors.wecom.source.links import UNREADABLE, done
from siyu.connectors.wecom.wire.answers import inner, text
from siyu.kernel.errors import Broken

QR = 2  # the scene


def made(client: Client, way: WayIn, remark: str) -> str:
    """A new code into these groups: its id. Once they are full WeCom makes a further one."""
    body = {
        "scene": QR,
        "remark": remark,
        "auto_create_room": 1,
        "chat_id_list": list(way.groups),
        "state": way.state,
    }
    config_id = text(done(client, f"{OF}/groupchat/add_join_way", body), "config_id")
    if not config_id:
        raise Broken(UNREADABLE)
    return config_id


def led(client: Client, config_id: str, way: WayIn, remark: str) -> None:
    """The same code leads into other groups from now on: what is printed stays true."""
    body = {
        "config_id": config_id,
        "scene": QR,
        "remark": remark,
        "auto_create_room": 1,
        "chat_id_list": list(way.groups),
        "state": way.state,
    }
    done(client, f"{OF}/groupchat/update_join_way", body)


def picture(client: Client, config_id: str) -> str:
    """Its picture, which WeCom tells only when it is asked."""
    told = done(client, f"{OF}/groupchat/get_join_way", {"config_id": config_id})
    return text(inner(told, "join_way"), "qr_code")


def dropped(client: Client, config_id: str) -> None:
    """Give it back: whoever scans it gets nowhere."""
    done(client, f"{OF}/groupchat/del_join_way", {"config_id": config_id})
