"""Which failures to read a file may pass by themselves, so that it is worth trying again."""

import errno

PASSING_ERRORS = {
    getattr(errno, name)
    for name in (
        "ENOENT", "ENOTDIR", "EACCES", "EPERM", "EIO", "ENODEV", "ENXIO", "ENOTCONN", "ESTALE", "ETIMEDOUT",
        "EHOSTDOWN", "EHOSTUNREACH", "ENETUNREACH", "EMFILE", "ENFILE", "EBUSY", "EAGAIN", "EINTR", "ELOOP",
    )
    if hasattr(errno, name)
}  # fmt: skip


def may_pass(error: BaseException) -> bool:
    """Whether what kept a file from being read may pass by itself: no permission, a disk that is gone.
    Decoders wrap the system's error, so its causes are asked too."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in PASSING_ERRORS:
            return True
        cause = cause.__cause__
    return False
