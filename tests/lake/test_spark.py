"""What Spark needs and a machine lacks is said in words; Spark itself: tests/spark."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from siyu.kernel.errors import BadSettings
from siyu.lake.engine import Duck
from siyu.lake.lake import engine_of
from siyu.lake.spark import Spark
from siyu.settings import load

ASK = """
import sys
if {without}:
    sys.modules["pyspark"] = None  # an import fails, as where it is not installed
from siyu.kernel.errors import Refused
from siyu.lake.spark import Spark
try:
    Spark("local[1]")
except Refused as refused:
    print(refused.detail, refused.detail.zh)
"""


def test_without_java_or_pyspark_it_says_what_is_missing(tmp_path: Path) -> None:
    java = tmp_path / "java"
    java.touch(0o755)
    environ = {name: value for name, value in os.environ.items() if name != "JAVA_HOME"}

    def asked(path: str, *, without: bool) -> str:
        return subprocess.run(
            [sys.executable, "-c", ASK.format(without=without)],
            env=environ | {"PATH": path}, check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip

    no_java = asked("", without=False)
    assert "Java 17" in no_java
    assert "请安装 Java" in no_java
    no_pyspark = asked(str(tmp_path), without=True)
    assert "pip install 'siyu[spark]'" in no_pyspark
    assert "没有安装 PySpark" in no_pyspark


def test_settings_say_what_answers(tmp_path: Path) -> None:
    assert engine_of(load({}, home=tmp_path)) is Duck
    said = {
        "SIYU_LAKE_ENGINE": "spark",
        "SIYU_SPARK_MASTER": "spark://m:7077",
        "SIYU_LAKE_URL": "hdfs://n/lake",
    }
    made = engine_of(load(said, home=tmp_path))
    assert isinstance(made, partial)
    assert (made.func, made.args) == (Spark, ("spark://m:7077", "hdfs://n/lake"))
    for wrong in ({"SIYU_SPARK_MASTER": "m:7077"}, {"SIYU_LAKE_URL": "/lake"}):
        with pytest.raises(BadSettings):
            load(said | wrong, home=tmp_path)
