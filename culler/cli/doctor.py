"""culler doctor: is everything in order, and what to do where it is not."""

from culler.cli.output import workspace
from culler.workflow import health


def doctor() -> int:
    """Check the catalog, caches, codecs, torch devices and free space."""
    sound = True
    with workspace() as ws:
        for finding in health.findings(ws):
            print(f"{'ok  ' if finding.sound else 'LOOK'}  {finding.subject}: {finding.text}")
            sound = sound and finding.sound
    return 0 if sound else 1
