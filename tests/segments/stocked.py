"""Random children, sizes in stores, and whose store is whose."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st


def stocked(
    draw: st.DrawFn, known_one: st.SearchStrategy[int], shops: st.SearchStrategy[str]
) -> dict[str, list[dict[str, Any]]]:
    """Facts beside those of `worlds`."""
    return {
        "customer_child": draw(
            st.lists(
                st.fixed_dictionaries(
                    {
                        "customer_id": known_one,
                        "child": st.integers(1, 2),
                        "month": st.sampled_from(["2026-12", "2026-11", "2026-10", "2025-11"]),
                    }
                ),
                max_size=4,
                unique_by=lambda row: (row["customer_id"], row["child"]),
            )
        ),
        "size_stock": draw(
            st.lists(
                st.fixed_dictionaries(
                    {
                        "place": shops,
                        "style": st.sampled_from(["runner", "boot"]),
                        "size": st.sampled_from(["", "%", "'"]),
                        "pieces": st.integers(1, 3),
                        "discontinued": st.booleans(),
                        "sizes_left": st.integers(1, 3),
                    }
                ),
                max_size=4,
                unique_by=lambda row: (row["place"], row["style"], row["size"]),
            )
        ),
        "staff_member": [
            {"code": "a", "store_id": draw(st.sampled_from([None, 1, 2]))},
            {"code": "b", "store_id": 1},
        ],
        "store": [{"id": 1, "code": "a"}, {"id": 2, "code": "b"}],
    }
