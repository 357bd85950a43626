Feature: User pools
  Customers and staff prove who they are here, with a second factor, and each program is given what it needs and no more.
  Read by the auditor of FR-420 and by every team that signs people in.

  @FR-420 @read
  Rule: There is a pool for customers and one for staff, with the attributes the bank needs

    Scenario Outline: pool <pool> exists and has its attributes
      Given the contract's entry "cognito/<pool>/pool-id"
      When Cognito describes the pool
      Then the pool has the ARN at "cognito/<pool>/arn"
      And the pool has the custom attributes "<attributes>"

      Examples:
        | pool      | attributes                      |
        | customers | user_id, party_id, jurisdiction |
        | staff     | staff_id                        |

  @ZONE-005 @read
  Rule: Nobody signs in with a password alone, and no program can do more than it is for

    Scenario Outline: pool <pool> asks for a second factor
      Given the contract's entry "cognito/<pool>/pool-id"
      When Cognito tells the pool's second factors
      Then a second factor is required
      And it is a time-based code

      Examples:
        | pool      |
        | customers |
        | staff     |

    Scenario Outline: passwords of <pool> have at least <length> characters of all four classes
      Given the contract's entry "cognito/<pool>/pool-id"
      When Cognito describes the pool
      Then passwords have at least <length> characters
      And passwords have letters of both cases, digits and symbols
      And people sign in with their e-mail address

      Examples:
        | pool      | length |
        | customers | 12     |
        | staff     | 14     |

    Scenario Outline: in <pool> capital letters do not make another person
      Given the contract's entry "cognito/<pool>/pool-id"
      When Cognito describes the pool
      Then capital letters do not count in their names

      Examples:
        | pool      |
        | customers |
        | staff     |

    Scenario: only administrators make users of staff
      Given the contract's entry "cognito/staff/pool-id"
      When Cognito describes the pool
      Then only administrators make users

    Scenario Outline: client <client> of <pool> keeps no secret and uses a code
      Given the contract's entry "cognito/<pool>/client/<client>"
      When Cognito describes the client of the pool at "cognito/<pool>/pool-id"
      Then the client has no secret
      And the client may use the flows "code"
      And the client sends people back to somewhere

      Examples:
        | pool      | client |
        | customers | mobile |
        | customers | web    |

    Scenario: the back office keeps a secret and uses a code
      Given the contract's entry "cognito/staff/client/back-office"
      When Cognito describes the client of the pool at "cognito/staff/pool-id"
      Then the client has a secret
      And the client may use the flows "code"

    Scenario Outline: client <client> of <pool> is told what the bank says of people, and lets them write none of it
      Given the contract's entry "cognito/<pool>/client/<client>"
      When Cognito describes the client of the pool at "cognito/<pool>/pool-id"
      Then nobody can write attributes of the pool's own through the client
      And the client is told the attributes "<attributes>" of the pool's own

      Examples:
        | pool      | client         | attributes                      |
        | customers | mobile         | user_id, party_id, jurisdiction |
        | customers | web            | user_id, party_id, jurisdiction |
        | staff     | back-office    | staff_id                        |
        | staff     | api-authoriser | staff_id                        |

    Scenario: the authoriser is a machine, for reading and nothing else
      Given the contract's entry "cognito/staff/client/api-authoriser"
      When Cognito describes the client of the pool at "cognito/staff/pool-id"
      Then the client has a secret
      And the client may use the flows "client_credentials"
      And the client is given the scopes "bank-api/read"

    Scenario Outline: client <client> of <pool> redirects to our own pages, with its scopes and flows
      Given the contract's entry "cognito/<pool>/client/<client>"
      When Cognito describes the client of the pool at "cognito/<pool>/pool-id"
      Then the client is given the scopes "openid, email, profile"
      And the client redirects where the environment says
      And the client allows the authentication flows "ALLOW_REFRESH_TOKEN_AUTH, ALLOW_USER_SRP_AUTH" and no others

      Examples:
        | pool      | client      |
        | customers | mobile      |
        | customers | web         |
        | staff     | back-office |

    Scenario: the authoriser signs nobody in
      Given the contract's entry "cognito/staff/client/api-authoriser"
      When Cognito describes the client of the pool at "cognito/staff/pool-id"
      Then the client redirects where the environment says
      And the client allows the authentication flows "ALLOW_REFRESH_TOKEN_AUTH" and no others

    Scenario Outline: client <client> of <pool> hides which users exist, and can revoke tokens
      Given the contract's entry "cognito/<pool>/client/<client>"
      When Cognito describes the client of the pool at "cognito/<pool>/pool-id"
      Then the client hides which users exist
      And the client can revoke tokens
      And the client supports the identity providers "<providers>"

      Examples:
        | pool      | client         | providers |
        | customers | mobile         | COGNITO   |
        | customers | web            | COGNITO   |
        | staff     | back-office    | COGNITO   |
        | staff     | api-authoriser | nobody    |

    Scenario: the API has its scopes
      Given the contract's entry "cognito/staff/pool-id"
      When Cognito describes the API "bank-api" of the pool
      Then the API has the scopes "read" and no others

    Scenario Outline: pool <pool> has its domain and deletion protection, and no Lambda triggers
      Given the contract's entry "cognito/<pool>/pool-id"
      When Cognito describes the pool
      Then people sign in at the domain of the environment
      And the pool is protected from deletion where the environment says so
      And the pool has no Lambda triggers

      Examples:
        | pool      |
        | customers |
        | staff     |

    Scenario Outline: pool <pool> verifies e-mail addresses, and temporary passwords expire
      Given the contract's entry "cognito/<pool>/pool-id"
      When Cognito describes the pool
      Then the pool verifies e-mail addresses
      And temporary passwords are valid for 7 days

      Examples:
        | pool      |
        | customers |
        | staff     |

    Scenario: customers can sign up by themselves
      Given the contract's entry "cognito/customers/pool-id"
      When Cognito describes the pool
      Then people can sign up by themselves
