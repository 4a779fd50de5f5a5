import { REDIS_CLOCK, Script } from '@veche/platform-redis';

/**
 * KEYS: the account, then perhaps its network; ARGV: ms after which failures are forgotten, then free, first and longest delay for each key.
 * Answers the microseconds to wait; 0: the attempt is counted on the account. The rule is `delayAfter`, here where nobody can come between.
 */
export const admitLua = (clock = REDIS_CLOCK): string => `
local now, forget, wait = ${clock} / 1000, tonumber(ARGV[1]), 0
for i, key in ipairs(KEYS) do
  local failures = redis.call('HMGET', key, 'count', 'last')
  local count, last = tonumber(failures[1] or '0'), tonumber(failures[2] or '0')
  if count > 0 and now - last >= forget then
    redis.call('DEL', key)
  elseif count >= tonumber(ARGV[3 * i - 1]) then
    local delay = math.min(tonumber(ARGV[3 * i + 1]), ARGV[3 * i] * 2 ^ math.min(count - ARGV[3 * i - 1], 30))
    -- A clock that was set back makes nobody wait longer than the rule says.
    wait = math.max(wait, delay - math.max(0, now - last))
  end
end
if wait > 0 then return math.ceil(wait * 1000) end
redis.call('HINCRBY', KEYS[1], 'count', 1)
redis.call('HSET', KEYS[1], 'last', string.format('%.3f', now))
redis.call('PEXPIRE', KEYS[1], forget)
return 0`;

/** KEYS: the account, then perhaps its network; ARGV: ms after which failures are forgotten, outcome. */
export const settleLua = (clock = REDIS_CLOCK): string => `
if ARGV[2] == 'failed' and KEYS[2] then
  redis.call('HINCRBY', KEYS[2], 'count', 1)
  redis.call('HSET', KEYS[2], 'last', string.format('%.3f', ${clock} / 1000))
  redis.call('PEXPIRE', KEYS[2], ARGV[1])
elseif ARGV[2] == 'succeeded' then
  redis.call('DEL', KEYS[1])
elseif ARGV[2] == 'undecided' and redis.call('EXISTS', KEYS[1]) == 1 and redis.call('HINCRBY', KEYS[1], 'count', -1) <= 0 then
  redis.call('DEL', KEYS[1])
end
return 1`;

export const ADMIT = new Script<number>(admitLua());
export const SETTLE = new Script<number>(settleLua());
