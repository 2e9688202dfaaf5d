"""The table of verbs: names, help and where each lives. Imports nothing, so that the console entry can
tell a verb from a folder at once, and packaging can list every command module."""

VERBS: dict[str, str] = {
    "scan": "culler.cli.scan:scan",
    "score": "culler.cli.score:score",
    "rank": "culler.cli.rank:rank",
    "compare": "culler.cli.rank:compare",
    "groups": "culler.cli.groups:groups",
    "suggest": "culler.cli.groups:suggest",
    "faces": "culler.cli.faces:faces",
    "taste": "culler.cli.taste:app",
    "mark": "culler.cli.mark:mark",
    "files": "culler.cli.files:app",
    "undo": "culler.cli.mark:undo",
    "redo": "culler.cli.mark:redo",
    "xmp": "culler.cli.xmp:app",
    "export": "culler.cli.export:export",
    "remove": "culler.cli.remove:remove",
    "scorers": "culler.cli.scorers:scorers",
    "marks": "culler.cli.marks:app",
    "relink": "culler.cli.relink:relink",
    "train": "culler.cli.train:app",
    "evaluate": "culler.cli.evaluate:app",
    "doctor": "culler.cli.doctor:doctor",
}
