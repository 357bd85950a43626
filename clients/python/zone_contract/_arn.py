"""Amazon Resource Names."""

from __future__ import annotations


class Arn(str):
    """An Amazon Resource Name: a string with parts."""

    __slots__ = ()

    @property
    def partition_name(self) -> str:
        """`aws`, `aws-cn`, ...; `partition` is a method of strings."""
        return self._part(1)

    @property
    def service(self) -> str:
        """`kms`, `s3`, ..."""
        return self._part(2)

    @property
    def region(self) -> str:
        """Empty where names are not of a region, as in IAM."""
        return self._part(3)

    @property
    def account(self) -> str:
        """Empty for a bucket."""
        return self._part(4)

    @property
    def resource(self) -> str:
        """What comes last: `key/1b2c..`, `event-bus/acme-sales`."""
        return self._part(5)

    def _part(self, number: int) -> str:
        return self.split(":", 5)[number]
