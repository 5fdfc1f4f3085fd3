"""The operations that bring contacts in from files: upload one, then import it; or send contacts to be imported.

An import is a job: it is checked for what can be told at once, queued, and run when the answer is out.
"""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from api_export.models import File, Job
from api_export.operations.bodies import CreateBody, FileImportBody
from api_export.operations.calls import Call, Result
from api_export.operations.queries import ImportQuery, NoQuery
from storage.errors import UsageError
from storage.files import find_upload, keep_upload
from storage.jobs import queue_job
from transforms.reading import find_kind

__all__ = ["import_contacts", "import_file", "upload_file"]


def upload_file(call: Call[NoQuery, None]) -> Result:
    """Keep a file to import; its `id` is the file_id of the import (contract RULES S9).

    Nothing is served from it: `url` and `preview_url` repeat the path it is kept under.
    """
    if call.upload is None:
        raise UsageError("this operation takes a file", where="file")
    kept = _keep(call, call.upload.name, call.upload.content)
    at = call.now.timestamp()
    path = str(kept["path"])
    file = File(
        id=kept["id"], created_at=at, updated_at=at, deleted_at=None, created_by=call.user, path=path,
        name=str(kept["name"]), public=False, type="file", url=path, preview_url=path, mime=str(kept["mime"]),
    )  # fmt: skip
    return Result(file.model_dump_json().encode())


def import_contacts(call: Call[NoQuery, CreateBody]) -> Result:
    """Queue the import of contacts that were sent (contract RULES J1); what cannot be taken is in the job's rejects."""
    with TemporaryDirectory(prefix="onecard-") as folder:
        content = Path(folder) / "contacts.json"
        content.write_text(call.body.model_dump_json(exclude_unset=True), encoding="utf-8")
        kept = _keep(call, content.name, content)
    return _queued(call, {"file_id": kept["id"]})


def import_file(call: Call[ImportQuery, FileImportBody]) -> Result:
    """Queue the import of an uploaded file with its mappings (contract RULES J2).

    A file is imported by who uploaded it; the local command line, which sees the whole database, may import any.
    """
    body = call.body
    find_upload(call.con, call.db.path, body.file_id, by=None if call.brand is None else call.user)
    if not body.mappings:
        raise UsageError("the mapping names no column", where="mappings")
    return _queued(call, body.model_dump(mode="json", exclude_defaults=True))


def _keep(call: Call[Any, Any], name: str, content: Path) -> dict[str, Any]:
    kind = find_kind(content)
    return keep_upload(call.con, call.db.path, name=name, content=content, kind=kind, by=call.user, now=call.now)


def _queued(call: Call[Any, Any], arguments: Mapping[str, object]) -> Result:
    job = queue_job(call.con, "import", by=call.user, brand=call.home, arguments=arguments, now=call.now)
    return Result(Job(job_id=job).model_dump_json().encode())
