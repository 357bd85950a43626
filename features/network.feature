Feature: The network
  What runs in the VPC reaches what it may and nothing else: private subnets have no way out, and AWS's own services are
  near. Read by every team with something in the VPC, and by who answers for its edges.

  @ZONE-004 @read
  Rule: One VPC over its availability zones, with no way out of its private half

    Scenario Outline: the VPC has the addresses <cidr>, and resolves names
      Given the contract's entry "network/vpc-id"
      When EC2 describes the VPC
      Then the VPC has the addresses "<cidr>"
      And the VPC resolves names and gives them

      Examples: the network
        | cidr |

    Scenario Outline: the <kind> subnets lie in the availability zones <zones>
      Given the contract's entry "network/<kind>-subnet-ids"
      When EC2 describes the subnets
      Then the subnets are of the VPC at "network/vpc-id"
      And the subnets lie in the availability zones "<zones>" in this order
      And the subnets have the addresses "<addresses>" in this order

      Examples: every kind of subnet
        | kind | zones | addresses |

    Scenario Outline: <kind> subnets assign no public addresses
      Given the contract's entry "network/<kind>-subnet-ids"
      When EC2 describes the subnets
      Then no subnet assigns public addresses

      Examples: every kind of subnet
        | kind |

    Scenario Outline: public subnets of <cidr> have a route to the Internet
      Given the contract's entry "network/public-subnet-ids"
      When EC2 describes the subnets' route tables
      Then every subnet has a default route to an Internet gateway
      And no subnet has another route out

      Examples: the network
        | cidr |

    Scenario Outline: private subnets of <cidr> have no route out
      Given the contract's entry "network/private-subnet-ids"
      When EC2 describes the subnets' route tables
      Then no subnet has a route out

      Examples: the network
        | cidr |

    Scenario Outline: there is no NAT gateway in <cidr>
      Given the contract's entry "network/vpc-id"
      When EC2 looks for NAT gateways of the VPC
      Then there is none

      Examples: the network
        | cidr |

    Scenario Outline: S3 is reached from <cidr> without leaving AWS
      Given the contract's entry "network/vpc-id"
      When EC2 describes the VPC's endpoints
      Then there is a gateway endpoint for "s3"
      And it serves the subnets at "network/public-subnet-ids"
      And it serves the subnets at "network/private-subnet-ids"

      Examples: the network
        | cidr |

    Scenario Outline: DynamoDB is reached from <cidr> without leaving AWS
      Given the contract's entry "network/vpc-id"
      When EC2 describes the VPC's endpoints
      Then there is a gateway endpoint for "dynamodb"
      And it serves the subnets at "network/public-subnet-ids"
      And it serves the subnets at "network/private-subnet-ids"

      Examples: the network
        | cidr |

    Scenario Outline: the default security group of <cidr> lets nothing through
      Given the contract's entry "network/vpc-id"
      When EC2 describes the VPC's default security group
      Then the group has no rule

      Examples: the network
        | cidr |

  @ZONE-012 @read
  Rule: A network that exists is published as it is configured

    Scenario Outline: the VPC <vpc> exists and is published
      Given the contract's entry "network/vpc-id"
      When EC2 describes the VPC
      Then the entry has the value "<vpc>"
      And the VPC is there

      Examples: the network that exists
        | vpc |

    Scenario Outline: the public subnets of <vpc> exist and are published
      Given the contract's entry "network/public-subnet-ids"
      When EC2 describes the subnets
      Then the entry has the value "<public>"
      And the subnets are of the VPC at "network/vpc-id"

      Examples: the network that exists
        | vpc | public |

    Scenario Outline: the private subnets of <vpc> exist and are published
      Given the contract's entry "network/private-subnet-ids"
      When EC2 describes the subnets
      Then the entry has the value "<private>"
      And the subnets are of the VPC at "network/vpc-id"

      Examples: the network that exists
        | vpc | private |
