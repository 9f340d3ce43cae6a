"""Expected failures: one sentence that says what is wrong, one that says what to do next."""


class FormcheckError(Exception):
    """Something the user can mend.

    `message` says what is wrong and `hint` the next step; only `cli` turns them into printed words.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[type["FormcheckError"], tuple[str, str]]:
        """Let a process pool hand it to the one who waits."""
        return type(self), (self.message, self.hint)


class InputError(FormcheckError):
    """The video, or its absence: no such file, not a video, truncated, too short."""


class SubjectError(FormcheckError):
    """Nobody to measure: no person found, or a person too small."""


class SettingsError(FormcheckError):
    """A flag or a TOML key that means nothing here."""


class LiftError(FormcheckError):
    """A set whose lift was not recognised."""


class ModelError(FormcheckError):
    """A pose model that is missing or not the one the manifest names."""


class OutputError(FormcheckError):
    """The results cannot be written where they were asked for."""


class StoreError(FormcheckError):
    """The athletes' history cannot be read or written: out of reach, damaged, or not ours."""
