"""The contract functions that Sparta calls, with their selectors."""

from __future__ import annotations

from sparta.chain.abi import Function

# Rollup, all generations. getCurrentEpochCommittee and getCurrentProposer are not marked view, but only ever called.
GET_TIPS = Function("0x88e4a073", "getTips()")
GET_CURRENT_EPOCH = Function("0xb97dd9e2", "getCurrentEpoch()")
GET_CURRENT_SLOT = Function("0xd8e3784c", "getCurrentSlot()")
GET_COMMITTEE = Function("0x966ab4ee", "getCurrentEpochCommittee()")
GET_PROPOSER = Function("0x3b10244b", "getCurrentProposer()")
GET_ATTESTER_COUNT = Function("0x90a3b386", "getActiveAttesterCount()")
GET_EPOCH_DURATION = Function("0x5d3ea8f1", "getEpochDuration()")
GET_SLOT_DURATION = Function("0xc4014c12", "getSlotDuration()")
GET_GENESIS_TIME = Function("0x723d8e96", "getGenesisTime()")
GET_COMMITTEE_SIZE = Function("0x7de3ca89", "getTargetCommitteeSize()")
# Rollup, some generations.
GET_ATTESTERS = Function("0x4ed7e435", "getAttesters()")
GET_ATTESTER_AT_INDEX = Function("0xa7f8e646", "getAttesterAtIndex(uint256)")
GET_INFO = Function("0xffdd5cf1", "getInfo(address)")
GET_ATTESTER_VIEW = Function("0x34a51ed5", "getAttesterView(address)")
GET_PENDING_CHECKPOINT = Function("0x9891be8e", "getPendingCheckpointNumber()")
GET_ACTIVATION_THRESHOLD = Function("0xaa10df4c", "getActivationThreshold()")
GET_GSE = Function("0xed9187b7", "getGSE()")
GET_QUEUE_LENGTH = Function("0x1b56a0e7", "getEntryQueueLength()")
GET_MINIMUM_STAKE = Function("0xd9bbd278", "getMinimumStake()")
GET_SLASHER = Function("0xd0c80f13", "getSlasher()")
# Slasher and its proposer, from 2.x.
SLASHER_PROPOSER = Function("0xbffa7f0f", "PROPOSER()")
SLASHING_PROPOSER_TYPE = Function("0x0f968174", "SLASHING_PROPOSER_TYPE()")
GET_CURRENT_ROUND = Function("0xa32bf597", "getCurrentRound()")
QUORUM = Function("0x2e80d9b6", "QUORUM()")
LIFETIME_IN_ROUNDS = Function("0xa97f36a8", "LIFETIME_IN_ROUNDS()")
ROUND_SIZE = Function("0x54133307", "ROUND_SIZE()")
EXECUTION_DELAY_IN_ROUNDS = Function("0xbf2ba552", "EXECUTION_DELAY_IN_ROUNDS()")
GET_ROUND = Function("0x8f1327c0", "getRound(uint256)")
GET_SLASH_TARGET_COMMITTEES = Function("0xd6c4f440", "getSlashTargetCommittees(uint256)")
GET_TALLY = Function("0xf3f9c756", "getTally(uint256,address[][])")
# GSE, from 1.x.
GET_ATTESTERS_FROM_INDICES = Function("0x9796d977", "getAttestersFromIndicesAtTime(address,uint256,uint256[])")
GET_ATTESTER_COUNT_AT_TIME = Function("0xec6e69db", "getAttesterCountAtTime(address,uint256)")
# Registry, all.
GET_CANONICAL_ROLLUP = Function("0x971b0e6b", "getCanonicalRollup()")
# StakingAssetHandler.
GET_ROLLUP = Function("0xa4d2342a", "getRollup()")
STAKING_ASSET = Function("0x03c230e3", "STAKING_ASSET()")
IS_UNHINGED = Function("0xfc679354", "isUnhinged(address)")
MINT_INTERVAL = Function("0x0e726e6b", "mintInterval()")
DEPOSITS_PER_MINT = Function("0xcb3d5568", "depositsPerMint()")
LAST_MINT_TIMESTAMP = Function("0x8e80ff5d", "lastMintTimestamp()")
FAUCET_AMOUNT = Function("0x9c281430", "faucetAmount()")
VALID_MIN_AGE = Function("0xf69a862c", "validMinAge()")
VALID_DOMAIN = Function("0xc47ca04c", "validDomain()")
ADD_VALIDATOR = Function("0xb1819c2b", "addValidator(address,address)")
# The staking asset, an ERC-20.
BALANCE_OF = Function("0x70a08231", "balanceOf(address)")
