Feature: The contract
  What other teams find of the zone, they find in SSM: all of it, in the shape they were promised, from one publication.
  Read by every module that is built on the zone.

  @ZONE-003 @read
  Rule: The contract is complete, and its version, digest and date are right

    Scenario: the contract has a version that we know
      Given the contract's entry "contract/version"
      Then the entry is a version that this program knows
      And the entry has the type and the shape that the contract promises

    Scenario: the digest is the one of what is published
      Given the contract's entry "contract/digest"
      Then the entry is the digest of everything that is published
      And the entry has the type and the shape that the contract promises

    Scenario: the time of publication is in the past
      Given the contract's entry "contract/published-at"
      Then the entry is a time that has been
      And the entry has the type and the shape that the contract promises

    Scenario: everything promised is published, in the promised shape
      Given the names that are configured
      Then everything promised for these names is published
      And every value of it has the type and the shape that the contract promises
