"""The form of the settings: each with its words, its limits and its default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta

KEY_BYTES = 32

Key = Annotated[bytes, Meta(min_length=KEY_BYTES, max_length=KEY_BYTES)]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What this installation was told. In the environment a connector's table is joined to it:
    SIYU_WEBHOOK_URL is `url` of `[webhook]`."""

    home: Annotated[Path, Meta(description="The folder of the embedded database, keys and logs.")]
    database_url: Annotated[
        str, Meta(description="A PostgreSQL (16 or newer) of yours; empty: the embedded one.")
    ] = field(default="", repr=False)
    host: Annotated[str, Meta(description="The address that `siyu serve` listens on.")] = (
        "127.0.0.1"
    )
    port: Annotated[int, Meta(ge=0, le=65535, description="Its port; 0: any free one.")] = 8710
    link: Annotated[
        str,
        Meta(pattern=r"\{state\}", description="Where invitations lead; `{state}` is filled in."),
    ] = "https://example.invalid/a/{state}"
    short_links: Annotated[
        str,
        Meta(
            pattern=r"^(https?://[^\s?#]+)?$",
            description="Where customers reach this installation, like `https://s.brand.cn`: links"
            " in texts become short ones there, and clicks are counted. Empty: addresses go out as"
            " they are, uncounted.",
        ),
    ] = ""
    poster_font: Annotated[
        str,
        Meta(
            description="The file of a font with Chinese in it, for the words on posters. Empty,"
            " or without Chinese: one of those that systems come with."
        ),
    ] = ""
    send_unreviewed: Annotated[
        bool, Meta(description="Materials that nobody has approved yet may be sent.")
    ] = False
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="How much is logged.")
    ] = "info"
    language: Annotated[
        Literal["", "zh", "en"],
        Meta(description="What commands speak: `zh` or `en`. Empty: the brand's own language."),
    ] = ""
    open_metrics: Annotated[
        bool, Meta(description="Programs on this machine read `/metrics` without the API key.")
    ] = False
    sweep_run_days: Annotated[
        int, Meta(ge=1, le=366, description="How long it is kept how each sweep fared, in days.")
    ] = 14
    lake_every: Annotated[
        int,
        Meta(
            ge=0,
            le=1_440,
            description="So often a worker brings the lake up to date, in minutes; 0: only reports"
            " do, when they are asked for.",
        ),
    ] = 15
    lake_engine: Annotated[
        Literal["duckdb", "spark"],
        Meta(
            description="What answers reports over years and segments over the lake: DuckDB in the"
            " process itself, or Spark (the extra `siyu[spark]`, and a Java runtime)."
        ),
    ] = "duckdb"
    spark_master: Annotated[
        str,
        Meta(
            pattern="^(local|spark://|yarn|k8s://)",
            description="The master of the Spark cluster, as Spark writes it.",
        ),
    ] = "local[*]"
    lake_url: Annotated[
        str,
        Meta(
            pattern=r"^$|^[a-z0-9]+://",
            description="Where Spark's workers find the lake: a folder of its own on any file"
            " system that they speak, like `s3a://bucket/lake`; a copy is kept there. Empty: they"
            " see HOME/lake itself.",
        ),
    ] = ""
    import_backlog: Annotated[
        int,
        Meta(
            ge=0,
            description="An import waits while more events than these are to be applied, so that"
            " what the shops tell meanwhile is not behind it for long.",
        ),
    ] = 6_000
    upload_mib: Annotated[
        int, Meta(ge=1, le=100_000, description="The largest file that can be uploaded, in MiB.")
    ] = 512
    tag_wait_days: Annotated[
        int,
        Meta(ge=1, le=3660, description="How long a tag waits for somebody to appear, in days."),
    ] = 180
    upload_days: Annotated[
        int,
        Meta(
            ge=1,
            le=90,
            description="So long uploaded files, and rows of them that could not be used, are kept"
            " in HOME/uploads. A file that was brought in goes at once.",
        ),
    ] = 7
    reveal_hours: Annotated[
        int,
        Meta(
            ge=1,
            le=1_440,
            description="So long after payment somebody is asked to look a masked phone up on its"
            " platform, where no parcel's cut-off says until when.",
        ),
    ] = 48
    health_note_days: Annotated[
        int,
        Meta(
            ge=1,
            le=366,
            description="So long a note on a child's health is kept; it is deleted at midnight by"
            " the brand's clock. What is noted keeps the day that it was told.",
        ),
    ] = 180
    master_key: Annotated[
        Key, Meta(description="Wraps the keys of persons: 32 bytes in base64. Lost is lost.")
    ] = field(repr=False)
    lookup_key: Annotated[
        Key, Meta(description="Keys the hashes that find a person by phone or name; never changes.")
    ] = field(repr=False)
    api_key: Annotated[
        str, Meta(min_length=16, description="Opens the API: `Authorization: Bearer …`.")
    ] = field(repr=False)
    ingest_secret: Annotated[
        str,
        Meta(min_length=16, description="Signs what is posted to `/api/v1/events`."),
    ] = field(repr=False)
    ingest_waiting: Annotated[
        int,
        Meta(ge=1, description="So many events may wait to be applied; above, senders wait (429)."),
    ] = 200_000  # half a minute of applying: an urgent text is promised within one
    ingest_memory: Annotated[
        int,
        Meta(ge=8, description="MiB that bodies of facts may take at once; above, senders wait."),
    ] = 64
    idempotency_hours: Annotated[
        int, Meta(ge=1, le=720, description="How long an answer is kept under its Idempotency-Key.")
    ] = 24
    subscribers_private: Annotated[
        bool,
        Meta(description="Subscribers may live in inner networks, and without https."),
    ] = False
    subscribers_days: Annotated[
        int, Meta(ge=1, le=365, description="A subscriber that took nothing so long is given up.")
    ] = 3
    brief_at: Annotated[
        str,
        Meta(
            pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$",
            description="When head office is told of yesterday, by the brand's clock. Empty: no.",
        ),
    ] = "09:00"
    brief_to: Annotated[
        str,
        Meta(description="Who is told: codes of staff, with commas; empty: operators and owners."),
    ] = ""
    alarms: Annotated[
        bool, Meta(description="The same people are told of each new trouble, once.")
    ] = True
    task_notices: Annotated[
        int,
        Meta(
            ge=0,
            le=1_440,
            description="Guides are told of their new tasks at most every so many minutes, while at"
            " work; 0: never.",
        ),
    ] = 30
    task_hours: Annotated[
        str,
        Meta(
            pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$",
            description="When those are told of tasks who have no rota, by the brand's clock.",
        ),
    ] = "09:00-21:00"
    task_cards: Annotated[
        bool,
        Meta(
            description="The most urgent task can be answered on the message, where the carrier has"
            " buttons."
        ),
    ] = True
    console_url: Annotated[
        str,
        Meta(pattern=r"^(https?://[^\s]+)?$", description="Where the console is, for links to it."),
    ] = ""
    connectors: Annotated[
        Mapping[str, Mapping[str, Any]],
        Meta(description="The connectors' own settings: a table for each, named like it."),
    ] = field(default_factory=dict[str, Mapping[str, Any]], repr=False)

    def derived(self, purpose: str) -> bytes:
        """A key for one purpose, such as public ids, that needs no storing of its own."""
        return blake2b(purpose.encode(), key=self.lookup_key, digest_size=KEY_BYTES).digest()
