import pytest

from tests.unit.language.scoring import Reader


@pytest.fixture(scope="session")
def reader() -> Reader:
    return Reader.of_sample()
