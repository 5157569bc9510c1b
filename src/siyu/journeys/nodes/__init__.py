"""Every type of step, one file each. To add one: docs/guides/add-a-node.md."""

from siyu.journeys.model import Node
from siyu.journeys.nodes.branch import Branch
from siyu.journeys.nodes.exit import Exit
from siyu.journeys.nodes.fit import Fit
from siyu.journeys.nodes.goal import Goal
from siyu.journeys.nodes.offer import Offer
from siyu.journeys.nodes.send import Send
from siyu.journeys.nodes.set import Set
from siyu.journeys.nodes.split import Split
from siyu.journeys.nodes.start import Start
from siyu.journeys.nodes.tag import Tag
from siyu.journeys.nodes.task import Task
from siyu.journeys.nodes.until import Until
from siyu.journeys.nodes.wait import Wait

NODES: tuple[type[Node], ...] = (
    Send, Task, Wait, Until, Branch, Split, Tag, Offer, Fit, Set, Start, Goal, Exit,
)  # fmt: skip
