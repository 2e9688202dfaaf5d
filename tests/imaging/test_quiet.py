"""Libraries' chatter stays off the terminal; everybody else's words get through."""

import os

from culler.imaging.quiet import quiet


def test_chatter_is_caught_and_other_words_pass(capfd) -> None:
    with quiet() as complaints:
        os.write(
            2,
            b"DSC_1.NEF: data corrupted at 1378\nTIFFFillTile: 0: Invalid tile.\n"
            b"WARNING: low.\nProgress 50%\n",
        )
    assert capfd.readouterr().err == "WARNING: low.\nProgress 50%\n"
    assert len(complaints) == 2
    os.write(2, b"afterwards\n")
    assert capfd.readouterr().err == "afterwards\n"


def test_the_terminal_is_back_after_an_error(capfd) -> None:
    try:
        with quiet():
            raise ValueError
    except ValueError:
        pass
    os.write(2, b"still here\n")
    assert capfd.readouterr().err == "still here\n"
