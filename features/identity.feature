Feature: User pools
  People prove who they are here, with a second factor, and each program is given what it needs and no more.
  Read by every team that signs people in.

  @ZONE-005 @read
  Rule: Users sign in with a second factor, and each client has only its configured flows

    Scenario Outline: pool <pool> is there, as the contract names it
      Given the contract's entry "cognito/<pool>/pool-id"
      When Cognito describes the pool
      Then the pool has the ARN at "cognito/<pool>/arn"

      Examples: every pool
        | pool |

    Scenario Outline: people of <pool> have the attributes <attributes>
      Given the contract's entry "cognito/<pool>/pool-id"
      When Cognito describes the pool
      Then the pool has the custom attributes "<attributes>"

      Examples: every pool with attributes
        | pool | attributes |

    Scenario Outline: pool <pool> asks for a second factor
      Given the contract's entry "cognito/<pool>/pool-id"
      When Cognito tells the pool's second factors
      Then a second factor is required
      And it is a time-based code

      Examples: every pool
        | pool |

    Scenario Outline: passwords of <pool> have at least <length> characters of all four classes
      Given the contract's entry "cognito/<pool>/pool-id"
      When Cognito describes the pool
      Then passwords have at least <length> characters
      And passwords have letters of both cases, digits and symbols
      And people sign in with their e-mail address

      Examples: every pool
        | pool | length |

    Scenario Outline: user names of <pool> are not case-sensitive
      Given the contract's entry "cognito/<pool>/pool-id"
      When Cognito describes the pool
      Then capital letters do not count in their names

      Examples: every pool
        | pool |

    Scenario Outline: only administrators make users of <pool>
      Given the contract's entry "cognito/<pool>/pool-id"
      When Cognito describes the pool
      Then only administrators make users

      Examples: every pool of administrators
        | pool |

    Scenario Outline: people of <pool> can sign up by themselves
      Given the contract's entry "cognito/<pool>/pool-id"
      When Cognito describes the pool
      Then people can sign up by themselves

      Examples: every pool with sign-up
        | pool |

    Scenario Outline: client <client> of <pool> keeps no secret and uses a code
      Given the contract's entry "cognito/<pool>/client/<client>"
      When Cognito describes the client of the pool at "cognito/<pool>/pool-id"
      Then the client has no secret
      And the client may use the flows "code"
      And the client sends people back to somewhere

      Examples: every public client
        | pool | client |

    Scenario Outline: client <client> of <pool> keeps a secret and uses a code
      Given the contract's entry "cognito/<pool>/client/<client>"
      When Cognito describes the client of the pool at "cognito/<pool>/pool-id"
      Then the client has a secret
      And the client may use the flows "code"

      Examples: every confidential client
        | pool | client |

    Scenario Outline: client <client> of <pool> can read the custom attributes, and users cannot write them
      Given the contract's entry "cognito/<pool>/client/<client>"
      When Cognito describes the client of the pool at "cognito/<pool>/pool-id"
      Then nobody can write attributes of the pool's own through the client
      And the client is told the attributes "<attributes>" of the pool's own
      And people can write the other attributes that the client is told, save for what Cognito sets

      Examples: every client of a pool with attributes
        | pool | client | attributes |

    Scenario Outline: client <client> of <pool> is a machine, for <scopes> and nothing else
      Given the contract's entry "cognito/<pool>/client/<client>"
      When Cognito describes the client of the pool at "cognito/<pool>/pool-id"
      Then the client has a secret
      And the client may use the flows "client_credentials"
      And the client is given the scopes "<scopes>"

      Examples: every machine client
        | pool | client | scopes |

    Scenario Outline: client <client> of <pool> redirects to our own pages, with its scopes and flows
      Given the contract's entry "cognito/<pool>/client/<client>"
      When Cognito describes the client of the pool at "cognito/<pool>/pool-id"
      Then the client is given the scopes "openid, email, profile"
      And the client redirects where the environment says
      And the client allows the authentication flows "ALLOW_REFRESH_TOKEN_AUTH, ALLOW_USER_SRP_AUTH" and no others

      Examples: every client that signs people in
        | pool | client |

    Scenario Outline: client <client> of <pool> signs nobody in
      Given the contract's entry "cognito/<pool>/client/<client>"
      When Cognito describes the client of the pool at "cognito/<pool>/pool-id"
      Then the client redirects where the environment says
      And the client allows the authentication flows "ALLOW_REFRESH_TOKEN_AUTH" and no others

      Examples: every machine client
        | pool | client |

    Scenario Outline: client <client> of <pool> hides which users exist, and can revoke tokens
      Given the contract's entry "cognito/<pool>/client/<client>"
      When Cognito describes the client of the pool at "cognito/<pool>/pool-id"
      Then the client hides which users exist
      And the client can revoke tokens
      And the client supports the identity providers "<providers>"

      Examples: every client
        | pool | client | providers |

    Scenario Outline: the API <api> of <pool> has its scopes
      Given the contract's entry "cognito/<pool>/pool-id"
      When Cognito describes the API "<api>" of the pool
      Then the API has the scopes "<scopes>" and no others

      Examples: every pool with machines
        | pool | api | scopes |

    Scenario Outline: pool <pool> has its domain and deletion protection, and no Lambda triggers
      Given the contract's entry "cognito/<pool>/pool-id"
      When Cognito describes the pool
      Then people sign in at the domain of the environment
      And the pool is protected from deletion where the environment says so
      And the pool has no Lambda triggers

      Examples: every pool
        | pool |

    Scenario Outline: pool <pool> verifies e-mail addresses, and temporary passwords expire
      Given the contract's entry "cognito/<pool>/pool-id"
      When Cognito describes the pool
      Then the pool verifies e-mail addresses
      And temporary passwords are valid for 7 days

      Examples: every pool
        | pool |
