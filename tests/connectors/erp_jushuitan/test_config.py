from __future__ import annotations

from typing import Any

import pytest

from siyu.connectors.erp_jushuitan.config import Config


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "ftp://x"}, {"app_secret": ""}, {"access_token": "x"},
        {"card_flag": "red"}, {"card_label": "放赠品"}, {"remark_path": "x"},
    ],
)  # fmt: skip
def test_settings_that_can_not_work_are_refused(wrong: dict[str, Any]) -> None:
    given: dict[str, Any] = {"app_key": "app", "app_secret": "secret", **wrong}
    with pytest.raises(ValueError, match=next(iter(wrong)).split("_")[0]):
        Config(**given)
