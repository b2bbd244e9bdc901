"""What the programs are told: Discord, the chains, logging and monitoring."""

from __future__ import annotations

from templates.parameters.model import ARN, PORT, SNOWFLAKE, SWITCH, URL, address, group, optional, parameter, snowflake

DISCORD = group(
    "Discord",
    snowflake("BotClientId", "Bot's application id", "Application (client) id of the bot."),
    snowflake("GuildId", "Server id", "The Discord server (guild) that the bot serves."),
    snowflake("RoleApprenticeId", "Apprentice role", "Role that an operator gets on registration."),
    snowflake("RoleGuardianId", "Guardian role", "Role that lets an operator add a validator."),
    parameter(
        "ModeratorRoleIds",
        "Moderator roles",
        "Roles whose members may use the /mod commands, separated by commas.",
        pattern=f"{SNOWFLAKE}(?:,{SNOWFLAKE})*",
        constraint="One or more Discord ids of 17 to 20 digits, separated by commas without spaces.",
    ),
    snowflake("ChannelOperatorsId", "Operators' channel", "Channel in which operators are mentioned."),
    snowflake("ChannelModeratorsId", "Moderators' channel", "Channel that receives the monitor's summaries."),
    snowflake("ChannelAuditId", "Audit channel", "Channel that records every moderator action."),
    parameter(
        "ValidatorsPerOperator",
        "Validators per operator",
        "How many validators an operator may add; moderators can add more for them.",
        default="1",
        type="Number",
        minimum=1,
        maximum=1000,
        constraint="A whole number from 1 to 1000.",
    ),
)

ETHEREUM = group(
    "Ethereum",
    parameter(
        "EthereumHost",
        "Ethereum RPC URLs",
        "One or more RPC URLs, separated by commas; the next one is used when one fails. Leave empty when the URL "
        "carries a provider's key and therefore comes from Secrets Manager.",
        default="",
        pattern=optional(rf"{URL}(?:,{URL})*"),
        constraint="One or more http or https URLs separated by commas without spaces, or empty.",
    ),
    parameter(
        "EthereumHostSecretArn",
        "Ethereum RPC URLs: secret",
        "ARN of a secret that holds the Ethereum RPC URLs, instead of giving them above.",
        default="",
        pattern=optional(ARN + r":secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+"),
        constraint="The ARN of a Secrets Manager secret, or empty.",
    ),
    parameter(
        "EthereumRpcPort",
        "Ethereum RPC port",
        "TCP port of the Ethereum RPC URLs; the API's security group opens it outwards.",
        default="443",
        **PORT,
    ),
    address(
        "StakingAssetHandlerAddress",
        "Staking asset handler",
        "Contract through which validators are added; the rollup is found from it.",
    ),
    address("RollupAddress", "Rollup", "Rollup contract, when there is no staking asset handler (read only)."),
    address("RegistryAddress", "Registry", "Registry contract, to follow the canonical rollup (read only)."),
    parameter(
        "L1ChainId",
        "Ethereum chain id",
        "1 is mainnet, 11155111 is Sepolia. Every RPC URL is checked against it.",
        type="Number",
        minimum=1,
        maximum=2147483647,
        constraint="A chain id: 1 for mainnet, 11155111 for Sepolia.",
    ),
    address(
        "SpartaAddress",
        "Sparta's account",
        "Account that sends the transactions; its private key is in Secrets Manager.",
        default=None,
    ),
    parameter(
        "SignerBalanceMinimum",
        "Lowest balance of Sparta's account (ETH)",
        "An alarm warns when the account holds less.",
        default="0.1",
        type="Number",
        minimum=0,
        maximum=1000,
        constraint="An amount of ether from 0 to 1000, such as 0.1.",
    ),
)

AZTEC = group(
    "Aztec",
    parameter(
        "AztecRpcUrl",
        "Aztec node URLs",
        "One or more URLs of Aztec nodes, separated by commas. Leave empty when the URL is a secret.",
        default="",
        pattern=optional(rf"{URL}(?:,{URL})*"),
        constraint="One or more http or https URLs separated by commas without spaces, or empty.",
    ),
    parameter(
        "AztecRpcUrlSecretArn",
        "Aztec node URLs: secret",
        "ARN of a secret that holds the Aztec node URLs, instead of giving them above.",
        default="",
        pattern=optional(ARN + r":secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+"),
        constraint="The ARN of a Secrets Manager secret, or empty.",
    ),
    parameter(
        "AztecRpcPort",
        "Aztec node port",
        "TCP port of the Aztec node URLs; the API's security group opens it outwards.",
        default="8080",
        **PORT,
    ),
)

LOGGING = group(
    "Logging",
    parameter(
        "LogLevel",
        "Log level",
        "Least severe message that is logged.",
        default="info",
        allowed=("debug", "info", "warning", "error"),
        constraint="Choose debug, info, warning or error.",
    ),
    parameter(
        "LogPrettyPrint",
        "Readable logs",
        "true writes logs for people instead of JSON lines; metrics and log searches need false.",
        default="false",
        **SWITCH,
    ),
    parameter(
        "LogRetentionDays",
        "Days to keep logs",
        "Log events older than this are deleted.",
        default="30",
        type="Number",
        allowed=("1", "3", "5", "7", "14", "30", "60", "90", "120", "150", "180", "365", "400", "545", "731"),
        constraint="A number of days that CloudWatch Logs offers, for example 30.",
    ),
)

MONITORING = group(
    "Monitoring",
    parameter(
        "EnableValidatorMonitorSchedule",
        "Validator monitor on",
        "false stops the scheduled runs of the validator monitor.",
        default="true",
        **SWITCH,
    ),
    parameter(
        "ValidatorMonitorSchedule",
        "Validator monitor schedule",
        "How often the validator monitor runs, as a rate or cron expression in UTC.",
        default="rate(5 minutes)",
        pattern=r"(?:rate\((?:1 (?:minute|hour|day)|[1-9][0-9]* (?:minutes|hours|days))\)|cron\([^()]+\))",
        constraint="An expression such as rate(5 minutes), rate(1 hour) or cron(0 */6 * * ? *).",
    ),
    parameter(
        "MonitorSilenceMinutes",
        "Silence before an alarm (minutes)",
        "The alarm 'monitor did not run' waits this long; choose about three times the schedule's interval.",
        default="15",
        type="Number",
        allowed=("5", "10", "15", "30", "60", "120", "240", "360", "720", "1440"),
        constraint="Choose one of the listed numbers of minutes, for example 15.",
    ),
    parameter(
        "MissRateAlertThreshold",
        "Miss rate that alerts",
        "Share of missed attestations from which an operator is warned, unless the operator chose another.",
        default="0.2",
        pattern=r"(?:0?\.[0-9]*[1-9][0-9]*|1(?:\.0+)?)",
        constraint="A share above 0 and at most 1, for example 0.2 for 20 percent.",
    ),
    parameter(
        "AlertEmail",
        "E-mail for alarms",
        "Address that receives alarms and deployment notices; it must confirm the subscription once.",
        default="",
        pattern=optional(r"[^@\s,]+@[^@\s,]+\.[^@\s,]+"),
        constraint="One e-mail address such as alerts@example.com, or empty.",
    ),
    parameter(
        "ContainerInsights",
        "Container Insights",
        "Task-level metrics of ECS; about 14 dollars a month.",
        default="enabled",
        allowed=("enabled", "disabled"),
        constraint="Choose enabled or disabled.",
    ),
)
