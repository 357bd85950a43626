"""An error that a person can act on: what happened, where and why; then the way out."""


class Problem(Exception):
    """`message` is "gerund noun `name`, place: cause"; `hint` is what to do."""

    def __init__(self, message, hint):
        super().__init__(message)
        self.message, self.hint = message, hint

    def __str__(self):
        return f"error: {self.message}\n  hint: {self.hint}"
