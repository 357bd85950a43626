//! Finding, building and driving the `pulumi` executable.
