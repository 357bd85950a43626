Feature: The network
  What runs in the VPC reaches what it may and nothing else: private subnets have no way out, and AWS's own services are
  near. Read by every team with something in the VPC, and by who answers for its edges.

  @ZONE-004 @read
  Rule: One VPC over three availability zones, with no way out of its private half

    Scenario: the VPC is as wide as it should be, and resolves names
      Given the contract's entry "network/vpc-id"
      When EC2 describes the VPC
      Then the VPC has the addresses "10.40.0.0/16"
      And the VPC resolves names and gives them

    Scenario Outline: the <kind> subnets lie in three availability zones
      Given the contract's entry "network/<kind>-subnet-ids"
      When EC2 describes the subnets
      Then the subnets are of the VPC at "network/vpc-id"
      And the subnets lie in the availability zones "a, b, c" in this order
      And the subnets have the addresses "<addresses>" in this order

      Examples:
        | kind    | addresses                                      |
        | public  | 10.40.0.0/20, 10.40.16.0/20, 10.40.32.0/20     |
        | private | 10.40.128.0/20, 10.40.144.0/20, 10.40.160.0/20 |

    Scenario Outline: <kind> subnets assign no public addresses
      Given the contract's entry "network/<kind>-subnet-ids"
      When EC2 describes the subnets
      Then no subnet assigns public addresses

      Examples:
        | kind    |
        | public  |
        | private |

    Scenario: public subnets have a route to the Internet
      Given the contract's entry "network/public-subnet-ids"
      When EC2 describes the subnets' route tables
      Then every subnet has a default route to an Internet gateway
      And no subnet has another route out

    Scenario: private subnets have no route out
      Given the contract's entry "network/private-subnet-ids"
      When EC2 describes the subnets' route tables
      Then no subnet has a route out

    Scenario: there is no NAT gateway
      Given the contract's entry "network/vpc-id"
      When EC2 looks for NAT gateways of the VPC
      Then there is none

    Scenario Outline: <service> is reached without leaving AWS
      Given the contract's entry "network/vpc-id"
      When EC2 describes the VPC's endpoints
      Then there is a gateway endpoint for "<service>"
      And it serves the subnets at "network/public-subnet-ids"
      And it serves the subnets at "network/private-subnet-ids"

      Examples:
        | service  |
        | s3       |
        | dynamodb |

    Scenario: the default security group lets nothing through
      Given the contract's entry "network/vpc-id"
      When EC2 describes the VPC's default security group
      Then the group has no rule
