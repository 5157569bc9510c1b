"""The API is asked on the same small installation as the stories are told on."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

_path = Path(__file__).parent.parent / "stories" / "conftest.py"
_spec = spec_from_file_location("stories_of_the_api", _path)
assert _spec is not None
assert _spec.loader is not None
_stories = module_from_spec(_spec)
_spec.loader.exec_module(_stories)

begun = _stories.begun
story = _stories.story
