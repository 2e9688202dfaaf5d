"""culler faces: who is in the photos, and whether the eyes are sharp."""

from culler.cli.options import Folders, Json
from culler.cli.output import counted, follow, harmless, path_text, put, say, scanned, workspace
from culler.workflow import faces as looking


def faces(folders: Folders, json: Json = False) -> int:
    """Look for faces in photos that were not looked at yet, and tell what is known of each.

    Stop it whenever you like: what was found is kept, and the same command goes on.
    """
    with workspace() as ws:
        found = scanned(ws, folders)
        report = follow(looking.find_faces(ws, found.folders), "Looking for faces")
        known = looking.faces_of(ws, report.photo_ids)
        paths = looking.paths_of(ws, report.photo_ids)
    for photo_id, path in paths.items():
        seen = known.get(photo_id)
        words = None if seen is None else looking.sentence(seen) or "no face"
        if not json:
            if seen:
                print(f"{harmless(path_text(path))}: {words}")
            continue
        put(
            {
                "path": path_text(path),
                "faces": None
                if seen is None
                else [
                    {
                        "box": [face.left, face.top, face.right, face.bottom],
                        "landmarks": [list(point) for point in face.landmarks],
                        "confidence": face.confidence,
                        "eye_sharpness": face.sharpness,
                        "decides": face.decides,
                    }
                    for face in seen
                ],
                "sentence": words,
            }
        )
    with_faces = sum(bool(seen) for seen in known.values())
    say(
        f"{counted(report.looked, 'photo')} looked at now; faces in {with_faces} of {len(known)}."
        + (f" {counted(report.failed, 'photo')} could not be read." if report.failed else "")
    )
    return 0 if known or not paths else 1
