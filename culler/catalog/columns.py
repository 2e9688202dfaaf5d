"""What the grid sorts and filters by, read in a transaction of the catalog."""

import sqlite3
from collections.abc import Sequence

from culler.catalog import rows
from culler.catalog.assessments import scorer_key
from culler.catalog.database import Transaction
from culler.catalog.keys import chunks
from culler.catalog.rows import Rows, Where
from culler.catalog.scopes import Scope
from culler.domain.assessment import ScorerId
from culler.domain.photo import PhotoId


def read(
    tx: Transaction,
    scorer: ScorerId | None,
    scopes: Sequence[Scope] | None = None,
    photo_ids: Sequence[PhotoId] | None = None,
) -> Rows:
    """Rows of the photos in `scopes` (None: all), or of `photo_ids` where these are given."""
    key = None if scorer is None else scorer_key(tx, scorer)
    if photo_ids is not None:
        conditions = [rows.among(ids) for ids in chunks(dict.fromkeys(photo_ids))]
    elif scopes is not None:
        conditions = [rows.any_of([rows.inside(scope) for scope in scopes])]
    else:
        conditions = [Where()]
    driver = tx.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return rows.read(driver, key, conditions)
