from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.connectors.erp_jushuitan.config import Config
from siyu.connectors.erp_jushuitan.wire import signed


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


FORM = {
    "app_key": "b0b7d1db226d4216a3d58df9ffa2dde5", "access_token": "", "timestamp": "1795140000",
    "charset": "utf-8", "version": "2", "biz": '{"so_ids":["T1"]}',
}  # fmt: skip


def test_a_form_is_signed_as_the_platform_describes_it() -> None:
    """MD5 over the secret and all that is said, by name; reckoned with another tool."""
    made = signed("secret", FORM)

    assert made == FORM | {"sign": "c28813bcc5bbb051b93dd5836fc48dc0"}


@given(st.dictionaries(st.sampled_from(sorted(FORM)), st.text(max_size=8), min_size=1), st.data())
def test_every_word_of_a_form_is_signed_in_whatever_order_it_stands(
    form: dict[str, str], data: st.DataObject
) -> None:
    sign = signed("secret", form)["sign"]
    name = data.draw(st.sampled_from(sorted(form)))

    assert signed("secret", dict(reversed(form.items())))["sign"] == sign
    assert signed("secret", form | {name: form[name] + "1"})["sign"] != sign
    assert signed("Secret", form)["sign"] != sign
